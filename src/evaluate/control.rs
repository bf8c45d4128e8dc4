//! The 61 controls of a report, each with the sentence that leads to its status, and the counts over them.

use super::attestations::Attested as People;
use super::group::{groups, made_up, members};
use super::scope::Scope;
use super::status::{control_status, holds};
use crate::model::{
    AttestationStatus, Attested, Bearing, CheckReport, CheckStatus, ControlCheck, ControlReport,
    ControlStatus, Counts, Criterion, Finding, Group, GroupStatus, Summary, criteria,
};

/// How many rule ids a sentence names before it counts the rest.
const NAMED: usize = 3;

/// Every criterion in the standard's order, whether or not a rule bears on it. `checks` are sorted by rule.
///
/// A check whose subject is out of scope bears on nothing: what it asks about is not unread.
pub fn controls(
    checks: &[CheckReport],
    scope: &Scope,
    attestations: &People,
) -> Vec<ControlReport> {
    criteria()
        .iter()
        .map(|criterion| control(criterion, checks, scope, attestations))
        .collect()
}

fn control(
    criterion: &Criterion,
    checks: &[CheckReport],
    scope: &Scope,
    attestations: &People,
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
        if check.is_out_of_scope() {
            // What nobody asked for is no part of the scan.
            let asked = check.opt_in.is_none();
            elsewhere += usize::from(asked && weight == Bearing::Required);
        } else {
            bearing.push(ControlCheck {
                bearing: weight,
                rule: check.rule.clone(),
                status: check.status,
            });
        }
    }
    bearing.sort();

    let groups = groups(criterion, &bearing, checks, attestations);
    let attested = attested(criterion, attestations, &groups);
    let evidence = Evidence::new(&bearing, &groups, &attested);
    let status = control_status(
        scope.of(criterion),
        &evidence.checks.iter().map(|one| one.1).collect::<Vec<_>>(),
        &evidence.topics.iter().map(|one| one.1).collect::<Vec<_>>(),
    );
    ControlReport {
        id: criterion.id.clone(),
        title: criterion.title.clone(),
        category: criterion.category,
        status,
        why: why(status, criterion, scope, &evidence, elsewhere),
        checks: bearing,
        attestations: attested,
        groups,
    }
}

/// What decides a criterion, each by name: its required checks and groups, and what people attest.
struct Evidence {
    checks: Vec<(String, CheckStatus)>,
    topics: Vec<(String, AttestationStatus)>,
    /// What passes in place of something else.
    made_up: Vec<String>,
}

impl Evidence {
    fn new(bearing: &[ControlCheck], groups: &[Group], attested: &[Attested]) -> Self {
        let alone = bearing.iter().filter(|check| {
            let mut grouped = groups.iter().flat_map(|group| &group.stands_for);
            check.bearing == Bearing::Required && grouped.all(|rule| *rule != check.rule)
        });
        let deciding = attested.iter().filter(|topic| decides(topic));
        let mut evidence = Self {
            checks: alone
                .map(|check| (check.rule.clone(), check.status))
                .collect(),
            topics: deciding
                .map(|topic| (named(&topic.topic, topic.status), topic.status))
                .collect(),
            made_up: groups.iter().filter_map(made_up).collect(),
        };
        for group in groups {
            evidence.add(group);
        }
        evidence
    }

    fn add(&mut self, group: &Group) {
        let status = match group.status {
            GroupStatus::Fail => CheckStatus::Fail,
            GroupStatus::Unknown => CheckStatus::Unknown,
            GroupStatus::NotRun => CheckStatus::NotRun,
            GroupStatus::PassWithWaiver => CheckStatus::PassWithWaiver,
            GroupStatus::Pass => CheckStatus::Pass,
            GroupStatus::NotApplicable => CheckStatus::NotApplicable,
            GroupStatus::Attested | GroupStatus::ManualRequired => {
                let checks: Vec<_> = group.checks.keys().map(String::as_str).collect();
                for (topic, status) in &group.attestations {
                    let topic = named(topic, *status);
                    let name = match holds(*status) {
                        true => format!("{topic} in place of {}", group.stands_for.join(", ")),
                        false => format!("{topic} (or {} must pass)", checks.join(" or ")),
                    };
                    self.topics.push((name, *status));
                }
                return;
            }
        };
        self.checks
            .push((format!("one of {}", members(group)), status));
        // That something does not operate counts, whatever else passes.
        for (topic, status) in &group.attestations {
            if *status == AttestationStatus::Negative {
                self.topics.push((topic.clone(), *status));
            }
        }
    }
}

