//! The Kubernetes end against an API over HTTP: what is read, what is asked for it, and what is kept.

mod faults;
mod opening;
mod tape;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use soc2scan::collect::kubernetes::{Options, Reach, Session, cluster_role, entries};
use soc2scan::collect::{Plan, Scan, Stop};
use soc2scan::model::{Kind, Reason, Resource, Scope, Seen, Snapshot, Target, Unread};
use soc2scan::wire::Wire;
use tempfile::TempDir;

use crate::kube_server::{Behaviour, Fault, KubeServer, What, kubeconfig, object, objects};

fn plan(kinds: &[&str]) -> Plan {
    let kinds = kinds.iter().map(|kind| Kind::new(*kind));
    Plan {
        kinds: kinds.map(|kind| (kind, BTreeSet::new())).collect(),
        ..Plan::default()
    }
}

fn everything() -> Plan {
    let kinds = entries().iter().map(|entry| entry.resource_kind());
    Plan {
        kinds: kinds.map(|kind| (kind, BTreeSet::new())).collect(),
        ..Plan::default()
    }
}

fn scan(plan: Plan, wire: &Arc<Wire>) -> Scan {
    Scan {
        plan,
        taken_at: Timestamp::UNIX_EPOCH,
        wire: Arc::clone(wire),
        stop: Stop::never(),
        progress: Arc::new(|_| {}),
    }
}

/// Options that name a kubeconfig of this text.
fn in_file(folder: &TempDir, text: &str) -> Options {
    let path = folder.path().join("config");
    std::fs::write(&path, text).unwrap();
    Options {
        kubeconfig: Some(path),
        timeout_seconds: Some(5),
        ..Options::default()
    }
}

async fn open(url: &str, wire: &Arc<Wire>) -> Session {
    let folder = TempDir::new().unwrap();
    let options = in_file(&folder, &kubeconfig(url));
    Session::open(&options, Arc::clone(wire)).await.unwrap()
}

/// What a live scan of a server sees.
async fn read(server: &KubeServer, plan: Plan) -> Snapshot {
    let wire = Arc::new(Wire::live());
    let session = open(&server.url(), &wire).await;
    session.collect(&scan(plan, &wire)).await
}

fn seen<'a>(snapshot: &'a Snapshot, kind: &str) -> &'a Seen {
    let mut rows = snapshot.coverage.iter();
    let row = rows.find(|row| row.kind.as_str() == kind).unwrap();
    assert_eq!(row.scope, Scope::kubernetes("streampulse", None));
    &row.seen
}

fn unread<'a>(snapshot: &'a Snapshot, kind: &str) -> &'a Unread {
    match seen(snapshot, kind) {
        Seen::Unread(unread) => unread,
        other => panic!("{kind} is {other:?}"),
    }
}

fn complete(count: usize) -> Seen {
    Seen::Complete { count }
}

fn ids(snapshot: &Snapshot) -> Vec<&str> {
    let resources = snapshot.resources.iter();
    resources.map(|resource| resource.id.as_str()).collect()
}

fn pods(count: usize) -> Vec<Value> {
    let names = (0..count).map(|number| format!("pod-{number:05}"));
    names
        .map(|name| object("v1", "Pod", Some("prod"), &name))
        .collect()
}

/// The requests for one path, as `limit=500&continue=..`.
fn queries(server: &KubeServer, path: &str) -> Vec<String> {
    let asked = server.log().into_iter().filter(|asked| asked.path == path);
    asked.map(|asked| asked.query).collect()
}

const WORKLOAD: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod, labels: {env: prod}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.2.3
        args: [--port=8080, "--password=hunter2-in-args"]
        env:
        - {name: LOG_LEVEL, value: hunter2-info}
        - {name: DATABASE_URL, value: "postgres://app:hunter2-url@db/app"}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
---
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: prod, annotations: {team: data}}
type: Opaque
stringData: {password: hunter2-in-secret}
"#;

