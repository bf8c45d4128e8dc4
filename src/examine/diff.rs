//! What changed from one report or snapshot to another, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::pairs::{Entry, Lookup, Name, name, pairs};
use crate::model::{
    AttestationStatus, Bearing, CheckReport, CheckStatus, ControlStatus, Coverage, Finding, Kind,
    Outcome, Report, Scope, Seen, Severity, Subject, Target, Tool, Transition, WaiverState,
};

/// What changed. Lists are sorted; of reports the findings, of snapshots the documents are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// Always `soc2scan.diff/v1`.
    pub schema: String,
    pub of: Of,
    pub before: Side,
    pub after: Side,
    /// What to know before reading on: other targets, other rules, another order.
    pub warnings: Vec<String>,
    pub totals: Totals,
    /// Criteria whose status changed, in the standard's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlChange>,
    /// Worse first, then by rule and resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<CoverageChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<StateChange<WaiverState>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<StateChange<AttestationStatus>>,
}

impl Diff {
    pub const SCHEMA: &str = "soc2scan.diff/v1";

    /// Whether nothing changed that the diff speaks of.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty()
            && self.findings.is_empty()
            && self.resources.is_empty()
            && self.checks.is_empty()
            && self.coverage.is_empty()
            && self.waivers.is_empty()
            && self.attestations.is_empty()
    }

    /// Whether something fails without a waiver that did not, or not as badly.
    pub fn has_new_gap(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|change| {
            change.transition.is_new()
                && change
                    .after
                    .as_ref()
                    .is_some_and(|state| state.outcome == Outcome::Fail && state.waiver.is_none())
        })
    }

    /// Whether something was known, or could be read, and is not any more.
    pub fn has_new_unknown(&self) -> bool {
        let mut findings = self.findings.iter();
        let mut rows = self.coverage.iter();
        findings.any(|change| {
            change.transition == Transition::NotChecked
                || change.transition.is_new()
                    && change
                        .after
                        .as_ref()
                        .is_some_and(|state| state.outcome == Outcome::Unknown)
        }) || rows.any(|row| {
            !matches!(row.before, Some(Seen::Unread(_)))
                && matches!(row.after, None | Some(Seen::Unread(_)))
        })
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    Reports,
    Snapshots,
}

/// One of the two that are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    pub taken_at: Timestamp,
    pub tool: Tool,
    pub targets: Vec<Target>,
    /// SHA-256 of the snapshot as JSON lines.
    pub snapshot: String,
    /// SHA-256 of the rules; absent of a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<String>,
}

/// The headline in counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Findings by what happened to them, where any did.
    pub findings: BTreeMap<Transition, usize>,
    pub failing: Counted,
    pub unknown: Counted,
    pub resources: BTreeMap<ResourceFate, usize>,
}

/// How many there were and are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub before: usize,
    pub after: usize,
}

/// A criterion whose status changed, and why it is as it is on either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlChange {
    pub id: String,
    pub title: String,
    pub direction: Direction,
    pub before: ControlStatus,
    pub after: ControlStatus,
    pub why_before: String,
    pub why_after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Worse,
    Better,
    /// Neither: into scope or out of it, or from a gap to what nobody knows.
    Other,
}

/// What a rule says of a resource in one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub outcome: Outcome,
    pub severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
}

/// What happened to what a rule says of a resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingChange {
    pub transition: Transition,
    pub rule: String,
    pub title: String,
    /// As it is now, or was last.
    pub severity: Severity,
    /// Absent where a check is open by itself: nothing exists, or a list is not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Standing>,
    /// The facts whose values differ, where both reports have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<PathChange>,
}

/// A value at a path, before and after; absent on a side where there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathChange {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What became of a resource that a check judged, or that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceChange {
    pub fate: ResourceFate,
    pub resource: Subject,
    /// How many of its rules are open: on the side on which it is.
    #[serde(skip_serializing_if = "is_zero")]
    pub open: usize,
    /// What changed in its document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathChange>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceFate {
    Appeared,
    Disappeared,
    /// Its document changed.
    Changed,
    /// It is there now, and nobody looked before.
    NewlySeen,
    /// It was there, and nobody looked now.
    NotSeen,
}

impl ResourceFate {
    pub fn as_str(self) -> &'static str {
        match self {
            ResourceFate::Appeared => "appeared",
            ResourceFate::Disappeared => "disappeared",
            ResourceFate::Changed => "changed",
            ResourceFate::NewlySeen => "newly_seen",
            ResourceFate::NotSeen => "not_seen",
        }
    }
}

