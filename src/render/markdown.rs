//! Markdown for a page such as the summary of a GitHub Actions step: gaps first, and never too large for it.

mod criteria;
pub mod diff;
mod escape;
mod register;

use super::asked::asked;
use super::baseline;
use super::fixes::steps;
use super::ledger::ledger;
use super::text::{self, counted, shortened, words};
use super::view::{View, ranges};
use crate::model::{ControlStatus, Report, Target};
use escape::{code, escaped};

/// GitHub refuses a summary of more than 1 MiB.
const LIMIT: usize = 1_000_000;

/// How much of it the single resources may take, so that what follows them is never cut off.
const DETAILS: usize = 700_000;

/// What a note about what is left out may take.
const NOTE: usize = 1_000;

/// The most steps to fix, and rows of what is rare.
const STEPS: usize = 20;
const ROWS: usize = 100;

/// The most files and folders that are named.
const PATHS: usize = 10;

/// The longest command and the longest answer of a provider.
const LONGEST: usize = 300;

pub fn render(report: &Report) -> String {
    let view = View::new(report);
    let mut page = Page {
        text: String::new(),
        budget: LIMIT,
        left_out: 0,
    };
    header(&mut page, &view);
    criteria::overview(&mut page, &view);
    page.budget = DETAILS;
    for open in &view.open {
        criteria::details(&mut page, open, &view);
    }
    criteria::undecided(&mut page, &view);
    page.say_what_is_cut();
    // The criteria are never cut, whatever else is.
    let mut criteria = Page {
        text: String::new(),
        budget: LIMIT,
        left_out: 0,
    };
    all_criteria(&mut criteria, &view);
    page.budget = LIMIT.saturating_sub(criteria.text.len() + NOTE);
    fixes(&mut page, &view);
    coverage(&mut page, &view);
    bugs(&mut page, &view);
    waived(&mut page, &view);
    gone(&mut page, &view);
    register::register(&mut page, report);
    page.say_what_is_cut();
    page.text.push('\n');
    page.text + &criteria.text
}

