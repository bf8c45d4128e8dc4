//! A report against its baseline: what is new in it is marked, what is old stays listed, what is gone is said.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::pairs::{Entry, Lookup, Pair, name, pairs};
use super::reports::warnings;
use crate::model::{
    AttestationStatus, Baseline, BaselineState, ControlStatus, Coverage, Gone, Outcome, Report,
    Target, Transition,
};

/// The baseline is of something else, so that nothing in it says what is new here.
#[derive(Debug, Error)]
#[error("the baseline is of {theirs}, not of {ours}")]
pub struct OtherTarget {
    pub ours: String,
    pub theirs: String,
}

/// Marks every finding that fails or is unknown as new or known, and says what else is new and what is gone.
///
/// A finding is known by its rule and its resource. It is new too where it is worse than it was: where its severity rose,
/// its waiver ended, or it was unknown and fails.
pub fn compare(report: &mut Report, baseline: &Report) -> Result<(), OtherTarget> {
    same_target(report, baseline)?;
    let (old, now) = (Lookup::new(baseline), Lookup::new(report));
    let pairs = pairs(&old, &now);
    let mut states = BTreeMap::new();
    let mut new_checks = Vec::new();
    let mut gone = Vec::new();
    for pair in &pairs {
        if let Some(after) = pair.after {
            match after.subject() {
                Some(subject) => {
                    states.insert((after.rule, name(subject)), state(pair));
                }
                None if state(pair) == BaselineState::New => new_checks.push(after.rule.to_owned()),
                None => {}
            }
        }
        let is_open = |entry: Option<Entry>| entry.is_some_and(|entry| entry.is_open());
        if let (Some(before), Some(now)) = (pair.before, pair.transition)
            && before.is_open()
            && !is_open(pair.after)
        {
            gone.push(Gone {
                rule: before.rule.to_owned(),
                severity: before.severity,
                resource: before.subject().cloned(),
                was: before.outcome,
                now,
            });
        }
    }
    let states: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let state = states.get(&(finding.rule.as_str(), name(&finding.resource)));
            // What the names do not tell apart is not taken for known.
            let state = state.copied().unwrap_or(BaselineState::New);
            matches!(finding.outcome, Outcome::Fail | Outcome::Unknown).then_some(state)
        })
        .collect();
    report.baseline = Some(Baseline {
        taken_at: baseline.taken_at,
        digests: baseline.digests.clone(),
        new_checks,
        new_unread: new_unread(report, baseline),
        new_denied: new_denied(report, baseline),
        new_manual: new_manual(report, baseline),
        gone,
        warnings: warnings(baseline, report),
    });
    for (finding, state) in report.findings.iter_mut().zip(states) {
        finding.baseline = state;
    }
    Ok(())
}

/// How what fails or is unknown now stands to what was.
fn state(pair: &Pair) -> BaselineState {
    let is_new = pair.transition.is_some_and(Transition::is_new);
    match (pair.before, pair.after) {
        (Some(before), Some(after)) if !is_new && before.outcome == after.outcome => {
            if said(before) == said(after) {
                BaselineState::Unchanged
            } else {
                BaselineState::Updated
            }
        }
        _ => BaselineState::New,
    }
}

fn said<'a>(entry: Entry<'a>) -> impl PartialEq + use<'a> {
    let finding = entry.finding;
    (
        entry.severity,
        entry.waiver,
        finding.map(|finding| (&finding.evidence, &finding.reason)),
    )
}

/// Another account or cluster. A baseline of more than is scanned now, or of less, is one still.
fn same_target(report: &Report, baseline: &Report) -> Result<(), OtherTarget> {
    let kinds = |report: &Report| {
        let mut kinds: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for target in &report.targets {
            let order = match target {
                Target::Aws { .. } => 0,
                Target::Kubernetes { .. } => 1,
                Target::Manifests { .. } => 2,
            };
            kinds.entry(order).or_default().insert(target.to_string());
        }
        kinds
    };
    let (ours, theirs) = (kinds(report), kinds(baseline));
    let named = |targets: &BTreeMap<i32, BTreeSet<String>>| {
        let names: Vec<_> = targets.values().flatten().cloned().collect();
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        }
    };
    let other = ours.iter().any(|(kind, owners)| {
        let nobody_knows = report
            .targets
            .iter()
            .any(|target| target.owner() == UNKNOWN);
        let met = |them: &BTreeSet<String>| !owners.is_disjoint(them);
        !nobody_knows && theirs.get(kind).is_some_and(|them| !met(them))
    });
    let apart = !ours.is_empty() && ours.keys().all(|kind| !theirs.contains_key(kind));
    if other || apart {
        return Err(OtherTarget {
            ours: named(&ours),
            theirs: named(&theirs),
        });
    }
    Ok(())
}

/// The account whose identity could not be read: everything in it is unknown, and new.
const UNKNOWN: &str = "unknown";

fn new_unread(report: &Report, baseline: &Report) -> Vec<Coverage> {
    let known: BTreeSet<_> = baseline
        .coverage
        .iter()
        .filter(|row| !row.is_complete())
        .map(|row| (&row.kind, &row.scope))
        .collect();
    let rows = report.coverage.iter();
    rows.filter(|row| !row.is_complete() && !known.contains(&(&row.kind, &row.scope)))
        .cloned()
        .collect()
}

fn new_denied(report: &Report, baseline: &Report) -> Vec<String> {
    let denied = |report: &Report| -> BTreeSet<String> {
        let denied = report.applicable().filter(|control| control.is_denied());
        denied.map(|control| control.id.clone()).collect()
    };
    let known = denied(baseline);
    let now = denied(report).into_iter();
    now.filter(|id| !known.contains(id)).collect()
}

/// Criteria that wait for people and stood better, and waivers and attestations to mend that were in order.
fn new_manual(report: &Report, baseline: &Report) -> Vec<String> {
    let stood: BTreeMap<_, _> = baseline
        .controls
        .iter()
        .map(|control| (control.id.as_str(), control.status))
        .collect();
    let controls = report.controls.iter().filter(|control| {
        let before = stood.get(control.id.as_str());
        waits(control.status) && before.is_none_or(|before| *before > control.status)
    });
    let controls = controls.map(|control| control.id.clone());
    let known: BTreeSet<_> = stale(baseline).collect();
    let register = stale(report).filter(|id| !known.contains(id));
    controls.chain(register.map(str::to_owned)).collect()
}

/// Whether a criterion waits for people.
pub fn waits(status: ControlStatus) -> bool {
    matches!(
        status,
        ControlStatus::ManualRequired | ControlStatus::PartiallyEvidenced
    )
}

/// The waivers and attestations that somebody has to mend or renew.
pub fn stale(report: &Report) -> impl Iterator<Item = &str> {
    let waivers = report.waivers.iter();
    let waivers = waivers
        .filter(|waiver| waiver.state.is_problem())
        .map(|waiver| waiver.id.as_str());
    let attestations = report.attestations.iter().filter(|attestation| {
        !attestation.superseded
            && matches!(
                attestation.state,
                AttestationStatus::Invalid | AttestationStatus::Expired
            )
    });
    waivers.chain(attestations.map(|attestation| attestation.id.as_str()))
}
