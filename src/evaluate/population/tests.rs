//! Whom a rule judges, whom it sees, and what counts as read.

use serde_json::json;

use super::*;
use crate::model::{Exclusion, ResourceId};

const POD: &str = "k8s.Pod";
const REPLICA_SET: &str = "k8s.ReplicaSet";
const DEPLOYMENT: &str = "k8s.Deployment";

fn kinds(names: &[&str]) -> Vec<Kind> {
    names.iter().copied().map(Kind::new).collect()
}

fn workload(kind: &str, namespace: &str, name: &str, owner: Option<Value>) -> Resource {
    let short = kind.strip_prefix("k8s.").unwrap();
    let api_version = if short == "Pod" { "v1" } else { "apps/v1" };
    Resource {
        kind: Kind::new(kind),
        id: ResourceId::new(format!("k8s://c/{namespace}/{short}/{name}")),
        scope: Scope::kubernetes("c", Some(namespace)),
        origin: None,
        document: json!({
            "apiVersion": api_version,
            "kind": short,
            "metadata": {
                "name": name,
                "uid": format!("uid-{short}-{name}"),
                "ownerReferences": owner.map(|owner| json!([owner])),
            },
        }),
    }
}

fn controlled_by(kind: &str, name: &str) -> Option<Value> {
    Some(json!({
        "apiVersion": "apps/v1", "kind": kind, "name": name, "controller": true,
        "uid": format!("uid-{kind}-{name}"),
    }))
}

fn snapshot(resources: Vec<Resource>, coverage: Vec<Coverage>) -> Snapshot {
    let mut snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
    snapshot.resources = resources;
    snapshot.coverage = coverage;
    snapshot.sort();
    snapshot
}

fn subjects(snapshot: &Snapshot, kind: &str, of: &[&str]) -> Vec<String> {
    Population::new(snapshot)
        .subjects(&Kind::new(kind), &kinds(of))
        .iter()
        .map(|resource| resource.id.to_string())
        .collect()
}

#[test]
fn a_pod_whose_controller_is_judged_is_no_subject() {
    let snapshot = snapshot(
        vec![
            workload(DEPLOYMENT, "a", "api", None),
            workload(
                REPLICA_SET,
                "a",
                "api-1",
                controlled_by("Deployment", "api"),
            ),
            workload(POD, "a", "api-1-x", controlled_by("ReplicaSet", "api-1")),
            workload(POD, "a", "bare", None),
            workload(POD, "a", "orphan", controlled_by("ReplicaSet", "gone")),
        ],
        Vec::new(),
    );
    let all = [DEPLOYMENT, REPLICA_SET, POD];
    assert_eq!(
        subjects(&snapshot, POD, &all),
        ["k8s://c/a/Pod/bare", "k8s://c/a/Pod/orphan"]
    );
    assert!(subjects(&snapshot, REPLICA_SET, &all).is_empty());
    assert_eq!(subjects(&snapshot, DEPLOYMENT, &all).len(), 1);
    let population = Population::new(&snapshot);
    assert_eq!(population.count(&kinds(&all)), 5);
    assert_eq!(population.count(&kinds(&[DEPLOYMENT, DEPLOYMENT, POD])), 4);
    assert_eq!(
        subjects(&snapshot, POD, &[DEPLOYMENT, POD]).len(),
        2,
        "the Deployment speaks for its pods through a ReplicaSet that the rule does not name"
    );
    assert_eq!(
        subjects(&snapshot, POD, &[POD]).len(),
        3,
        "nobody speaks for the pods in a rule about pods alone"
    );
}

#[test]
fn an_owner_is_found_by_name_where_there_are_no_uids_and_only_in_its_namespace() {
    let bare = |mut resource: Resource| {
        let metadata = resource.document.pointer_mut("/metadata").unwrap();
        metadata.as_object_mut().unwrap().remove("uid");
        resource
    };
    let mut owner = controlled_by("ReplicaSet", "r").unwrap();
    owner.as_object_mut().unwrap().remove("uid");
    let snapshot = snapshot(
        vec![
            bare(workload(REPLICA_SET, "a", "r", None)),
            bare(workload(POD, "a", "near", Some(owner.clone()))),
            bare(workload(POD, "b", "far", Some(owner))),
            bare(workload(
                POD,
                "a",
                "made-up",
                controlled_by("ReplicaSet", "r"),
            )),
        ],
        Vec::new(),
    );
    assert_eq!(
        subjects(&snapshot, POD, &[REPLICA_SET, POD]),
        ["k8s://c/a/Pod/made-up", "k8s://c/b/Pod/far"]
    );
}