/// A rule that is new, gone or different, or whose status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    pub rule: String,
    pub title: String,
    /// Absent where the rulebook did not have the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<CheckStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<CheckStatus>,
    /// What is different about the rule itself: `severity low, now high`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// A list that could be read on one side only, or was asked for on one side only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageChange {
    pub kind: Kind,
    pub scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Seen>,
}

/// A waiver or an attestation that is new, gone or in another state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateChange<T> {
    pub id: String,
    /// The rule of a waiver, the topic of an attestation.
    pub about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<T>,
}

/// What changed from one report to another.
pub fn diff(before: &Report, after: &Report) -> Diff {
    let (old, now) = (Lookup::new(before), Lookup::new(after));
    let findings = findings(&old, &now);
    let resources = resources(&old, &now);
    let mut totals = Totals {
        failing: Counted {
            before: failing(before),
            after: failing(after),
        },
        unknown: Counted {
            before: before.summary.findings.unknown,
            after: after.summary.findings.unknown,
        },
        ..Totals::default()
    };
    for change in &findings {
        *totals.findings.entry(change.transition).or_default() += 1;
    }
    for change in &resources {
        *totals.resources.entry(change.fate).or_default() += 1;
    }
    Diff {
        schema: Diff::SCHEMA.to_owned(),
        of: Of::Reports,
        before: side(before),
        after: side(after),
        warnings: warnings(before, after),
        totals,
        controls: controls(before, after),
        findings,
        resources,
        checks: checks(before, after),
        coverage: coverage(&before.coverage, &after.coverage),
        waivers: states(
            before
                .waivers
                .iter()
                .map(|w| (w.id.as_str(), w.check.as_str(), w.state)),
            after
                .waivers
                .iter()
                .map(|w| (w.id.as_str(), w.check.as_str(), w.state)),
        ),
        attestations: states(
            before
                .attestations
                .iter()
                .map(|a| (a.id.as_str(), a.topic.as_str(), a.state)),
            after
                .attestations
                .iter()
                .map(|a| (a.id.as_str(), a.topic.as_str(), a.state)),
        ),
    }
}

fn side(report: &Report) -> Side {
    Side {
        taken_at: report.taken_at,
        tool: report.tool.clone(),
        targets: report.targets.clone(),
        snapshot: report.digests.snapshot.clone(),
        rulebook: Some(report.digests.rulebook.clone()),
    }
}

fn failing(report: &Report) -> usize {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.outcome == Outcome::Fail && finding.is_open())
        .count()
}

/// What makes two reports hard to compare.
pub fn warnings(before: &Report, after: &Report) -> Vec<String> {
    let mut warnings = scan_warnings(
        (before.taken_at, &before.targets, &before.digests.snapshot),
        (after.taken_at, &after.targets, &after.digests.snapshot),
    );
    if before.digests.rulebook != after.digests.rulebook {
        warnings.push(
            "the rules are not the same: a change may be theirs, not the configuration's"
                .to_owned(),
        );
    }
    if before.tool.version != after.tool.version {
        warnings.push(format!(
            "made by different versions of {}: {}, then {}",
            after.tool.name, before.tool.version, after.tool.version
        ));
    }
    if before.categories != after.categories {
        let names = |report: &Report| {
            let names: Vec<_> = report.categories.iter().map(|c| c.as_str()).collect();
            names.join(", ")
        };
        warnings.push(format!(
            "the categories in scope are not the same: {}; then {}",
            names(before),
            names(after)
        ));
    }
    warnings
}

/// What makes two scans hard to compare.
pub fn scan_warnings(
    before: (Timestamp, &[Target], &str),
    after: (Timestamp, &[Target], &str),
) -> Vec<String> {
    let mut warnings = Vec::new();
    if before.0 > after.0 {
        warnings.push("the first was taken after the second: this reads backwards".to_owned());
    }
    if before.0 == after.0 && before.2 == after.2 {
        warnings.push("both are of the same scan".to_owned());
    }
    let names = |targets: &[Target]| -> BTreeSet<String> {
        targets.iter().map(ToString::to_string).collect()
    };
    let (old, now) = (names(before.1), names(after.1));
    for (some, others, when) in [(&old, &now, "before"), (&now, &old, "after")] {
        let only: Vec<_> = some.difference(others).cloned().collect();
        if !only.is_empty() {
            warnings.push(format!("only {when}: {}", only.join(", ")));
        }
    }
    warnings
}

