//! The criteria with a gap or an unknown, and for each what fails.

use super::escape::{code, escaped, link};
use super::{Page, ids};
use crate::model::ControlStatus;
use crate::render::baseline;
use crate::render::evidence::{deciding, params};
use crate::render::group::members;
use crate::render::text::{self, shortened, words};
use crate::render::view::{Failing, Open, View};

/// The most resources under one failing check.
const RESOURCES: usize = 10;

/// The longest name and the most evidence beside a resource.
const NAME: usize = 120;
const EVIDENCE: usize = 240;

pub fn overview(page: &mut Page, view: &View) {
    if view.open.is_empty() {
        page.heading(2, "No criterion in scope has a gap or an unknown");
        return;
    }
    page.heading(2, "Gaps and unknowns");
    page.row(&["Status", "Criterion", "What it asks for", "Checks"]);
    page.row(&["---"; 4]);
    for open in &view.open {
        let status = open.control.status;
        page.row(&[
            &format!("**{}**", status.as_str()),
            &escaped(&open.control.id),
            &escaped(&open.control.title),
            &tally(open),
        ]);
    }
}

fn tally(open: &Open) -> String {
    let (bad, all) = open.tally;
    let verb = match (open.control.status, bad) {
        (ControlStatus::Gap, 1) => "fails",
        (ControlStatus::Gap, _) => "fail",
        _ => "unknown",
    };
    match bad {
        0 => escaped(&open.control.why),
        bad => format!("{bad} of {all} {verb}"),
    }
}

pub fn details(page: &mut Page, open: &Open, view: &View) {
    let control = open.control;
    page.heading(
        3,
        &format!(
            "{}: {}",
            escaped(&control.id),
            words(control.status.as_str())
        ),
    );
    if open.tally.0 == 0 {
        page.line(&escaped(&control.why));
    }
    failing(page, &open.failing, view);
    let mut notes = Vec::new();
    for (home, rules) in &open.elsewhere {
        notes.push(format!(
            "- also failing, see {}: {}",
            escaped(home),
            ids(rules)
        ));
    }
    for group in &control.groups {
        notes.push(format!("- one is enough: {}", escaped(&members(group))));
    }
    for unknown in &open.unknown {
        let mut note = format!(
            "- unknown: {} ({})",
            ids(&unknown.rules),
            escaped(&unknown.causes.join(", "))
        );
        if !unknown.findings.is_empty() {
            note.push_str(&format!(": {}", escaped(&view.names(&unknown.findings))));
        }
        notes.push(note);
    }
    if !open.not_run.is_empty() {
        notes.push(format!("- not selected: {}", ids(&open.not_run)));
    }
    if !notes.is_empty() {
        page.line("");
        for note in notes {
            page.line(&note);
        }
    }
}

fn failing(page: &mut Page, failing: &[Failing], view: &View) {
    if failing.is_empty() {
        return;
    }
    page.table(&["Severity", "Rule", "Resource", "Evidence"]);
    for failing in failing {
        let check = failing.check;
        let mut rule = format!(
            "{}<br>{}",
            link(&check.title, check.references.first()),
            code(&check.rule)
        );
        let params: Vec<_> = params(check).collect();
        if !params.is_empty() {
            rule.push_str(&format!(" ({})", escaped(&params.join(", "))));
        }
        for group in &failing.instead {
            rule.push_str(&format!("<br>made up for in {}", escaped(group)));
        }
        let severity = check.severity.as_str();
        if let Some(absent) = text::absent(view.report, check) {
            page.row(&[severity, &rule, &escaped(&absent), ""]);
        }
        for (index, finding) in failing.findings.iter().take(RESOURCES).enumerate() {
            let mut resource = format!(
                "{} ({})",
                code(&shortened(&text::short_name(&finding.resource), NAME)),
                escaped(&view.whereabouts(&finding.resource))
            );
            if let Some(mark) = baseline::mark(finding) {
                resource.push_str(&format!(", **{mark}**"));
            }
            let facts: Vec<_> = deciding(finding, check, EVIDENCE)
                .into_iter()
                .map(|(path, value)| code(&format!("{path} = {value}")))
                .collect();
            let facts = facts.join("<br>");
            match index {
                0 => page.row(&[severity, &rule, &resource, &facts]),
                _ => page.row(&["", "", &resource, &facts]),
            }
        }
        if let Some(more) = failing
            .findings
            .len()
            .checked_sub(RESOURCES)
            .filter(|more| *more > 0)
        {
            page.row(&["", "", &format!("… and {more} more"), ""]);
        }
    }
}

pub fn undecided(page: &mut Page, view: &View) {
    if !view.undecided.is_empty() {
        page.heading(3, "Failing, but deciding no criterion in scope");
        failing(page, &view.undecided, view);
    }
}
