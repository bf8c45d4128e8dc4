//! The gate: what a report means to the shell or the CI step that asked for it.

use std::collections::BTreeSet;

use clap::ValueEnum;
use serde::Deserialize;

use crate::examine::{stale, waits};
use crate::model::{
    BaselineState, ControlReport, Outcome, Reason, Report, Seen, Severity, Target, Unread,
};

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing of what was asked to fail on.
    Clean,
    /// A rule fails, a person attests that something does not operate, or what was verified differs.
    Gap,
    /// Something could not be read.
    Unknown,
    /// A person has something to attest.
    Manual,
    /// The command line, a file or the configuration is wrong.
    Usage,
    /// A bug of ours or of a rule.
    Internal,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Gap => 1,
            Exit::Unknown => 2,
            Exit::Manual => 3,
            Exit::Usage => 64,
            Exit::Internal => 70,
        }
    }
}

/// What makes a check fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// A rule fails, or a person attests that something does not operate (exit 1).
    Gap,
    /// A rule could not be decided, or a list could not be read (exit 2).
    Unknown,
    /// A criterion in scope waits for an attestation, or a waiver or an attestation is to be mended or renewed (exit 3).
    Manual,
    /// Nothing: always exit 0 once there is a report.
    Never,
}

/// The exit code of a report: a bug before a gap, a gap before an unknown, an unknown before manual work.
///
/// A rule counts if it bears on a criterion in scope; a failing one not where something else is enough in its place for all
/// that it decides. `min_severity` spares failing rules below it, never unknowns: a
/// rule that was not decided may hide anything. Of manifests, what only the cluster could tell does not count: nothing
/// that is done to the files would change it. What a person attests not to operate has no severity, and counts. With a baseline, only what is new since counts.
pub fn exit(report: &Report, fail_on: &BTreeSet<FailOn>, min_severity: Severity) -> Exit {
    let in_scope: BTreeSet<&str> = report
        .applicable()
        .flat_map(|control| control.checks.iter().map(|check| check.rule.as_str()))
        .collect();
    let baseline = report.baseline.as_ref();
    let made_up = report.made_up();
    // Something else is enough for a failure, never for what nobody knows.
    let counts = |outcome: Outcome, rule: &str| {
        in_scope.contains(rule) && (outcome != Outcome::Fail || !made_up.contains(rule))
    };
    let findings = |outcome: Outcome| {
        let findings = report.findings.iter();
        findings.filter(move |finding| {
            finding.outcome == outcome
                && finding.is_open()
                && (baseline.is_none() || finding.baseline == Some(BaselineState::New))
        })
    };
    let findings = |outcome| findings(outcome).filter(move |f| counts(outcome, &f.rule));
    let by_itself = |outcome: Outcome| {
        let checks = report.checks.iter();
        checks.filter(move |check| {
            report
                .open_by_itself(check)
                .is_some_and(|open| open.outcome == outcome)
                && baseline.is_none_or(|baseline| baseline.new_checks.contains(&check.rule))
        })
    };
    let by_itself = |outcome| by_itself(outcome).filter(move |c| counts(outcome, &c.rule));
    let of_manifests = is_of_manifests(report);
    let known_to_cluster = |why: Option<&Unread>| of_manifests && why.is_some_and(is_of_cluster);

    let gap = findings(Outcome::Fail).any(|finding| finding.severity >= min_severity)
        || by_itself(Outcome::Fail).any(|check| check.severity >= min_severity)
        || match baseline {
            Some(baseline) => !baseline.new_denied.is_empty(),
            None => report.applicable().any(ControlReport::is_denied),
        };
    let mut rows = baseline
        .map_or(&report.coverage, |baseline| &baseline.new_unread)
        .iter();
    let unknown = findings(Outcome::Unknown)
        .any(|finding| !known_to_cluster(finding.reason.as_ref()))
        || !of_manifests && by_itself(Outcome::Unknown).next().is_some()
        || rows.any(|row| matches!(&row.seen, Seen::Unread(why) if !known_to_cluster(Some(why))));
    let manual = match baseline {
        Some(baseline) => !baseline.new_manual.is_empty(),
        None => {
            let mut controls = report.controls.iter();
            controls.any(|control| waits(control.status)) || stale(report).next().is_some()
        }
    };
    if !report.rule_bugs.is_empty() {
        Exit::Internal
    } else if gap && fail_on.contains(&FailOn::Gap) {
        Exit::Gap
    } else if unknown && fail_on.contains(&FailOn::Unknown) {
        Exit::Unknown
    } else if manual && fail_on.contains(&FailOn::Manual) {
        Exit::Manual
    } else {
        Exit::Clean
    }
}

