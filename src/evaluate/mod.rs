//! Evaluation: a snapshot under a rulebook gives a report. Reads no clock, no environment, no file, and cannot fail.

mod attestations;
mod control;
mod group;
mod population;
mod scope;
pub mod status;
mod waivers;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use serde_json::Value;

use crate::expr::Related;
use crate::model::{
    AuditPeriod, Category, CheckCoverage, CheckReport, CheckStatus, Counts, Digests, Fact, Finding,
    Kind, NotRun, Outcome, Report, Resource, RuleBug, Scope, Snapshot, Subject, Variable, sha256,
};
use crate::register::{Attestations, ScopeDecision, Waivers};
use crate::rules::{Rule, Rulebook, WhenEmpty};
pub use attestations::Document;
use population::Population;
use status::{Verdict, check_status};

/// Both cores of a small machine. The verdicts do not depend on it.
const WORKERS: usize = 2;

/// How many verdicts a worker takes at a time.
const BATCH: usize = 64;

/// What is asked of an evaluation beside the rules themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The categories of the Trust Services Criteria in scope.
    pub categories: BTreeSet<Category>,
    /// What management declares not applicable.
    pub not_applicable: Vec<ScopeDecision>,
    /// The rules to run; absent means all. A rule that is left out leaves its controls unknown.
    pub selected: Option<BTreeSet<String>>,
    /// Failures that somebody answers for.
    pub waivers: Waivers,
    /// What people attest. A topic that is not here is missing.
    pub attestations: Attestations,
    /// The files that attestations rest on, by path as written.
    pub documents: BTreeMap<String, Document>,
    /// The days that an audit is about.
    pub audit_period: Option<AuditPeriod>,
}

/// What follows from a snapshot under a rulebook.
pub fn evaluate(snapshot: &Snapshot, rulebook: &Rulebook, options: &Options) -> Report {
    let population = Population::new(snapshot);
    let (mut findings, mut rule_bugs) = judge_all(&population, snapshot, rulebook, options);
    rule_bugs.sort();
    let coverage = |id: &str| {
        let rule = rulebook.get(id);
        rule.filter(|rule| not_run(rule, options, &population).is_none())
            .map_or(CheckCoverage::None, |rule| {
                population.coverage(&rule.resource)
            })
    };
    let waivers = waivers::apply(
        &mut findings,
        &options.waivers,
        &waivers::Against {
            snapshot,
            coverage: &coverage,
        },
    );
    let (attestations, attested) = attestations::judge(
        &options.attestations,
        attestations::Against {
            taken_at: snapshot.taken_at,
            documents: &options.documents,
            audit_period: options.audit_period,
        },
    );

    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let checks: Vec<_> = rulebook
        .rules
        .iter()
        .map(|rule| {
            let findings = by_rule.get(rule.id.as_str()).map_or(&[][..], Vec::as_slice);
            let not_run = not_run(rule, options, &population);
            check(rule, findings, not_run, &population)
        })
        .collect();
    let (scope, not_applicable) = scope::Scope::new(options, snapshot.taken_at);
    let controls = control::controls(&checks, &scope, &attested);
    Report {
        schema: Report::SCHEMA.to_owned(),
        tool: snapshot.tool.clone(),
        targets: snapshot.targets.clone(),
        taken_at: snapshot.taken_at,
        digests: Digests {
            rulebook: rulebook.digest.clone(),
            snapshot: sha256(snapshot.to_json_lines().as_bytes()),
            waivers: options.waivers.digest.clone(),
            attestations: options.attestations.digest.clone(),
        },
        categories: options.categories.iter().copied().collect(),
        rules_selected: options.selected.iter().flatten().cloned().collect(),
        audit_period: options.audit_period,
        max_waiver_days: options.waivers.max_days,
        not_applicable,
        excluded: snapshot.excluded.clone(),
        summary: control::summary(&controls, &checks, &findings),
        controls,
        checks,
        findings,
        waivers,
        attestations,
        coverage: snapshot.coverage.clone(),
        calls: snapshot.calls.clone(),
        baseline: None,
        rule_bugs,
    }
}

/// Why a rule is not run: what was scanned cannot show what it asks, nobody said what may be sampled for it, or it was not
/// asked for. Manifests cannot show what they do not hold, nor that a cluster lacks what it is only required to have.
fn not_run(rule: &Rule, options: &Options, population: &Population) -> Option<NotRun> {
    let platforms: BTreeSet<_> = rule.resource.iter().map(Kind::platform).collect();
    let mut platforms = platforms.into_iter();
    let is_scanned = platforms.any(|platform| population.has_scanned(&BTreeSet::from([platform])));
    let is_lacking = population.is_of_manifests()
        && rule.when_empty != WhenEmpty::NotApplicable
        && population.is_empty(&rule.resource);
    let selected = options.selected.as_ref();
    if !is_scanned || !population.has_scanned(&rule.platforms) {
        Some(NotRun::NotScanned)
    } else if !population.can_hold_any(&rule.resource) || is_lacking {
        Some(NotRun::NotInManifests)
    } else if !rule.is_opted_in() {
        Some(NotRun::NothingNamed)
    } else if selected.is_some_and(|selected| !selected.contains(&rule.id)) {
        Some(NotRun::NotSelected)
    } else {
        None
    }
}

/// One verdict to reach.
struct Task<'a> {
    rule: &'a Rule,
    values: &'a BTreeMap<String, Value>,
    resource: &'a Resource,
}

