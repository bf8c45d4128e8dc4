//! Whole environments, replayed from their tapes: the report of each, and what it must and must not say.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::cli::{fixture, soc2scan};

const SCENARIOS: [&str; 5] = [
    "denied",
    "empty",
    "streampulse-compliant",
    "streampulse-gap",
    "throttled",
];

/// What is wrong in `streampulse-gap`, on purpose: the rule, and a part of the resource's id.
const PLANTED: [(&str, &str); 37] = [
    ("aws.ecr.scan_on_push", "repository/streampulse/api"),
    ("aws.ecr.scan_on_push", "repository/streampulse/web"),
    ("aws.ecr.tag_immutability", "repository/streampulse/api"),
    ("aws.ecr.tag_immutability", "repository/streampulse/web"),
    ("aws.eks.control_plane_logs", "cluster/streampulse"),
    ("aws.eks.private_endpoint", "cluster/streampulse"),
    ("aws.eks.secrets_encryption", "cluster/streampulse"),
    ("aws.elbv2.tls_listeners", "loadbalancer/app/streampulse"),
    ("aws.kms.rotation", ":key/"),
    ("aws.logs.retention_365", "log-group:/streampulse/app"),
    ("aws.rds.audit_logging", "db:streampulse"),
    ("aws.rds.automated_backups", "db:streampulse"),
    ("aws.rds.kms_cmk", "db:streampulse"),
    ("aws.rds.multi_az", "db:streampulse"),
    ("aws.rds.pitr", "db:streampulse"),
    ("aws.rds.private_subnet", "db:streampulse"),
    ("aws.rds.storage_encrypted", "db:streampulse"),
    ("aws.wafv2.alb_attached", "loadbalancer/app/streampulse"),
    (
        "aws.wafv2.managed_rules_owasp",
        "loadbalancer/app/streampulse",
    ),
    ("aws.wafv2.rate_limit", "loadbalancer/app/streampulse"),
    ("k8s.db.not_self_managed", "Deployment/postgres"),
    ("k8s.db.pvc_backed", "Deployment/postgres"),
    ("k8s.deploy.anti_affinity", "Deployment/web"),
    ("k8s.deploy.min_replicas", "Deployment/api"),
    ("k8s.deploy.min_replicas", "Deployment/postgres"),
    ("k8s.hpa.present", "Deployment/api"),
    ("k8s.hpa.present", "Deployment/postgres"),
    ("k8s.hpa.present", "Deployment/web"),
    ("k8s.ingress.tls", "Ingress/web"),
    ("k8s.networkpolicy.default_deny", "Namespace/streampulse"),
    ("k8s.pdb.present", "Deployment/web"),
    ("k8s.pods.no_secret_literals", "Deployment/api"),
    ("k8s.pods.no_secret_literals", "Deployment/postgres"),
    ("k8s.probes", "Deployment/api"),
    ("k8s.probes", "Deployment/postgres"),
    ("k8s.probes", "Deployment/web"),
    ("k8s.storageclass.encrypted", "PersistentVolume/pvc-uploads"),
];

/// The JSON report of a scenario, as the program writes it.
fn replayed(name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let tape = fixture(name);
    let arguments = [
        "check",
        "--format",
        "json",
        "--replay",
        tape.to_str().unwrap(),
    ];
    let ran = soc2scan(folder.path(), &[], &arguments);
    assert!([0, 1, 2].contains(&ran.code), "{}", ran.err);
    assert_eq!(ran.err, "", "{name} complains");
    ran.out
}

fn report(name: &str) -> Value {
    serde_json::from_str(&replayed(name)).unwrap()
}

fn list<'a>(report: &'a Value, key: &str) -> &'a [Value] {
    report[key].as_array().unwrap()
}

