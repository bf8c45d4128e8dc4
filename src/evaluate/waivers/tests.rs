//! Which waiver applies to what, and what came of each.

mod laws;

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::{Platform, Resource, Severity, Subject};
use crate::register::{Checks, waivers};

const RULE: &str = "aws.rds.multi_az";
const OTHER: &str = "aws.rds.automated_backups";

fn finding(rule: &str, region: &str, name: &str, outcome: Outcome) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::High,
        resource: Subject {
            kind: Kind::new("aws.rds.DBInstance"),
            id: ResourceId::new(format!("arn:aws:rds:{region}:1:db:{name}")),
            scope: Scope::aws("1", Some(region)),
            origin: None,
        },
        outcome,
        reason: None,
        evidence: BTreeMap::from([("MultiAZ".to_owned(), json!(false))]),
        waiver: None,
        waiver_expired: None,
        baseline: None,
    }
}

/// `WAIVER MATCH EXPIRES MORE` per waiver.
fn written(entries: &[(&str, &str, &str, &str)]) -> Waivers {
    let mut text = "version: 1\nwaivers:\n".to_owned();
    for (id, selectors, expires, more) in entries {
        text.push_str(&format!(
            "- {{id: {id}, check: {RULE}, match: {{{selectors}}}, reason: Rebuilt nightly from the warehouse., \
             owner: a, approved_by: b, approved_on: 2026-01-01, expires: {expires}{more}}}\n"
        ));
    }
    let aws = BTreeSet::from([Platform::Aws]);
    let checks = Checks::from([(RULE.to_owned(), aws.clone()), (OTHER.to_owned(), aws)]);
    let (read, errors) = waivers("w.yaml", &text, &checks, 365).unwrap();
    assert!(errors.is_empty(), "{errors:?}");
    read
}

fn at(taken_at: &str) -> Snapshot {
    Snapshot::empty(taken_at.parse().unwrap())
}

fn run(
    mut findings: Vec<Finding>,
    waivers: &Waivers,
    snapshot: &Snapshot,
) -> (Vec<Finding>, Vec<WaiverReport>) {
    let coverage = |_: &str| CheckCoverage::Complete;
    let against = Against {
        snapshot,
        coverage: &coverage,
    };
    let reports = apply(&mut findings, waivers, &against);
    (findings, reports)
}

/// What a single waiver of one failing database comes to.
fn one(
    selectors: &str,
    expires: &str,
    more: &str,
    taken_at: &str,
) -> (Option<String>, Option<String>, WaiverState) {
    let waivers = written(&[("W-1", selectors, expires, more)]);
    let failing = vec![finding(RULE, "eu-west-1", "scratch", Outcome::Fail)];
    let (findings, reports) = run(failing, &waivers, &at(taken_at));
    assert_eq!(findings[0].outcome, Outcome::Fail);
    let finding = &findings[0];
    (
        finding.waiver.clone(),
        finding.waiver_expired.clone(),
        reports[0].state,
    )
}

fn waived() -> Option<String> {
    Some("W-1".to_owned())
}

#[test]
fn a_waiver_holds_until_the_last_second_of_its_last_day() {
    let one = |taken_at| one("region: eu-*", "2026-03-31", "", taken_at);
    assert_eq!(
        one("2025-12-31T23:59:59Z"),
        (None, None, WaiverState::Pending)
    );
    assert_eq!(
        one("2026-01-01T00:00:00Z"),
        (waived(), None, WaiverState::Applied)
    );
    assert_eq!(
        one("2026-02-28T00:00:00Z"),
        (waived(), None, WaiverState::Applied)
    );
    assert_eq!(
        one("2026-03-02T00:00:00Z"),
        (waived(), None, WaiverState::Expiring)
    );
    assert_eq!(
        one("2026-03-31T23:59:59Z"),
        (waived(), None, WaiverState::Expiring)
    );
    assert_eq!(
        one("2026-04-01T00:00:00Z"),
        (None, waived(), WaiverState::Expired)
    );
}