#[tokio::test]
async fn every_kind_is_read_in_one_call_each() {
    let all = entries().iter().map(|entry| {
        let namespace = (entry.reach == Reach::Namespaced).then_some("prod");
        let api_version = entry.api_version(entry.preferred());
        object(&api_version, entry.kind, namespace, "one")
    });
    let server = KubeServer::start(all.collect(), Behaviour::default());
    let snapshot = read(&server, everything()).await;

    assert_eq!(snapshot.resources.len(), entries().len());
    for (entry, resource) in entries().iter().zip(&snapshot.resources) {
        let (namespace, part) = match entry.reach {
            Reach::Namespaced => (Some("prod"), "prod"),
            Reach::Cluster => (None, ""),
        };
        let id = format!("k8s://streampulse/{part}/{}/one", entry.kind);
        assert_eq!(resource.id.as_str(), id);
        assert_eq!(resource.kind, entry.resource_kind());
        assert_eq!(resource.scope, Scope::kubernetes("streampulse", namespace));
        assert_eq!(
            resource.document["apiVersion"],
            entry.api_version(entry.preferred())
        );
        assert_eq!(resource.document["kind"], entry.kind);
        assert_eq!(
            seen(&snapshot, entry.resource_kind().as_str()),
            &complete(1)
        );
    }
    assert_eq!(snapshot.coverage.len(), entries().len());
    assert_eq!(
        snapshot.targets,
        [Target::Kubernetes {
            cluster: "streampulse".to_owned(),
            identity: Some("system:serviceaccount:audit:scanner".to_owned()),
            version: Some("v1.36.1".to_owned()),
        }]
    );
    assert_eq!(server.log().len(), entries().len() + 3);
    assert!(
        server
            .log()
            .iter()
            .all(|asked| asked.agent.starts_with("soc2scan/"))
    );
    assert_eq!(snapshot.calls.len(), entries().len() + 3);
    assert!(snapshot.calls.iter().all(|call| call.count == 1));
}

#[tokio::test]
async fn a_document_is_what_kubectl_prints_without_what_repeats_it() {
    let server = KubeServer::start(objects(WORKLOAD), Behaviour::default());
    let snapshot = read(&server, plan(&["k8s.Deployment"])).await;
    let Resource { document, .. } = &snapshot.resources[0];
    assert_eq!(
        document["metadata"],
        json!({
            "name": "web", "namespace": "prod", "labels": {"env": "prod"},
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "uid": document["metadata"]["uid"],
        })
    );
    let container = &document["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "registry.example.com/web:1.2.3");
    assert_eq!(
        container["args"],
        json!(["--port=8080", {"$redacted": {"len": 26}}])
    );
    assert_eq!(
        container["env"][1],
        json!({"name": "DATABASE_URL", "value": {"$redacted": {"len": 33, "looks_like": "url_userinfo"}}})
    );
    assert!(container["env"][2]["valueFrom"]["secretKeyRef"].is_object());
}

#[tokio::test]
async fn only_planned_kinds_are_asked_for() {
    let server = KubeServer::start(objects(WORKLOAD), Behaviour::default());
    let plan = plan(&["k8s.Deployment", "aws.rds.DBInstance"]);
    let snapshot = read(&server, plan).await;
    let mut paths: Vec<String> = server.log().into_iter().map(|asked| asked.path).collect();
    paths.sort();
    let who = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    assert_eq!(
        paths,
        ["/apis", "/apis/apps/v1/deployments", who, "/version"]
    );
    assert_eq!(snapshot.coverage.len(), 1);
}

#[tokio::test]
async fn a_long_list_is_read_in_pages_to_its_end() {
    let server = KubeServer::start(pods(1201), Behaviour::default());
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(1201));
    assert_eq!(snapshot.resources.len(), 1201);
    assert_eq!(
        queries(&server, "/api/v1/pods"),
        [
            "limit=500",
            "limit=500&continue=token-500",
            "limit=500&continue=token-1000",
        ]
    );
}

#[tokio::test]
async fn a_list_of_just_one_page_ends_there() {
    let server = KubeServer::start(pods(500), Behaviour::default());
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(500));
    assert_eq!(snapshot.coverage[0].asked, ["GET /api/v1/pods?limit=500"]);
    assert_eq!(queries(&server, "/api/v1/pods").len(), 1);
}

