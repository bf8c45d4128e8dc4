//! A history for a terminal.

use std::collections::BTreeMap;

use super::{
    MEANS, cadence, changes, headline, interval, longest, moment, open_states, outcome, span,
};
use crate::examine::History;
use crate::render::Look;
use crate::render::ink::Style;
use crate::render::sheet::Sheet;
use crate::render::text::{capped, clean, counted, short_name, shortened};
use crate::render::view::joined;

/// The most intervals of one criterion.
const INTERVALS: usize = 4;

pub fn table(history: &History, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let headline = sheet.ink.style(&headline(history), Style::Bold);
    sheet.line(&headline);
    sheet.line(MEANS);
    if let Some(longest) = &history.longest {
        let missed = match history.missed {
            0 => "none longer than the cadence".to_owned(),
            missed => format!("{} longer than the cadence", counted(missed, "interval")),
        };
        let text = format!(
            "Longest interval between scans: {}; {missed}",
            self::longest(longest)
        );
        let style = match history.missed {
            0 => Style::Plain,
            _ => Style::Yellow,
        };
        let text = sheet.ink.style(&text, style);
        sheet.line(&text);
    }
    sheet.heading("What was scanned");
    let rows = history.targets.iter().map(|target| {
        let interval = cadence(target.longest.as_ref(), target.missed);
        let interval = match target.missed {
            0 => interval,
            _ => sheet.ink.style(&interval, Style::Yellow),
        };
        vec![
            clean(&target.target),
            counted(target.scans, "scan"),
            format!("{} to {}", moment(target.first), moment(target.last)),
            format!("longest interval {interval}"),
        ]
    });
    let rows: Vec<_> = rows.collect();
    sheet.grid(&[], rows);
    let rows = changes(history).into_iter().map(Vec::from);
    sheet.section("What changed about the scans", &[20], rows.collect());
    controls(&mut sheet, history);
    remediation(&mut sheet, history);
    let rows = history.waivers.iter().map(|waiver| {
        vec![
            clean(&waiver.id),
            format!(
                "{}: in force in {} from {} to {}; expires {}; approved by {} on {}; {}",
                clean(&waiver.check),
                counted(waiver.scans, "scan"),
                moment(waiver.first),
                moment(waiver.last),
                clean(&waiver.expires),
                clean(&waiver.approved_by),
                clean(&waiver.approved_on),
                clean(&shortened(&waiver.reason, 200)),
            ),
        ]
    });
    sheet.section("Waivers in force", &[12], rows.collect());
    let rows = history
        .left_out
        .iter()
        .map(|left| vec![clean(&left.source), clean(&left.why)]);
    sheet.section("Left out", &[], rows.collect());
    let rows = history
        .chain
        .iter()
        .map(|broken| vec![clean(&broken.source), clean(&broken.why)]);
    sheet.section("The chain of the bundles breaks", &[], rows.collect());
    sheet.finish()
}

/// Criteria that changed, or were looked at otherwise than the scans, each by itself; the others together.
fn controls(sheet: &mut Sheet, history: &History) {
    sheet.heading("Criteria");
    let mut rows = Vec::new();
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for control in &history.controls {
        let is_plain = control.states.len() == 1
            && control.waivers.is_empty()
            && (control.scans == 0 || control.longest == history.longest);
        if is_plain {
            alike.entry(&control.noted).or_default().push(&control.id);
            continue;
        }
        rows.push(vec![
            sheet.ink.style(&clean(&control.id), Style::Bold),
            clean(&control.noted),
        ]);
        let states: Vec<_> = open_states(control).collect();
        let (shown, more) = capped(&states, INTERVALS);
        for state in shown {
            rows.push(vec![String::new(), format!("· {}", interval(state))]);
        }
        if !more.is_empty() {
            rows.push(vec![String::new(), format!("· … and {} more", more.len())]);
        }
        if let Some(longest) = control
            .longest
            .filter(|longest| Some(*longest) != history.longest)
        {
            let text = format!(
                "· longest without a decided scan: {}",
                self::longest(&longest)
            );
            let style = match longest.allowed {
                true => Style::Plain,
                false => Style::Yellow,
            };
            rows.push(vec![String::new(), sheet.ink.style(&text, style)]);
        }
        if !control.waivers.is_empty() {
            let ids: Vec<_> = control.waivers.iter().map(|id| clean(id)).collect();
            rows.push(vec![
                String::new(),
                format!("· waivers: {}", ids.join(", ")),
            ]);
        }
    }
    sheet.grid(&[6], rows);
    for (noted, ids) in alike {
        sheet.line(&format!("{}: {}", clean(noted), joined(&ids)));
    }
}

fn remediation(sheet: &mut Sheet, history: &History) {
    if history.remediation.is_empty() {
        return;
    }
    sheet.heading("Time to remediate");
    let rows = history.times.iter().map(|times| {
        let took = match (times.median_seconds, times.longest_seconds) {
            (Some(median), Some(longest)) => {
                format!(
                    ", half within {}, all within {}",
                    span(median),
                    span(longest)
                )
            }
            _ => String::new(),
        };
        vec![
            times.severity.to_string(),
            format!("{} ended{took}; {} open", times.ended, times.open),
        ]
    });
    sheet.grid(&[8], rows.collect());
    let rows = history.remediation.iter().map(|failure| {
        let what = match &failure.resource {
            Some(subject) => short_name(subject),
            None => "the check as a whole".to_owned(),
        };
        let waiver = failure
            .waiver
            .as_ref()
            .map(|id| format!(", waiver {}", clean(id)));
        vec![
            failure.severity.to_string(),
            format!(
                "{}: {what}: found {}, {}{}",
                clean(&failure.rule),
                moment(failure.found),
                outcome(failure),
                waiver.unwrap_or_default()
            ),
        ]
    });
    sheet.section("Failures, the most severe first", &[8], rows.collect());
}
