//! A section for each criterion: its state and why, its checks with their populations, every exception, and what people
//! must attest.

use super::book::{Book, LONGEST, badge, open_row, outcome, ran, rule_link};
use super::page::{Page, anchor};
use super::picture::bar;
use super::populations::Budget;
use crate::model::{
    BaselineState, Bearing, CheckCoverage, CheckReport, ControlReport, ControlStatus, Finding,
    criterion,
};
use crate::render::evidence::{deciding, params};
use crate::render::text::{self, counted, shortened, words};

/// How much of the page exceptions may take, in bytes.
const EXCEPTIONS: usize = 2_000_000;

/// The most facts beside one exception.
const FACTS: usize = 40;

/// The longest that the deciding facts may be, in characters.
const EVIDENCE: usize = 300;

pub fn write(page: &mut Page, book: &Book) {
    let report = book.view.report;
    let told = |check: &&CheckReport| !book.exceptions(&check.rule).is_empty();
    let mut budget = Budget::new(EXCEPTIONS, report.checks.iter().filter(told).count());
    let mut series = None;
    for control in &report.controls {
        if control.status == ControlStatus::OutOfScope {
            continue;
        }
        let known = criterion(&control.id)
            .map(|known| (known.series.as_str(), known.series_title.as_str()));
        if known != series {
            series = known;
            if let Some((series, title)) = known {
                page.element("h3", &[("class", "series")], &format!("{series} {title}"))
                    .raw("\n");
            }
        }
        section(page, book, control, &mut budget);
    }
    let homeless: Vec<_> = report
        .checks
        .iter()
        .filter(|check| ran(check) && !book.home.contains_key(check.rule.as_str()))
        .collect();
    if !homeless.is_empty() {
        page.raw("<section class=\"criterion\">\n<h3 class=\"series\">Checks that bear on no criterion in scope</h3>\n");
        for check in homeless {
            exceptions(page, book, check, &mut budget);
        }
        page.raw("</section>\n");
    }
    out_of_scope(page, &report.controls);
}

fn section(page: &mut Page, book: &Book, control: &ControlReport, budget: &mut Budget) {
    let id = anchor("criterion", &control.id);
    page.open(
        "section",
        &[
            ("class", "criterion"),
            ("id", &id),
            ("data-state", control.status.as_str()),
            ("aria-labelledby", &format!("{id}-h")),
        ],
    );
    page.raw("\n<div class=\"head\">")
        .open("h4", &[("id", &format!("{id}-h"))]);
    page.element("span", &[("class", "number")], &control.id)
        .raw(" ");
    page.text(&control.title).raw("</h4>");
    badge(page, control.status.as_str());
    page.raw("</div>\n");
    page.element("p", &[("class", "why")], &control.why)
        .raw("\n");
    if let Some(carrier) =
        criterion(&control.id).and_then(|known| known.inherited_from_csp.as_ref())
    {
        page.raw("<p class=\"note\">Carried in part by the provider: ")
            .text(carrier)
            .raw(".</p>\n");
    }
    checks(page, book, control);
    groups(page, control);
    for line in &control.checks {
        if book.home.get(line.rule.as_str()) == Some(&control.id.as_str())
            && let Some(check) = book.checks.get(line.rule.as_str())
        {
            exceptions(page, book, check, budget);
        }
    }
    attestations(page, control);
    page.raw("</section>\n");
}