#[test]
fn what_a_renewal_waives_does_not_fail_again() {
    let waivers = written(&[
        ("W-1", "region: eu-*", "2026-03-31", ""),
        ("W-2", "region: eu-west-1", "2026-06-30", ""),
    ]);
    let failing = ["eu-west-1", "eu-west-2"]
        .map(|region| finding(RULE, region, "scratch", Outcome::Fail))
        .to_vec();
    let (_, reports) = run(failing.clone(), &waivers, &at("2026-04-02T00:00:00Z"));
    assert_eq!(reports[0].state, WaiverState::Expired);
    assert_eq!(reports[0].note.as_deref(), Some("1 finding fails again"));
    let renewed = failing.into_iter().take(1).collect();
    let (_, reports) = run(renewed, &waivers, &at("2026-04-02T00:00:00Z"));
    assert_eq!(reports[0].note, None);
}

#[test]
fn a_waiver_begins_on_the_day_that_it_names() {
    let more = ", not_before: 2026-02-01";
    let one = |taken_at| one("region: eu-*", "2026-06-30", more, taken_at).2;
    assert_eq!(one("2026-01-31T23:59:59Z"), WaiverState::Pending);
    assert_eq!(one("2026-02-01T00:00:00Z"), WaiverState::Applied);
}

#[test]
fn every_selector_has_to_be_met() {
    let one = |selectors| one(selectors, "2026-06-30", "", "2026-02-01T00:00:00Z");
    assert_eq!(one("region: eu-*, account: '1'").0, waived());
    assert_eq!(
        one("region: eu-*, account: '2'"),
        (None, None, WaiverState::Unused)
    );
    assert_eq!(one("region: eu").0, None, "anchored");
    assert_eq!(one("resource: '*:db:scratch'").0, waived());
    assert_eq!(one("resource: db").0, None, "anchored");
}

#[test]
fn tags_and_labels_select() {
    let resource = |document| Resource {
        kind: Kind::new("aws.rds.DBInstance"),
        id: ResourceId::new("arn:aws:rds:eu-west-1:1:db:scratch"),
        scope: Scope::aws("1", Some("eu-west-1")),
        origin: None,
        document,
    };
    let waivers = written(&[("W-1", "tags: {env: sand*}", "2026-06-30", "")]);
    for (document, applies) in [
        (
            json!({"TagList": [{"Key": "env", "Value": "sandbox"}]}),
            true,
        ),
        (json!({"TagList": [{"Key": "env", "Value": "prod"}]}), false),
        (json!({"Tags": [{"key": "env", "value": "sandbox"}]}), true),
        (json!({"tags": {"env": "sandbox"}}), true),
        (json!({"metadata": {"labels": {"env": "sandbox"}}}), true),
        (
            json!({"TagList": {"$unread": {"reason": "denied", "operation": "x"}}}),
            false,
        ),
        (json!({}), false),
    ] {
        let mut snapshot = at("2026-02-01T00:00:00Z");
        snapshot.resources = vec![resource(document.clone())];
        let failing = vec![finding(RULE, "eu-west-1", "scratch", Outcome::Fail)];
        let (findings, _) = run(failing, &waivers, &snapshot);
        assert_eq!(findings[0].waiver.is_some(), applies, "{document}");
    }
}

#[test]
fn another_value_than_the_approved_one_lapses() {
    let one = |pin: &str| {
        one(
            "region: eu-*",
            "2026-06-30",
            &format!(", observed: {{{pin}}}"),
            "2026-02-01T00:00:00Z",
        )
    };
    assert_eq!(one("MultiAZ: false").0, waived());
    let lapsed = (None, None, WaiverState::LapsedByObservedChange);
    assert_eq!(one("MultiAZ: true"), lapsed);
    assert_eq!(one("MultiAZ: null"), lapsed);
    assert_eq!(one("Engine: postgres"), lapsed, "not in the evidence");
}

#[test]
fn numbers_are_the_same_however_they_are_written() {
    assert!(is_same(&json!([1, {"a": 2.0}]), &json!([1.0, {"a": 2}])));
    assert!(!is_same(&json!([1]), &json!([1, 2])));
    assert!(!is_same(&json!({"a": 1}), &json!({"b": 1})));
    assert!(!is_same(&json!("1"), &json!(1)));
}