fn findings<'a>(report: &'a Value, outcome: &str) -> BTreeSet<(&'a str, &'a str)> {
    list(report, "findings")
        .iter()
        .filter(|finding| finding["outcome"] == outcome)
        .map(|finding| {
            (
                finding["rule"].as_str().unwrap(),
                finding["resource"]["id"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn each_scenario_gives_its_report() {
    for name in SCENARIOS {
        let golden = fixture(name).join("report.json");
        let found = replayed(name);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &found).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        let moved = expected
            .lines()
            .zip(found.lines())
            .position(|(a, b)| a != b);
        assert!(
            expected == found,
            "{name}/report.json moved at line {:?}; review it with BLESS=1 and git diff",
            moved.map(|line| line + 1)
        );
    }
}

#[test]
fn the_gap_environment_fails_where_gaps_were_planted_and_nowhere_else() {
    let report = report("streampulse-gap");
    let failed = findings(&report, "fail");
    let mut unexpected: Vec<_> = failed
        .iter()
        .filter(|(rule, id)| {
            !PLANTED
                .iter()
                .any(|(planted, part)| planted == rule && id.contains(part))
        })
        .collect();
    unexpected.sort();
    let missed: Vec<_> = PLANTED
        .iter()
        .filter(|(rule, end)| {
            !failed
                .iter()
                .any(|(failed, id)| failed == rule && id.contains(end))
        })
        .collect();
    assert!(
        unexpected.is_empty() && missed.is_empty(),
        "not planted: {unexpected:#?}\nmissed: {missed:#?}"
    );
    assert_eq!(
        failed.len(),
        PLANTED.len(),
        "an entry of the list names more than one resource"
    );
}

#[test]
fn the_compliant_environment_has_no_gap_and_nothing_unknown() {
    let report = report("streampulse-compliant");
    assert_eq!(findings(&report, "fail"), BTreeSet::new());
    assert_eq!(findings(&report, "unknown"), BTreeSet::new());
    assert!(findings(&report, "pass").len() >= 40);
}

#[test]
fn denied_is_unknown_and_names_every_permission() {
    let report = report("denied");
    assert_eq!(findings(&report, "pass"), BTreeSet::new());
    assert_eq!(findings(&report, "fail"), BTreeSet::new());
    for row in list(&report, "coverage") {
        assert_eq!(row["outcome"], "unread", "{row}");
        assert_eq!(row["reason"], "denied", "{row}");
        assert!(
            row["permission"]
                .as_str()
                .is_some_and(|permission| !permission.is_empty()),
            "{row}"
        );
    }
    for check in list(&report, "checks") {
        assert_eq!(check["status"], "unknown", "{}", check["rule"]);
    }
    for control in list(&report, "controls") {
        let status = control["status"].as_str().unwrap();
        assert!(
            ["unknown", "manual_required", "out_of_scope"].contains(&status),
            "{control}"
        );
    }
}

#[test]
fn throttled_answers_that_succeed_in_the_end_change_nothing_but_the_number_of_calls() {
    let (throttled, gap) = (report("throttled"), report("streampulse-gap"));
    for outcome in ["pass", "fail", "unknown", "not_applicable"] {
        let of = |report: &Value| {
            findings(report, outcome)
                .into_iter()
                .map(|(rule, _)| rule.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&throttled), of(&gap), "{outcome}");
    }
    let calls = |report: &Value| {
        list(report, "calls")
            .iter()
            .map(|call| call["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert!(calls(&throttled) > calls(&gap));
}

#[test]
fn nothing_there_is_never_a_pass() {
    let report = report("empty");
    assert_eq!(list(&report, "findings").len(), 0);
    for check in list(&report, "checks") {
        assert_ne!(check["status"], "pass", "{}", check["rule"]);
    }
    for control in list(&report, "controls") {
        let status = control["status"].as_str().unwrap();
        assert!(
            !["met", "met_with_exceptions", "attested"].contains(&status),
            "{control}"
        );
    }
}

#[test]
fn every_tape_is_free_of_secrets() {
    for name in SCENARIOS {
        let mut folders = vec![fixture(name).join("tape")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                for secret in [
                    "not-a-real",
                    "not-real",
                    "bm90LWEt",
                    "Signature=",
                    "X-Amz-Security-Token",
                    "Bearer ",
                ] {
                    assert!(!text.contains(secret), "{secret} is in {}", path.display());
                }
            }
        }
    }
}
