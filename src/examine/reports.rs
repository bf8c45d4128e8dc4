//! What changed from one report to another.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::checks::checks;
use super::diff::{
    ControlChange, Counted, CoverageChange, Diff, Direction, FindingChange, Of, PathChange,
    ResourceChange, ResourceFate, Side, Standing, StateChange, Totals,
};
use super::pairs::{Entry, Lookup, Name, name, pairs};
use crate::model::{ControlStatus, Coverage, Finding, Kind, Outcome, Report, Scope, Target};

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
                .any(|finding| other.looked(&finding.rule, &finding.resource));
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
