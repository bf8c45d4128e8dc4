//! A snapshot under a rulebook gives a report.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use soc2scan::evaluate::{Options, evaluate};
use soc2scan::model::{
    CheckCoverage, CheckReport, CheckStatus, ControlReport, ControlStatus, Exclusion, Kind, NotRun,
    Outcome, Platform, Reason, Report, Resource, Scope, Seen, Snapshot, Target, Unread, sha256,
};
use soc2scan::register::{Attestations, attestations};
use soc2scan::render::{Format, Look};
use soc2scan::rules::Rulebook;

use crate::small::{
    self, BUDGET, Brief, CLUSTER, DEPLOYMENT, EAST, KEY, POD, WEST, aws, complete, database,
    denied, options, rulebook_of, unread, workload,
};

fn check<'a>(report: &'a Report, rule: &str) -> &'a CheckReport {
    let mut checks = report.checks.iter();
    checks.find(|check| check.rule == rule).unwrap()
}

fn control<'a>(report: &'a Report, id: &str) -> &'a ControlReport {
    let mut controls = report.controls.iter();
    controls.find(|control| control.id == id).unwrap()
}

/// The outcomes of a rule by the last part of the resource's id.
fn outcomes<'a>(report: &'a Report, rule: &str) -> Vec<(&'a str, Outcome)> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.rule == rule)
        .map(|finding| {
            let id = finding.resource.id.as_str();
            (id.rsplit(['/', ':']).next().unwrap(), finding.outcome)
        })
        .collect()
}

#[test]
fn the_small_environment_has_every_kind_of_status() {
    let report = small::report();
    assert_eq!(report.schema, "soc2scan.report/v1");
    let statuses: BTreeMap<_, _> = report
        .checks
        .iter()
        .map(|check| (check.rule.as_str(), check.status))
        .collect();
    use CheckStatus::*;
    assert_eq!(
        statuses,
        BTreeMap::from([
            ("aws.ecr.scan_on_push", Fail),
            ("aws.ecr.tag_immutability", Pass),
            ("aws.eks.control_plane_logs", Unknown),
            ("aws.eks.private_endpoint", Unknown),
            ("aws.kms.rotation", Unknown),
            ("aws.logs.retention_365", Fail),
            ("aws.rds.pitr", Fail),
            ("aws.rds.private_subnet", Fail),
            ("aws.rds.storage_encrypted", Fail),
            ("k8s.deploy.min_replicas", Fail),
            ("k8s.pdb.present", Fail),
            ("k8s.pods.no_secret_literals", Fail),
            ("k8s.probes", Fail),
        ])
    );
    assert_eq!(report.controls.len(), 61);
    assert_eq!(control(&report, "CC7.3").status, ControlStatus::Unknown);
    assert_eq!(
        control(&report, "CC6.8").status,
        ControlStatus::PartiallyEvidenced
    );
    assert_eq!(
        control(&report, "A1.3").status,
        ControlStatus::ManualRequired
    );
    assert_eq!(control(&report, "P1.1").status, ControlStatus::OutOfScope);
    assert_eq!(report.summary.findings.total(), report.findings.len());
    assert_eq!(
        report.digests.snapshot,
        sha256(small::snapshot().to_json_lines().as_bytes())
    );
    assert_eq!(report.digests.rulebook, small::rulebook().digest);
}

#[test]
fn a_finding_carries_the_evidence_that_it_rests_on() {
    let report = small::report();
    let mut findings = report.findings.iter();
    let finding = findings
        .find(|finding| finding.rule == "aws.rds.storage_encrypted")
        .unwrap();
    assert_eq!(
        finding.evidence,
        BTreeMap::from([("StorageEncrypted".to_owned(), json!(false))])
    );
    assert_eq!(finding.reason, None);
}

#[test]
fn what_could_not_be_listed_is_unknown_and_has_no_finding() {
    let report = small::report();
    let logs = check(&report, "aws.eks.control_plane_logs");
    assert_eq!(logs.status, CheckStatus::Unknown);
    assert_eq!(logs.coverage, CheckCoverage::None);
    assert_eq!(logs.counts.total(), 0);
}