#[test]
fn an_owner_made_anew_under_the_same_name_does_not_count() {
    let mut owner = controlled_by("ReplicaSet", "r").unwrap();
    owner["uid"] = json!("the one before");
    let snapshot = snapshot(
        vec![
            workload(REPLICA_SET, "a", "r", None),
            workload(POD, "a", "p", Some(owner)),
        ],
        Vec::new(),
    );
    assert_eq!(subjects(&snapshot, POD, &[REPLICA_SET, POD]).len(), 1);
}

#[test]
fn a_node_does_not_speak_for_the_static_pods_that_it_owns() {
    let node = workload("k8s.Node", "", "n", None);
    let pod = workload(POD, "kube-system", "etcd-n", controlled_by("Node", "n"));
    let snapshot = snapshot(vec![node, pod], Vec::new());
    assert_eq!(subjects(&snapshot, POD, &["k8s.Node", POD]).len(), 1);
}

#[test]
fn only_what_makes_pods_speaks_for_a_pod_whatever_it_says_of_its_owner() {
    let snapshot = snapshot(
        vec![
            workload(DEPLOYMENT, "a", "d", None),
            workload(POD, "a", "clean", None),
            workload(POD, "a", "of-itself", controlled_by("Pod", "of-itself")),
            workload(POD, "a", "of-a-pod", controlled_by("Pod", "clean")),
            workload(POD, "a", "of-d", controlled_by("Deployment", "d")),
            workload("k8s.Job", "a", "of-d", controlled_by("Deployment", "d")),
        ],
        Vec::new(),
    );
    let all = [DEPLOYMENT, POD, "k8s.Job"];
    assert_eq!(subjects(&snapshot, POD, &all).len(), 4);
    assert_eq!(subjects(&snapshot, "k8s.Job", &all).len(), 1);
}

#[test]
fn an_owner_that_does_not_control_does_not_count() {
    let mut owner = controlled_by("ReplicaSet", "r").unwrap();
    owner["controller"] = json!(false);
    let snapshot = snapshot(
        vec![
            workload(REPLICA_SET, "a", "r", None),
            workload(POD, "a", "p", Some(owner)),
        ],
        Vec::new(),
    );
    assert_eq!(subjects(&snapshot, POD, &[REPLICA_SET, POD]).len(), 1);
}

#[test]
fn what_own_each_other_are_judged() {
    let snapshot = snapshot(
        vec![
            workload(REPLICA_SET, "a", "x", controlled_by("ReplicaSet", "y")),
            workload(REPLICA_SET, "a", "y", controlled_by("ReplicaSet", "x")),
        ],
        Vec::new(),
    );
    let judged = [DEPLOYMENT, REPLICA_SET];
    assert_eq!(subjects(&snapshot, REPLICA_SET, &judged).len(), 2);
}

fn row(kind: &str, scope: Scope, read: bool) -> Coverage {
    Coverage {
        asked: Vec::new(),
        kind: Kind::new(kind),
        scope,
        seen: if read {
            Seen::Complete { count: 0 }
        } else {
            Seen::Unread(Unread {
                reason: Reason::Denied,
                operation: "x:List".to_owned(),
                permission: Some("x:List".to_owned()),
                detail: String::new(),
            })
        },
    }
}

#[test]
fn coverage_is_complete_only_if_every_kind_was_read_everywhere() {
    let east = || Scope::aws("1", Some("east"));
    let west = || Scope::aws("1", Some("west"));
    let coverage = |rows: Vec<Coverage>, of: &[&str]| {
        let mut snapshot = snapshot(Vec::new(), rows);
        snapshot.targets = vec![Target::Aws {
            account: "1".to_owned(),
            identity: None,
            regions: vec!["east".to_owned(), "west".to_owned()],
        }];
        Population::new(&snapshot).coverage(&kinds(of))
    };
    let both = vec![row("aws.a.A", east(), true), row("aws.a.A", west(), true)];
    assert_eq!(
        coverage(both.clone(), &["aws.a.A"]),
        CheckCoverage::Complete
    );
    assert_eq!(
        coverage(both, &["aws.a.A", "aws.b.B"]),
        CheckCoverage::Partial,
        "a kind that nobody asked for"
    );
    assert_eq!(
        coverage(vec![row("aws.a.A", east(), true)], &["aws.a.A"]),
        CheckCoverage::Partial,
        "a region that nobody asked in"
    );
    assert_eq!(
        coverage(
            vec![row("aws.a.A", east(), true), row("aws.a.A", west(), false)],
            &["aws.a.A"]
        ),
        CheckCoverage::Partial
    );
    assert_eq!(
        coverage(
            vec![row("aws.a.A", east(), false), row("aws.a.A", west(), false)],
            &["aws.a.A"]
        ),
        CheckCoverage::None
    );
    assert_eq!(coverage(Vec::new(), &["aws.a.A"]), CheckCoverage::None);
    let global = vec![row("aws.a.A", Scope::aws("1", None), true)];
    assert_eq!(coverage(global, &["aws.a.A"]), CheckCoverage::Complete);
}