#[tokio::test]
async fn a_secret_is_asked_for_and_kept_as_metadata_only() {
    let server = KubeServer::start(objects(WORKLOAD), Behaviour::default());
    let snapshot = read(&server, plan(&["k8s.Secret"])).await;
    let mut document = snapshot.resources[0].document.clone();
    document["metadata"]["uid"].take();
    assert_eq!(
        document,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": "db", "namespace": "prod", "annotations": {"team": "data"},
            "creationTimestamp": "2026-01-01T00:00:00Z", "uid": null,
        }})
    );
    let asked = server.log();
    let asked = asked.iter().find(|asked| asked.path == "/api/v1/secrets");
    assert_eq!(
        asked.unwrap().accept,
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    );
}

#[tokio::test]
async fn the_cluster_role_is_all_that_a_scan_takes() {
    for kinds in [everything(), plan(&["k8s.Deployment", "k8s.Node"])] {
        let role = serde_saphyr::from_str(&cluster_role(&kinds)).unwrap();
        let behaviour = Behaviour {
            role: Some(role),
            missing_groups: vec!["autoscaling".to_owned()],
            ..Behaviour::default()
        };
        let server = KubeServer::start(objects(WORKLOAD), behaviour);
        let asked = kinds.kinds.len();
        let snapshot = read(&server, kinds).await;
        assert_eq!(snapshot.coverage.len(), asked);
        for row in &snapshot.coverage {
            assert!(row.is_complete(), "{row:?}");
        }
        assert!(matches!(
            &snapshot.targets[0],
            Target::Kubernetes {
                identity: Some(_),
                version: Some(_),
                ..
            }
        ));
    }
    let role = serde_saphyr::from_str(&cluster_role(&plan(&["k8s.Node"]))).unwrap();
    let behaviour = Behaviour {
        role: Some(role),
        ..Behaviour::default()
    };
    let server = KubeServer::start(objects(WORKLOAD), behaviour);
    let snapshot = read(&server, plan(&["k8s.Node", "k8s.Secret"])).await;
    assert_eq!(unread(&snapshot, "k8s.Secret").reason, Reason::Denied);
}

#[tokio::test]
async fn the_logs_of_the_pods_that_are_named_are_sampled_without_their_values() {
    let pod = |name: &str| {
        let mut pod = object("v1", "Pod", Some("prod"), name);
        pod["spec"] = json!({"containers": [{"name": "app"}, {"name": "proxy"}]});
        pod
    };
    let logs = BTreeMap::from([
        (
            "prod/api/app".to_owned(),
            "{\"user\": \"jane\"}\nplain jane\n".to_owned(),
        ),
        ("prod/web/app".to_owned(), "never asked\n".to_owned()),
    ]);
    let refused = "api/v1/namespaces/prod/pods/app/log";
    let behaviour = Behaviour {
        logs,
        faults: vec![Fault::always(refused, What::Forbidden)],
        ..Behaviour::default()
    };
    let all = vec![pod("api"), pod("app"), pod("web")];
    let server = KubeServer::start(all, behaviour);
    let mut sampled = plan(&["k8s.PodLog"]);
    sampled
        .samples
        .insert(Kind::new("k8s.PodLog"), ["prod/a*".to_owned()].into());
    let snapshot = read(&server, sampled).await;
    let found: Vec<(&str, &Value)> = snapshot
        .resources
        .iter()
        .map(|resource| (resource.id.as_str(), &resource.document["lines"]))
        .collect();
    assert_eq!(found[0].0, "k8s://streampulse/prod/PodLog/api/app");
    assert_eq!(
        found[0].1,
        &json!(["{\"user\":\"$redacted:4\"}", "$redacted:10"])
    );
    assert_eq!(found[1].0, "k8s://streampulse/prod/PodLog/api/proxy");
    let unread = |index: usize| soc2scan::model::unread_in(found[index].1).unwrap();
    assert_eq!(unread(1).reason, Reason::ApiError);
    assert_eq!(unread(1).permission, None, "no permission would help");
    assert_eq!(found[2].0, "k8s://streampulse/prod/PodLog/app/app");
    assert_eq!(unread(2).permission.as_deref(), Some("get pods/log"));
    assert_eq!(found.len(), 4);
    assert_eq!(seen(&snapshot, "k8s.PodLog"), &complete(4));
    assert_eq!(
        queries(&server, "/api/v1/namespaces/prod/pods/api/log"),
        [
            "container=app&tailLines=100",
            "container=proxy&tailLines=100"
        ]
    );
}
