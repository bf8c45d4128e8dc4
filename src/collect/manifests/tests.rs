//! Manifests as a snapshot.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::model::Reason;

fn plan(kinds: &[&str]) -> Plan {
    let kinds = kinds.iter().map(|kind| (Kind::new(*kind), BTreeSet::new()));
    Plan {
        kinds: kinds.collect(),
        ..Plan::default()
    }
}

fn read(text: &str, kinds: &[&str]) -> Manifests {
    let now = "2026-01-15T12:00:00Z".parse().unwrap();
    super::read(&["-".into()], &mut text.as_bytes(), &plan(kinds), now).unwrap()
}

fn service(name: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n")
}

/// The reason and operation of each unread row of a kind.
fn unread(read: &Manifests, kind: &str) -> Vec<(Reason, String)> {
    let rows = read.snapshot.coverage.iter();
    let rows = rows.filter(|row| row.kind.as_str() == kind);
    rows.filter_map(|row| match &row.seen {
        Seen::Unread(unread) => Some((unread.reason, unread.operation.clone())),
        _ => None,
    })
    .collect()
}

#[test]
fn a_kind_that_is_not_there_was_read_all_the_same() {
    let kinds = ["aws.rds.DBInstance", "k8s.Deployment", "k8s.Service"];
    let read = read(&service("web"), &kinds);
    let seen: Vec<_> = read
        .snapshot
        .coverage
        .iter()
        .map(|row| (row.kind.as_str(), &row.seen))
        .collect();
    assert_eq!(
        seen,
        [
            ("k8s.Deployment", &Seen::Complete { count: 0 }),
            ("k8s.Service", &Seen::Complete { count: 1 }),
        ]
    );
    assert_eq!(read.snapshot.excluded[0].platform, Platform::Aws);
    assert_eq!(
        read.snapshot.targets,
        [Target::Manifests {
            cluster: "manifests".to_owned(),
            paths: vec!["stdin".to_owned()],
            files: 1,
        }]
    );
}

#[test]
fn what_no_file_holds_is_not_known_even_if_one_says_it() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: a}\n";
    let read = read(node, &["k8s.Node"]);
    assert_eq!(unread(&read, "k8s.Node")[0].0, Reason::NotInManifests);
    assert!(read.snapshot.resources.is_empty());
}

#[test]
fn a_namespace_that_no_file_makes_exists_all_the_same() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: prod}\n";
    let only_used = read(&service("web"), &["k8s.Namespace"]);
    assert_eq!(
        unread(&only_used, "k8s.Namespace"),
        [(
            Reason::NotInManifests,
            "the Namespace object of default".to_owned()
        )]
    );
    assert_eq!(only_used.snapshot.coverage.len(), 1, "nothing was read");
    let both = read(
        &format!("{}{namespace}", service("web")),
        &["k8s.Namespace"],
    );
    assert_eq!(both.snapshot.coverage.len(), 2);
    assert_eq!(unread(&both, "k8s.Namespace").len(), 1);
    let all = read(namespace, &["k8s.Namespace"]);
    assert_eq!(unread(&all, "k8s.Namespace"), []);
}

#[test]
fn a_broken_document_could_be_of_any_kind() {
    let text = format!("{}---\nkind: [\n{}", service("a"), service("b"));
    let read = read(&text, &["k8s.Deployment", "k8s.Service"]);
    for kind in ["k8s.Deployment", "k8s.Service"] {
        let unread = unread(&read, kind);
        assert_eq!(unread.len(), 1);
        assert_eq!(unread[0].0, Reason::ParseError);
        assert!(unread[0].1.starts_with("read stdin:6:"), "{unread:?}");
    }
    assert_eq!(read.snapshot.resources.len(), 2);
    assert_eq!((read.objects, read.unread), (2, 1));
}

#[test]
fn an_object_that_is_refused_is_missing_from_its_kind_alone() {
    let text = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n";
    let read = read(text, &["k8s.Deployment", "k8s.Service"]);
    assert_eq!(
        unread(&read, "k8s.Deployment"),
        [(Reason::ParseError, "read stdin:1:1".to_owned())]
    );
    assert!(unread(&read, "k8s.Service").is_empty());
}

#[test]
fn very_many_faults_are_counted() {
    let text = "---\na: [\n".repeat(250);
    let read = read(&text, &["k8s.Service"]);
    let unread = unread(&read, "k8s.Service");
    assert_eq!(unread.len(), FAULTS + 1);
    assert!(
        unread
            .iter()
            .any(|(_, operation)| operation == "read 150 more places")
    );
}

#[test]
fn objects_of_one_name_keep_their_own_ids() {
    let text = [service("web"), service("web"), service("web")].concat();
    let read = read(&text, &["k8s.Service"]);
    let ids: Vec<_> = read
        .snapshot
        .resources
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    let id = "k8s://manifests/default/Service/web";
    assert_eq!(ids, [id, &format!("{id}#2"), &format!("{id}#3")]);
}

#[test]
fn an_id_that_is_written_is_not_given_to_another() {
    let text = [service("web"), service("\"web#2\""), service("web")].concat();
    let read = self::read(&text, &["k8s.Service"]);
    let ids: BTreeSet<_> = read
        .snapshot
        .resources
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn an_object_without_a_kind_could_be_of_any() {
    for kind in [
        "Kind: Deployment",
        "kind:",
        "kind: ''",
        "kind: [Deployment]",
    ] {
        let text = format!("apiVersion: apps/v1\n{kind}\nmetadata: {{name: web}}\n");
        let read = self::read(&text, &["k8s.Deployment"]);
        let place = "read stdin:1:1".to_owned();
        assert_eq!(
            unread(&read, "k8s.Deployment"),
            [(Reason::ParseError, place)],
            "{kind}"
        );
        assert_eq!(read.unread, 1);
    }
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    let read = self::read(
        &[service("web"), format!("---\n{chart}")].concat(),
        &["k8s.Pod"],
    );
    assert_eq!(unread(&read, "k8s.Pod"), []);
}

#[test]
fn only_the_kinds_of_the_plan_are_kept() {
    let read = read(&service("web"), &["k8s.Deployment"]);
    assert!(read.snapshot.resources.is_empty());
    assert_eq!(read.objects, 1);
}

#[test]
fn objects_that_no_rule_speaks_of_are_told() {
    let text = format!(
        "{}---\napiVersion: v1\nkind: Endpoints\nmetadata: {{name: a}}\n",
        service("a")
    );
    assert_eq!(
        read(&text, &[]).note().unwrap(),
        "note: no rule speaks of 1 of 2 objects: 1 Endpoints"
    );
    assert_eq!(read(&service("a"), &[]).note(), None);
    let kustomization =
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n";
    assert!(
        read(kustomization, &[])
            .note()
            .unwrap()
            .contains("kustomize build")
    );
}

#[test]
fn equal_files_give_equal_snapshots() {
    let text = [service("b"), service("a")].concat();
    let once = read(&text, &["k8s.Service"]).snapshot.to_json_lines();
    assert_eq!(read(&text, &["k8s.Service"]).snapshot.to_json_lines(), once);
    assert!(once.find("Service/a").unwrap() < once.find("Service/b").unwrap());
}

#[test]
fn a_missing_path_is_an_error() {
    let now = "2026-01-15T12:00:00Z".parse().unwrap();
    let path = Path::new("nowhere").to_owned();
    let error = super::read(&[path], &mut std::io::empty(), &Plan::default(), now).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}
