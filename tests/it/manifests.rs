//! Manifests as a source, from the command line: verdicts at their lines, what is broken, what cannot be known.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cli::{Ran, refused, soc2scan};

/// A workload that every rule of manifests is content with.
const GOOD: &str = r#"apiVersion: v1
kind: Service
metadata: {name: web, namespace: prod}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}
      securityContext: {runAsNonRoot: true}
      containers:
      - name: web
        image: registry.example.com/web:1.2
        securityContext: {allowPrivilegeEscalation: false}
        ports: [{containerPort: 8080}]
        readinessProbe: {httpGet: {port: 8080, path: /ready}}
        livenessProbe: {httpGet: {port: 8080, path: /live}}
        resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: prod}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: prod}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
"#;

const ONE_REPLICA: &str = "# the shop\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: shop}}\n  template:\n    metadata: {labels: {app: shop}}\n    spec:\n      containers:\n      - {name: c, image: shop, env: [{name: DB, value: 'postgres://app:hunter2@db/app'}]}\n";

/// A folder with these files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    let all: Vec<&str> = ["check"].iter().chain(arguments).copied().collect();
    soc2scan(folder, &[], &all)
}

/// The exit code and the JSON report.
fn report(files: &[(&str, &str)]) -> (i32, Value) {
    let folder = folder(files);
    let ran = check(folder.path(), &["--manifests", ".", "--format", "json"]);
    (ran.code, serde_json::from_str(&ran.out).expect(&ran.err))
}

fn status<'a>(report: &'a Value, rule: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["rule"] == rule);
    check.expect(rule)["status"].as_str().unwrap()
}

fn finding<'a>(report: &'a Value, rule: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .find(|finding| finding["rule"] == rule)
        .expect(rule)
}

#[test]
fn good_manifests_end_with_0_and_what_only_the_cluster_knows_stays_unknown() {
    let (code, report) = report(&[("web.yaml", GOOD)]);
    let of = |rule| status(&report, rule);
    for rule in [
        "k8s.deploy.min_replicas",
        "k8s.hpa.present",
        "k8s.pdb.present",
        "k8s.probes",
        "k8s.pod.security_context",
        "k8s.pods.no_secret_literals",
    ] {
        assert_eq!(of(rule), "pass", "{rule}: {:#}", finding(&report, rule));
    }
    assert_eq!(of("k8s.deploy.anti_affinity"), "unknown");
    assert_eq!(
        finding(&report, "k8s.deploy.anti_affinity")["reason"]["reason"],
        "not_in_manifests"
    );
    assert_eq!(code, 0);
}

#[test]
fn rules_about_what_files_cannot_hold_are_not_run_and_bear_on_nothing() {
    let (_, report) = report(&[("web.yaml", GOOD)]);
    assert_eq!(status(&report, "k8s.storageclass.encrypted"), "not_run");
    assert_eq!(
        status(&report, "k8s.networkpolicy.default_deny"),
        "not_run",
        "the namespace exists, and is made elsewhere"
    );
    assert_eq!(status(&report, "aws.rds.pitr"), "not_run");
    // It speaks of Ingresses, and needs the load balancers too.
    assert_eq!(status(&report, "k8s.ingress.web_acl"), "not_run");
    let why = |rule: &str| {
        let mut checks = report["checks"].as_array().unwrap().iter();
        let check = checks.find(|check| check["rule"] == rule).unwrap();
        check["not_run"].as_str().unwrap().to_owned()
    };
    assert_eq!(why("k8s.storageclass.encrypted"), "not_in_manifests");
    assert_eq!(why("k8s.networkpolicy.default_deny"), "not_in_manifests");
    assert_eq!(why("aws.rds.pitr"), "not_scanned");
    assert_eq!(why("k8s.ingress.web_acl"), "not_scanned");
    let controls = report["controls"].as_array().unwrap();
    let mut bearing = controls
        .iter()
        .flat_map(|control| control["checks"].as_array().unwrap());
    assert!(
        bearing.all(|check| check["status"] != "not_run"),
        "{controls:#?}"
    );
    assert_eq!(report["excluded"][0]["why"], "only manifests were given");
}

