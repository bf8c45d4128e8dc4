//! What two reports say of the same thing, side by side: a rule and a resource, whatever line it is written on.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    CheckReport, CheckStatus, Coverage, Finding, Kind, Outcome, Report, ResourceId, Scope,
    Severity, Subject, Transition,
};

/// The name of a resource from report to report, unique in each. Where it is written is no part of it.
pub type Name<'a> = (&'a Kind, &'a ResourceId, &'a Scope);

pub fn name(subject: &Subject) -> Name<'_> {
    (&subject.kind, &subject.id, &subject.scope)
}

/// What a report says of a rule and a resource, or of a rule that is open for want of any resource or of a whole list.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub rule: &'a str,
    pub severity: Severity,
    pub outcome: Outcome,
    pub waiver: Option<&'a str>,
    /// Absent where the check itself is open, and none of its findings is.
    pub finding: Option<&'a Finding>,
}

impl<'a> Entry<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: &finding.rule,
            severity: finding.severity,
            outcome: finding.outcome,
            waiver: finding.waiver.as_deref(),
            finding: Some(finding),
        }
    }

    fn of_check(check: &'a CheckReport, outcome: Outcome) -> Self {
        Self {
            rule: &check.rule,
            severity: check.severity,
            outcome,
            waiver: None,
            finding: None,
        }
    }

    pub fn subject(&self) -> Option<&'a Subject> {
        self.finding.map(|finding| &finding.resource)
    }

    pub fn is_open(&self) -> bool {
        self.fails() || self.outcome == Outcome::Unknown
    }

    fn fails(&self) -> bool {
        self.outcome == Outcome::Fail && self.waiver.is_none()
    }
}

/// What two reports say of one thing; at least one of them says something.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    pub before: Option<Entry<'a>>,
    pub after: Option<Entry<'a>>,
    /// Absent where nothing changed, or nothing that is or was open.
    pub transition: Option<Transition>,
}

/// What was asked for, and where.
pub type Places<'a> = BTreeSet<(&'a Kind, &'a Scope)>;

/// A rule, and the resource unless the check is open by itself.
pub type Key<'a> = (&'a str, Option<Name<'a>>);

/// A report, with what is looked up in it.
pub struct Lookup<'a> {
    pub report: &'a Report,
    /// The rules that were run, each with the kinds that it is about.
    ran: BTreeMap<&'a str, &'a [Kind]>,
    /// The accounts and clusters in which a check is open by itself.
    alone: BTreeMap<&'a str, BTreeSet<&'a str>>,
    entries: BTreeMap<Key<'a>, Entry<'a>>,
}

impl<'a> Lookup<'a> {
    pub fn new(report: &'a Report) -> Self {
        let checks = report.checks.iter();
        let ran = checks
            .filter(|check| check.status != CheckStatus::NotRun)
            .map(|check| (check.rule.as_str(), check.resource.as_slice()));
        let mut lookup = Self {
            report,
            ran: ran.collect(),
            alone: BTreeMap::new(),
            entries: BTreeMap::new(),
        };
        for finding in &report.findings {
            let key = (finding.rule.as_str(), Some(name(&finding.resource)));
            lookup.entries.insert(key, Entry::of(finding));
        }
        for check in &report.checks {
            if let Some(open) = report.open_by_itself(check) {
                let rule = check.rule.as_str();
                let entry = Entry::of_check(check, open.outcome);
                lookup.entries.insert((rule, None), entry);
                let mut owners: BTreeSet<&str> = open.owners.into_iter().collect();
                if owners.is_empty() {
                    let places = lookup.places(rule).into_iter();
                    owners.extend(places.map(|(_, scope)| scope.owner()));
                }
                lookup.alone.insert(rule, owners);
            }
        }
        lookup
    }

    /// Whether a check is open by itself in an account or a cluster in which it was not so before.
    fn spreads(&self, rule: &str, before: &Lookup) -> bool {
        let (old, now) = (before.alone.get(rule), self.alone.get(rule));
        old.zip(now).is_some_and(|(old, now)| !now.is_subset(old))
    }

    /// Whether a rule would have spoken of the resource if it were there.
    pub fn looked(&self, rule: &str, subject: &Subject) -> bool {
        self.ran.contains_key(rule) && saw(&self.report.coverage, &subject.kind, &subject.scope)
    }

