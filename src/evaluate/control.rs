//! The 61 controls of a report, each with the sentence that leads to its status, and the counts over them.

use std::collections::BTreeSet;

use super::attestations::Attested as People;
use super::status::{Scoping, control_status, holds};
use crate::model::{
    AttestationStatus, Attested, Bearing, Category, CheckReport, CheckStatus, ControlCheck,
    ControlReport, ControlStatus, Counts, Criterion, Finding, Summary, criteria,
};

/// How many rule ids a sentence names before it counts the rest.
const NAMED: usize = 3;

/// Every criterion in the standard's order, whether or not a rule bears on it. `checks` are sorted by rule.
///
/// A check that is left out bears on nothing: what it asks about is out of scope, not unread.
pub fn controls(
    checks: &[CheckReport],
    categories: &BTreeSet<Category>,
    attestations: &People,
    left_out: &BTreeSet<&str>,
) -> Vec<ControlReport> {
    criteria()
        .iter()
        .map(|criterion| control(criterion, checks, categories, attestations, left_out))
        .collect()
}

fn control(
    criterion: &Criterion,
    checks: &[CheckReport],
    categories: &BTreeSet<Category>,
    attestations: &People,
    left_out: &BTreeSet<&str>,
) -> ControlReport {
    let mut bearing = Vec::new();
    let mut elsewhere = 0;
    for check in checks {
        let weight = if check.required.contains(&criterion.id) {
            Bearing::Required
        } else if check.supporting.contains(&criterion.id) {
            Bearing::Supporting
        } else {
            continue;
        };
        if left_out.contains(check.rule.as_str()) {
            elsewhere += usize::from(weight == Bearing::Required);
        } else {
            bearing.push(ControlCheck {
                bearing: weight,
                rule: check.rule.clone(),
                status: check.status,
            });
        }
    }
    bearing.sort();

    let attested = attested(criterion, attestations);

    let required: Vec<_> = bearing
        .iter()
        .filter(|check| check.bearing == Bearing::Required)
        .collect();
    let scoping = if categories.contains(&criterion.category) {
        Scoping::In
    } else {
        Scoping::Out
    };
    let status = control_status(
        scoping,
        &required
            .iter()
            .map(|check| check.status)
            .collect::<Vec<_>>(),
        &attested
            .iter()
            .filter(|topic| decides(topic))
            .map(|topic| topic.status)
            .collect::<Vec<_>>(),
    );
    ControlReport {
        id: criterion.id.clone(),
        title: criterion.title.clone(),
        category: criterion.category,
        status,
        why: why(status, criterion.category, &required, &attested, elsewhere),
        checks: bearing,
        attestations: attested,
    }
}

/// What the criterion asks people for, and what they attest for it beyond that.
fn attested(criterion: &Criterion, attestations: &People) -> Vec<Attested> {
    let asked = criterion.attestation_topics.iter().map(|topic| Attested {
        topic: topic.clone(),
        status: attestations
            .get(&(criterion.id.clone(), topic.clone()))
            .copied()
            .unwrap_or(AttestationStatus::Missing),
        bearing: Bearing::Required,
    });
    let beyond = attestations
        .iter()
        .filter(|((id, topic), _)| {
            *id == criterion.id && !criterion.attestation_topics.contains(topic)
        })
        .map(|((_, topic), status)| Attested {
            topic: topic.clone(),
            status: *status,
            bearing: Bearing::Supporting,
        });
    asked.chain(beyond).collect()
}

/// Whether an attestation has a say. One that nobody asked for only ever says that something does not operate; one by
/// which there is nothing to attest is neither evidence nor missing.
fn decides(attested: &Attested) -> bool {
    match attested.status {
        AttestationStatus::Negative => true,
        AttestationStatus::NotApplicable => false,
        _ => attested.bearing == Bearing::Required,
    }
}

