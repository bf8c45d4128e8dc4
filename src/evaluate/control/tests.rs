//! The sentences that lead to a status, the platforms left out, and the counts.

use std::collections::BTreeMap;

use super::*;
use crate::model::{CheckCoverage, Fix, Kind, Severity};

fn check(rule: &str, status: CheckStatus, required: &[&str]) -> CheckReport {
    CheckReport {
        rule: rule.to_owned(),
        title: String::new(),
        severity: Severity::High,
        resource: vec![Kind::new(if rule.starts_with("k8s.") {
            "k8s.Deployment"
        } else {
            "aws.rds.DBInstance"
        })],
        status,
        coverage: CheckCoverage::Complete,
        counts: Counts::default(),
        required: required.iter().map(|id| (*id).to_owned()).collect(),
        supporting: Vec::new(),
        applies: None,
        assert: String::new(),
        variables: Vec::new(),
        params: BTreeMap::new(),
        why: String::new(),
        fix: Fix::default(),
        references: Vec::new(),
    }
}

fn security() -> BTreeSet<Category> {
    BTreeSet::from([Category::Security])
}

fn find<'a>(controls: &'a [ControlReport], id: &str) -> &'a ControlReport {
    controls.iter().find(|control| control.id == id).unwrap()
}

fn run(checks: &[CheckReport]) -> Vec<ControlReport> {
    controls(checks, &security(), &BTreeMap::new(), &BTreeSet::new())
}

#[test]
fn every_criterion_is_there_without_any_check() {
    let controls = run(&[]);
    assert_eq!(controls.len(), 61);
    let cc11 = find(&controls, "CC1.1");
    assert_eq!(cc11.status, ControlStatus::ManualRequired);
    assert_eq!(
        cc11.why,
        "no check shows it; a person must attest code_of_conduct, conduct_acknowledgements, sanctions_process"
    );
    let a11 = find(&controls, "A1.1");
    assert_eq!(a11.status, ControlStatus::OutOfScope);
    assert_eq!(a11.why, "the category availability is not in scope");
}

#[test]
fn a_gap_names_the_first_failing_checks_and_counts_the_rest() {
    let checks: Vec<_> = ["a", "b", "c", "d"]
        .map(|rule| check(rule, CheckStatus::Fail, &["CC6.1"]))
        .into_iter()
        .chain([check("e", CheckStatus::Pass, &["CC6.1"])])
        .collect();
    let controls = run(&checks);
    let cc61 = find(&controls, "CC6.1");
    assert_eq!(cc61.status, ControlStatus::Gap);
    assert_eq!(cc61.why, "4 of 5 required checks fail: a, b, c and 1 more");
}

#[test]
fn a_deselected_check_leaves_its_control_unknown() {
    let checks = [
        check("a", CheckStatus::NotRun, &["CC6.1"]),
        check("b", CheckStatus::Unknown, &["CC6.1"]),
        check("c", CheckStatus::Pass, &["CC6.1"]),
    ];
    let controls = run(&checks);
    let cc61 = find(&controls, "CC6.1");
    assert_eq!(cc61.status, ControlStatus::Unknown);
    assert_eq!(
        cc61.why,
        "1 of 3 required checks is unknown: b; 1 was not run: a"
    );
}

#[test]
fn a_supporting_check_is_listed_and_never_changes_a_status() {
    let before = run(&[]);
    for status in CheckStatus::ALL {
        let mut supporting = check("a", status, &[]);
        supporting.supporting = vec!["CC3.1".to_owned()];
        let after = run(&[supporting]);
        assert_eq!(
            find(&after, "CC3.1").status,
            find(&before, "CC3.1").status,
            "{status:?}"
        );
        assert_eq!(
            find(&after, "CC3.1").checks,
            [ControlCheck {
                bearing: Bearing::Supporting,
                rule: "a".to_owned(),
                status,
            }]
        );
    }
}

