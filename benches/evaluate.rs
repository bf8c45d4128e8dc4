//! How fast the pure half is: loading the built-in rules, and evaluating them over environments of growing size.
//!
//! `cargo bench --no-default-features`. Read ratios, not times: machines differ and are seldom idle.
#![allow(clippy::expect_used, reason = "a benchmark that panics has failed")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use soc2scan::collect;
use soc2scan::evaluate::{Options, evaluate};
use soc2scan::model::{Coverage, Kind, Resource, ResourceId, Scope, Seen, Snapshot};
use soc2scan::rules::{Rulebook, embedded, load};

fn rulebook() -> Rulebook {
    load(&embedded(), &collect::schema()).expect("the built-in rules are valid")
}

/// An account with `size` databases and log groups, and a cluster with as many Deployments in `size / 50` namespaces,
/// each with a PodDisruptionBudget.
fn environment(size: usize) -> Snapshot {
    let mut snapshot = Snapshot::empty("2026-01-15T12:00:00Z".parse().expect("a timestamp"));
    let region = Scope::aws("123456789012", Some("us-east-1"));
    let cluster = Scope::kubernetes("bench", None);
    let mut add = |kind: &str, id: String, scope: &Scope, document: Value| {
        let (kind, id) = (Kind::new(kind), ResourceId::new(id));
        snapshot.resources.push(Resource {
            kind,
            id,
            scope: scope.clone(),
            origin: None,
            document,
        });
    };
    for n in 0..size {
        let name = format!("app-{n}");
        add(
            "aws.rds.DBInstance",
            format!("arn:aws:rds:us-east-1:123456789012:db:{name}"),
            &region,
            json!({
                "DBInstanceIdentifier": name, "Engine": "postgres", "BackupRetentionPeriod": n % 15,
                "StorageEncrypted": n % 2 == 0, "MultiAZ": n % 3 == 0, "PubliclyAccessible": false,
                "LatestRestorableTime": "2026-01-15T11:55:00Z", "EnabledCloudwatchLogsExports": ["postgresql"],
                "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16", "ParameterApplyStatus": "in-sync"}],
            }),
        );
        add(
            "aws.logs.LogGroup",
            format!("arn:aws:logs:us-east-1:123456789012:log-group:{name}"),
            &region,
            json!({"logGroupName": name, "retentionInDays": if n % 2 == 0 { 30 } else { 400 }, "logGroupClass": "STANDARD"}),
        );
        let namespace = format!("team-{}", n / 50);
        let scope = Scope::kubernetes("bench", Some(&namespace));
        let labels = json!({"app": name});
        add(
            "k8s.Deployment",
            format!("k8s://bench/{namespace}/Deployment/{name}"),
            &scope,
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": name, "namespace": namespace, "labels": labels},
                "spec": {
                    "replicas": n % 4, "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                        {"name": "app", "image": "registry.example.com/app:1.2.3", "env": [{"name": "LOG_LEVEL", "value": {"$redacted": {"len": 4}}}],
                         "ports": [{"containerPort": 8080}], "readinessProbe": {"httpGet": {"path": "/", "port": 8080}}}]}},
                },
                "status": {"availableReplicas": n % 4},
            }),
        );
        add(
            "k8s.PodDisruptionBudget",
            format!("k8s://bench/{namespace}/PodDisruptionBudget/{name}"),
            &scope,
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}},
            }),
        );
    }
    for kind in collect::schema().kinds.into_keys() {
        let scope = if kind.as_str().starts_with("k8s.") {
            cluster.clone()
        } else {
            region.clone()
        };
        let count = snapshot
            .resources
            .iter()
            .filter(|resource| resource.kind == kind)
            .count();
        snapshot.coverage.push(Coverage {
            asked: Vec::new(),
            kind,
            scope,
            seen: Seen::Complete { count },
        });
    }
    snapshot.sort();
    snapshot
}

fn loading(criterion: &mut Criterion) {
    let (sources, schema) = (embedded(), collect::schema());
    criterion.bench_function("load the built-in rules and run their cases", |bench| {
        bench.iter(|| load(&sources, &schema).expect("the built-in rules are valid"));
    });
}

fn evaluating(criterion: &mut Criterion) {
    let rulebook = rulebook();
    let mut group = criterion.benchmark_group("evaluate");
    group.sample_size(10);
    for size in [250, 1000, 4000] {
        let snapshot = environment(size);
        let resources = u64::try_from(snapshot.resources.len()).expect("a length fits");
        group.throughput(Throughput::Elements(resources));
        group.bench_with_input(
            BenchmarkId::from_parameter(resources),
            &snapshot,
            |bench, snapshot| {
                bench.iter(|| evaluate(snapshot, &rulebook, &Options::default()));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, loading, evaluating);
criterion_main!(benches);
