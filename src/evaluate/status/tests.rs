//! The reference vectors of the status model, and its invariants as properties.

use super::*;

use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    check: Vec<CheckVector>,
    control: Vec<ControlVector>,
}

#[derive(Debug, Deserialize)]
struct CheckVector {
    findings: Vec<VerdictVector>,
    coverage: CheckCoverage,
    empty_rule: Outcome,
    expect: CheckStatus,
}

#[derive(Debug, Deserialize)]
struct VerdictVector {
    outcome: Outcome,
    waived: bool,
}

#[derive(Debug, Deserialize)]
struct ControlVector {
    scope: String,
    required: Vec<CheckStatus>,
    attestations: Vec<AttestationStatus>,
    expect: ControlStatus,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/rollup_vectors.json")).unwrap()
}

#[test]
fn every_check_vector_holds() {
    let vectors = vectors().check;
    assert_eq!(vectors.len(), 11);
    for vector in vectors {
        let verdicts = vector.findings.iter().map(|finding| Verdict {
            outcome: finding.outcome,
            waived: finding.waived,
        });
        let status = check_status(verdicts, vector.coverage, vector.empty_rule);
        assert_eq!(status, vector.expect, "{vector:?}");
    }
}

#[test]
fn every_control_vector_holds() {
    let vectors = vectors().control;
    assert_eq!(vectors.len(), 120);
    for vector in vectors {
        let scoping = match vector.scope.as_str() {
            "in" => Scoping::In,
            "na" => Scoping::NotApplicable,
            "out" => Scoping::Out,
            other => panic!("scope {other}"),
        };
        let status = control_status(scoping, &vector.required, &vector.attestations);
        assert_eq!(status, vector.expect, "{vector:?}");
    }
}

#[test]
fn any_of_is_passed_by_one_complete_pass_and_else_as_bad_as_the_worst() {
    use CheckStatus::*;
    let checks = |checks: &[CheckStatus]| any_of(checks, &[]);
    assert_eq!(checks(&[]), GroupStatus::NotApplicable);
    assert_eq!(checks(&[Fail, Pass]), GroupStatus::Pass);
    assert_eq!(checks(&[Fail, PassWithWaiver]), GroupStatus::Fail);
    assert_eq!(checks(&[PassWithWaiver, Unknown]), GroupStatus::Unknown);
    assert_eq!(
        checks(&[NotApplicable, PassWithWaiver]),
        GroupStatus::PassWithWaiver
    );
}

#[test]
fn an_attestation_is_enough_only_while_it_holds() {
    use AttestationStatus::*;
    for check in CheckStatus::ALL {
        for topic in [Valid, Expiring] {
            let expected = match check {
                CheckStatus::Pass => GroupStatus::Pass,
                _ => GroupStatus::Attested,
            };
            assert_eq!(any_of(&[check], &[topic]), expected);
        }
        for topic in [Negative, Invalid, Expired, Missing] {
            let status = any_of(&[check], &[topic]);
            assert_eq!(status.is_enough(), check == CheckStatus::Pass, "{status}");
        }
    }
    assert_eq!(
        any_of(&[CheckStatus::NotApplicable], &[Missing]),
        GroupStatus::ManualRequired
    );
    assert_eq!(
        any_of(&[CheckStatus::Unknown], &[Negative]),
        GroupStatus::Fail
    );
}

const ATTESTATIONS: [AttestationStatus; 6] = [
    AttestationStatus::Valid,
    AttestationStatus::Expiring,
    AttestationStatus::Expired,
    AttestationStatus::Invalid,
    AttestationStatus::Negative,
    AttestationStatus::Missing,
];
const OUTCOMES: [Outcome; 4] = [
    Outcome::Fail,
    Outcome::Unknown,
    Outcome::Pass,
    Outcome::NotApplicable,
];
const COVERAGES: [CheckCoverage; 3] = [
    CheckCoverage::Complete,
    CheckCoverage::Partial,
    CheckCoverage::None,
];