fn controls(before: &Report, after: &Report) -> Vec<ControlChange> {
    let old: BTreeMap<_, _> = before
        .controls
        .iter()
        .map(|control| (control.id.as_str(), control))
        .collect();
    let changed = after.controls.iter().filter_map(|now| {
        let old = old.get(now.id.as_str())?;
        (old.status != now.status).then(|| ControlChange {
            id: now.id.clone(),
            title: now.title.clone(),
            direction: direction(old.status, now.status),
            before: old.status,
            after: now.status,
            why_before: old.why.clone(),
            why_after: now.why.clone(),
        })
    });
    changed.collect()
}

fn direction(before: ControlStatus, after: ControlStatus) -> Direction {
    let aside = |status| status >= ControlStatus::NotApplicable;
    let lost = after == ControlStatus::Unknown && before == ControlStatus::Gap;
    if lost || aside(before) || aside(after) {
        Direction::Other
    } else if after < before {
        Direction::Worse
    } else {
        Direction::Better
    }
}

fn findings(old: &Lookup, now: &Lookup) -> Vec<FindingChange> {
    let titles: BTreeMap<_, _> = old
        .report
        .checks
        .iter()
        .chain(&now.report.checks)
        .map(|check| (check.rule.as_str(), check.title.as_str()))
        .collect();
    let mut changes: Vec<_> = pairs(old, now)
        .into_iter()
        .filter_map(|pair| {
            let last = pair.after.or(pair.before)?;
            Some(FindingChange {
                transition: pair.transition?,
                rule: last.rule.to_owned(),
                title: titles
                    .get(last.rule)
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                severity: last.severity,
                resource: last.subject().cloned(),
                before: pair.before.map(standing),
                after: pair.after.map(standing),
                facts: facts(
                    pair.before.and_then(|entry| entry.finding),
                    pair.after.and_then(|entry| entry.finding),
                ),
            })
        })
        .collect();
    // Stable: by rule and resource within a transition and a severity.
    changes.sort_by_key(|change| (change.transition, std::cmp::Reverse(change.severity)));
    changes
}

fn standing(entry: Entry) -> Standing {
    Standing {
        outcome: entry.outcome,
        severity: entry.severity,
        waiver: entry.waiver.map(str::to_owned),
    }
}

fn facts(before: Option<&Finding>, after: Option<&Finding>) -> Vec<PathChange> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let paths: BTreeSet<_> = before
        .evidence
        .keys()
        .chain(after.evidence.keys())
        .collect();
    let changes = paths.into_iter().filter_map(|path| {
        let (old, now) = (before.evidence.get(path), after.evidence.get(path));
        (old != now).then(|| PathChange {
            path: path.clone(),
            before: old.cloned(),
            after: now.cloned(),
        })
    });
    changes.collect()
}

fn resources(old: &Lookup, now: &Lookup) -> Vec<ResourceChange> {
    let (before, after) = (judged(old.report), judged(now.report));
    let mut changes = Vec::new();
    for (mine, others, other, came, unseen) in [
        (
            &after,
            &before,
            old,
            ResourceFate::Appeared,
            ResourceFate::NewlySeen,
        ),
        (
            &before,
            &after,
            now,
            ResourceFate::Disappeared,
            ResourceFate::NotSeen,
        ),
    ] {
        for (key, findings) in mine {
            let Some(first) = findings.first().filter(|_| !others.contains_key(key)) else {
                continue;
            };
            // The other side would have judged it.
            let looked = findings
                .iter()
                .any(|finding| other.looked(&finding.rule, Some(&finding.resource)));
            changes.push(ResourceChange {
                fate: if looked { came } else { unseen },
                resource: first.resource.clone(),
                open: findings.iter().filter(|finding| finding.is_open()).count(),
                paths: Vec::new(),
            });
        }
    }
    changes.sort_by(|a, b| (a.fate, name(&a.resource)).cmp(&(b.fate, name(&b.resource))));
    changes
}

fn judged(report: &Report) -> BTreeMap<Name<'_>, Vec<&Finding>> {
    let mut judged: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for finding in &report.findings {
        judged
            .entry(name(&finding.resource))
            .or_default()
            .push(finding);
    }
    judged
}