#[test]
fn what_makes_up_for_a_failure_has_to_pass_where_the_failure_is() {
    let more =
        format!(", compensating_control: {{description: Nightly rebuild, checks: [{OTHER}]}}");
    let waivers = written(&[("W-1", "region: eu-*", "2026-06-30", &more)]);
    let run_with = |others: Vec<Finding>, read: CheckCoverage| {
        let mut findings = vec![finding(RULE, "eu-west-1", "scratch", Outcome::Fail)];
        findings.extend(others);
        let snapshot = at("2026-02-01T00:00:00Z");
        let coverage = |_: &str| read;
        let against = Against {
            snapshot: &snapshot,
            coverage: &coverage,
        };
        apply(&mut findings, &waivers, &against)[0].state
    };
    let other = |region, outcome| finding(OTHER, region, "scratch", outcome);
    let complete = CheckCoverage::Complete;
    use Outcome::*;
    assert_eq!(
        run_with(vec![other("eu-west-1", Pass)], complete),
        WaiverState::Applied
    );
    let elsewhere = vec![other("eu-west-1", Pass), other("us-east-1", Fail)];
    assert_eq!(run_with(elsewhere, complete), WaiverState::Applied);
    for (others, coverage) in [
        (vec![other("eu-west-1", Fail)], complete),
        (vec![other("eu-west-1", Unknown)], complete),
        (vec![other("eu-west-1", NotApplicable)], complete),
        (vec![other("us-east-1", Pass)], complete),
        (vec![], complete),
        (vec![other("eu-west-1", Pass)], CheckCoverage::Partial),
        (vec![other("eu-west-1", Pass)], CheckCoverage::None),
    ] {
        assert_eq!(
            run_with(others, coverage),
            WaiverState::LapsedByCompensatingControl
        );
    }
}

#[test]
fn the_more_specific_waiver_is_recorded_and_then_the_first_by_id() {
    let waivers = written(&[
        ("W-a", "region: '*', resource: '*scratch'", "2026-06-30", ""),
        ("W-d", "region: eu-west-1, account: '1'", "2026-06-30", ""),
        ("W-b", "region: eu-west-1, account: '1'", "2026-06-30", ""),
    ]);
    let failing = vec![finding(RULE, "eu-west-1", "scratch", Outcome::Fail)];
    let (findings, reports) = run(failing, &waivers, &at("2026-02-01T00:00:00Z"));
    assert_eq!(findings[0].waiver.as_deref(), Some("W-b"));
    let states: Vec<_> = reports
        .iter()
        .map(|report| (report.id.as_str(), report.state))
        .collect();
    use WaiverState::{Applied, Unused};
    assert_eq!(states, [("W-a", Unused), ("W-b", Applied), ("W-d", Unused)]);
    assert_eq!(
        reports[0].note.as_deref(),
        Some("a more specific waiver applies to all that it means")
    );
}

#[test]
fn an_expired_waiver_does_not_stand_before_one_that_holds() {
    let waivers = written(&[
        ("W-old", "region: eu-west-1, account: '1'", "2026-01-31", ""),
        ("W-new", "region: eu-*", "2026-06-30", ""),
    ]);
    let failing = vec![finding(RULE, "eu-west-1", "scratch", Outcome::Fail)];
    let (findings, reports) = run(failing, &waivers, &at("2026-02-01T00:00:00Z"));
    assert_eq!(findings[0].waiver.as_deref(), Some("W-new"));
    assert_eq!(findings[0].waiver_expired, None);
    assert_eq!(reports[1].state, WaiverState::Expired);
}

#[test]
fn an_unused_waiver_says_why() {
    let note = |findings: Vec<Finding>| {
        let waivers = written(&[("W-1", "region: eu-*", "2026-06-30", "")]);
        let (_, reports) = run(findings, &waivers, &at("2026-02-01T00:00:00Z"));
        assert_eq!(reports[0].state, WaiverState::Unused);
        reports[0].note.clone().unwrap()
    };
    assert_eq!(note(vec![]), "it means no resource of this scan");
    assert_eq!(
        note(vec![finding(RULE, "eu-west-1", "a", Outcome::Pass)]),
        "nothing that it means fails any more"
    );
    assert_eq!(
        note(vec![finding(RULE, "eu-west-1", "a", Outcome::Unknown)]),
        "1 finding that it means is unknown: what is unknown cannot be waived"
    );
    assert_eq!(
        note(vec![finding(OTHER, "eu-west-1", "a", Outcome::Fail)]),
        "it means no resource of this scan",
        "another check"
    );
}
