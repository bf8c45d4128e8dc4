//! What changed, for a terminal: criteria first, then what is worse, then what is better.

use super::{check, coverage, details, heading, headline, place, resource, side, state};
use crate::examine::{Diff, Direction, FindingChange, ResourceFate};
use crate::model::{AttestationStatus, WaiverState};
use crate::render::Look;
use crate::render::ink::Style;
use crate::render::sheet::Sheet;
use crate::render::text::{clean, short_name, words};

pub fn table(diff: &Diff, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    sheet.grid(
        &[6],
        vec![
            vec!["before".to_owned(), side(&diff.before)],
            vec!["after".to_owned(), side(&diff.after)],
        ],
    );
    for warning in &diff.warnings {
        let warning = sheet
            .ink
            .style(&format!("note: {}", clean(warning)), Style::Yellow);
        sheet.line(&warning);
    }
    for line in headline(diff) {
        sheet.line(&line);
    }
    controls(&mut sheet, diff);
    let mut changes = diff.findings.as_slice();
    while let Some(first) = changes.first() {
        let same = changes.partition_point(|change| change.transition <= first.transition);
        let (group, rest) = changes.split_at(same);
        findings(&mut sheet, group);
        changes = rest;
    }
    resources(&mut sheet, diff);
    let rows = diff.checks.iter();
    let rows = rows.map(|change| vec![clean(&change.rule), check(change)]);
    sheet.section("Checks", &[], rows.collect());
    let rows = diff.coverage.iter().map(|change| {
        vec![
            format!(
                "{} in {}",
                clean(change.kind.as_str()),
                clean(&change.scope.to_string())
            ),
            coverage(change),
        ]
    });
    sheet.section("Coverage", &[], rows.collect());
    let rows = diff.waivers.iter().map(|change| {
        vec![
            format!("{} ({})", clean(&change.id), clean(&change.about)),
            state(WaiverState::as_str, change.before, change.after),
        ]
    });
    sheet.section("Waivers", &[], rows.collect());
    let rows = diff.attestations.iter().map(|change| {
        vec![
            format!("{} ({})", clean(&change.id), clean(&change.about)),
            state(AttestationStatus::as_str, change.before, change.after),
        ]
    });
    sheet.section("Attestations", &[], rows.collect());
    sheet.finish()
}

fn controls(sheet: &mut Sheet, diff: &Diff) {
    let rows: Vec<_> = diff
        .controls
        .iter()
        .map(|control| {
            let (word, style) = match control.direction {
                Direction::Worse => ("worse", Style::BoldRed),
                Direction::Better => ("better", Style::Green),
                Direction::Other => ("changed", Style::Plain),
            };
            vec![
                sheet.ink.style(word, style),
                clean(&control.id),
                format!(
                    "{}, now {}: {}",
                    words(control.before.as_str()),
                    words(control.after.as_str()),
                    clean(&control.why_after)
                ),
            ]
        })
        .collect();
    // All of them: there are 61 at most.
    if !rows.is_empty() {
        sheet.heading("Criteria");
        sheet.grid(&[7, 6], rows);
    }
}

/// The changes of one transition.
fn findings(sheet: &mut Sheet, changes: &[FindingChange]) {
    let Some(first) = changes.first() else {
        return;
    };
    let rows = changes.iter().map(|change| {
        let what = match &change.resource {
            Some(subject) => format!("{} ({})", short_name(subject), place(subject)),
            None => "the check as a whole".to_owned(),
        };
        let mut text = format!("{}: {what}", clean(&change.rule));
        let details = details(change);
        if !details.is_empty() {
            text.push_str(": ");
            text.push_str(&details);
        }
        vec![change.severity.to_string(), text]
    });
    sheet.section(heading(first.transition), &[8], rows.collect());
}

fn resources(sheet: &mut Sheet, diff: &Diff) {
    let rows = diff.resources.iter().map(|change| {
        let subject = &change.resource;
        let mut text = format!(
            "{} {} ({})",
            clean(subject.kind.as_str()),
            short_name(subject),
            place(subject)
        );
        let more = resource(change);
        if !more.is_empty() {
            text.push_str(": ");
            text.push_str(&more);
        }
        vec![words(change.fate.as_str()), text]
    });
    let width = ResourceFate::Disappeared.as_str().len();
    sheet.section("Resources", &[width], rows.collect());
}