fn is_of_manifests(report: &Report) -> bool {
    let mut targets = report.targets.iter();
    targets.any(|target| matches!(target, Target::Manifests { .. }))
}

/// Whether files cannot hold it, or the rule says that it cannot be seen in documents.
fn is_of_cluster(why: &Unread) -> bool {
    match why.reason {
        Reason::NotInManifests => true,
        Reason::NotSupported => why.operation.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evaluate::{Options, evaluate};
    use crate::examine::{compare, diff};
    use crate::model::{
        Baseline, Bearing, Category, CheckStatus, ControlCheck, Coverage, Finding, Kind,
        ResourceId, Scope, Snapshot, Subject,
    };
    use crate::register::{attestations, waivers};
    use crate::rules::Rulebook;

    fn code(waived: &str, attested: &str, on: &[FailOn]) -> u8 {
        let options = Options {
            waivers: waivers(
                "w",
                waived,
                &[("a.b".to_owned(), BTreeSet::new())].into(),
                365,
            )
            .unwrap()
            .0,
            attestations: attestations("a", attested).unwrap().0,
            ..Options::default()
        };
        let snapshot = Snapshot::empty("2026-02-01T00:00:00Z".parse().unwrap());
        let report = evaluate(&snapshot, &Rulebook::default(), &options);
        exit(&report, &on.iter().copied().collect(), Severity::Low).code()
    }

    /// A report with a rule of CC6.1 on two resources, and how each stands to the baseline.
    fn report(findings: [(Outcome, Option<BaselineState>); 2]) -> Report {
        let snapshot = Snapshot::empty("2026-02-01T00:00:00Z".parse().unwrap());
        let options = Options {
            categories: [Category::Security].into(),
            ..Options::default()
        };
        let mut report = evaluate(&snapshot, &Rulebook::default(), &options);
        let controls = report.controls.iter_mut();
        for control in controls.filter(|control| control.id == "CC6.1") {
            control.checks.push(ControlCheck {
                bearing: Bearing::Required,
                rule: "a.b".to_owned(),
                status: CheckStatus::Fail,
            });
        }
        for (number, (outcome, baseline)) in findings.into_iter().enumerate() {
            report.findings.push(Finding {
                rule: "a.b".to_owned(),
                severity: Severity::High,
                resource: Subject {
                    kind: Kind::new("aws.rds.DBInstance"),
                    id: ResourceId::new(number.to_string()),
                    scope: Scope::aws("1", None),
                    origin: None,
                },
                outcome,
                reason: None,
                evidence: BTreeMap::new(),
                waiver: None,
                waiver_expired: None,
                baseline,
            });
        }
        report
    }

    fn gated(report: &Report) -> u8 {
        let fail_on = [FailOn::Gap, FailOn::Unknown].into();
        exit(report, &fail_on, Severity::Low).code()
    }

    #[test]
    fn with_a_baseline_only_what_is_new_counts() {
        use BaselineState::{New, Unchanged};
        use Outcome::{Fail, Unknown};
        let with = |findings| {
            let mut report = report(findings);
            report.baseline = Some(Baseline {
                taken_at: report.taken_at,
                digests: report.digests.clone(),
                new_checks: Vec::new(),
                new_unread: Vec::new(),
                new_denied: Vec::new(),
                new_manual: Vec::new(),
                gone: Vec::new(),
                warnings: Vec::new(),
            });
            report
        };
        assert_eq!(gated(&report([(Fail, None), (Unknown, None)])), 1);
        assert_eq!(gated(&report([(Outcome::Pass, None), (Unknown, None)])), 2);
        let old = [(Fail, Some(Unchanged)), (Unknown, Some(Unchanged))];
        assert_eq!(gated(&with(old)), 0);
        assert_eq!(
            gated(&with([(Fail, Some(New)), (Unknown, Some(Unchanged))])),
            1
        );
        let hidden = [(Fail, Some(Unchanged)), (Unknown, Some(New))];
        assert_eq!(
            gated(&with(hidden)),
            2,
            "an old failure hides no new unknown"
        );

        let manual = |report: &Report| exit(report, &[FailOn::Manual].into(), Severity::Low).code();
        let mut report = with(old);
        assert_eq!(
            manual(&report),
            0,
            "every criterion waited for people before"
        );
        if let Some(baseline) = &mut report.baseline {
            baseline.new_manual.push("CC1.1".to_owned());
            baseline.new_unread.push(Coverage {
                asked: Vec::new(),
                kind: Kind::new("aws.rds.DBInstance"),
                scope: Scope::aws("1", None),
                seen: Seen::Unread(Unread {
                    reason: Reason::Denied,
                    operation: "rds:DescribeDBInstances".to_owned(),
                    permission: None,
                    detail: String::new(),
                }),
            });
        }
        assert_eq!(manual(&report), 3);
        assert_eq!(gated(&report), 2);
    }

    #[test]
    fn what_a_person_says_does_not_operate_is_a_gap() {
        let snapshot = Snapshot::empty("2026-02-01T00:00:00Z".parse().unwrap());
        let report = |result: &str, categories: &[Category]| {
            let text = format!(
                "version: 1\nattestations: [{{id: one, topic: mdm, controls: [CC6.7], result: {result}, \
                 statement: It was done and looked at., owner: o, attested_by: a, attested_on: 2026-01-01}}]"
            );
            let options = Options {
                categories: categories.iter().copied().collect(),
                attestations: attestations("a", &text).unwrap().0,
                ..Options::default()
            };
            evaluate(&snapshot, &Rulebook::default(), &options)
        };
        let scope = [Category::Security];
        let denied = report("not_operating", &scope);
        assert_eq!(gated(&denied), 1);
        assert_eq!(gated(&report("operating", &scope)), 0);
        assert_eq!(gated(&report("not_operating", &[])), 0, "out of scope");

        let against = |before: &Report, mut now: Report| {
            compare(&mut now, before).unwrap();
            gated(&now)
        };
        let fine = report("operating", &scope);
        assert_eq!(against(&denied, denied.clone()), 0, "known");
        assert_eq!(against(&fine, denied.clone()), 1);
        assert!(diff(&fine, &denied).has_new_gap());
        assert!(!diff(&denied, &denied).has_new_gap());
    }

    #[test]
    fn what_is_to_be_mended_or_renewed_is_manual_work() {
        let waiver = |expires: &str| {
            format!(
                "version: 1\nwaivers: [{{id: W-1, check: a.b, match: {{resource: x}}, owner: o, approved_by: a, \
                 reason: Because it is so for now., approved_on: 2026-01-01, expires: {expires}}}]"
            )
        };
        let attestation = |date: &str| {
            format!(
                "version: 1\nattestations: [{{id: one, topic: mdm, controls: [CC6.7], result: operating, \
                 statement: It was done and looked at., owner: o, attested_by: a, attested_on: {date}}}]"
            )
        };
        let (no, none) = ("version: 1\nwaivers: []", "version: 1\nattestations: []");
        // Nothing is in scope, so that nothing else is manual.
        let manual = [FailOn::Manual];
        assert_eq!(code(no, none, &manual), 0);
        assert_eq!(code(&waiver("2026-06-30"), none, &manual), 0, "unused");
        assert_eq!(code(&waiver("2026-01-31"), none, &manual), 3, "expired");
        assert_eq!(code(&waiver("soon"), none, &manual), 3, "invalid");
        assert_eq!(
            code(&waiver("soon"), none, &[FailOn::Gap, FailOn::Unknown]),
            0
        );
        assert_eq!(code(no, &attestation("2026-01-01"), &manual), 0);
        assert_eq!(code(no, &attestation("2024-01-01"), &manual), 3, "expired");
        assert_eq!(code(no, &attestation("2026-03-01"), &manual), 3, "invalid");
    }
}