/// Markdown that grows line by line up to its budget.
struct Page {
    text: String,
    budget: usize,
    left_out: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        if self.left_out > 0 || self.text.len() + line.len() >= self.budget {
            self.left_out += 1;
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn row(&mut self, cells: &[&str]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn table(&mut self, heads: &[&str]) {
        if !self.text.ends_with("\n\n") {
            self.line("");
        }
        self.row(heads);
        self.row(&vec!["---"; heads.len()]);
    }

    fn heading(&mut self, level: usize, heading: &str) {
        if !self.text.is_empty() {
            self.line("");
        }
        self.line(&format!("{} {heading}", "#".repeat(level)));
        self.line("");
    }

    fn say_what_is_cut(&mut self) {
        if self.left_out > 0 {
            let note = format!(
                "\n> Cut to fit: {} left out here. The JSON form has all of them.\n",
                counted(self.left_out, "line")
            );
            self.text.push_str(&note);
            self.left_out = 0;
        }
    }
}

fn header(page: &mut Page, view: &View) {
    let report = view.report;
    let (in_scope, counts) = view.headline();
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(status, count)| {
            let text = format!("{count} {}", words(status.as_str()));
            match status {
                ControlStatus::Gap | ControlStatus::Unknown if count > 0 => format!("**{text}**"),
                _ => text,
            }
        })
        .collect();
    page.heading(1, "SOC 2 posture");
    page.line(&format!(
        "{}: {}  ",
        if in_scope == 1 {
            "1 criterion in scope".to_owned()
        } else {
            format!("{in_scope} criteria in scope")
        },
        counts.join(", ")
    ));
    page.line(&format!(
        "{} over {}",
        view.checks(),
        counted(view.judged(), "resource")
    ));
    if let Some(baseline) = baseline::headline(report) {
        page.line("");
        page.line(&escaped(&baseline));
        for warning in baseline::warnings(report) {
            page.line(&format!("- note: {}", escaped(warning)));
        }
    }
    page.line("");
    page.line(&format!(
        "- Configuration as read at {} by {} {}",
        report.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        escaped(&report.tool.name),
        escaped(&report.tool.version)
    ));
    for target in &report.targets {
        page.line(&match target {
            Target::Aws {
                account,
                identity,
                regions,
            } => {
                let mut line = format!(
                    "- AWS account {} in {}",
                    code(account),
                    escaped(&regions.join(", "))
                );
                if let Some(identity) = identity {
                    line.push_str(&format!(", as {}", code(identity)));
                }
                line
            }
            Target::Kubernetes {
                cluster,
                identity,
                version,
            } => {
                let mut line = format!("- Kubernetes cluster {}", code(cluster));
                if let Some(version) = version {
                    line.push_str(&format!(" ({})", escaped(version)));
                }
                if let Some(identity) = identity {
                    line.push_str(&format!(", as {}", code(identity)));
                }
                line
            }
            Target::Manifests { paths, files, .. } => {
                let paths: Vec<_> = paths.iter().map(|path| code(path)).collect();
                format!(
                    "- {} in {}",
                    counted(*files, "file"),
                    text::some(&paths, PATHS)
                )
            }
        });
    }
    for (name, value) in asked(report) {
        page.line(&format!("- {name}: {}", escaped(&value)));
    }
    for exclusion in &report.excluded {
        page.line(&format!(
            "- {} was not scanned: {}",
            exclusion.platform,
            escaped(&exclusion.why)
        ));
    }
}

fn fixes(page: &mut Page, view: &View) {
    let (steps, more) = steps(view, STEPS);
    if steps.is_empty() {
        return;
    }
    page.heading(2, "Fix first");
    page.line("Each line counts those above it as done.");
    page.table(&[
        "",
        "Rule",
        "Severity",
        "Resources",
        "Closes",
        "Helps",
        "How",
    ]);
    for (index, step) in steps.iter().enumerate() {
        let command = match &step.command {
            Some(command) => code(command),
            None => code(&format!("soc2scan rules show {}", step.check.rule)),
        };
        page.row(&[
            &(index + 1).to_string(),
            &code(&step.check.rule),
            step.check.severity.as_str(),
            &step.resources.to_string(),
            &escaped(&step.closes.join(", ")),
            &escaped(&step.helps.join(", ")),
            &command,
        ]);
    }
    if more > 0 {
        page.line("");
        page.line(&format!("… and {}", counted(more, "more change")));
    }
}

fn coverage(page: &mut Page, view: &View) {
    let ledger = ledger(view);
    page.heading(2, "Coverage");
    if ledger.interrupted {
        page.line(
            "**The scan was stopped before its end: what it had not read by then is unknown.**\n",
        );
    }
    for (platform, sentence) in &ledger.read {
        page.line(&format!("- {platform}: {}", escaped(sentence)));
    }
    for (platform, why) in &ledger.excluded {
        page.line(&format!(
            "- {platform}: not scanned, bears on no criterion here: {}",
            escaped(why)
        ));
    }
    if ledger.missing.is_empty() {
        return;
    }
    page.table(&[
        "Not read",
        "Permission or operation",
        "Where",
        "What to do",
        "Effect",
    ]);
    for missing in &ledger.missing {
        let mut effects = Vec::new();
        if !missing.kinds.is_empty() {
            let kinds: Vec<_> = missing.kinds.iter().map(|kind| kind.as_str()).collect();
            effects.push(format!("not listed: {}", ids(&kinds)));
        }
        if missing.verdicts > 0 {
            effects.push(format!("{} unknown", counted(missing.verdicts, "verdict")));
        }
        if let Some(detail) = &missing.detail {
            effects.push(format!("answer: {}", code(&shortened(detail, LONGEST))));
        }
        page.row(&[
            &words(missing.reason.as_str()),
            &code(&missing.what),
            &escaped(&missing.places.join(", ")),
            missing.advice,
            &effects.join("<br>"),
        ]);
    }
}

fn waived(page: &mut Page, view: &View) {
    if view.waived.is_empty() {
        return;
    }
    page.heading(2, "Failing under a waiver");
    page.row(&["Severity", "Rule", "Resource", "Waiver"]);
    page.row(&["---"; 4]);
    for finding in view.waived.iter().take(ROWS) {
        page.row(&[
            finding.severity.as_str(),
            &code(&finding.rule),
            &format!(
                "{} ({})",
                code(&text::short_name(&finding.resource)),
                escaped(&view.whereabouts(&finding.resource))
            ),
            &code(finding.waiver.as_deref().unwrap_or_default()),
        ]);
    }
    if let Some(more) = view.waived.len().checked_sub(ROWS).filter(|more| *more > 0) {
        page.line("");
        page.line(&format!("… and {more} more"));
    }
}

fn gone(page: &mut Page, view: &View) {
    let gone = baseline::gone(view.report);
    if gone.is_empty() {
        return;
    }
    page.heading(2, baseline::GONE);
    page.table(&["What", "Rule", "Resource"]);
    for gone in gone.iter().take(ROWS) {
        let place = gone.resource.as_ref().map(|subject| {
            let name = code(&text::short_name(subject));
            format!("{name} ({})", escaped(&view.whereabouts(subject)))
        });
        page.row(&[
            &words(gone.now.as_str()),
            &code(&gone.rule),
            &place.unwrap_or_else(|| "the check as a whole".to_owned()),
        ]);
    }
    if let Some(more) = gone.len().checked_sub(ROWS).filter(|more| *more > 0) {
        page.line("");
        page.line(&format!("… and {more} more"));
    }
}

fn bugs(page: &mut Page, view: &View) {
    let bugs = &view.report.rule_bugs;
    if bugs.is_empty() {
        return;
    }
    page.heading(2, "Rules to mend: their verdicts are unknown");
    for bug in bugs.iter().take(ROWS) {
        page.line(&format!(
            "- {}: {} ({})",
            code(&bug.rule),
            escaped(&bug.message),
            code(&bug.resource)
        ));
    }
    if let Some(more) = bugs.len().checked_sub(ROWS).filter(|more| *more > 0) {
        page.line(&format!("- … and {more} more"));
    }
}

/// The other criteria in a few lines, then all of them, folded.
fn all_criteria(page: &mut Page, view: &View) {
    page.heading(2, "All criteria");
    for (status, controls) in &view.rest {
        page.line(&format!(
            "- {} ({}): {}",
            words(status.as_str()),
            controls.len(),
            escaped(&ranges(controls))
        ));
    }
    page.line("");
    page.line("<details><summary>Every criterion and why it is as it is</summary>");
    page.table(&["Criterion", "Status", "What it asks for", "Why"]);
    for control in &view.report.controls {
        page.row(&[
            &escaped(&control.id),
            &words(control.status.as_str()),
            &escaped(&control.title),
            &escaped(&shortened(&control.why, LONGEST)),
        ]);
    }
    page.line("");
    page.line("</details>");
}

fn ids(ids: &[&str]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| code(id)).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_too_long_says_how_much_is_missing() {
        let mut page = Page {
            text: String::new(),
            budget: 10,
            left_out: 0,
        };
        for line in ["12345678", "12345678", "1"] {
            page.line(line);
        }
        page.say_what_is_cut();
        assert!(page.text.starts_with("12345678\n\n> Cut to fit: 2 lines"));
        page.budget = LIMIT;
        page.line("after");
        assert!(page.text.ends_with("after\n"));
    }
}
