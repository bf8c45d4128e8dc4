//! Objects of documents.

use serde_json::json;

use super::super::stream;
use super::*;
use crate::collect::kubernetes;
use crate::model::unread_in;

fn read(text: &str) -> Vec<Found> {
    let schema = kubernetes::schema();
    let documents = stream::documents(text).into_iter();
    documents
        .flat_map(|document| objects("a.yaml", &document.unwrap(), &schema))
        .collect()
}

fn resources(text: &str) -> Vec<Resource> {
    let found = read(text).into_iter();
    found
        .map(|found| match found {
            Found::Resource(resource) => *resource,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn resource(text: &str) -> Resource {
    resources(text).pop().unwrap()
}

fn refusal(text: &str) -> String {
    match read(text).pop().unwrap() {
        Found::Refused { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_object_is_as_the_api_would_show_it_and_knows_its_line() {
    let read = resource("# web\n---\n\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n");
    assert_eq!(read.kind.as_str(), "k8s.Service");
    assert_eq!(read.id.as_str(), "k8s://manifests/default/Service/web");
    assert_eq!(read.scope, Scope::kubernetes("manifests", Some("default")));
    assert_eq!(read.origin.unwrap().to_string(), "a.yaml:4");
    assert_eq!(read.document["metadata"]["namespace"], "default");
    let class = resource(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: gp3, namespace: x}\n",
    );
    assert_eq!(class.id.as_str(), "k8s://manifests//StorageClass/gp3");
    assert_eq!(class.scope, Scope::kubernetes("manifests", None));
}

#[test]
fn lists_are_taken_apart_and_each_item_knows_its_line() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Service, metadata: {name: b}}\n";
    let lines: Vec<_> = resources(list)
        .into_iter()
        .map(|read| read.origin.unwrap().line)
        .collect();
    assert_eq!(lines, [4, 10]);
    let typed = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n";
    let read = resource(typed);
    assert_eq!(
        (read.kind.as_str(), &read.document["apiVersion"]),
        ("k8s.Deployment", &json!("apps/v1"))
    );
    assert_eq!(read.document["kind"], "Deployment");
    assert_eq!(
        resources("[{apiVersion: v1, kind: Service, metadata: {name: a}}]").len(),
        1
    );
    assert!(self::read("apiVersion: v1\nkind: List\nitems:\n").is_empty());
}

#[test]
fn the_values_of_secrets_never_leave_the_file() {
    let secret = resource(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"data\":\"hunter2\"}'\nstringData: {password: hunter2}\n",
    );
    assert_eq!(
        secret.document,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "default"}})
    );
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - env:\n    - {name: A, value: hunter2}\n    - {name: B, value: 1234567}\n    - {name: C, value: [hunter2]}\n    args: [--password=hunter2]\n";
    let pod = resource(pod).document;
    let container = &pod["spec"]["containers"][0];
    assert_eq!(
        container["env"][0],
        json!({"name": "A", "value": {"$redacted": {"len": 7}}})
    );
    let unread = unread_in(&container["env"][1]["value"]).unwrap();
    assert_eq!(unread.operation, "read a.yaml:8:24");
    assert_eq!(
        unread.detail,
        "spec.containers[0].env[1].value is a number, not a text"
    );
    let text = pod.to_string();
    assert!(
        !text.contains("hunter2") && !text.contains("1234567"),
        "{text}"
    );
}

#[test]
fn a_new_object_has_no_status_and_whether_a_claim_is_bound_is_not_known() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nstatus: {availableReplicas: 3}\n";
    assert_eq!(resource(deployment).document.get("status"), None);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nstatus: {phase: Bound}\n";
    let unread = unread_in(&resource(claim).document["status"]).unwrap();
    assert_eq!(unread.reason, Reason::NotInManifests);
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: a}\n";
    assert_eq!(resource(class).document.get("status"), None);
}

#[test]
fn an_old_autoscaler_is_read_as_the_server_would_convert_it() {
    let old = "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  maxReplicas: 4\n  targetCPUUtilizationPercentage: 70\n";
    let document = resource(old).document;
    assert_eq!(document["apiVersion"], "autoscaling/v2");
    assert_eq!(
        document["spec"],
        json!({"maxReplicas": 4, "metrics": [{"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70},
        }}]})
    );
}

#[test]
fn what_no_server_takes_is_refused_with_its_reason() {
    assert_eq!(
        refusal("apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n"),
        "the PodDisruptionBudget a is policy/v1beta1, and this version reads policy/v1"
    );
    assert_eq!(
        refusal("apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n"),
        "the Ingress a is extensions/v1beta1, and this version reads networking.k8s.io/v1"
    );
    assert_eq!(
        refusal("kind: Deployment\nmetadata: {name: a}\n"),
        "the Deployment a is of no apiVersion, and this version reads apps/v1"
    );
    assert_eq!(
        refusal("apiVersion: v1\nkind: Service\nmetadata: {name: 1}\n"),
        "a Service without metadata.name"
    );
}

#[test]
fn other_kinds_are_counted_and_what_is_no_object_is_not() {
    let found = read("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n");
    assert!(
        matches!(&found[..], [Found::Other(kind)] if kind == "Service"),
        "{found:?}"
    );
    for text in [
        "a: 1\n",
        "version: 3\nservices: {}\n",
        "text\n",
        "kind: Deployment\n",
        "- 1\n",
    ] {
        assert!(read(text).is_empty(), "{text}");
    }
}