    /// Where a rule looked for what it is about, whether all of it could be read or not.
    pub fn places(&self, rule: &str) -> Places<'a> {
        let kinds = self.ran.get(rule).copied().unwrap_or_default();
        let rows = self.report.coverage.iter();
        rows.filter(|row| kinds.contains(&row.kind))
            .map(|row| (&row.kind, &row.scope))
            .collect()
    }

    /// Whether a rule was run, and looked in all of these places.
    pub fn looked_in(&self, rule: &str, places: &Places) -> bool {
        self.ran.contains_key(rule) && places.is_subset(&self.places(rule))
    }

    /// Whether a rule would have spoken of what the other says: of the resource, or, where there is none, of every place
    /// that the other looked in.
    pub fn looked_for(&self, entry: Entry, other: &Lookup) -> bool {
        match entry.subject() {
            Some(subject) => self.looked(entry.rule, subject),
            None => self.looked_in(entry.rule, &other.places(entry.rule)),
        }
    }

    /// Everything that fails, under a waiver or not.
    pub fn failing(&self) -> impl Iterator<Item = (Key<'a>, Entry<'a>)> {
        let entries = self.entries.iter();
        entries
            .filter(|(_, entry)| entry.outcome == Outcome::Fail)
            .map(|(key, entry)| (*key, *entry))
    }

    /// What the report says of something.
    pub fn outcome(&self, key: Key<'a>) -> Option<Outcome> {
        self.entries.get(&key).map(|entry| entry.outcome)
    }
}

/// Whether a resource of the kind in the scope would have been seen if there were one.
pub fn saw(coverage: &[Coverage], kind: &Kind, scope: &Scope) -> bool {
    let rows = coverage.iter();
    let mut rows = rows
        .filter(|row| row.kind == *kind && row.scope.meets(scope))
        .peekable();
    rows.peek().is_some() && rows.all(Coverage::is_complete)
}

/// Everything that either report says, sorted by rule and resource.
pub fn pairs<'a>(before: &Lookup<'a>, after: &Lookup<'a>) -> Vec<Pair<'a>> {
    let keys: BTreeSet<_> = before.entries.keys().chain(after.entries.keys()).collect();
    let pairs = keys.into_iter().map(|key| {
        let (old, now) = (before.entries.get(key), after.entries.get(key));
        let (old, now) = (old.copied(), now.copied());
        // What was open elsewhere says nothing of what is open now.
        let known = old.filter(|old| old.finding.is_some() || !after.spreads(old.rule, before));
        Pair {
            before: old,
            after: now,
            transition: transition(known, now, before, after),
        }
    });
    pairs.collect()
}

fn transition(
    old: Option<Entry>,
    now: Option<Entry>,
    before: &Lookup,
    after: &Lookup,
) -> Option<Transition> {
    match (old, now) {
        (Some(old), Some(now)) => both(old, now),
        (None, Some(now)) if !matters(now) => None,
        (None, Some(now)) if !before.looked_for(now, after) => Some(Transition::NewlyChecked),
        // That nothing exists, or a list is not whole, is a change of what was there before.
        (None, Some(now)) if now.finding.is_none() => Some(match now.outcome {
            Outcome::Unknown => Transition::BecameUnknown,
            _ => Transition::Regressed,
        }),
        (None, Some(now)) if now.waiver.is_some() => Some(Transition::Waived),
        (None, Some(_)) => Some(Transition::New),
        (Some(old), None) if !matters(old) => None,
        (Some(old), None) if !after.looked_for(old, before) => Some(Transition::NotChecked),
        (Some(old), None) if old.finding.is_none() => Some(match old.outcome {
            Outcome::Unknown => Transition::BecameKnown,
            _ => Transition::Fixed,
        }),
        (Some(_), None) => Some(Transition::Disappeared),
        (None, None) => None,
    }
}

fn both(old: Entry, now: Entry) -> Option<Transition> {
    match now.outcome {
        Outcome::Fail if now.waiver.is_some() => old.waiver.is_none().then_some(Transition::Waived),
        Outcome::Fail if old.fails() => match now.severity.cmp(&old.severity) {
            std::cmp::Ordering::Greater => Some(Transition::SeverityRose),
            std::cmp::Ordering::Less => Some(Transition::SeverityFell),
            std::cmp::Ordering::Equal => None,
        },
        Outcome::Fail => Some(match old.outcome {
            Outcome::Fail => Transition::WaiverEnded,
            Outcome::Unknown => Transition::Revealed,
            Outcome::Pass | Outcome::NotApplicable => Transition::Regressed,
        }),
        Outcome::Unknown => (old.outcome != Outcome::Unknown).then_some(Transition::BecameUnknown),
        Outcome::Pass | Outcome::NotApplicable => match (old.outcome, now.outcome) {
            (Outcome::Fail, Outcome::Pass) => Some(Transition::Fixed),
            (Outcome::Fail, _) => Some(Transition::NoLongerApplies),
            (Outcome::Unknown, _) => Some(Transition::BecameKnown),
            _ => None,
        },
    }
}

/// Whether it is open, or would be without a waiver.
fn matters(entry: Entry) -> bool {
    matches!(entry.outcome, Outcome::Fail | Outcome::Unknown)
}