#[test]
fn a_fact_that_could_not_be_read_is_unknown_with_its_reason() {
    let report = small::report();
    assert_eq!(
        outcomes(&report, "aws.kms.rotation"),
        [("1111", Outcome::Pass), ("2222", Outcome::Unknown)]
    );
    let unknown: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Unknown)
        .collect();
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].reason, Some(denied("kms:GetKeyRotationStatus")));
    let rotation = check(&report, "aws.kms.rotation");
    assert_eq!(rotation.coverage, CheckCoverage::Complete);
    assert_eq!(rotation.status, CheckStatus::Unknown);
}

#[test]
fn an_empty_population_is_what_the_rule_says() {
    let report = small::report();
    let logs = check(&report, "aws.logs.retention_365");
    assert_eq!((logs.status, logs.counts.total()), (CheckStatus::Fail, 0));

    let mut snapshot = small::snapshot();
    snapshot.resources.clear();
    let report = evaluate(&snapshot, &small::rulebook(), &options());
    let databases = check(&report, "aws.rds.pitr");
    assert_eq!(databases.status, CheckStatus::NotApplicable);
}

#[test]
fn a_controller_speaks_for_its_pods() {
    let report = small::report();
    assert_eq!(
        outcomes(&report, "k8s.pods.no_secret_literals"),
        [
            ("api", Outcome::Fail),
            ("|@octocat\u{1b}[31m<b>", Outcome::Pass),
            ("debug", Outcome::Pass),
        ]
    );
}

fn budgets() -> Rulebook {
    rulebook_of(&[Brief {
        id: "k8s.x.budget",
        title: "Deployments have a budget in their namespace",
        resource: DEPLOYMENT,
        severity: "low",
        controls: "{ required: [A1.2] }",
        more: "",
        assert: "resource.exempt == true || related('k8s.PodDisruptionBudget').exists(b, b.metadata.name == 'b')",
        fix: "{ kubectl: kubectl create pdb }",
        cases: [json!({"exempt": true}), json!({"exempt": false})],
    }])
}

fn cluster(rows: &[&str]) -> Snapshot {
    let mut snapshot = small::snapshot();
    snapshot.resources.clear();
    let scope = || soc2scan::model::Scope::kubernetes(CLUSTER, None);
    snapshot.coverage = rows.iter().map(|kind| complete(kind, scope(), 1)).collect();
    snapshot
}

#[test]
fn related_resources_are_those_of_the_namespace() {
    let mut snapshot = cluster(&[DEPLOYMENT, BUDGET]);
    snapshot.resources = vec![
        workload(DEPLOYMENT, "a", "with", json!({})),
        workload(DEPLOYMENT, "b", "without", json!({})),
        workload(BUDGET, "a", "b", json!({})),
    ];
    snapshot.sort();
    let report = evaluate(&snapshot, &budgets(), &options());
    assert_eq!(
        outcomes(&report, "k8s.x.budget"),
        [("with", Outcome::Pass), ("without", Outcome::Fail)]
    );
}

#[test]
fn an_unread_related_kind_leaves_what_needs_it_unknown() {
    let mut snapshot = cluster(&[DEPLOYMENT]);
    snapshot.resources = vec![
        workload(DEPLOYMENT, "a", "exempt", json!({"exempt": true})),
        workload(DEPLOYMENT, "a", "needs", json!({"exempt": false})),
    ];
    let expected = [("exempt", Outcome::Pass), ("needs", Outcome::Unknown)];

    let report = evaluate(&snapshot, &budgets(), &options());
    assert_eq!(outcomes(&report, "k8s.x.budget"), expected);
    let never_asked = report.findings[1].reason.as_ref().unwrap();
    assert_eq!(never_asked.reason, Reason::NotRecorded);

    let scope = soc2scan::model::Scope::kubernetes(CLUSTER, None);
    let refused = Unread {
        reason: Reason::Denied,
        operation: "GET /apis/policy/v1/poddisruptionbudgets".to_owned(),
        permission: Some("list poddisruptionbudgets.policy".to_owned()),
        detail: String::new(),
    };
    snapshot
        .coverage
        .push(unread(BUDGET, scope, refused.clone()));
    let report = evaluate(&snapshot, &budgets(), &options());
    assert_eq!(outcomes(&report, "k8s.x.budget"), expected);
    assert_eq!(report.findings[1].reason, Some(refused));
    let budget = check(&report, "k8s.x.budget");
    assert_eq!(budget.coverage, CheckCoverage::Complete);
    assert_eq!(budget.status, CheckStatus::Unknown);
}

