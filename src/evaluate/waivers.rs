//! Waivers over findings: which failure somebody answers for, and what came of every waiver. No outcome ever changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::attestations::SOON;
use super::status::{Verdict, check_status};
use crate::model::{
    CheckCoverage, CheckStatus, Finding, Kind, Outcome, ResourceId, Scope, Snapshot, WaiverReport,
    WaiverState,
};
use crate::register::{Waiver, Waivers};

/// The most values and checks that a note names.
const NAMED: usize = 3;

/// What a waiver is measured against.
pub struct Against<'a> {
    pub snapshot: &'a Snapshot,
    /// How much of what a check is about was read; nothing of a check that was not run.
    pub coverage: &'a dyn Fn(&str) -> CheckCoverage,
}

/// Writes to each failing finding the waiver that applies, or the one that would had it not expired, and says what came
/// of every waiver, sorted by id.
pub fn apply(findings: &mut [Finding], waivers: &Waivers, against: &Against) -> Vec<WaiverReport> {
    let mut standing: Vec<Standing> = waivers.entries.iter().map(Standing::new).collect();
    // Specific beats broad; of equals, the first by id.
    standing.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut by_check: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, found) in standing.iter().enumerate() {
        by_check
            .entry(found.waiver.check.clone())
            .or_default()
            .push(index);
    }

    let tags = Tags::new(against.snapshot, &waivers.entries);
    let all: &[Finding] = findings;
    let mut compensation = Compensation {
        findings: all,
        against,
        known: BTreeMap::new(),
    };
    let mut decided: Vec<(usize, Decision)> = Vec::new();
    for (at, finding) in all.iter().enumerate() {
        let mut decision = Decision::default();
        for index in by_check.get(&finding.rule).into_iter().flatten() {
            if let Some(found) = standing.get_mut(*index)
                && found.matches(finding, &tags)
            {
                found.take(finding, &mut decision, &mut compensation);
            }
        }
        if decision.waived.is_some() || decision.expired.is_some() {
            decided.push((at, decision));
        }
    }
    for (at, decision) in decided {
        if let Some(finding) = findings.get_mut(at) {
            finding.waiver_expired = decision.expired.filter(|_| decision.waived.is_none());
            if let Some(id) = &finding.waiver_expired
                && let Some(found) = standing.iter_mut().find(|found| found.waiver.id == *id)
            {
                found.again += 1;
            }
            finding.waiver = decision.waived;
        }
    }
    let taken_at = against.snapshot.taken_at;
    let mut reports: Vec<_> = standing
        .iter()
        .map(|found| found.report(taken_at))
        .collect();
    reports.extend(waivers.invalid.iter().cloned());
    reports.sort_by(|a, b| (&a.id, &a.check, &a.note).cmp(&(&b.id, &b.check, &b.note)));
    reports
}

/// What waivers say of one finding.
#[derive(Default)]
struct Decision {
    waived: Option<String>,
    expired: Option<String>,
}

/// A waiver and what it met.
struct Standing<'a> {
    waiver: &'a Waiver,
    /// Failing findings that it means.
    matched: usize,
    applied: usize,
    /// Failing findings that a more specific waiver took.
    taken: usize,
    changed: usize,
    /// The values that were found where others were approved.
    found: BTreeSet<String>,
    /// The checks that are to make up for a failure and do not pass.
    uncompensated: BTreeSet<&'a str>,
    /// Failing findings that it would waive had it not expired, and that nothing else does.
    again: usize,
    /// Findings that it means and that do not fail.
    passing: usize,
    unknown: usize,
}

impl<'a> Standing<'a> {
    fn new(waiver: &'a Waiver) -> Self {
        Self {
            waiver,
            matched: 0,
            applied: 0,
            taken: 0,
            changed: 0,
            found: BTreeSet::new(),
            uncompensated: BTreeSet::new(),
            again: 0,
            passing: 0,
            unknown: 0,
        }
    }

    fn rank(&self) -> (std::cmp::Reverse<(usize, usize)>, &str) {
        let specificity = self.waiver.selectors.specificity();
        (std::cmp::Reverse(specificity), &self.waiver.id)
    }

    fn matches(&self, finding: &Finding, tags: &Tags) -> bool {
        let subject = &finding.resource;
        self.waiver
            .selectors
            .match_resource(&subject.scope, subject.id.as_str(), || {
                tags.of(&subject.kind, &subject.id, &subject.scope)
            })
    }

    /// Takes note of a finding that is meant, and decides on it if nothing did before.
    fn take(
        &mut self,
        finding: &Finding,
        decision: &mut Decision,
        compensation: &mut Compensation,
    ) {
        match finding.outcome {
            Outcome::Fail => self.matched += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Pass | Outcome::NotApplicable => self.passing += 1,
        }
        if finding.outcome != Outcome::Fail {
            return;
        }
        let waiver = self.waiver;
        let taken_at = compensation.against.snapshot.taken_at;
        if taken_at < waiver.start() {
            return;
        }
        let other = other_values(&waiver.observed, finding);
        if !other.is_empty() {
            self.changed += 1;
            self.found.extend(other);
            return;
        }
        if taken_at >= waiver.expires.end {
            decision.expired.get_or_insert_with(|| waiver.id.clone());
            return;
        }
        let checks = waiver.compensating_control.iter();
        let checks = checks.flat_map(|control| &control.checks);
        let broken: Vec<_> = checks
            .filter(|check| !compensation.passes(check, &finding.resource.scope))
            .collect();
        if !broken.is_empty() {
            self.uncompensated
                .extend(broken.into_iter().map(String::as_str));
        } else if decision.waived.is_some() {
            self.taken += 1;
        } else {
            decision.waived = Some(waiver.id.clone());
            self.applied += 1;
        }
    }

