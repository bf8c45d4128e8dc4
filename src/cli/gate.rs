//! The gate: what a report means to the shell or the CI step that asked for it.

use std::collections::BTreeSet;

use clap::ValueEnum;
use serde::Deserialize;

use crate::model::{
    AttestationStatus, CheckReport, CheckStatus, ControlStatus, Outcome, Reason, Report, Seen,
    Severity, Target, Unread,
};

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing of what was asked to fail on.
    Clean,
    /// A rule fails.
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
    /// A rule fails (exit 1).
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
/// A rule counts if it bears on a criterion in scope. `min_severity` spares failing rules below it, never unknowns: a
/// rule that was not decided may hide anything. Of manifests, what only the cluster could tell does not count: nothing
/// that is done to the files would change it.
pub fn exit(report: &Report, fail_on: &BTreeSet<FailOn>, min_severity: Severity) -> Exit {
    let in_scope: BTreeSet<&str> = report
        .controls
        .iter()
        .filter(|control| control.status != ControlStatus::OutOfScope)
        .flat_map(|control| control.checks.iter().map(|check| check.rule.as_str()))
        .collect();
    let any = |wanted: &dyn Fn(&CheckReport) -> bool| {
        let mut checks = report.checks.iter();
        checks.any(|check| in_scope.contains(check.rule.as_str()) && wanted(check))
    };
    let gap = any(&|check| check.status == CheckStatus::Fail && check.severity >= min_severity);
    let unknown = if is_of_manifests(report) {
        let undecided = report.findings.iter().any(|finding| {
            in_scope.contains(finding.rule.as_str())
                && finding.outcome == Outcome::Unknown
                && !finding.reason.as_ref().is_some_and(is_of_cluster)
        });
        let mut rows = report.coverage.iter();
        undecided || rows.any(|row| matches!(&row.seen, Seen::Unread(why) if !is_of_cluster(why)))
    } else {
        any(&|check| check.status == CheckStatus::Unknown)
            || report.coverage.iter().any(|row| !row.is_complete())
    };
    let manual = report.controls.iter().any(|control| {
        matches!(
            control.status,
            ControlStatus::ManualRequired | ControlStatus::PartiallyEvidenced
        )
    }) || is_stale(report);
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

/// Whether somebody has to mend or renew a waiver or an attestation.
fn is_stale(report: &Report) -> bool {
    let mut attestations = report.attestations.iter();
    report
        .waivers
        .iter()
        .any(|waiver| waiver.state.is_problem())
        || attestations.any(|attestation| {
            !attestation.superseded
                && matches!(
                    attestation.state,
                    AttestationStatus::Invalid | AttestationStatus::Expired
                )
        })
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
    use super::*;
    use crate::evaluate::{Options, evaluate};
    use crate::model::Snapshot;
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
