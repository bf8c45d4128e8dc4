//! The status model: from verdicts to the status of a check, from checks and attestations to the status of a control.

use crate::model::{
    AttestationStatus, CheckCoverage, CheckStatus, ControlStatus, GroupStatus, Outcome,
};

/// One verdict as the status of a check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub outcome: Outcome,
    /// A valid waiver applies. It bears on nothing but a fail.
    pub waived: bool,
}

/// Whether a criterion is asked for at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scoping {
    In,
    /// Declared not applicable, with a reason and an approver.
    NotApplicable,
    /// Its category is not in scope.
    Out,
}

/// The status of a check. One active failure is enough to fail; to pass, everything must have been read.
pub fn check_status(
    verdicts: impl IntoIterator<Item = Verdict>,
    coverage: CheckCoverage,
    when_empty: Outcome,
) -> CheckStatus {
    let (mut population, mut unknown, mut waived, mut applicable) = (0_usize, false, false, false);
    for verdict in verdicts {
        population += 1;
        match (verdict.outcome, verdict.waived) {
            (Outcome::Fail, false) => return CheckStatus::Fail,
            (Outcome::Fail, true) => (waived, applicable) = (true, true),
            (Outcome::Unknown, _) => unknown = true,
            (Outcome::Pass, _) => applicable = true,
            (Outcome::NotApplicable, _) => {}
        }
    }
    if coverage != CheckCoverage::Complete || unknown {
        CheckStatus::Unknown
    } else if population == 0 {
        match when_empty {
            Outcome::Fail => CheckStatus::Fail,
            Outcome::Unknown => CheckStatus::Unknown,
            Outcome::Pass => CheckStatus::Pass,
            Outcome::NotApplicable => CheckStatus::NotApplicable,
        }
    } else if !applicable {
        CheckStatus::NotApplicable
    } else if waived {
        CheckStatus::PassWithWaiver
    } else {
        CheckStatus::Pass
    }
}

/// The status of checks and topics of which one is enough: the best if one passes or is attested completely, else the
/// worst.
pub fn any_of(checks: &[CheckStatus], topics: &[AttestationStatus]) -> GroupStatus {
    if checks.contains(&CheckStatus::Pass) {
        return GroupStatus::Pass;
    }
    if topics.iter().copied().any(holds) {
        return GroupStatus::Attested;
    }
    let checks = checks.iter().map(|status| match status {
        CheckStatus::Fail => GroupStatus::Fail,
        CheckStatus::Unknown => GroupStatus::Unknown,
        CheckStatus::NotRun => GroupStatus::NotRun,
        CheckStatus::PassWithWaiver => GroupStatus::PassWithWaiver,
        CheckStatus::Pass => GroupStatus::Pass,
        CheckStatus::NotApplicable => GroupStatus::NotApplicable,
    });
    let topics = topics.iter().map(|status| match status {
        AttestationStatus::Negative => GroupStatus::Fail,
        AttestationStatus::NotApplicable => GroupStatus::NotApplicable,
        AttestationStatus::Invalid
        | AttestationStatus::Expired
        | AttestationStatus::Missing
        | AttestationStatus::Expiring
        | AttestationStatus::Valid => GroupStatus::ManualRequired,
    });
    checks
        .chain(topics)
        .min()
        .unwrap_or(GroupStatus::NotApplicable)
}

/// The status of a control over its required checks and its attestation topics. Supporting checks are no argument, so
/// they cannot change it.
pub fn control_status(
    scoping: Scoping,
    required: &[CheckStatus],
    attestations: &[AttestationStatus],
) -> ControlStatus {
    match scoping {
        Scoping::Out => return ControlStatus::OutOfScope,
        Scoping::NotApplicable => return ControlStatus::NotApplicable,
        Scoping::In => {}
    }
    let waived = required.contains(&CheckStatus::PassWithWaiver);
    let checked = waived || required.contains(&CheckStatus::Pass);
    let attested = attestations.iter().copied().any(holds);

    if required.contains(&CheckStatus::Fail) || attestations.contains(&AttestationStatus::Negative)
    {
        ControlStatus::Gap
    } else if required
        .iter()
        .any(|status| matches!(status, CheckStatus::Unknown | CheckStatus::NotRun))
    {
        ControlStatus::Unknown
    } else if !checked && !attested {
        ControlStatus::ManualRequired
    } else if !attestations.iter().copied().all(holds) {
        ControlStatus::PartiallyEvidenced
    } else if waived {
        ControlStatus::MetWithExceptions
    } else if checked {
        ControlStatus::Met
    } else {
        ControlStatus::Attested
    }
}

/// Whether an attestation is evidence today.
pub fn holds(status: AttestationStatus) -> bool {
    matches!(
        status,
        AttestationStatus::Valid | AttestationStatus::Expiring
    )
}

#[cfg(test)]
mod tests;