#[test]
fn a_finding_points_at_the_file_and_line() {
    let folder = folder(&[("apps/shop.yaml", ONE_REPLICA)]);
    let ran = check(
        folder.path(),
        &["--manifests", "apps", "-o", "r.json", "-o", "r.md"],
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.out
            .contains("Deployment/shop (default, apps/shop.yaml:3)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("1 file in apps"), "{}", ran.out);
    let json = fs::read_to_string(folder.path().join("r.json")).unwrap();
    let report: Value = serde_json::from_str(&json).unwrap();
    let finding = finding(&report, "k8s.deploy.min_replicas");
    assert_eq!(finding["outcome"], "fail");
    assert_eq!(
        finding["resource"]["origin"],
        serde_json::json!({"file": "apps/shop.yaml", "line": 3, "column": 1})
    );
    assert_eq!(
        finding["resource"]["id"],
        "k8s://manifests/default/Deployment/shop"
    );
    let markdown = fs::read_to_string(folder.path().join("r.md")).unwrap();
    assert!(
        markdown.contains("<code>Deployment/shop</code> (default, apps/shop.yaml:3)"),
        "{markdown}"
    );
    assert_eq!(status(&report, "k8s.pods.no_secret_literals"), "fail");
    for text in [&ran.out, &ran.err, &json, &markdown] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn broken_yaml_is_reported_with_its_line_and_the_rest_is_read() {
    let broken = format!("{ONE_REPLICA}---\nkind: Deployment\nmetadata: {{name: [x}}\n");
    let folder = folder(&[("a.yaml", &broken), ("b.yaml", GOOD)]);
    let ran = check(folder.path(), &["--manifests", "."]);
    assert_eq!(ran.code, 1);
    let words: Vec<_> = ran.out.split_whitespace().collect();
    let text = words.join(" ");
    assert!(text.contains("read a.yaml:16:"), "{text}");
    assert!(text.contains("mend the file"), "{text}");
    let (code, report) = report(&[("a.yaml", "a: [\n"), ("b.yaml", GOOD)]);
    assert_eq!(code, 2, "nothing fails, but anything could be in the file");
    assert_eq!(status(&report, "k8s.pods.no_secret_literals"), "unknown");
    assert_eq!(
        finding(&report, "k8s.pods.no_secret_literals")["outcome"],
        "pass"
    );
}

#[test]
fn a_chart_is_to_be_rendered_first() {
    let folder = folder(&[(
        "templates/web.yaml",
        "{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n",
    )]);
    let ran = check(folder.path(), &["--manifests", "."]);
    assert_eq!(ran.code, 2);
    let words: Vec<_> = ran.out.split_whitespace().collect();
    assert!(
        words
            .join(" ")
            .contains("helm template CHART | soc2scan check --manifests -"),
        "{}",
        ran.out
    );
}

#[test]
fn a_value_of_the_wrong_type_is_unread_at_its_line_and_no_bug() {
    let text = ONE_REPLICA.replace("replicas: 1", "replicas: one");
    let (code, report) = report(&[("a.yaml", &text)]);
    let finding = finding(&report, "k8s.deploy.min_replicas");
    assert_eq!(finding["outcome"], "unknown");
    assert_eq!(finding["reason"]["operation"], "read a.yaml:7:13");
    assert_eq!(code, 1, "the secret still fails");
    assert!(report.get("rule_bugs").is_none());
}

#[test]
fn standard_input_lists_and_json_are_read() {
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [
      {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 1}}
    ]}"#;
    let mut child = Command::new(env!("CARGO_BIN_EXE_soc2scan"))
        .args([
            "check",
            "--manifests",
            "-",
            "--rule",
            "k8s.deploy.min_replicas",
            "--format",
            "json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(list.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        finding(&report, "k8s.deploy.min_replicas")["resource"]["origin"],
        serde_json::json!({"file": "stdin", "line": 2, "column": 7})
    );
}

#[test]
fn several_paths_and_a_missing_one() {
    let folder = folder(&[("a.yaml", GOOD), ("b/c.yml", ONE_REPLICA)]);
    let ran = check(
        folder.path(),
        &["--manifests", "a.yaml", "b", "--manifests", "b/c.yml"],
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("2 files in a.yaml, b, b/c.yml"),
        "{}",
        ran.out
    );
    refused(
        &check(folder.path(), &["--manifests", "a.yaml", "d.yaml"]),
        &["there is no file or folder d.yaml", "standard input"],
    );
}

#[test]
fn files_without_an_object_are_refused() {
    let folder = folder(&[
        ("Chart.yaml", "apiVersion: v2\nname: web\n"),
        ("empty.yaml", "# nothing\n"),
    ]);
    refused(
        &check(folder.path(), &["--manifests", "."]),
        &["there is no Kubernetes object in .", "helm template"],
    );
}

#[test]
fn manifests_are_read_alone() {
    for other in [
        &["--replay", "x"][..],
        &["--aws"],
        &["--context", "x"],
        &["--record", "x"],
    ] {
        let arguments: Vec<&str> = ["--manifests", "x"].iter().chain(other).copied().collect();
        refused(
            &check(tempfile::tempdir().unwrap().path(), &arguments),
            &["--manifests", "cannot be used with"],
        );
    }
}

#[test]
fn a_hostile_file_name_does_not_reach_the_terminal_as_it_is() {
    let name = "x\u{1b}[31m.yaml";
    let folder = folder(&[(name, ONE_REPLICA)]);
    let ran = check(folder.path(), &["--manifests", "."]);
    assert_eq!(ran.code, 1);
    assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
}

#[test]
fn a_rule_that_asks_for_something_to_exist_is_not_run_where_no_file_holds_it() {
    let rule = r#"id: acme.quiet
title: There is a quiet class
resource: k8s.StorageClass
severity: low
controls: { required: [CC6.1] }
assert: resource.provisioner == "ebs.csi.aws.com"
when_empty: fail
why: |
  A cluster without a class has no volumes.
fix: { kubectl: kubectl apply -f class.yaml }
references: [https://kubernetes.io/docs/concepts/storage/storage-classes/]
tests:
  - { name: a class, resource: { provisioner: ebs.csi.aws.com }, expect: pass }
  - { name: another, resource: { provisioner: other }, expect: fail }
"#;
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: a}\nprovisioner: other\n";
    let folder = folder(&[
        ("rules/acme/quiet.yaml", rule),
        ("web/web.yaml", GOOD),
        ("class/class.yaml", class),
    ]);
    let screen = check(
        folder.path(),
        &[
            "--rules",
            "rules",
            "--rule",
            "acme.quiet",
            "--manifests",
            "class",
        ],
    );
    assert!(
        screen.out.contains("StorageClass/a (class/class.yaml:1)"),
        "{}",
        screen.out
    );
    let check = |paths: &[&str]| {
        let mut arguments = vec![
            "--rules",
            "rules",
            "--rule",
            "acme.quiet",
            "--format",
            "json",
            "--manifests",
        ];
        arguments.extend(paths);
        let ran = check(folder.path(), &arguments);
        let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
        (ran.code, status(&report, "acme.quiet").to_owned())
    };
    assert_eq!(check(&["web"]), (0, "not_run".to_owned()));
    assert_eq!(check(&["web", "class"]), (1, "fail".to_owned()));
}

#[test]
fn code_scanning_is_pointed_at_the_line() {
    let folder = folder(&[("my shop/shop.yaml", ONE_REPLICA)]);
    let arguments = [
        "--rule",
        "k8s.deploy.min_replicas",
        "--format",
        "sarif",
        "--manifests",
        "my shop",
    ];
    let ran = check(folder.path(), &arguments);
    let log: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20shop/shop.yaml");
    assert_eq!(place["region"]["startLine"], 3);
}

#[test]
fn the_plan_names_the_paths() {
    let ran = check(
        tempfile::tempdir().unwrap().path(),
        &["--plan", "--manifests", "a", "-"],
    );
    assert_eq!((ran.code, ran.out.as_str()), (0, "read a\nread -\n"));
}
