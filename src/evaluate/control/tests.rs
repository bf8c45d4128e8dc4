//! The sentences that lead to a status, the platforms left out, and the counts.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Options;
use super::*;
use crate::model::{Category, CheckCoverage, Fix, Kind, NotRun, Severity};
use crate::register::ScopeDecision;

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
        not_run: (status == CheckStatus::NotRun).then_some(NotRun::NotSelected),
        by_target: BTreeMap::new(),
        coverage: CheckCoverage::Complete,
        counts: Counts::default(),
        spoken_for: 0,
        required: required.iter().map(|id| (*id).to_owned()).collect(),
        supporting: Vec::new(),
        any_of: Vec::new(),
        attestable: None,
        applies: None,
        assert: String::new(),
        variables: Vec::new(),
        params: BTreeMap::new(),
        opt_in: None,
        why: String::new(),
        fix: Fix::default(),
        references: Vec::new(),
    }
}

fn scope(category: Category) -> Scope<'static> {
    Scope {
        categories: BTreeSet::from([category]),
        ..Scope::default()
    }
}

fn security() -> Scope<'static> {
    scope(Category::Security)
}

fn find<'a>(controls: &'a [ControlReport], id: &str) -> &'a ControlReport {
    controls.iter().find(|control| control.id == id).unwrap()
}

fn run(checks: &[CheckReport]) -> Vec<ControlReport> {
    controls(checks, &security(), &BTreeMap::new())
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
        CheckReport {
            not_run: Some(NotRun::NotScanned),
            ..check("k8s.x", CheckStatus::NotRun, &["CC6.1"])
        },
    ];
    let controls = run(&checks);
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
        let controls = controls(&[], &security(), &attestations);
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
        let controls = controls(checks, &security(), &attestations);
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
        let controls = controls(&checks, &security(), &attestations);
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

/// A1.3 asks for recovery_test and backup_restore_test; the check stands in for the second.
fn restores(check_status: CheckStatus, topic: AttestationStatus) -> ControlReport {
    let mut restore = check("aws.restore", check_status, &["A1.3"]);
    restore.attestable = Some("backup_restore_test".to_owned());
    let attestations = BTreeMap::from([
        (key("A1.3", "recovery_test"), AttestationStatus::Valid),
        (key("A1.3", "backup_restore_test"), topic),
    ]);
    let scope = scope(Category::Availability);
    let controls = controls(&[restore], &scope, &attestations);
    find(&controls, "A1.3").clone()
}

#[test]
fn an_attestable_check_is_made_up_for_by_its_topic_and_stays_what_it_is() {
    let a13 = restores(CheckStatus::Fail, AttestationStatus::Valid);
    assert_eq!(a13.status, ControlStatus::Attested);
    assert_eq!(
        a13.why,
        "attested: recovery_test, backup_restore_test in place of aws.restore"
    );
    assert_eq!(a13.checks[0].status, CheckStatus::Fail);
    assert_eq!(a13.groups[0].status, GroupStatus::Attested);
    assert_eq!(a13.groups[0].stands_for, ["aws.restore"]);
    assert_eq!(a13.attestations.len(), 1, "a topic of a group stands there");
    assert_eq!(a13.deciding().count(), 0);
}

#[test]
fn a_check_that_passes_needs_no_attestation_of_its_topic() {
    let a13 = restores(CheckStatus::Pass, AttestationStatus::Missing);
    assert_eq!(a13.status, ControlStatus::Met);
    assert_eq!(
        a13.why,
        "1 of 1 required check passes; attested: recovery_test"
    );
}

#[test]
fn a_group_without_a_whole_member_is_as_bad_as_its_worst() {
    use AttestationStatus::{Expired, Missing, Negative};
    use CheckStatus::{Fail, NotApplicable, Pass, Unknown};
    for (check, topic, status, why) in [
        (
            Fail,
            Expired,
            ControlStatus::Gap,
            "1 of 1 required check fails: one of aws.restore or the attestation of backup_restore_test",
        ),
        (
            Unknown,
            Missing,
            ControlStatus::Unknown,
            "1 of 1 required check is unknown: one of aws.restore or the attestation of backup_restore_test",
        ),
        (
            NotApplicable,
            Expired,
            ControlStatus::PartiallyEvidenced,
            "no check shows it; attested: recovery_test; a person must attest backup_restore_test (expired) (or \
             aws.restore must pass)",
        ),
        (
            Pass,
            Negative,
            ControlStatus::Gap,
            "a person attests that it does not operate: backup_restore_test",
        ),
    ] {
        let a13 = restores(check, topic);
        assert_eq!((a13.status, a13.why.as_str()), (status, why));
    }
}