fn verdicts() -> impl Strategy<Value = Vec<Verdict>> {
    prop::collection::vec(
        (prop::sample::select(&OUTCOMES[..]), any::<bool>())
            .prop_map(|(outcome, waived)| Verdict { outcome, waived }),
        0..6,
    )
}

fn checks() -> impl Strategy<Value = Vec<CheckStatus>> {
    prop::collection::vec(prop::sample::select(&CheckStatus::ALL[..]), 0..5)
}

fn attestations() -> impl Strategy<Value = Vec<AttestationStatus>> {
    prop::collection::vec(prop::sample::select(&ATTESTATIONS[..]), 0..4)
}

/// How good a status of a control is; a larger one is better.
fn control_rank(status: ControlStatus) -> usize {
    match status {
        ControlStatus::Gap => 0,
        ControlStatus::Unknown => 1,
        ControlStatus::ManualRequired => 2,
        ControlStatus::PartiallyEvidenced => 3,
        ControlStatus::MetWithExceptions | ControlStatus::Attested => 4,
        ControlStatus::Met => 5,
        ControlStatus::NotApplicable | ControlStatus::OutOfScope => 6,
    }
}

fn is_met(status: ControlStatus) -> bool {
    control_rank(status) >= 4
}

fn passes(status: CheckStatus) -> bool {
    matches!(status, CheckStatus::Pass | CheckStatus::PassWithWaiver)
}

