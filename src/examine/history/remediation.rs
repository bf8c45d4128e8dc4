//! How long what failed went on failing: from the first scan that found it to the first that did not.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::seconds;
use crate::examine::pairs::{Key, Lookup, Places};
use crate::model::{Outcome, Report, Severity, Subject};

/// A failure of a rule on a resource, from the first scan that found it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Remediation {
    pub rule: String,
    pub severity: Severity,
    /// Absent where it is the want of any resource that fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Subject>,
    /// The first scan that found it.
    pub found: Timestamp,
    /// Whether no scan before could tell: it may be older.
    pub from_the_start: bool,
    /// The first scan after that it did not fail in; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<Ended>,
    /// The last scan that found it.
    pub last: Timestamp,
    /// From the first that found it to its end; to the last that found it while it is open.
    pub seconds: i64,
    /// The scans that found it.
    pub scans: usize,
    /// The last waiver over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
}

/// What ended a failure. That it was not looked at, or could not be decided, ends none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Fixed,
    NoLongerApplies,
    Disappeared,
}

impl Ended {
    pub fn as_str(self) -> &'static str {
        match self {
            Ended::Fixed => "fixed",
            Ended::NoLongerApplies => "no_longer_applies",
            Ended::Disappeared => "disappeared",
        }
    }
}

/// How long the failures of a severity lasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    pub severity: Severity,
    pub ended: usize,
    pub open: usize,
    /// Of those that ended: half took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_seconds: Option<i64>,
}

/// Every failure in these reports, which are in the order of their time.
pub fn remediation(reports: &[&Report]) -> (Vec<Remediation>, Vec<Times>) {
    let mut open: BTreeMap<Key, (Remediation, Places)> = BTreeMap::new();
    let mut all = Vec::new();
    let mut earlier: Vec<Lookup> = Vec::new();
    for report in reports {
        let now = Lookup::new(report);
        let mut ended = Vec::new();
        for (key, (failure, places)) in &mut open {
            let looked = || match &failure.resource {
                Some(subject) => now.looked(&failure.rule, subject),
                None => now.looked_in(&failure.rule, places),
            };
            let how = match now.outcome(*key) {
                Some(Outcome::Fail | Outcome::Unknown) => continue,
                Some(Outcome::Pass) => Ended::Fixed,
                Some(Outcome::NotApplicable) => Ended::NoLongerApplies,
                None if !looked() => continue,
                None if failure.resource.is_none() => Ended::Fixed,
                None => Ended::Disappeared,
            };
            failure.ended = Some(report.taken_at);
            failure.seconds = seconds(failure.found, report.taken_at);
            failure.how = Some(how);
            ended.push(*key);
        }
        let ended = ended.iter().filter_map(|key| open.remove(key));
        all.extend(ended.map(|(failure, _)| failure));
        for (key, entry) in now.failing() {
            let (failure, places) = open.entry(key).or_insert_with(|| {
                let told = |scan: &Lookup| {
                    scan.looked_for(entry, &now) && scan.outcome(key) != Some(Outcome::Unknown)
                };
                let failure = Remediation {
                    rule: entry.rule.to_owned(),
                    severity: entry.severity,
                    resource: entry.subject().cloned(),
                    found: report.taken_at,
                    from_the_start: !earlier.iter().any(told),
                    ended: None,
                    how: None,
                    last: report.taken_at,
                    seconds: 0,
                    scans: 0,
                    waiver: None,
                };
                (failure, Places::new())
            });
            if entry.finding.is_none() {
                places.extend(now.places(entry.rule));
            }
            failure.severity = entry.severity;
            failure.last = report.taken_at;
            failure.seconds = seconds(failure.found, report.taken_at);
            failure.scans += 1;
            if let Some(waiver) = entry.waiver {
                failure.waiver = Some(waiver.to_owned());
            }
        }
        earlier.push(now);
    }
    all.extend(open.into_values().map(|(failure, _)| failure));
    all.sort_by(|a, b| {
        let key = |failure: &Remediation| (Reverse(failure.severity), failure.ended.is_some());
        let name = |failure: &Remediation| (failure.rule.clone(), failure.resource.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| name(a).cmp(&name(b)))
            .then_with(|| a.found.cmp(&b.found))
    });
    let times = times(&all);
    (all, times)
}

fn times(all: &[Remediation]) -> Vec<Times> {
    let severities = Severity::ALL.into_iter().rev();
    let times = severities.filter_map(|severity| {
        let mine: Vec<_> = all
            .iter()
            .filter(|failure| failure.severity == severity)
            .collect();
        let mut took: Vec<i64> = mine
            .iter()
            .filter(|failure| failure.ended.is_some())
            .map(|failure| failure.seconds)
            .collect();
        took.sort_unstable();
        (!mine.is_empty()).then(|| Times {
            severity,
            ended: took.len(),
            open: mine.len() - took.len(),
            median_seconds: took.get(took.len().saturating_sub(1) / 2).copied(),
            longest_seconds: took.last().copied(),
        })
    });
    times.collect()
}