/// What the criterion asks people for, and what they attest for it beyond that. A topic that a group offers stands there.
fn attested(criterion: &Criterion, attestations: &People, groups: &[Group]) -> Vec<Attested> {
    let alone = |topic: &str| {
        groups
            .iter()
            .all(|group| !group.attestations.contains_key(topic))
    };
    let asked = criterion.attestation_topics.iter();
    let asked = asked.filter(|topic| alone(topic)).map(|topic| Attested {
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
            *id == criterion.id && !criterion.attestation_topics.contains(topic) && alone(topic)
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
        _ => attested.is_asked(),
    }
}

fn why(
    status: ControlStatus,
    criterion: &Criterion,
    scope: &Scope,
    evidence: &Evidence,
    elsewhere: usize,
) -> String {
    let Evidence { checks, topics, .. } = evidence;
    let mut parts = match status {
        ControlStatus::OutOfScope => {
            return format!("the category {} is not in scope", criterion.category);
        }
        ControlStatus::NotApplicable => {
            let declared = scope.why(criterion).unwrap_or_default();
            let mut parts = vec![format!("declared not applicable: {declared}")];
            // What the decision leaves aside is not hidden.
            parts.extend(shares(checks, &[CheckStatus::Fail]));
            return parts.join("; ");
        }
        ControlStatus::Gap => {
            let mut parts = shares(checks, &[CheckStatus::Fail]);
            let negative = those(topics, |status| status == AttestationStatus::Negative);
            if !negative.is_empty() {
                parts.push(format!(
                    "a person attests that it does not operate: {negative}"
                ));
            }
            parts
        }
        ControlStatus::Unknown => shares(checks, &[CheckStatus::Unknown, CheckStatus::NotRun]),
        ControlStatus::ManualRequired
        | ControlStatus::PartiallyEvidenced
        | ControlStatus::MetWithExceptions
        | ControlStatus::Attested
        | ControlStatus::Met => {
            let mut parts = shares(
                checks,
                &[
                    CheckStatus::Pass,
                    CheckStatus::PassWithWaiver,
                    CheckStatus::NotApplicable,
                ],
            );
            if parts.is_empty() && status != ControlStatus::Attested {
                parts.push("no check shows it".to_owned());
            }
            let valid = those(topics, holds);
            if !valid.is_empty() {
                parts.push(format!("attested: {valid}"));
            }
            let open = those(topics, |status| !holds(status));
            if !open.is_empty() {
                parts.push(format!("a person must attest {open}"));
            }
            parts
        }
    };
    parts.extend(evidence.made_up.iter().cloned());
    if elsewhere > 0 {
        parts.push(format!(
            "left out, since nothing that was scanned can show them: {elsewhere} of the required checks"
        ));
    }
    parts.join("; ")
}

/// `2 of 5 required checks fail: a, b`, for each of the statuses that is there. Names only what is not well.
fn shares(required: &[(String, CheckStatus)], statuses: &[CheckStatus]) -> Vec<String> {
    let mut parts = Vec::new();
    for &status in statuses {
        let ids: Vec<_> = required
            .iter()
            .filter(|(_, found)| *found == status)
            .map(|(name, _)| name.as_str())
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

/// The topics whose status is as asked.
fn those(topics: &[(String, AttestationStatus)], wanted: fn(AttestationStatus) -> bool) -> String {
    topics
        .iter()
        .filter(|(_, status)| wanted(*status))
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// A topic, with the status where it is not plain from the sentence.
fn named(topic: &str, status: AttestationStatus) -> String {
    match status {
        AttestationStatus::Expired => format!("{topic} (expired)"),
        AttestationStatus::Invalid => format!("{topic} (invalid)"),
        AttestationStatus::Expiring => format!("{topic} (expires soon)"),
        AttestationStatus::Valid
        | AttestationStatus::Negative
        | AttestationStatus::Missing
        | AttestationStatus::NotApplicable => topic.to_owned(),
    }
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