fn checks(page: &mut Page, book: &Book, control: &ControlReport) {
    if control.checks.is_empty() {
        return;
    }
    let caption = format!("Checks that bear on {}", control.id);
    page.table(
        "checks",
        &caption,
        &[
            "Check",
            "Bearing",
            "Status",
            "Population",
            "Pass",
            "Fail",
            "Unknown",
            "N/A",
        ],
    );
    for line in &control.checks {
        page.raw("<tr><th scope=\"row\">");
        if let Some(check) = book.checks.get(line.rule.as_str()) {
            page.text(&check.title).raw("<br>");
        }
        rule_link(page, &line.rule);
        match book.home.get(line.rule.as_str()) {
            Some(home) if *home != control.id && !book.exceptions(&line.rule).is_empty() => {
                page.raw(" <span class=\"note\">exceptions under ");
                page.link(&anchor("criterion", home), home).raw("</span>");
            }
            _ => {}
        }
        let targets = book.checks.get(line.rule.as_str());
        for (target, status) in targets.iter().flat_map(|check| &check.by_target) {
            page.raw("<br>").text(target).raw(" ");
            badge(page, status.as_str());
        }
        page.raw("</th><td>").raw(match line.bearing {
            Bearing::Required if control.group(&line.rule).is_some() => "required, or another",
            Bearing::Required => "required",
            Bearing::Supporting => "supporting",
        });
        page.raw("</td><td>");
        badge(page, line.status.as_str());
        page.raw("</td>");
        if let Some(check) = book.checks.get(line.rule.as_str()) {
            let counts = check.counts;
            page.raw("<td class=\"n\">");
            page.link(&anchor("population", &check.rule), &size(check));
            bar(
                page,
                &[
                    ("fail", counts.fail),
                    ("unknown", counts.unknown),
                    ("pass", counts.pass),
                    ("not_applicable", counts.not_applicable),
                ],
            );
            page.raw("</td>");
            for count in [
                counts.pass,
                counts.fail,
                counts.unknown,
                counts.not_applicable,
            ] {
                page.raw("<td class=\"n\">").number(count).raw("</td>");
            }
        }
        page.raw("</tr>\n");
    }
    page.end_table();
}

/// The size of a check's population, as far as it is known.
pub fn size(check: &CheckReport) -> String {
    let total = check.counts.total();
    match check.coverage {
        CheckCoverage::Complete => total.to_string(),
        CheckCoverage::Partial => format!("at least {total}"),
        CheckCoverage::None => "not read".to_owned(),
    }
}

fn exceptions(page: &mut Page, book: &Book, check: &CheckReport, budget: &mut Budget) {
    let found = book.exceptions(&check.rule);
    if let Some(absent) = text::absent(book.view.report, check) {
        page.raw("<p class=\"exception\"><strong>")
            .text(&check.title)
            .raw("</strong>: fails because ")
            .text(&absent)
            .raw(".</p>\n");
    }
    if found.is_empty() {
        return;
    }
    page.open(
        "div",
        &[
            ("class", "exceptions"),
            ("data-words", &format!("{} {}", check.rule, check.title)),
        ],
    );
    let mut caption = format!(
        "{}: {} of {}",
        check.title,
        counted(found.len(), "exception"),
        check.counts.total()
    );
    let params: Vec<_> = params(check).collect();
    if !params.is_empty() {
        caption.push_str(&format!(" ({})", params.join(", ")));
    }
    page.table(
        "findings",
        &caption,
        &["Resource", "Result", "What was read"],
    );
    let left_out = budget.rows(page, &found, |page, finding| {
        row(page, book, check, finding)
    });
    page.end_table();
    book.cut(page, left_out, "more exception");
    page.raw("</div>\n");
}

