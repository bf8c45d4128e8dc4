//! Each criterion from scan to scan: its states, what was noted of it, and the waivers over it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::cadence::Intervals;
use super::waivers::is_in_force;
use super::{ControlHistory, Interval};
use crate::model::{Bearing, ControlReport, ControlStatus, Report};

pub fn controls(reports: &[&Report], intervals: &Intervals) -> Vec<ControlHistory> {
    let mut seen: BTreeMap<&str, Vec<(&Report, &ControlReport)>> = BTreeMap::new();
    let mut order = Vec::new();
    for report in reports {
        for control in &report.controls {
            let lines = seen.entry(&control.id).or_default();
            if lines.is_empty() {
                order.push(control.id.as_str());
            }
            lines.push((report, control));
        }
    }
    let controls = order.into_iter().filter_map(|id| {
        let lines = seen.get(id)?;
        let (_, last) = lines.last()?;
        Some(control(last, lines, intervals))
    });
    controls.collect()
}

fn control(
    last: &ControlReport,
    lines: &[(&Report, &ControlReport)],
    intervals: &Intervals,
) -> ControlHistory {
    let mut counts: BTreeMap<ControlStatus, usize> = BTreeMap::new();
    let mut states: Vec<Interval> = Vec::new();
    let mut waivers = BTreeSet::new();
    for (report, control) in lines {
        *counts.entry(control.status).or_default() += 1;
        match states.last_mut() {
            Some(state) if state.status == control.status => state.scans += 1,
            state => {
                if let Some(state) = state {
                    state.to = Some(report.taken_at);
                }
                states.push(Interval {
                    status: control.status,
                    from: report.taken_at,
                    to: None,
                    scans: 1,
                });
            }
        }
        let in_force = report.waivers.iter().filter(|waiver| is_in_force(waiver));
        let required = in_force.filter(|waiver| {
            let mut checks = control.checks.iter();
            checks.any(|check| check.rule == waiver.check && check.bearing == Bearing::Required)
        });
        waivers.extend(required.map(|waiver| waiver.id.clone()));
    }
    let in_scope = lines
        .iter()
        .filter(|(_, control)| control.status != ControlStatus::OutOfScope);
    let decided: Vec<Timestamp> = in_scope
        .clone()
        .filter(|(_, control)| control.status != ControlStatus::Unknown)
        .map(|(report, _)| report.taken_at)
        .collect();
    let in_scope: Vec<Timestamp> = in_scope.map(|(report, _)| report.taken_at).collect();
    let (longest, missed) = match in_scope.is_empty() {
        true => (None, 0),
        false => intervals.of(&decided),
    };
    ControlHistory {
        id: last.id.clone(),
        title: last.title.clone(),
        category: last.category,
        noted: noted(&counts, in_scope.len()),
        scans: in_scope.len(),
        decided: decided.len(),
        first: in_scope.first().copied(),
        last: in_scope.last().copied(),
        longest,
        missed,
        counts,
        states,
        waivers: waivers.into_iter().collect(),
    }
}

/// What was noted of a control. That nothing was noted is no statement that it works.
fn noted(counts: &BTreeMap<ControlStatus, usize>, scans: usize) -> String {
    let all = match scans {
        0 => return "not in scope in any scan".to_owned(),
        1 => "1 scan".to_owned(),
        scans => format!("{scans} scans"),
    };
    let parts: Vec<_> = [
        (ControlStatus::Gap, "exceptions noted"),
        (
            ControlStatus::MetWithExceptions,
            "exceptions under a waiver",
        ),
        (ControlStatus::Unknown, "unknown"),
        (
            ControlStatus::PartiallyEvidenced,
            "an attestation outstanding",
        ),
        (ControlStatus::ManualRequired, "left to people"),
    ]
    .into_iter()
    .filter_map(|(status, words)| {
        let count = counts.get(&status).filter(|count| **count > 0)?;
        Some(format!("{words} in {count} of {all}"))
    })
    .collect();
    let aside = counts.get(&ControlStatus::NotApplicable).copied();
    let aside = aside.unwrap_or_default();
    let noted = match parts.is_empty() {
        true if aside == scans => return format!("not applicable in {all}"),
        true if aside > 0 => format!("no exceptions noted in {} of {all}", scans - aside),
        true => return format!("no exceptions noted in {all}"),
        false => parts.join("; "),
    };
    match aside {
        0 => noted,
        aside => format!("{noted}; not applicable in {aside} of {all}"),
    }
}