#[test]
fn another_check_is_enough_only_in_place_of_the_one_that_names_it() {
    let run = |a, b| {
        let mut first = check("aws.a", a, &["CC6.7"]);
        first.any_of = vec!["aws.b".to_owned()];
        let controls = run(&[first, check("aws.b", b, &["CC6.7"])]);
        let cc67 = find(&controls, "CC6.7").clone();
        let deciding: Vec<_> = cc67.deciding().map(|check| check.rule.clone()).collect();
        (cc67.status, cc67.why, deciding.join(" "))
    };
    let (status, why, deciding) = run(CheckStatus::Fail, CheckStatus::Pass);
    assert_ne!(status, ControlStatus::Gap);
    assert!(why.starts_with("2 of 2 required checks pass; "), "{why}");
    assert!(why.ends_with("; aws.b passes in place of aws.a"), "{why}");
    assert_eq!(deciding, "aws.b");
    let (status, why, deciding) = run(CheckStatus::Pass, CheckStatus::Fail);
    assert_eq!(status, ControlStatus::Gap);
    assert_eq!(why, "1 of 2 required checks fails: aws.b");
    assert_eq!(deciding, "aws.a aws.b");
    let (status, why, _) = run(CheckStatus::Fail, CheckStatus::Unknown);
    assert_eq!(status, ControlStatus::Gap);
    assert_eq!(why, "1 of 2 required checks fails: one of aws.a or aws.b");
}

#[test]
fn a_check_that_passes_in_one_account_makes_up_for_nothing_in_another() {
    let by = |statuses: [CheckStatus; 2]| -> BTreeMap<String, CheckStatus> {
        ["1111", "2222"]
            .map(str::to_owned)
            .into_iter()
            .zip(statuses)
            .collect()
    };
    let mut first = check("aws.a", CheckStatus::Fail, &["CC6.7"]);
    first.any_of = vec!["aws.b".to_owned()];
    first.by_target = by([CheckStatus::Fail, CheckStatus::Pass]);
    let mut second = check("aws.b", CheckStatus::Pass, &[]);
    second.by_target = by([CheckStatus::NotApplicable, CheckStatus::Pass]);
    let controls = run(&[first.clone(), second.clone()]);
    let group = &find(&controls, "CC6.7").groups[0];
    assert_eq!(group.status, GroupStatus::Fail);
    assert_eq!(group.by_target["2222"], GroupStatus::Pass);
    assert_eq!(find(&controls, "CC6.7").status, ControlStatus::Gap);

    second.by_target = by([CheckStatus::Pass, CheckStatus::NotApplicable]);
    let controls = run(&[first, second]);
    assert_eq!(find(&controls, "CC6.7").groups[0].status, GroupStatus::Pass);
}

#[test]
fn checks_that_name_each_other_are_one_group() {
    let mut first = check("aws.a", CheckStatus::Fail, &["CC6.7"]);
    first.any_of = vec!["aws.b".to_owned()];
    let mut second = check("aws.b", CheckStatus::Pass, &["CC6.7"]);
    second.any_of = vec!["aws.a".to_owned()];
    let controls = run(&[first, second]);
    let cc67 = find(&controls, "CC6.7");
    assert_eq!(cc67.groups.len(), 1);
    assert_eq!(cc67.groups[0].stands_for, ["aws.a", "aws.b"]);
    assert!(cc67.why.starts_with("1 of 1 required check passes;"));
}

#[test]
fn a_check_that_is_left_out_is_no_alternative() {
    let mut first = check("aws.a", CheckStatus::Fail, &["CC6.7"]);
    first.any_of = vec!["k8s.b".to_owned()];
    let second = CheckReport {
        not_run: Some(NotRun::NotScanned),
        ..check("k8s.b", CheckStatus::NotRun, &["CC6.7"])
    };
    let controls = run(&[first, second]);
    let cc67 = find(&controls, "CC6.7");
    assert_eq!(cc67.status, ControlStatus::Gap);
    assert!(cc67.groups.is_empty());
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

#[test]
fn a_criterion_that_is_declared_not_applicable_says_who_decided_it_and_hides_no_failure() {
    let decision = |approved_on: &str| ScopeDecision {
        controls: vec!["CC6.7".to_owned(), "P1.1".to_owned()],
        reason: "Nothing leaves\n  the machines.".to_owned(),
        owner: "a@example.com".to_owned(),
        approved_by: "b@example.com".to_owned(),
        approved_on: approved_on.parse().unwrap(),
    };
    let options = |approved_on| Options {
        categories: BTreeSet::from([Category::Security]),
        not_applicable: vec![decision(approved_on)],
        ..Options::default()
    };
    let now = "2026-10-01T12:00:00Z".parse().unwrap();
    let checks = [check("a", CheckStatus::Fail, &["CC6.7"])];
    let run = |scope: &Scope| controls(&checks, scope, &BTreeMap::new());

    let options_today = options("2026-10-01");
    let (scope, told) = Scope::new(&options_today, now);
    let controls = run(&scope);
    let cc67 = find(&controls, "CC6.7");
    assert_eq!(cc67.status, ControlStatus::NotApplicable);
    assert_eq!(
        cc67.why,
        "declared not applicable: Nothing leaves the machines. (owner a@example.com, approved by b@example.com on \
         2026-10-01); 1 of 1 required check fails: a"
    );
    assert_eq!(find(&controls, "P1.1").status, ControlStatus::OutOfScope);
    assert_eq!(told[0].note.as_deref(), Some("not in scope anyway: P1.1"));

    let options_tomorrow = options("2026-10-02");
    let (scope, told) = Scope::new(&options_tomorrow, now);
    assert_eq!(find(&run(&scope), "CC6.7").status, ControlStatus::Gap);
    assert_eq!(
        told[0].note.as_deref(),
        Some("it is approved later than the scan, and does not hold")
    );
}