fn row(page: &mut Page, book: &Book, check: &CheckReport, finding: &Finding) {
    open_row(page, finding);
    book.resource(page, &finding.resource);
    page.raw("<td>");
    badge(page, outcome(finding));
    page.raw("<br><span class=\"severity\">")
        .raw(finding.severity.as_str())
        .raw("</span>");
    if let Some(id) = finding.waiver.as_ref().or(finding.waiver_expired.as_ref()) {
        page.raw("<br>waiver <code>");
        match book.answers.of(finding) {
            Some(waiver) => {
                if book.register.shows(id) {
                    page.link(&anchor("waiver", id), &shortened(id, LONGEST));
                } else {
                    page.text(&shortened(id, LONGEST));
                }
                page.raw(match finding.waiver {
                    Some(_) => "</code> until ",
                    None => "</code> expired on ",
                });
                page.text(&waiver.expires);
            }
            None => {
                page.text(&shortened(id, LONGEST)).raw("</code>");
            }
        }
    }
    if let Some(state) = finding.baseline {
        page.raw("<br>").raw(match state {
            BaselineState::New => "new since the baseline",
            BaselineState::Updated | BaselineState::Unchanged => "in the baseline",
        });
    }
    page.raw("</td><td>");
    if let Some(reason) = &finding.reason {
        page.raw("<p class=\"reason\">not known: ")
            .text(&text::cause(reason));
        if !reason.detail.is_empty() {
            page.raw("<br><q>")
                .text(&shortened(&reason.detail, LONGEST))
                .raw("</q>");
        }
        page.raw("</p>");
    }
    let deciding = deciding(finding, check, EVIDENCE);
    page.raw("<ul class=\"evidence\">");
    for (path, value) in &deciding {
        page.raw("<li class=\"deciding\">").text(path).raw(" = ");
        page.text(value).raw("</li>");
    }
    let shown: Vec<&str> = deciding.iter().map(|(path, _)| path.as_str()).collect();
    let others = finding.evidence.iter().take(FACTS);
    for (path, value) in others.filter(|(path, _)| !shown.contains(&path.as_str())) {
        page.raw("<li>").text(&shortened(path, LONGEST)).raw(" = ");
        page.text(&shortened(&text::value(value), LONGEST))
            .raw("</li>");
    }
    page.raw("</ul>");
    if let Some(more) = finding
        .evidence
        .len()
        .checked_sub(FACTS)
        .filter(|more| *more > 0)
    {
        page.raw("<p class=\"cut\">")
            .text(&counted(more, "more fact"))
            .raw(" in the JSON report</p>");
    }
    page.raw("</td></tr>\n");
}

/// Where one of several is enough, with every member and its own status.
fn groups(page: &mut Page, control: &ControlReport) {
    if control.groups.is_empty() {
        return;
    }
    page.raw("<p class=\"caption\">One of these is enough</p>\n<ul class=\"groups\">");
    for group in &control.groups {
        page.raw("<li>");
        badge(page, group.status.as_str());
        page.raw(": ");
        let mut first = true;
        for (rule, status) in &group.checks {
            page.raw(if first { "" } else { " or " });
            first = false;
            rule_link(page, rule);
            page.raw(" ");
            badge(page, status.as_str());
        }
        for (topic, status) in &group.attestations {
            page.raw(" or the attestation of ")
                .text(&words(topic))
                .raw(" ");
            badge(page, status.as_str());
        }
        for (target, status) in &group.by_target {
            page.raw(", ").text(target).raw(" ");
            badge(page, status.as_str());
        }
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
}

fn attestations(page: &mut Page, control: &ControlReport) {
    for (caption, asked) in [
        ("People must attest", true),
        ("Attested beyond what the criterion asks for", false),
    ] {
        let attested = control.attestations.iter();
        let mut attested = attested
            .filter(|attested| attested.is_asked() == asked)
            .peekable();
        if attested.peek().is_none() {
            continue;
        }
        page.element("p", &[("class", "caption")], caption);
        page.raw("\n<ul class=\"attestations\">");
        for attested in attested {
            page.raw("<li>").text(&words(&attested.topic)).raw(" ");
            badge(page, attested.status.as_str());
            page.raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
}

fn out_of_scope(page: &mut Page, controls: &[ControlReport]) {
    let out: Vec<_> = controls
        .iter()
        .filter(|control| control.status == ControlStatus::OutOfScope)
        .collect();
    if out.is_empty() {
        return;
    }
    page.raw("<h3 class=\"series\">Out of scope</h3>\n");
    page.table(
        "plain",
        "Criteria whose category is not in scope",
        &["Criterion", "What it asks for", "Category"],
    );
    for control in out {
        page.open("tr", &[("id", &anchor("criterion", &control.id))]);
        page.element("th", &[("scope", "row")], &control.id);
        page.element("td", &[], &control.title);
        page.element("td", &[], &words(control.category.as_str()))
            .raw("</tr>\n");
    }
    page.end_table();
}
