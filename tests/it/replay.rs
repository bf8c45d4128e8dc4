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
const PLANTED: &[(&str, &str)] = &[
    ("aws.accessanalyzer.enabled", ":root"),
    ("aws.acm.expiry", "certificate/0f0e0d0c"),
    ("aws.apigw.request_validation", "restapis/"),
    (
        "aws.autoscaling.present",
        "autoScalingGroupName/streampulse-workers",
    ),
    ("aws.autoscaling.present", "service/status"),
    ("aws.autoscaling.present", "service/streampulse/ingest"),
    ("aws.backup.encrypted", ":snapshot/"),
    ("aws.backup.plans", "db:streampulse"),
    ("aws.backup.plans", "file-system/"),
    ("aws.backup.plans", "table/streampulse-sessions"),
    ("aws.backup.restore_test", ":root"),
    ("aws.backup.vault_lock", "backup-vault:streampulse"),
    ("aws.cloudfront.tls", "distribution/"),
    ("aws.cloudtrail.console_writes", "event/22222222"),
    ("aws.cloudtrail.data_events", ":s3:::streampulse-trail"),
    ("aws.cloudtrail.enabled", ":root"),
    ("aws.cloudwatch.alarm_actions", "db:streampulse"),
    (
        "aws.cloudwatch.alarm_actions",
        "loadbalancer/app/streampulse",
    ),
    (
        "aws.cloudwatch.alarm_actions",
        "loadbalancer/streampulse-legacy",
    ),
    ("aws.cloudwatch.anomaly_alarms", ":root"),
    ("aws.config.recorder_on", ":configuration-recorder"),
    ("aws.data_at_rest.aes256", "db:streampulse"),
    ("aws.data_at_rest.aes256", "file-system/"),
    ("aws.data_at_rest.aes256", "s3:::streampulse-uploads"),
    ("aws.ebs.volume_encrypted", ":ebs-encryption-by-default"),
    ("aws.ebs.volume_encrypted", ":volume/"),
    ("aws.ec2.sg_no_open_ports", "security-group/"),
    ("aws.ec2.subnet_public_ip", ":subnet/"),
    ("aws.ec2.vpc_flow_logs", ":vpc/"),
    (
        "aws.ecr.open_critical_findings",
        "repository/streampulse/api/",
    ),
    ("aws.ecr.scan_on_push", "repository/streampulse/api"),
    ("aws.ecr.scan_on_push", "repository/streampulse/web"),
    ("aws.ecr.tag_immutability", "repository/streampulse/api"),
    ("aws.ecr.tag_immutability", "repository/streampulse/web"),
    (
        "aws.ecs.container_isolation",
        "task-definition/streampulse-ingest",
    ),
    (
        "aws.ecs.no_plaintext_secrets",
        "task-definition/streampulse-ingest",
    ),
    ("aws.eks.control_plane_logs", "cluster/streampulse"),
    ("aws.eks.irsa", "cluster/streampulse"),
    ("aws.eks.private_endpoint", "cluster/streampulse"),
    ("aws.eks.secrets_encryption", "cluster/streampulse"),
    ("aws.elbv2.health_checks", "loadbalancer/streampulse-legacy"),
    ("aws.elbv2.health_checks", "targetgroup/web"),
    ("aws.elbv2.tls_listeners", "loadbalancer/app/streampulse"),
    ("aws.elbv2.tls_listeners", "loadbalancer/streampulse-legacy"),
    ("aws.guardduty_inspector", ":guardduty:"),
    ("aws.guardduty_inspector", ":inspector2:"),
    ("aws.iam.access_key_age", "user/ci"),
    ("aws.iam.mfa_console_users", ":root"),
    ("aws.iam.mfa_console_users", "user/admin"),
    ("aws.iam.no_admin_star", "policy/streampulse-deploy"),
    ("aws.iam.no_admin_star", "role/streampulse-support"),
    ("aws.iam.no_admin_star", "user/ci"),
    ("aws.iam.no_shared_accounts", "user/admin"),
    ("aws.iam.password_policy", ":root"),
    ("aws.iam.password_policy", "userpool/"),
    ("aws.iam.sod_db_admin", "db:streampulse"),
    ("aws.iam.sod_db_admin", "role/streampulse-deploy"),
    ("aws.iam.sod_db_admin", "role/streampulse-support"),
    ("aws.iam.sod_db_admin", "user/ci"),
    ("aws.iam.unused_credentials", "user/ci"),
    ("aws.kms.rotation", ":key/"),
    (
        "aws.lambda.no_plaintext_secrets",
        "function:streampulse-resize",
    ),
    ("aws.lambda.no_plaintext_secrets", "service/status"),
    ("aws.logs.archived_to_s3", "log-group:/streampulse/app"),
    ("aws.logs.audit_schema", "log-group:/streampulse/app"),
    ("aws.logs.container_logs_present", "cluster/streampulse"),
    (
        "aws.logs.container_logs_present",
        "service/streampulse/ingest",
    ),
    (
        "aws.logs.container_logs_present",
        "task-definition/streampulse-ingest",
    ),
    ("aws.logs.immutable_store", "trail/streampulse"),
    ("aws.logs.json_format", "log-group:/streampulse/app"),
    ("aws.logs.retention_365", "log-group:/streampulse/app"),
    ("aws.logs.retention_365", "log-group:/streampulse/archived"),
    ("aws.logs.trail_alarms", "trail/streampulse"),
    ("aws.rds.audit_logging", "db:streampulse"),
    ("aws.rds.automated_backups", "db:streampulse"),
    ("aws.rds.daily_snapshots", "db:streampulse"),
    ("aws.rds.force_ssl", "db:streampulse"),
    ("aws.rds.kms_cmk", "db:streampulse"),
    ("aws.rds.multi_az", "db:streampulse"),
    ("aws.rds.pitr", "db:streampulse"),
    ("aws.rds.private_subnet", "db:streampulse"),
    ("aws.rds.storage_encrypted", "db:streampulse"),
    ("aws.rds.subnet_group_zones", "subgrp:single"),
    ("aws.s3.kms_encryption", "s3:::streampulse-uploads"),
    ("aws.s3.lifecycle_expiry", "s3:::streampulse-uploads"),
    ("aws.s3.lifecycle_expiry", "table/streampulse-sessions"),
    ("aws.s3.log_bucket_retention", "trail/streampulse"),
    ("aws.s3.versioning", "s3:::streampulse-uploads"),
    ("aws.secretsmanager.db_rotation", "db:streampulse"),
    ("aws.secretsmanager.rotation", "secret:streampulse/database"),
    ("aws.securityhub.enabled", ":hub/"),
    ("aws.shield.ddos", "distribution/"),
    ("aws.shield.ddos", "loadbalancer/app/streampulse"),
    ("aws.shield.ddos", "loadbalancer/streampulse-legacy"),
    ("aws.shield.ddos", "service/status"),
    ("aws.sso.session_duration", "/ps-"),
    ("aws.sso.session_duration", "role/streampulse-support"),
    ("aws.tags.data_classification", "db:streampulse"),
    ("aws.tags.data_classification", "file-system/"),
    ("aws.tags.data_classification", "s3:::streampulse-uploads"),
    ("aws.tags.data_classification", "table/streampulse-sessions"),
    ("aws.wafv2.alb_attached", "loadbalancer/app/streampulse"),
    ("aws.wafv2.alb_attached", "loadbalancer/streampulse-legacy"),
    ("aws.wafv2.alb_attached", "service/status"),
    (
        "aws.wafv2.managed_rules_owasp",
        "loadbalancer/app/streampulse",
    ),
    (
        "aws.wafv2.managed_rules_owasp",
        "loadbalancer/streampulse-legacy",
    ),
    ("aws.wafv2.rate_limit", ":/apis/"),
    ("aws.wafv2.rate_limit", "distribution/"),
    ("aws.wafv2.rate_limit", "loadbalancer/app/streampulse"),
    ("aws.wafv2.rate_limit", "loadbalancer/streampulse-legacy"),
    ("aws.wafv2.rate_limit", "restapis/"),
    ("aws.wafv2.rate_limit", "service/status"),
    (
        "k8s.admission.policies_bound",
        "ValidatingAdmissionPolicy/no-latest-tag",
    ),
    ("k8s.cronjob.pg_dump", "Deployment/postgres"),
    ("k8s.db.not_self_managed", "Deployment/postgres"),
    ("k8s.db.pvc_backed", "Deployment/postgres"),
    ("k8s.deploy.anti_affinity", "Deployment/web"),
    ("k8s.deploy.min_replicas", "Deployment/api"),
    ("k8s.deploy.min_replicas", "Deployment/postgres"),
    ("k8s.hpa.present", "Deployment/api"),
    ("k8s.hpa.present", "Deployment/postgres"),
    ("k8s.hpa.present", "Deployment/web"),
    ("k8s.ingress.tls", "Gateway/partners"),
    ("k8s.ingress.tls", "Ingress/web"),
    ("k8s.ingress.web_acl", "Ingress/web"),
    ("k8s.logging.agent_daemonset", "Node/ip-10-0-3-10"),
    ("k8s.logs.json_format", "PodLog/api-6f7c9d8b5-a2x4v/api"),
    ("k8s.mesh.mtls_strict", "Namespace/streampulse"),
    ("k8s.namespace.quota", "Namespace/streampulse"),
    ("k8s.networkpolicy.default_deny", "Namespace/streampulse"),
    ("k8s.pdb.present", "Deployment/web"),
    ("k8s.pod.security_context", "Deployment/api"),
    ("k8s.pod.security_context", "Deployment/postgres"),
    ("k8s.pod.security_context", "Deployment/web"),
    ("k8s.pods.no_secret_literals", "Deployment/api"),
    ("k8s.pods.no_secret_literals", "Deployment/postgres"),
    ("k8s.postgres.ssl_on", "Deployment/postgres"),
    ("k8s.probes", "Deployment/api"),
    ("k8s.probes", "Deployment/postgres"),
    ("k8s.probes", "Deployment/web"),
    (
        "k8s.rbac.cluster_admin_bindings",
        "ClusterRoleBinding/developers",
    ),
    ("k8s.sa.role_arn_annotation", "ServiceAccount/default"),
    ("k8s.secrets.external_store", "Deployment/web"),
    ("k8s.sa.role_trusts_it_alone", "ServiceAccount/uploads"),
    ("k8s.storageclass.encrypted", "PersistentVolume/pvc-uploads"),
    ("k8s.storageclass.key_rotation", "StorageClass/gp3-keyed"),
];