#[test]
fn a_rule_over_several_kinds_needs_all_of_them() {
    let rulebook = rulebook_of(&[Brief {
        id: "k8s.x.labelled",
        title: "Workloads are labelled",
        resource: "[k8s.Deployment, k8s.Pod]",
        severity: "low",
        controls: "{ required: [CC6.1] }",
        more: "",
        assert: "resource.ok == true",
        fix: "{ kubectl: kubectl label }",
        cases: [json!({"ok": true}), json!({"ok": false})],
    }]);
    let report = |rows: &[&str], ok: bool| {
        let mut snapshot = cluster(rows);
        snapshot.resources = vec![workload(DEPLOYMENT, "a", "d", json!({"ok": ok}))];
        let report = evaluate(&snapshot, &rulebook, &options());
        let check = check(&report, "k8s.x.labelled");
        (check.coverage, check.status)
    };
    assert_eq!(
        report(&[DEPLOYMENT, POD], true),
        (CheckCoverage::Complete, CheckStatus::Pass)
    );
    assert_eq!(
        report(&[DEPLOYMENT], true),
        (CheckCoverage::Partial, CheckStatus::Unknown)
    );
    assert_eq!(
        report(&[DEPLOYMENT], false),
        (CheckCoverage::Partial, CheckStatus::Fail),
        "one proven failure is enough"
    );
}

#[test]
fn a_rule_that_is_not_selected_is_not_run_and_leaves_its_control_unknown() {
    let options = Options {
        selected: Some(BTreeSet::from(["aws.rds.pitr".to_owned()])),
        ..options()
    };
    let report = evaluate(&small::snapshot(), &small::rulebook(), &options);
    let scan = check(&report, "aws.ecr.scan_on_push");
    assert_eq!(scan.status, CheckStatus::NotRun);
    assert_eq!(scan.not_run, Some(NotRun::NotSelected));
    assert_eq!(check(&report, "aws.rds.pitr").not_run, None);
    assert!(report.findings.iter().all(|f| f.rule == "aws.rds.pitr"));
    let cc71 = control(&report, "CC7.1");
    assert_eq!(cc71.status, ControlStatus::Unknown);
    assert_eq!(
        cc71.why,
        "1 of 1 required check was not run: aws.ecr.scan_on_push"
    );
    assert_eq!(control(&report, "CC7.5").status, ControlStatus::Gap);
}

#[test]
fn a_platform_that_was_not_scanned_bears_on_no_control() {
    let mut snapshot = small::snapshot();
    let stays = |platform| platform == Platform::Aws;
    snapshot.resources.retain(|r| stays(r.scope.platform()));
    snapshot.coverage.retain(|row| stays(row.scope.platform()));
    snapshot.targets.pop();
    snapshot.excluded = vec![Exclusion {
        platform: Platform::Kubernetes,
        why: "no kubeconfig".to_owned(),
    }];
    let report = evaluate(&snapshot, &small::rulebook(), &options());
    assert_eq!(
        check(&report, "k8s.probes").status,
        CheckStatus::NotRun,
        "listed all the same"
    );
    assert!(
        report
            .controls
            .iter()
            .flat_map(|control| &control.checks)
            .all(|check| check.rule.starts_with("aws."))
    );
    let a11 = control(&report, "A1.1");
    assert_eq!(a11.status, ControlStatus::ManualRequired);
    assert_eq!(
        a11.why,
        "no check shows it; a person must attest capacity_review; left out, since nothing that was scanned can \
         show them: 1 of the required checks"
    );
}

/// Topics that somebody attests for a criterion on the day of the scan.
fn attested(topics: &[&str], control: &str) -> Attestations {
    let mut text = "version: 1\nattestations:\n".to_owned();
    for topic in topics {
        text.push_str(&format!(
            "- {{id: {topic}, topic: {topic}, controls: [{control}], result: operating, owner: o, attested_by: a, \
             attested_on: 2026-01-15, statement: It is in place and was looked at.}}\n"
        ));
    }
    attestations("attestations.yaml", &text).unwrap().0
}

#[test]
fn attestations_reach_the_controls() {
    let options = Options {
        attestations: attested(&["endpoint_protection", "change_policy"], "CC6.8"),
        ..options()
    };
    let report = evaluate(&small::snapshot(), &small::rulebook(), &options);
    assert_eq!(control(&report, "CC6.8").status, ControlStatus::Met);
}