    fn report(&self, taken_at: Timestamp) -> WaiverReport {
        let end = self.waiver.expires.end;
        let mut notes = Vec::new();
        let state = if taken_at >= end {
            if self.again > 0 {
                notes.push(count(self.again, "finding fails again"));
            }
            WaiverState::Expired
        } else if taken_at < self.waiver.start() {
            notes.push("it holds only later than the scan".to_owned());
            WaiverState::Pending
        } else if self.changed > 0 {
            notes.push(format!(
                "{}: {}",
                count(self.changed, "finding has another value than approved"),
                some(&self.found)
            ));
            WaiverState::LapsedByObservedChange
        } else if !self.uncompensated.is_empty() {
            notes.push(format!(
                "what is to make up for the failure does not pass: {}",
                some(&self.uncompensated)
            ));
            WaiverState::LapsedByCompensatingControl
        } else if self.applied == 0 {
            notes.push(self.unused());
            WaiverState::Unused
        } else if end.duration_since(taken_at) <= SOON {
            WaiverState::Expiring
        } else {
            WaiverState::Applied
        };
        WaiverReport {
            state,
            matched: self.matched,
            applied: self.applied,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
            ..self.waiver.report()
        }
    }

    fn unused(&self) -> String {
        if self.taken > 0 {
            "a more specific waiver applies to all that it means".to_owned()
        } else if self.unknown > 0 {
            format!(
                "{}: what is unknown cannot be waived",
                count(self.unknown, "finding that it means is unknown")
            )
        } else if self.passing > 0 {
            "nothing that it means fails any more".to_owned()
        } else {
            "it means no resource of this scan".to_owned()
        }
    }
}

fn count(count: usize, what: &str) -> String {
    let (noun, rest) = what.split_once(' ').unwrap_or((what, ""));
    if count == 1 {
        format!("1 {noun} {rest}")
    } else {
        let rest = rest
            .replacen("fails", "fail", 1)
            .replacen("has", "have", 1)
            .replacen("means is", "means are", 1);
        format!("{count} {noun}s {rest}")
    }
}

/// `replicas = 1`: the values that the finding rests on and that are not those approved. A value that is not in its
/// evidence is another one.
fn other_values(observed: &BTreeMap<String, Value>, finding: &Finding) -> Vec<String> {
    let values = observed
        .iter()
        .filter_map(|(fact, approved)| match finding.evidence.get(fact) {
            Some(found) if is_same(approved, found) => None,
            Some(found) => Some(format!("{fact} = {found}")),
            None => Some(format!("{fact} is not in the evidence")),
        });
    values.collect()
}

/// The first few, and how many more.
fn some(items: &BTreeSet<impl AsRef<str>>) -> String {
    let mut some: Vec<_> = items.iter().map(AsRef::as_ref).take(NAMED).collect();
    let more = items.len().saturating_sub(NAMED).to_string();
    let more = format!("{more} more");
    if items.len() > NAMED {
        some.push(&more);
    }
    some.join(", ")
}

/// Equal as JSON, but `1` is `1.0`.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| is_same(x, y))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, x)| y.get(key).is_some_and(|y| is_same(x, y)))
        }
        _ => a == b,
    }
}

/// Whether checks pass by themselves, without any waiver, where a waived resource is.
struct Compensation<'a> {
    findings: &'a [Finding],
    against: &'a Against<'a>,
    known: BTreeMap<(String, Scope), bool>,
}

impl Compensation<'_> {
    fn passes(&mut self, check: &str, scope: &Scope) -> bool {
        let key = (check.to_owned(), scope.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        // A check of another platform cannot be in the same scope: all of it has to pass.
        let verdicts = self
            .findings
            .iter()
            .filter(|finding| finding.rule == check)
            .filter(|finding| {
                let theirs = &finding.resource.scope;
                theirs.platform() != scope.platform() || scope.meets(theirs)
            })
            .map(|finding| Verdict {
                outcome: finding.outcome,
                waived: false,
            });
        let coverage = (self.against.coverage)(check);
        let status = check_status(verdicts, coverage, Outcome::NotApplicable);
        let passes = status == CheckStatus::Pass;
        self.known.insert(key, passes);
        passes
    }
}

/// Tags and labels of resources, kept only where a waiver selects by them.
struct Tags<'a>(BTreeMap<(&'a Kind, &'a ResourceId, &'a Scope), &'a Value>);

impl<'a> Tags<'a> {
    fn new(snapshot: &'a Snapshot, waivers: &[Waiver]) -> Self {
        let asked = waivers
            .iter()
            .any(|waiver| !waiver.selectors.tags.is_empty());
        let resources = snapshot.resources.iter().filter(|_| asked);
        Self(
            resources
                .map(|found| ((&found.kind, &found.id, &found.scope), &found.document))
                .collect(),
        )
    }

    /// Absent where they are not in the document, or were not read.
    fn of(&self, kind: &Kind, id: &ResourceId, scope: &Scope) -> Option<BTreeMap<String, String>> {
        let document = self.0.get(&(kind, id, scope))?;
        let places = ["/metadata/labels", "/Tags", "/TagList", "/tags"];
        let tags = places
            .iter()
            .find_map(|place| document.pointer(place).filter(|tags| !tags.is_null()))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match tags {
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| Some((key.clone(), text(value)?)))
                .collect(),
            Value::Array(entries) => entries
                .iter()
                .map(|entry| {
                    let part =
                        |names: [&str; 3]| names.iter().find_map(|name| text(entry.get(name)?));
                    let key = part(["Key", "key", "TagKey"])?;
                    Some((
                        key,
                        part(["Value", "value", "TagValue"]).unwrap_or_default(),
                    ))
                })
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