/// The rules whose status or form changed.
pub fn checks(before: &Report, after: &Report) -> Vec<CheckChange> {
    let by_rule = |report| -> BTreeMap<_, _> { checks_by_rule(report).collect() };
    let (old, now): (BTreeMap<_, _>, BTreeMap<_, _>) = (by_rule(before), by_rule(after));
    let rules: BTreeSet<_> = old.keys().chain(now.keys()).copied().collect();
    let changes = rules.into_iter().filter_map(|rule| {
        let (old, now) = (old.get(rule).copied(), now.get(rule).copied());
        let differs = old.zip(now).map(|(old, now)| differs(old, now));
        let change = CheckChange {
            rule: rule.to_owned(),
            title: now.or(old)?.title.clone(),
            before: old.map(|check| check.status),
            after: now.map(|check| check.status),
            differs: differs.unwrap_or_default(),
        };
        (change.before != change.after || !change.differs.is_empty()).then_some(change)
    });
    changes.collect()
}

fn checks_by_rule(report: &Report) -> impl Iterator<Item = (&str, &CheckReport)> {
    let checks = report.checks.iter();
    checks.map(|check| (check.rule.as_str(), check))
}

/// How a rule itself changed, in words.
fn differs(old: &CheckReport, now: &CheckReport) -> Vec<String> {
    let mut differs = Vec::new();
    if old.severity != now.severity {
        differs.push(format!("severity {}, now {}", old.severity, now.severity));
    }
    let params: BTreeSet<_> = old.params.keys().chain(now.params.keys()).collect();
    for param in params {
        let (old, now) = (old.params.get(param), now.params.get(param));
        if old != now {
            let shown = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
            differs.push(format!("{param} = {}, now {}", shown(old), shown(now)));
        }
    }
    let condition = |check: &CheckReport| {
        (
            check.assert.clone(),
            check.applies.clone(),
            check.variables.clone(),
        )
    };
    if condition(old) != condition(now) {
        differs.push("another condition".to_owned());
    }
    if (&old.any_of, &old.attestable) != (&now.any_of, &now.attestable) {
        differs.push("something else is enough in its place".to_owned());
    }
    for (bearing, old, now) in [
        (Bearing::Required, &old.required, &now.required),
        (Bearing::Supporting, &old.supporting, &now.supporting),
    ] {
        if old != now {
            let verb = match bearing {
                Bearing::Required => "required for",
                Bearing::Supporting => "supports",
            };
            let shown = |ids: &[String]| match ids {
                [] => "nothing".to_owned(),
                ids => ids.join(" "),
            };
            differs.push(format!("{verb} {}, now {}", shown(old), shown(now)));
        }
    }
    differs
}

/// The lists whose readability changed. How many a list holds is told by its resources.
pub fn coverage(before: &[Coverage], after: &[Coverage]) -> Vec<CoverageChange> {
    fn rows(coverage: &[Coverage]) -> BTreeMap<(&Kind, &Scope), &Coverage> {
        let rows = coverage.iter();
        rows.map(|row| ((&row.kind, &row.scope), row)).collect()
    }
    let (old, now) = (rows(before), rows(after));
    let keys: BTreeSet<_> = old.keys().chain(now.keys()).copied().collect();
    let changes = keys.into_iter().filter_map(|key| {
        let (old, now) = (old.get(&key), now.get(&key));
        let readable = |row: &&Coverage| row.is_complete();
        (old.map(readable) != now.map(readable)).then(|| CoverageChange {
            kind: key.0.clone(),
            scope: key.1.clone(),
            before: old.map(|row| row.seen.clone()),
            after: now.map(|row| row.seen.clone()),
        })
    });
    changes.collect()
}

fn states<'a, T: Copy + PartialEq>(
    before: impl Iterator<Item = (&'a str, &'a str, T)>,
    after: impl Iterator<Item = (&'a str, &'a str, T)>,
) -> Vec<StateChange<T>> {
    let mut all: BTreeMap<_, (Option<T>, Option<T>)> = BTreeMap::new();
    for (id, about, state) in before {
        all.entry((id, about)).or_default().0 = Some(state);
    }
    for (id, about, state) in after {
        all.entry((id, about)).or_default().1 = Some(state);
    }
    let changed = all.into_iter().filter(|(_, (old, now))| old != now);
    changed
        .map(|((id, about), (before, after))| StateChange {
            id: id.to_owned(),
            about: about.to_owned(),
            before,
            after,
        })
        .collect()
}
