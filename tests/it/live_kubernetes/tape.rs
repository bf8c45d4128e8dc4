//! Recording and replaying a cluster.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use soc2scan::collect::Plan;
use soc2scan::collect::kubernetes::{OpenError, Options, Session};
use soc2scan::model::{Reason, Snapshot, Tool};
use soc2scan::wire::{Manifest, Recording, Tape, Wire};
use tempfile::TempDir;

use super::{WORKLOAD, everything, objects, open, plan, pods, scan, unread};
use crate::kube_server::{Behaviour, Fault, KubeServer, What};

/// Records a scan into a folder; what it saw, and what a replay is opened with.
async fn record(url: &str, plan: Plan, folder: &Path) -> (Snapshot, Options) {
    let wire = Arc::new(Wire::record());
    let session = open(url, &wire).await;
    let snapshot = session.collect(&scan(plan, &wire)).await;
    let manifest = Manifest {
        schema: Manifest::SCHEMA.to_owned(),
        tool: Tool::this(),
        taken_at: Timestamp::UNIX_EPOCH,
        rulebook: String::new(),
        sources: serde_json::to_value(session.options()).unwrap(),
        files: Default::default(),
    };
    wire.tape().record(manifest).write(folder).unwrap();
    (snapshot, session.options().clone())
}

async fn replay(plan: Plan, folder: &Path) -> Snapshot {
    let recording = Recording::read(folder).unwrap();
    let wire = Arc::new(Wire::replay(recording.tape().unwrap()));
    let options: Options = serde_json::from_value(recording.manifest.sources).unwrap();
    let session = Session::open(&options, Arc::clone(&wire)).await.unwrap();
    session.collect(&scan(plan, &wire)).await
}

#[tokio::test]
async fn a_replay_of_a_recording_sees_the_same_without_a_server() {
    let mut all = objects(WORKLOAD);
    all.extend(pods(1100));
    let behaviour = Behaviour {
        missing_groups: vec!["policy".to_owned()],
        faults: vec![
            Fault::times("nodes", 2, What::Throttled { retry_after: 0 }),
            Fault::on_page("pods", 1, What::Expired { token: true }),
            Fault::always("services", What::Forbidden),
            Fault::always("jobs.batch", What::Body("<html>")),
            Fault::always("cronjobs.batch", What::Close),
        ],
        ..Behaviour::default()
    };
    let server = KubeServer::start(all, behaviour);
    let folder = TempDir::new().unwrap();
    let (recorded, options) = record(&server.url(), everything(), folder.path()).await;
    drop(server);
    assert_eq!(options.kubeconfig, None);
    assert_eq!(options.cluster.as_deref(), Some("streampulse"));
    let replayed = replay(everything(), folder.path()).await;
    assert_eq!(replayed.to_json_lines(), recorded.to_json_lines());
    assert_eq!(unread(&replayed, "k8s.CronJob").reason, Reason::Unreachable);
}

#[tokio::test]
async fn a_cluster_that_could_not_be_reached_is_replayed_as_such() {
    let folder = TempDir::new().unwrap();
    let (recorded, _) = record("https://127.0.0.1:1", plan(&["k8s.Pod"]), folder.path()).await;
    let replayed = replay(plan(&["k8s.Pod"]), folder.path()).await;
    assert_eq!(replayed.to_json_lines(), recorded.to_json_lines());
    assert_eq!(unread(&replayed, "k8s.Pod").reason, Reason::Unreachable);
}

#[tokio::test]
async fn what_was_not_recorded_is_unread_and_never_asked() {
    let server = KubeServer::start(pods(1), Behaviour::default());
    let folder = TempDir::new().unwrap();
    record(&server.url(), plan(&["k8s.Pod"]), folder.path()).await;
    let before = server.log().len();
    let snapshot = replay(plan(&["k8s.Pod", "k8s.Node"]), folder.path()).await;
    assert_eq!(unread(&snapshot, "k8s.Node").reason, Reason::NotRecorded);
    assert_eq!(snapshot.resources.len(), 1);
    assert_eq!(server.log().len(), before);
}

#[tokio::test]
async fn a_replay_must_know_its_cluster() {
    let wire = Arc::new(Wire::replay(Tape::default()));
    let opened = Session::open(&Options::default(), wire).await;
    assert!(matches!(opened, Err(OpenError::NoCluster)));
}

#[tokio::test]
async fn no_value_survives_in_a_snapshot_a_tape_or_debug_output() {
    let server = KubeServer::start(objects(WORKLOAD), Behaviour::default());
    let folder = TempDir::new().unwrap();
    let wire = Arc::new(Wire::record());
    let session = open(&server.url(), &wire).await;
    let snapshot = session.collect(&scan(everything(), &wire)).await;
    let debug = format!("{wire:?} {snapshot:?}");
    record(&server.url(), everything(), folder.path()).await;
    let mut texts = vec![snapshot.to_json_lines(), debug];
    for file in ["manifest.json", "kubernetes/streampulse.jsonl"] {
        texts.push(fs::read_to_string(folder.path().join(file)).unwrap());
    }
    for text in &texts {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(!text.contains("not-a-real-token"), "{text}");
    }
    // The same text without redaction would be found: names beside the values are there.
    assert!(texts.iter().skip(1).any(|text| text.contains("LOG_LEVEL")));
}