#[test]
fn a_check_that_is_left_out_bears_on_nothing_and_is_said_so() {
    let checks = [
        check("aws.x", CheckStatus::Pass, &["CC6.1"]),
        check("k8s.x", CheckStatus::NotRun, &["CC6.1"]),
    ];
    let left_out = BTreeSet::from(["k8s.x"]);
    let controls = controls(&checks, &security(), &BTreeMap::new(), &left_out);
    let cc61 = find(&controls, "CC6.1");
    assert_eq!(cc61.status, ControlStatus::PartiallyEvidenced);
    assert_eq!(cc61.checks.len(), 1);
    assert_eq!(
        cc61.why,
        "1 of 1 required check passes; a person must attest access_control_policy, encryption_policy; \
         left out, since nothing that was scanned can show them: 1 of the required checks"
    );
}

fn key(control: &str, topic: &str) -> (String, String) {
    (control.to_owned(), topic.to_owned())
}

#[test]
fn what_nobody_asked_for_is_shown_and_only_ever_a_gap() {
    let attest = |status| {
        let attestations = BTreeMap::from([(key("CC6.1", "disk_encryption"), status)]);
        let controls = controls(&[], &security(), &attestations, &BTreeSet::new());
        let cc61 = find(&controls, "CC6.1").clone();
        assert_eq!(cc61.attestations[2].topic, "disk_encryption");
        assert_eq!(cc61.attestations[2].bearing, Bearing::Supporting);
        cc61.status
    };
    for status in AttestationStatus::ALL {
        let expected = match status {
            AttestationStatus::Negative => ControlStatus::Gap,
            _ => ControlStatus::ManualRequired,
        };
        assert_eq!(attest(status), expected, "{status:?}");
    }
}

#[test]
fn nothing_to_attest_is_neither_evidence_nor_missing() {
    let run = |checks: &[CheckReport]| {
        let attestations = BTreeMap::from([
            (
                key("CC6.1", "access_control_policy"),
                AttestationStatus::NotApplicable,
            ),
            (
                key("CC6.1", "encryption_policy"),
                AttestationStatus::NotApplicable,
            ),
        ]);
        let controls = controls(checks, &security(), &attestations, &BTreeSet::new());
        find(&controls, "CC6.1").status
    };
    assert_eq!(run(&[]), ControlStatus::ManualRequired);
    assert_eq!(
        run(&[check("a", CheckStatus::Pass, &["CC6.1"])]),
        ControlStatus::Met
    );
}

#[test]
fn attestations_are_read_by_topic() {
    let attest = |status| {
        let attestations = BTreeMap::from([
            (
                key("CC6.1", "access_control_policy"),
                AttestationStatus::Valid,
            ),
            (key("CC6.1", "encryption_policy"), status),
        ]);
        let checks = [check("a", CheckStatus::PassWithWaiver, &["CC6.1"])];
        let controls = controls(&checks, &security(), &attestations, &BTreeSet::new());
        let cc61 = find(&controls, "CC6.1").clone();
        (cc61.status, cc61.why)
    };
    assert_eq!(
        attest(AttestationStatus::Expiring),
        (
            ControlStatus::MetWithExceptions,
            "1 of 1 required check passes under a waiver: a; attested: access_control_policy, \
             encryption_policy (expires soon)"
                .to_owned()
        )
    );
    assert_eq!(
        attest(AttestationStatus::Expired),
        (
            ControlStatus::PartiallyEvidenced,
            "1 of 1 required check passes under a waiver: a; attested: access_control_policy; \
             a person must attest encryption_policy (expired)"
                .to_owned()
        )
    );
    assert_eq!(
        attest(AttestationStatus::Negative),
        (
            ControlStatus::Gap,
            "a person attests that it does not operate: encryption_policy".to_owned()
        )
    );
}

#[test]
fn the_summary_counts_every_state() {
    let checks = [check("a", CheckStatus::Fail, &["CC6.1"])];
    let controls = run(&checks);
    let summary = summary(&controls, &checks, &[]);
    assert_eq!(summary.controls.len(), 9);
    assert_eq!(summary.controls.values().sum::<usize>(), 61);
    assert_eq!(summary.controls[&ControlStatus::Gap], 1);
    assert_eq!(summary.controls[&ControlStatus::OutOfScope], 28);
    assert_eq!(summary.checks.len(), 6);
    assert_eq!(summary.checks[&CheckStatus::Fail], 1);
}
