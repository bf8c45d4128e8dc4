//! What changed, as Markdown: for a pull request or the summary of a CI step.

use super::escape::{code, escaped};
use super::{LIMIT, LONGEST, NOTE, Page};
use crate::examine::{Diff, Direction, FindingChange};
use crate::model::{AttestationStatus, WaiverState};
use crate::render::diff::{
    check, coverage, details, heading, headline, place, resource, side, state,
};
use crate::render::text::{short_name, shortened, words};

/// The longest name.
const NAME: usize = 120;

pub fn markdown(diff: &Diff) -> String {
    let mut page = Page {
        text: String::new(),
        budget: LIMIT - NOTE,
        left_out: 0,
    };
    page.heading(1, "What changed");
    page.line(&format!("- before: {}", escaped(&side(&diff.before))));
    page.line(&format!("- after: {}", escaped(&side(&diff.after))));
    for warning in &diff.warnings {
        page.line(&format!("- **note**: {}", escaped(warning)));
    }
    for line in headline(diff) {
        page.line("");
        page.line(&escaped(&line));
    }
    let rows = diff.controls.iter().map(|control| {
        let after = words(control.after.as_str());
        vec![
            escaped(&control.id),
            words(control.before.as_str()),
            match control.direction {
                Direction::Worse => format!("**{after}**"),
                Direction::Better | Direction::Other => after,
            },
            escaped(&shortened(&control.why_after, LONGEST)),
        ]
    });
    table(
        &mut page,
        "Criteria",
        &["Criterion", "Before", "Now", "Why"],
        rows.collect(),
    );
    let mut changes = diff.findings.as_slice();
    while let Some(first) = changes.first() {
        let same = changes.partition_point(|change| change.transition <= first.transition);
        let (group, rest) = changes.split_at(same);
        findings(&mut page, heading(first.transition), group);
        changes = rest;
    }
    let rows = diff.resources.iter().map(|change| {
        vec![
            words(change.fate.as_str()),
            escaped(change.resource.kind.as_str()),
            code(&shortened(&short_name(&change.resource), NAME)),
            escaped(&place(&change.resource)),
            escaped(&resource(change)),
        ]
    });
    let heads = ["What", "Kind", "Resource", "Where", ""];
    table(&mut page, "Resources", &heads, rows.collect());
    let rows = diff.checks.iter();
    let rows = rows.map(|change| vec![code(&change.rule), escaped(&check(change))]);
    table(&mut page, "Checks", &["Rule", "What"], rows.collect());
    let rows = diff.coverage.iter().map(|change| {
        vec![
            code(change.kind.as_str()),
            escaped(&change.scope.to_string()),
            escaped(&coverage(change)),
        ]
    });
    table(
        &mut page,
        "Coverage",
        &["Kind", "Where", "What"],
        rows.collect(),
    );
    let rows = diff.waivers.iter().map(|change| {
        vec![
            code(&change.id),
            code(&change.about),
            state(WaiverState::as_str, change.before, change.after),
        ]
    });
    table(
        &mut page,
        "Waivers",
        &["Waiver", "Rule", "State"],
        rows.collect(),
    );
    let rows = diff.attestations.iter().map(|change| {
        vec![
            code(&change.id),
            code(&change.about),
            state(AttestationStatus::as_str, change.before, change.after),
        ]
    });
    let heads = ["Attestation", "Topic", "State"];
    table(&mut page, "Attestations", &heads, rows.collect());
    page.say_what_is_cut();
    page.text
}

fn findings(page: &mut Page, heading: &str, changes: &[FindingChange]) {
    let rows = changes.iter().map(|change| {
        let (name, place) = match &change.resource {
            Some(subject) => (
                code(&shortened(&short_name(subject), NAME)),
                escaped(&place(subject)),
            ),
            None => ("the check as a whole".to_owned(), String::new()),
        };
        vec![
            change.severity.to_string(),
            code(&change.rule),
            name,
            place,
            escaped(&details(change)),
        ]
    });
    let heads = ["Severity", "Rule", "Resource", "Where", ""];
    table(page, heading, &heads, rows.collect());
}

/// A heading and a table of cells that are Markdown already; nothing without rows.
fn table(page: &mut Page, heading: &str, heads: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    page.heading(2, &format!("{heading} ({})", rows.len()));
    page.table(heads);
    for row in rows {
        let cells: Vec<_> = row.iter().map(String::as_str).collect();
        page.row(&cells);
    }
}