/// The JSON report of a scenario, as the program writes it.
fn replayed(name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let tape = fixture(name);
    let config = fixture("soc2scan.yaml");
    let arguments = [
        "check",
        "--config",
        config.to_str().unwrap(),
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

/// Rules without a pass or a fail in any environment, and why.
const ONE_SIDED: &[(&str, &str)] = &[(
    "k8s.apiserver.encryption_provider",
    "the control planes are EKS's, which show no API server",
)];

#[test]
fn every_rule_passes_somewhere_and_fails_somewhere() {
    let reports = SCENARIOS.map(report);
    let rules = list(&reports[0], "checks").iter();
    let lacking: Vec<String> = rules
        .map(|check| check["rule"].as_str().unwrap())
        .filter(|rule| ONE_SIDED.iter().all(|(known, _)| known != rule))
        .flat_map(|rule| ["pass", "fail"].map(|outcome| (rule, outcome)))
        .filter(|(rule, outcome)| {
            let has = |report: &Value| {
                let mut found = list(report, "findings").iter();
                found.any(|f| f["rule"] == *rule && f["outcome"] == *outcome)
            };
            !reports.iter().any(has)
        })
        .map(|(rule, outcome)| format!("{rule} {outcome}"))
        .collect();
    assert_eq!(lacking, Vec::<String>::new());
}

/// Whatever was listed of a check's kinds is judged, does not apply, or is spoken for by its controller.
#[test]
fn every_population_reconciles_with_what_was_listed() {
    let mut spoken_for = 0;
    for name in ["streampulse-gap", "streampulse-compliant"] {
        let report = report(name);
        for check in list(&report, "checks") {
            if check["status"] == "not_run" {
                continue;
            }
            let kinds = list(check, "resource");
            let rows = list(&report, "coverage").iter();
            let listed: u64 = rows
                .filter(|row| kinds.contains(&row["kind"]))
                .filter_map(|row| row["count"].as_u64())
                .sum();
            let counts = check["counts"].as_object().unwrap().values();
            let judged: u64 = counts.filter_map(Value::as_u64).sum();
            let others = check["spoken_for"].as_u64().unwrap_or_default();
            assert_eq!(listed, judged + others, "{name}: {}", check["rule"]);
            spoken_for += others;
        }
    }
    assert!(spoken_for > 0);
}

/// Kinds that no built-in rule reads, so that no scan asks for them: for rules of one's own.
const UNREAD: [&str; 1] = ["k8s.Secret"];

#[test]
fn every_kind_is_on_a_tape() {
    let report = report("streampulse-compliant");
    let on_tape: BTreeSet<&str> = list(&report, "coverage")
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    let kinds = soc2scan::collect::schema().kinds;
    let missing: Vec<&str> = kinds
        .keys()
        .map(|kind| kind.as_str())
        .filter(|kind| !on_tape.contains(kind))
        .collect();
    assert_eq!(missing, UNREAD);
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
    // Every account has a root user, and this one has no key and was not at work.
    const ROOT: [&str; 2] = ["aws.iam.access_key_age", "aws.iam.no_shared_accounts"];
    let passed: BTreeSet<&str> = findings(&report, "pass")
        .into_iter()
        .map(|(rule, id)| {
            assert!(id.ends_with(":root"), "{rule} {id}");
            rule
        })
        .collect();
    assert_eq!(passed, BTreeSet::from(ROOT));
    for check in list(&report, "checks") {
        let rule = check["rule"].as_str().unwrap();
        let passes = check["status"] == "pass";
        assert!(!passes || ROOT.contains(&rule), "{rule}");
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