#[test]
fn a_kind_that_is_not_installed_was_read() {
    let mut installed = row("k8s.Ingress", Scope::kubernetes("c", None), true);
    installed.seen = Seen::NotInstalled;
    let snapshot = snapshot(Vec::new(), vec![installed]);
    assert_eq!(
        Population::new(&snapshot).coverage(&kinds(&["k8s.Ingress"])),
        CheckCoverage::Complete
    );
}

#[test]
fn an_excluded_platform_takes_no_part_in_coverage() {
    let mut snapshot = snapshot(
        Vec::new(),
        vec![row("aws.a.A", Scope::aws("1", None), true)],
    );
    snapshot.excluded = vec![Exclusion {
        platform: Platform::Kubernetes,
        why: "no context".to_owned(),
    }];
    let population = Population::new(&snapshot);
    let mixed = kinds(&["aws.a.A", "k8s.Pod"]);
    assert!(population.can_hold_any(&mixed));
    assert_eq!(population.coverage(&mixed), CheckCoverage::Complete);
    assert!(!population.can_hold_any(&kinds(&["k8s.Pod"])));
}

#[test]
fn related_resources_are_those_of_the_same_scope() {
    let snapshot = snapshot(
        vec![
            workload(POD, "a", "p", None),
            workload(POD, "b", "p", None),
            workload(POD, "a", "o", None),
        ],
        vec![row(POD, Scope::kubernetes("c", None), true)],
    );
    let population = Population::new(&snapshot);
    let names = |scope: Scope| match population.related(&scope, &Kind::new(POD)) {
        Fact::Known(documents) => documents
            .iter()
            .map(|document| document["metadata"]["name"].as_str().unwrap().to_owned())
            .collect(),
        Fact::Unread(unread) => vec![unread.to_string()],
    };
    assert_eq!(names(Scope::kubernetes("c", Some("a"))), ["o", "p"]);
    assert_eq!(names(Scope::kubernetes("c", None)).len(), 3);
    assert_eq!(
        names(Scope::kubernetes("d", None)),
        ["not_recorded: list k8s.Pod (k8s.Pod was not asked for in d)"]
    );
}

#[test]
fn a_related_kind_is_unread_where_a_list_that_could_hold_it_is() {
    let snapshot = snapshot(
        Vec::new(),
        vec![
            row("aws.k.K", Scope::aws("1", Some("east")), true),
            row("aws.k.K", Scope::aws("1", Some("west")), false),
        ],
    );
    let population = Population::new(&snapshot);
    let known = |scope| {
        matches!(
            population.related(&scope, &Kind::new("aws.k.K")),
            Fact::Known(_)
        )
    };
    assert!(known(Scope::aws("1", Some("east"))));
    assert!(!known(Scope::aws("1", Some("west"))));
    assert!(!known(Scope::aws("1", None)), "a global resource sees both");
    assert!(!known(Scope::aws("2", Some("east"))));
}

#[test]
fn a_rule_sees_everything_that_was_scanned_of_the_other_platform() {
    let key = |account: &str| Resource {
        kind: Kind::new("aws.kms.Key"),
        id: ResourceId::new(format!("arn:{account}")),
        scope: Scope::aws(account, Some("us-east-1")),
        origin: None,
        document: json!({"Arn": account}),
    };
    let row = |account: &str, seen| Coverage {
        asked: Vec::new(),
        kind: Kind::new("aws.kms.Key"),
        scope: Scope::aws(account, Some("us-east-1")),
        seen,
    };
    let both = || vec![key("1"), key("2")];
    let complete = || Seen::Complete { count: 1 };
    let here = Scope::kubernetes("c", Some("a"));
    let related = |snapshot: &Snapshot| {
        let population = Population::new(snapshot);
        match population.related(&here, &Kind::new("aws.kms.Key")) {
            Fact::Known(found) => Ok(found.len()),
            Fact::Unread(unread) => Err(unread.reason),
        }
    };
    let whole = snapshot(both(), vec![row("1", complete()), row("2", complete())]);
    assert_eq!(related(&whole), Ok(2));
    let denied = Seen::Unread(Unread {
        reason: Reason::Denied,
        operation: "kms:ListKeys".to_owned(),
        permission: None,
        detail: String::new(),
    });
    let torn = snapshot(both(), vec![row("1", complete()), row("2", denied)]);
    assert_eq!(related(&torn), Err(Reason::Denied));
    assert_eq!(
        related(&snapshot(Vec::new(), Vec::new())),
        Err(Reason::NotRecorded)
    );
}
