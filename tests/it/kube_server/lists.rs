//! Lists of objects, in pages.

use serde_json::{Value, json};
use soc2scan::collect::kubernetes::{Entry, Reach};

use super::answers::Reply;
use super::{Asked, Shared};

/// What a list request asks for.
pub struct Query {
    pub limit: usize,
    pub from: usize,
}

impl Query {
    pub fn of(query: &str) -> Self {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let token = value("continue").unwrap_or_default();
        let from = token.rsplit('-').next().unwrap_or_default();
        Self {
            // With a resourceVersion, a real server ignores the limit.
            limit: match value("resourceVersion") {
                None => value("limit").and_then(|l| l.parse().ok()).unwrap_or(0),
                Some(_) => 0,
            },
            from: from.parse().unwrap_or(0),
        }
    }
}

pub fn page(shared: &Shared, entry: &Entry, version: &str, asked: &Asked, list: &Query) -> Reply {
    let objects = shared.objects.iter();
    let objects: Vec<&Value> = objects
        .filter(|object| {
            let group = object["apiVersion"].as_str().unwrap_or_default();
            let group = group.split_once('/').map_or("", |(group, _)| group);
            group == entry.group && object["kind"] == entry.kind
        })
        .collect();
    let end = match list.limit {
        0 => objects.len(),
        limit => objects.len().min(list.from + limit),
    };
    let metadata_only = asked.accept.contains("as=PartialObjectMetadataList");
    let items: Vec<Value> = objects[list.from.min(end)..end]
        .iter()
        .map(|object| item(entry, object, metadata_only))
        .collect();
    let mut metadata = json!({"resourceVersion": "4711"});
    if end < objects.len() {
        metadata["continue"] = json!(format!("token-{end}"));
        metadata["remainingItemCount"] = json!(objects.len() - end);
    }
    let (api_version, kind) = if metadata_only {
        (
            "meta.k8s.io/v1".to_owned(),
            "PartialObjectMetadataList".to_owned(),
        )
    } else {
        (entry.api_version(version), format!("{}List", entry.kind))
    };
    Reply::json(
        200,
        &json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}),
    )
}

/// An object as a list holds it: without its kind, with what the server adds.
fn item(entry: &Entry, object: &Value, metadata_only: bool) -> Value {
    let mut object = object.as_object().expect("an object").clone();
    let applied = Value::Object(object.clone()).to_string();
    object.remove("apiVersion");
    object.remove("kind");
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    let metadata = metadata.as_object_mut().expect("metadata");
    if entry.reach == Reach::Namespaced {
        metadata
            .entry("namespace")
            .or_insert_with(|| "default".into());
    }
    let name = format!(
        "{}/{}/{}",
        entry.kind,
        metadata
            .get("namespace")
            .and_then(Value::as_str)
            .unwrap_or_default(),
        metadata
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
    );
    metadata.entry("uid").or_insert_with(|| uid(&name).into());
    metadata
        .entry("creationTimestamp")
        .or_insert_with(|| "2026-01-01T00:00:00Z".into());
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    let annotations = annotations.as_object_mut().expect("annotations");
    annotations.insert(
        "kubectl.kubernetes.io/last-applied-configuration".to_owned(),
        applied.into(),
    );
    metadata.insert(
        "managedFields".to_owned(),
        json!([{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {}}}]),
    );
    if metadata_only {
        let metadata = Value::Object(metadata.clone());
        return json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
    }
    Value::Object(object)
}

/// A uid that is the same at every start.
fn uid(name: &str) -> String {
    let digest = soc2scan::model::sha256(name.as_bytes());
    let part = |from: usize, to: usize| digest[from..to].to_owned();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}