fn why(
    status: ControlStatus,
    category: Category,
    required: &[&ControlCheck],
    attested: &[Attested],
    elsewhere: usize,
) -> String {
    let mut parts = match status {
        ControlStatus::OutOfScope => return format!("the category {category} is not in scope"),
        ControlStatus::NotApplicable => return "declared not applicable".to_owned(),
        ControlStatus::Gap => {
            let mut parts = shares(required, &[CheckStatus::Fail]);
            let negative = topics(attested, |status| status == AttestationStatus::Negative);
            if !negative.is_empty() {
                parts.push(format!(
                    "a person attests that it does not operate: {negative}"
                ));
            }
            parts
        }
        ControlStatus::Unknown => shares(required, &[CheckStatus::Unknown, CheckStatus::NotRun]),
        ControlStatus::ManualRequired
        | ControlStatus::PartiallyEvidenced
        | ControlStatus::MetWithExceptions
        | ControlStatus::Attested
        | ControlStatus::Met => {
            let mut parts = if required.is_empty() {
                Vec::new()
            } else {
                shares(
                    required,
                    &[
                        CheckStatus::Pass,
                        CheckStatus::PassWithWaiver,
                        CheckStatus::NotApplicable,
                    ],
                )
            };
            if parts.is_empty() && status != ControlStatus::Attested {
                parts.push("no check shows it".to_owned());
            }
            let valid = topics(attested, holds);
            if !valid.is_empty() {
                parts.push(format!("attested: {valid}"));
            }
            let open = topics(attested, |status| {
                !holds(status) && status != AttestationStatus::NotApplicable
            });
            if !open.is_empty() {
                parts.push(format!("a person must attest {open}"));
            }
            parts
        }
    };
    if elsewhere > 0 {
        parts.push(format!(
            "left out, since nothing that was scanned can show them: {elsewhere} of the required checks"
        ));
    }
    parts.join("; ")
}

/// `2 of 5 required checks fail: a, b`, for each of the statuses that is there. Names only what is not well.
fn shares(required: &[&ControlCheck], statuses: &[CheckStatus]) -> Vec<String> {
    let mut parts = Vec::new();
    for &status in statuses {
        let ids: Vec<_> = required
            .iter()
            .filter(|check| check.status == status)
            .map(|check| check.rule.as_str())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let one = ids.len() == 1;
        let verb = match status {
            CheckStatus::Fail if one => "fails",
            CheckStatus::Fail => "fail",
            CheckStatus::Unknown if one => "is unknown",
            CheckStatus::Unknown => "are unknown",
            CheckStatus::NotRun if one => "was not run",
            CheckStatus::NotRun => "were not run",
            CheckStatus::PassWithWaiver if one => "passes under a waiver",
            CheckStatus::PassWithWaiver => "pass under waivers",
            CheckStatus::Pass if one => "passes",
            CheckStatus::Pass => "pass",
            CheckStatus::NotApplicable if one => "is not applicable",
            CheckStatus::NotApplicable => "are not applicable",
        };
        let mut part = if parts.is_empty() {
            format!(
                "{} of {} required check{} {verb}",
                ids.len(),
                required.len(),
                if required.len() == 1 { "" } else { "s" }
            )
        } else {
            format!("{} {verb}", ids.len())
        };
        if !matches!(status, CheckStatus::Pass | CheckStatus::NotApplicable) {
            part.push_str(": ");
            part.push_str(&list(&ids));
        }
        parts.push(part);
    }
    parts
}

/// The first few of a list, and how many more there are.
fn list(ids: &[&str]) -> String {
    let mut text = ids
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = ids.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// The topics whose status is as asked, with the status where it is not plain from the sentence.
fn topics(attested: &[Attested], wanted: impl Fn(AttestationStatus) -> bool) -> String {
    attested
        .iter()
        .filter(|topic| {
            topic.bearing == Bearing::Required || topic.status == AttestationStatus::Negative
        })
        .filter(|topic| wanted(topic.status))
        .map(|topic| match topic.status {
            AttestationStatus::Expired => format!("{} (expired)", topic.topic),
            AttestationStatus::Invalid => format!("{} (invalid)", topic.topic),
            AttestationStatus::Expiring => format!("{} (expires soon)", topic.topic),
            AttestationStatus::Valid
            | AttestationStatus::Negative
            | AttestationStatus::Missing
            | AttestationStatus::NotApplicable => topic.topic.clone(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The headline: every state counted, the ones that nothing is in included.
pub fn summary(
    controls: &[ControlReport],
    checks: &[CheckReport],
    findings: &[Finding],
) -> Summary {
    let mut summary = Summary {
        controls: ControlStatus::ALL.map(|status| (status, 0)).into(),
        checks: CheckStatus::ALL.map(|status| (status, 0)).into(),
        findings: Counts::default(),
    };
    for control in controls {
        *summary.controls.entry(control.status).or_default() += 1;
    }
    for check in checks {
        *summary.checks.entry(check.status).or_default() += 1;
    }
    for finding in findings {
        summary.findings.add(finding.outcome);
    }
    summary
}

#[cfg(test)]
mod tests;
