//! Appendix: for each check every resource that it was asked about, so that the population can be reconciled.

use super::book::{Book, LONGEST, badge, open_row, outcome, ran, rule_link};
use super::criteria::size;
use super::page::{Page, anchor};
use crate::model::{CheckCoverage, CheckReport, Finding, Outcome};
use crate::render::evidence::deciding;
use crate::render::text::{self, shortened};

/// How much of the page populations may take, in bytes.
const POPULATIONS: usize = 1_500_000;

/// The most facts beside a resource, in characters.
const EVIDENCE: usize = 160;

/// What several tables share; a small one leaves the rest of its share to those after it.
pub struct Budget {
    left: usize,
    parts: usize,
}

impl Budget {
    pub fn new(left: usize, parts: usize) -> Self {
        Self { left, parts }
    }

    /// Writes the rows that fit into the next share, and says how many did not.
    pub fn rows<T>(&mut self, page: &mut Page, rows: &[T], write: impl Fn(&mut Page, &T)) -> usize {
        let share = self.left / self.parts.max(1);
        self.parts = self.parts.saturating_sub(1);
        let mut used = 0;
        for (index, each) in rows.iter().enumerate() {
            let mut row = Page::default();
            write(&mut row, each);
            used += row.len();
            if used > share {
                self.left = self.left.saturating_sub(share);
                return rows.len() - index;
            }
            page.append(&row);
        }
        self.left = self.left.saturating_sub(used);
        0
    }
}

pub fn write(page: &mut Page, book: &Book) {
    page.raw(concat!(
        "<p>Every resource that a check was asked about, with its result. The resources of a kind that the check's ",
        "condition of application leaves out are listed as not applicable; those that a controller made, which is judged in ",
        "their place, are counted. The order is fail, unknown, pass, not ",
        "applicable, then by kind and id.</p>\n"
    ));
    let asked = |check: &&CheckReport| ran(check);
    let checks = &book.view.report.checks;
    let told = checks
        .iter()
        .filter(asked)
        .filter(|check| !book.of(&check.rule).is_empty());
    let mut budget = Budget::new(POPULATIONS, told.count());
    for check in checks.iter().filter(asked) {
        population(page, book, check, &mut budget);
    }
}

fn population(page: &mut Page, book: &Book, check: &CheckReport, budget: &mut Budget) {
    let mut findings = book.of(&check.rule).to_vec();
    findings.sort_by_key(|finding| (finding.outcome, finding.waiver.is_some()));
    page.open(
        "details",
        &[
            ("class", "population"),
            ("id", &anchor("population", &check.rule)),
            ("data-words", &format!("{} {}", check.rule, check.title)),
        ],
    );
    page.raw("<summary><code>")
        .text(&check.rule)
        .raw("</code> ")
        .text(&check.title);
    page.raw(": <span class=\"n\">");
    page.raw("population ").text(&size(check));
    let counts = check.counts;
    for (count, name) in [
        (counts.fail, " fail"),
        (counts.unknown, " unknown"),
        (counts.pass, " pass"),
        (counts.not_applicable, " not applicable"),
    ] {
        if count > 0 {
            page.raw(", ").number(count).raw(name);
        }
    }
    page.raw("</span></summary>\n");
    if check.spoken_for > 0 {
        let note = text::spoken_for(check);
        page.raw("<p class=\"note\">").text(&note).raw(".</p>\n");
    }
    if check.coverage != CheckCoverage::Complete {
        page.raw("<p class=\"cut\">The list of resources is not complete: what is missing from it is unknown (<a href=\"#untested\">Not tested</a>).</p>\n");
    }
    if findings.is_empty() {
        page.raw("<p class=\"note\">");
        if check.coverage == CheckCoverage::Complete {
            page.raw("The population is empty. ");
        }
        page.raw("Method: ");
        rule_link(page, &check.rule);
        page.raw(".</p></details>\n");
        return;
    }
    let caption = format!("Population of {}", check.rule);
    page.table(
        "findings",
        &caption,
        &["Resource", "Result", "Deciding facts"],
    );
    let left_out = budget.rows(page, &findings, |page, finding| {
        row(page, book, check, finding)
    });
    page.end_table();
    book.cut(page, left_out, "more resource");
    page.raw("</details>\n");
}

fn row(page: &mut Page, book: &Book, check: &CheckReport, finding: &Finding) {
    open_row(page, finding);
    book.resource(page, &finding.resource);
    page.raw("<td>");
    badge(page, outcome(finding));
    page.raw("</td><td>");
    match (&finding.reason, finding.outcome) {
        (Some(reason), _) => {
            page.text(&shortened(&text::cause(reason), LONGEST));
        }
        (None, Outcome::NotApplicable) => {
            page.raw("the check does not apply");
        }
        _ => {
            for (index, (path, value)) in deciding(finding, check, EVIDENCE).iter().enumerate() {
                page.raw(if index > 0 { "<br><code>" } else { "<code>" });
                page.text(path).raw(" = ").text(value).raw("</code>");
            }
        }
    }
    page.raw("</td></tr>\n");
}