proptest! {
    #[test]
    fn a_check_passes_only_when_everything_was_read(
        verdicts in verdicts(),
        coverage in prop::sample::select(&COVERAGES[..]),
        when_empty in prop::sample::select(&OUTCOMES[..]),
    ) {
        let status = check_status(verdicts.clone(), coverage, when_empty);
        let unread = coverage != CheckCoverage::Complete
            || verdicts.iter().any(|v| v.outcome == Outcome::Unknown);
        if unread {
            prop_assert!(matches!(status, CheckStatus::Unknown | CheckStatus::Fail));
        }
        let failed = verdicts.iter().any(|v| v.outcome == Outcome::Fail && !v.waived);
        if unread && !failed {
            prop_assert_eq!(status, CheckStatus::Unknown);
        }
    }

    #[test]
    fn a_check_passes_only_with_a_pass_or_a_word_about_empty_populations(
        verdicts in verdicts(),
        when_empty in prop::sample::select(&OUTCOMES[..]),
    ) {
        let status = check_status(verdicts.clone(), CheckCoverage::Complete, when_empty);
        if passes(status) {
            let evidence = verdicts
                .iter()
                .any(|v| v.outcome == Outcome::Pass || (v.outcome == Outcome::Fail && v.waived));
            prop_assert!(evidence || (verdicts.is_empty() && when_empty == Outcome::Pass));
        }
    }

    #[test]
    fn a_waived_failure_is_never_a_plain_pass(verdicts in verdicts()) {
        let mut verdicts = verdicts;
        verdicts.push(Verdict { outcome: Outcome::Fail, waived: true });
        for coverage in COVERAGES {
            let status = check_status(verdicts.clone(), coverage, Outcome::Pass);
            prop_assert_ne!(status, CheckStatus::Pass);
            prop_assert_ne!(status, CheckStatus::NotApplicable);
        }
    }

    #[test]
    fn a_waiver_bears_on_nothing_but_a_fail(verdicts in verdicts()) {
        let stripped = verdicts.iter().map(|v| Verdict {
            waived: v.waived && v.outcome == Outcome::Fail,
            ..*v
        });
        prop_assert_eq!(
            check_status(verdicts.clone(), CheckCoverage::Complete, Outcome::NotApplicable),
            check_status(stripped, CheckCoverage::Complete, Outcome::NotApplicable)
        );
    }

    #[test]
    fn a_check_does_not_depend_on_the_order_of_its_verdicts(
        (verdicts, shuffled) in verdicts().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
        coverage in prop::sample::select(&COVERAGES[..]),
    ) {
        prop_assert_eq!(
            check_status(verdicts, coverage, Outcome::NotApplicable),
            check_status(shuffled, coverage, Outcome::NotApplicable)
        );
    }

    #[test]
    fn a_bad_verdict_more_never_improves_a_check(verdicts in verdicts()) {
        prop_assume!(!verdicts.is_empty());
        let before = check_status(verdicts.clone(), CheckCoverage::Complete, Outcome::NotApplicable);
        for outcome in [Outcome::Fail, Outcome::Unknown] {
            let mut more = verdicts.clone();
            more.push(Verdict { outcome, waived: false });
            let after = check_status(more, CheckCoverage::Complete, Outcome::NotApplicable);
            prop_assert!(after <= before, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn no_evidence_is_never_met(checks in checks(), attestations in attestations()) {
        let status = control_status(Scoping::In, &checks, &attestations);
        if is_met(status) {
            prop_assert!(
                checks.iter().copied().any(passes) || attestations.iter().copied().any(holds)
            );
        }
        if status == ControlStatus::Met {
            prop_assert!(checks.contains(&CheckStatus::Pass));
        }
    }

    #[test]
    fn a_waiver_never_makes_a_control_met(checks in checks(), attestations in attestations()) {
        let mut checks = checks;
        checks.push(CheckStatus::PassWithWaiver);
        prop_assert_ne!(control_status(Scoping::In, &checks, &attestations), ControlStatus::Met);
    }

    #[test]
    fn what_was_not_read_or_not_run_is_never_met(checks in checks(), attestations in attestations()) {
        for unread in [CheckStatus::Unknown, CheckStatus::NotRun] {
            let mut checks = checks.clone();
            checks.push(unread);
            let status = control_status(Scoping::In, &checks, &attestations);
            prop_assert!(matches!(status, ControlStatus::Unknown | ControlStatus::Gap));
            let failed = checks.contains(&CheckStatus::Fail)
                || attestations.contains(&AttestationStatus::Negative);
            prop_assert_eq!(status == ControlStatus::Gap, failed);
        }
    }

    #[test]
    fn one_bad_thing_more_never_improves_a_control(checks in checks(), attestations in attestations()) {
        let before = control_rank(control_status(Scoping::In, &checks, &attestations));
        for bad in [CheckStatus::Fail, CheckStatus::Unknown, CheckStatus::NotRun] {
            let mut more = checks.clone();
            more.push(bad);
            prop_assert!(control_rank(control_status(Scoping::In, &more, &attestations)) <= before);
        }
        for bad in [
            AttestationStatus::Missing,
            AttestationStatus::Expired,
            AttestationStatus::Invalid,
            AttestationStatus::Negative,
        ] {
            let mut more = attestations.clone();
            more.push(bad);
            prop_assert!(control_rank(control_status(Scoping::In, &checks, &more)) <= before);
        }
    }

    #[test]
    fn one_bad_member_more_never_improves_a_group(checks in checks(), topics in attestations()) {
        prop_assume!(!checks.is_empty() || !topics.is_empty());
        let before = any_of(&checks, &topics);
        for bad in [CheckStatus::Fail, CheckStatus::Unknown, CheckStatus::NotRun] {
            let mut more = checks.clone();
            more.push(bad);
            prop_assert!(any_of(&more, &topics) <= before);
        }
        let mut more = topics.clone();
        more.push(AttestationStatus::Missing);
        prop_assert!(any_of(&checks, &more) <= before);
        let enough = checks.contains(&CheckStatus::Pass) || topics.iter().copied().any(holds);
        prop_assert_eq!(before.is_enough(), enough);
    }

    #[test]
    fn a_control_does_not_depend_on_order(
        (checks, shuffled) in checks().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
        (attestations, mixed) in attestations().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
    ) {
        prop_assert_eq!(
            control_status(Scoping::In, &checks, &attestations),
            control_status(Scoping::In, &shuffled, &mixed)
        );
    }

    #[test]
    fn an_attestation_never_overrides_a_failing_or_unknown_check(checks in checks()) {
        let status = control_status(Scoping::In, &checks, &[]);
        if matches!(status, ControlStatus::Gap | ControlStatus::Unknown) {
            let attested = control_status(Scoping::In, &checks, &[AttestationStatus::Valid]);
            prop_assert_eq!(attested, status);
        }
    }
}