#[test]
fn a_rule_that_cannot_work_with_a_value_is_a_bug_and_no_verdict() {
    let mut snapshot = small::snapshot();
    snapshot.resources = vec![
        database(
            EAST,
            "odd",
            json!({"BackupRetentionPeriod": "seven", "LatestRestorableTime": "2026-01-15T11:55:00Z"}),
        ),
        database(
            EAST,
            "plain",
            json!({"BackupRetentionPeriod": 7, "LatestRestorableTime": "2026-01-15T11:55:00Z"}),
        ),
    ];
    let report = evaluate(&snapshot, &small::rulebook(), &options());
    assert_eq!(
        outcomes(&report, "aws.rds.pitr"),
        [("odd", Outcome::Unknown), ("plain", Outcome::Pass)]
    );
    let bugs: Vec<_> = report
        .rule_bugs
        .iter()
        .filter(|bug| bug.rule == "aws.rds.pitr")
        .collect();
    assert_eq!(bugs.len(), 1);
    assert!(bugs[0].resource.ends_with(":db:odd"));
    assert_eq!(check(&report, "aws.rds.pitr").status, CheckStatus::Unknown);
}

#[test]
fn many_verdicts_come_in_order_and_are_the_same_each_time() {
    let mut snapshot = small::snapshot();
    for number in 0..1_000 {
        snapshot.resources.push(database(
            WEST,
            &format!("db-{number:04}"),
            json!({"BackupRetentionPeriod": number % 10, "LatestRestorableTime": "x", "PubliclyAccessible": false,
                   "StorageEncrypted": true}),
        ));
    }
    snapshot.sort();
    let rulebook = small::rulebook();
    let report = evaluate(&snapshot, &rulebook, &options());
    let keys: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (&finding.rule, &finding.resource.kind, &finding.resource.id))
        .collect();
    assert!(keys.len() > 3_000);
    assert!(keys.is_sorted());
    let pitr = check(&report, "aws.rds.pitr");
    assert_eq!((pitr.counts.fail, pitr.counts.pass), (701, 307));
    assert_eq!(report, evaluate(&snapshot, &rulebook, &options()));
}

/// Everything that can be hidden from the small environment, hidden one at a time, and all of it at once.
fn darker() -> Vec<Snapshot> {
    let bright = small::snapshot();
    let mut darker = Vec::new();
    for index in 0..bright.coverage.len() {
        let mut dark = bright.clone();
        let row = &mut dark.coverage[index];
        row.seen = Seen::Unread(denied("x:List"));
        let row = row.clone();
        dark.resources
            .retain(|r| r.kind != row.kind || !row.scope.meets(&r.scope));
        darker.push(dark);
    }
    for index in 0..bright.resources.len() {
        let mut dark = bright.clone();
        dark.resources[index].document = denied("x:Describe").marker();
        darker.push(dark);
    }
    let mut dark = bright;
    dark.resources.clear();
    for row in &mut dark.coverage {
        row.seen = Seen::Unread(denied("x:List"));
    }
    darker.push(dark);
    darker
}

#[test]
fn reading_less_never_makes_anything_better() {
    let rulebook = small::rulebook();
    let bright = small::report();
    // A failure that is hidden may become unknown; nothing else may get better, and nothing may pass that did not.
    for dark in darker() {
        let report = evaluate(&dark, &rulebook, &options());
        for (before, after) in bright.checks.iter().zip(&report.checks) {
            let better = after.status > before.status;
            let hidden = before.status == CheckStatus::Fail && after.status == CheckStatus::Unknown;
            assert!(!better || hidden, "{}: {before:?} {after:?}", before.rule);
        }
        for (before, after) in bright.controls.iter().zip(&report.controls) {
            let better = after.status > before.status;
            let hidden =
                before.status == ControlStatus::Gap && after.status == ControlStatus::Unknown;
            assert!(!better || hidden, "{}: {before:?} {after:?}", before.id);
        }
        for finding in &report.findings {
            let unknown = finding.outcome == Outcome::Unknown;
            assert_eq!(unknown, finding.reason.is_some(), "{finding:?}");
        }
    }
}

#[test]
fn nothing_read_is_nothing_known() {
    let report = evaluate(&darker().pop().unwrap(), &small::rulebook(), &options());
    for check in &report.checks {
        assert_eq!(check.status, CheckStatus::Unknown, "{}", check.rule);
    }
    for control in &report.controls {
        assert!(
            matches!(
                control.status,
                ControlStatus::Unknown | ControlStatus::ManualRequired | ControlStatus::OutOfScope
            ),
            "{control:?}"
        );
    }
}