/// Every verdict in the order of rule, kind and id, and the rules that turned out to be wrong.
fn judge_all(
    population: &Population,
    snapshot: &Snapshot,
    rulebook: &Rulebook,
    options: &Options,
) -> (Vec<Finding>, Vec<RuleBug>) {
    let running: Vec<_> = rulebook
        .rules
        .iter()
        .filter(|rule| not_run(rule, options, population).is_none())
        .map(|rule| (rule, rule.values()))
        .collect();
    let mut tasks = Vec::new();
    for (rule, values) in &running {
        for kind in rule.resource.iter().collect::<BTreeSet<&Kind>>() {
            for resource in population.subjects(kind, &rule.resource) {
                tasks.push(Task {
                    rule,
                    values,
                    resource,
                });
            }
        }
    }

    let work = |worker: usize| {
        let batches = tasks.chunks(BATCH).enumerate();
        batches
            .filter(|(number, _)| number % WORKERS == worker)
            .map(|(number, batch)| {
                let judged: Vec<_> = batch
                    .iter()
                    .map(|task| judge(task, population, snapshot))
                    .collect();
                (number, judged)
            })
            .collect::<Vec<_>>()
    };
    let mut batches = thread::scope(|scope| {
        let others: Vec<_> = (1..WORKERS.min(tasks.len().div_ceil(BATCH)))
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        let mut batches = work(0);
        for other in others {
            match other.join() {
                Ok(more) => batches.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        batches
    });
    batches.sort_by_key(|(number, _)| *number);

    let mut findings = Vec::with_capacity(tasks.len());
    let mut bugs = Vec::new();
    for (finding, bug) in batches.into_iter().flat_map(|(_, judged)| judged) {
        findings.push(finding);
        bugs.extend(bug);
    }
    (findings, bugs)
}

fn judge(task: &Task, population: &Population, snapshot: &Snapshot) -> (Finding, Option<RuleBug>) {
    let Task {
        rule,
        values,
        resource,
    } = task;
    let neighbours = Neighbours {
        population,
        scope: &resource.scope,
    };
    let judgement = rule.judge(
        &resource.kind,
        &resource.document,
        values,
        snapshot.taken_at,
        &neighbours,
    );
    let bug = judgement.bug.map(|message| RuleBug {
        rule: rule.id.clone(),
        resource: resource.id.to_string(),
        message,
    });
    let finding = Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        resource: Subject {
            kind: resource.kind.clone(),
            id: resource.id.clone(),
            scope: resource.scope.clone(),
            origin: resource.origin.clone(),
        },
        outcome: judgement.outcome,
        reason: judgement.reason,
        evidence: judgement.evidence,
        waiver: None,
        waiver_expired: None,
        baseline: None,
    };
    (finding, bug)
}

/// What a rule about a resource may see of the others.
struct Neighbours<'a> {
    population: &'a Population<'a>,
    scope: &'a Scope,
}

impl<'a> Related<'a> for Neighbours<'a> {
    fn related(&self, kind: &Kind) -> Fact<Vec<&'a Value>> {
        self.population.related(self.scope, kind)
    }
}

fn check(
    rule: &Rule,
    findings: &[&Finding],
    not_run: Option<NotRun>,
    population: &Population,
) -> CheckReport {
    let run = not_run.is_none();
    let mut counts = Counts::default();
    for finding in findings {
        counts.add(finding.outcome);
    }
    let coverage = population.coverage(&rule.resource);
    let status = |owner: Option<&str>| {
        let theirs = findings
            .iter()
            .filter(|finding| owner.is_none_or(|owner| finding.resource.scope.owner() == owner));
        let verdicts = theirs.map(|finding| Verdict {
            outcome: finding.outcome,
            waived: finding.waiver.is_some(),
        });
        let coverage = population.coverage_of(&rule.resource, owner);
        check_status(verdicts, coverage, outcome(rule.when_empty))
    };
    let platform = rule.resource.first().map(Kind::platform);
    let owners = platform.map(|platform| population.owners(platform));
    // What one account has must not hide that another has none.
    let by_target: BTreeMap<_, _> = owners
        .filter(|owners| run && owners.len() > 1)
        .into_iter()
        .flatten()
        .map(|owner| (owner.to_owned(), status(Some(owner))))
        .collect();
    let worst = by_target.values().copied().chain([status(None)]).min();
    CheckReport {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        resource: rule.resource.clone(),
        status: worst.filter(|_| run).unwrap_or(CheckStatus::NotRun),
        not_run,
        by_target,
        coverage,
        counts,
        spoken_for: match run {
            true => population
                .count(&rule.resource)
                .saturating_sub(counts.total()),
            false => 0,
        },
        required: rule.required.clone(),
        supporting: rule.supporting.clone(),
        any_of: rule.any_of.clone(),
        attestable: rule.attestable.clone(),
        applies: rule
            .applies
            .as_ref()
            .map(|program| program.source().trim().to_owned()),
        assert: rule.assert.source().trim().to_owned(),
        variables: rule
            .variables
            .iter()
            .map(|(name, program)| Variable {
                name: name.clone(),
                expression: program.source().trim().to_owned(),
            })
            .collect(),
        params: rule.values(),
        opt_in: rule.opt_in.clone(),
        why: rule.why.trim_end().to_owned(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
    }
}

fn outcome(when_empty: WhenEmpty) -> Outcome {
    match when_empty {
        WhenEmpty::NotApplicable => Outcome::NotApplicable,
        WhenEmpty::Fail => Outcome::Fail,
        WhenEmpty::Unknown => Outcome::Unknown,
        WhenEmpty::Pass => Outcome::Pass,
    }
}