#[test]
fn a_place_that_nobody_asked_in_is_not_covered() {
    let mut snapshot = small::snapshot();
    let west = aws(WEST);
    snapshot
        .coverage
        .retain(|row| row.kind != Kind::new(KEY) || row.scope != west);
    let report = evaluate(&snapshot, &small::rulebook(), &options());
    assert_eq!(
        check(&report, "aws.kms.rotation").coverage,
        CheckCoverage::Partial
    );
    assert_eq!(
        check(&report, "aws.rds.pitr").coverage,
        CheckCoverage::Complete
    );
}

/// A second account that was read to the end and holds what the first does, or nothing.
fn two_accounts(second: &[Resource]) -> Snapshot {
    let mut snapshot = small::snapshot();
    snapshot
        .resources
        .retain(|resource| resource.kind == Kind::new(small::DATABASE));
    snapshot
        .resources
        .retain(|resource| resource.id.as_str().ends_with("analytics"));
    let scope = || Scope::aws("999999999999", Some(EAST));
    snapshot.targets = vec![
        Target::Aws {
            account: small::ACCOUNT.to_owned(),
            identity: None,
            regions: vec![WEST.to_owned()],
        },
        Target::Aws {
            account: "999999999999".to_owned(),
            identity: None,
            regions: vec![EAST.to_owned()],
        },
    ];
    snapshot.coverage = vec![
        complete(small::DATABASE, aws(WEST), 1),
        complete(small::DATABASE, scope(), second.len()),
    ];
    snapshot
        .resources
        .extend(second.iter().cloned().map(|mut resource| {
            resource.scope = scope();
            resource
        }));
    snapshot.sort();
    snapshot
}

fn backed_up(when_empty: &'static str) -> Rulebook {
    rulebook_of(&[Brief {
        id: "aws.x.backed_up",
        title: "Databases are backed up",
        resource: small::DATABASE,
        severity: "low",
        controls: "{ required: [A1.2] }",
        more: when_empty,
        assert: "resource.BackupRetentionPeriod >= 7",
        fix: "{ cli: aws rds }",
        cases: [
            json!({"BackupRetentionPeriod": 7}),
            json!({"BackupRetentionPeriod": 0}),
        ],
    }])
}

#[test]
fn what_one_account_has_does_not_hide_that_another_has_none() {
    for (when_empty, expected) in [
        ("when_empty: fail", CheckStatus::Fail),
        ("when_empty: unknown", CheckStatus::Unknown),
        ("when_empty: not_applicable", CheckStatus::Pass),
    ] {
        let report = evaluate(&two_accounts(&[]), &backed_up(when_empty), &options());
        let check = check(&report, "aws.x.backed_up");
        assert_eq!(check.status, expected, "{when_empty}");
        assert_eq!(check.by_target[small::ACCOUNT], CheckStatus::Pass);
        assert_eq!((check.counts.pass, check.counts.fail), (1, 0));
        if expected == CheckStatus::Fail {
            for format in [
                Format::Table,
                Format::Markdown,
                Format::Html,
                Format::Sarif,
                Format::Junit,
                Format::Github,
                Format::Csv,
                Format::Jsonl,
                Format::Ocsf,
                Format::Asff,
            ] {
                let text = soc2scan::render::render(&report, format, &Look::PLAIN);
                let text = String::from_utf8(text).unwrap();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(" in 999999999999"), "{format}\n{text}");
            }
        }
    }
    // Nor does a failure that somebody answers for.
    let mut waived = evaluate(
        &two_accounts(&[]),
        &backed_up("when_empty: fail"),
        &options(),
    );
    waived.findings[0].outcome = Outcome::Fail;
    waived.findings[0].waiver = Some("W-1".to_owned());
    let open = waived.open_by_itself(check(&waived, "aws.x.backed_up"));
    assert_eq!(open.unwrap().owners, ["999999999999"]);
    let there = database(EAST, "there", json!({"BackupRetentionPeriod": 7}));
    let report = evaluate(
        &two_accounts(&[there]),
        &backed_up("when_empty: fail"),
        &options(),
    );
    assert_eq!(check(&report, "aws.x.backed_up").status, CheckStatus::Pass);
    let plain = small::report();
    assert!(
        plain.checks.iter().all(|check| check.by_target.is_empty()),
        "one account needs no such thing"
    );
}
