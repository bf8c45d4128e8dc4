//! Documents as objects of the Kubernetes API: lists taken apart, kinds told, and what cannot be told said so.

use serde_json::{Map, Value, json};

use super::tree::{Node, Place, Tree};
use super::typing::{self, Typed};
use crate::collect::kubernetes::{Content, Entry, Reach, entries};
use crate::model::{Kind, Origin, Reason, Resource, ResourceId, Schema, Scope, Shape, Unread};
use crate::wire::kubernetes_object;

/// What stands for the cluster in scopes and ids.
pub const CLUSTER: &str = "manifests";

/// The longest name of a kind that is told.
const LONGEST: usize = 60;

/// What is found in a document.
#[derive(Debug)]
pub enum Found {
    Resource(Box<Resource>),
    /// An object of a kind of the table that no API server would take, or none of the versions that are read.
    Refused {
        kind: Kind,
        origin: Origin,
        why: String,
    },
    /// An object of a kind that no rule can speak of, as its manifest names it.
    Other(String),
    /// What has the version and the metadata of an object and no kind could be of any.
    Kindless(Unread),
}

/// Every object in a document of a file. What has neither a kind nor the rest of an object is none.
pub fn objects(file: &str, document: &Node, schema: &Schema) -> Vec<Found> {
    let mut found = Vec::new();
    collect(file, document, None, schema, &mut found);
    found
}

/// The version and kind that the items of a typed list share.
type Of = (String, String);

fn collect(file: &str, node: &Node, of: Option<&Of>, schema: &Schema, found: &mut Vec<Found>) {
    if let Tree::List(items) = &node.tree {
        for item in items {
            collect(file, item, of, schema, found);
        }
        return;
    }
    let named = |field: &str| node.get(field).and_then(Node::text);
    let version = named("apiVersion").or(of.map(|of| of.0.as_str()));
    let kind = named("kind").filter(|kind| !kind.is_empty());
    let Some(kind) = kind.or(of.map(|of| of.1.as_str())) else {
        if version.is_some() && node.get("metadata").is_some() {
            let why = "an object with apiVersion and metadata, and without a kind".to_owned();
            found.push(Found::Kindless(unread(&origin(file, node.place), why)));
        }
        return;
    };
    if let (Some(of), Some(items)) = (kind.strip_suffix("List"), node.get("items"))
        && !matches!(items.tree, Tree::Map(_))
    {
        let of = version
            .filter(|_| !of.is_empty())
            .map(|v| (v.to_owned(), of.to_owned()));
        return collect(file, items, of.as_ref(), schema, found);
    }
    if node.get("metadata").is_none() && version.is_none() {
        return;
    }
    found.push(object(
        file,
        node,
        version.unwrap_or_default(),
        kind,
        schema,
    ));
}

fn object(file: &str, node: &Node, version: &str, kind: &str, schema: &Schema) -> Found {
    let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
    let mut named = entries().iter().filter(|entry| entry.kind == kind);
    let Some(entry) = named.find(|entry| group == entry.group || is_former(group, entry)) else {
        return Found::Other(kind.chars().take(LONGEST).collect());
    };
    let origin = origin(file, node.place);
    let refused = |why: String| Found::Refused {
        kind: entry.resource_kind(),
        origin: origin.clone(),
        why,
    };
    let text = |field: &str| node.get("metadata")?.get(field)?.text();
    let name = text("name").or(text("generateName")).unwrap_or_default();
    if name.is_empty() {
        return refused(format!("a {kind} without metadata.name"));
    }
    let is_read = entry.group == group && entry.versions.contains(&version);
    let is_converted =
        kind == "HorizontalPodAutoscaler" && group == "autoscaling" && version == "v1";
    if !is_read && !is_converted {
        let (theirs, ours) = (
            apiversion(group, version),
            entry.api_version(entry.preferred()),
        );
        return refused(format!(
            "the {kind} {name} is {theirs}, and this version reads {ours}"
        ));
    }

    let any = Shape::Any;
    let shape = schema.kinds.get(&entry.resource_kind()).unwrap_or(&any);
    let Typed { value, misfits } = typing::typed(node, schema, shape);
    let Value::Object(mut document) = value else {
        return Found::Other(kind.to_owned());
    };
    if entry.content == Content::Metadata {
        document.retain(|key, _| key == "metadata");
    }
    if is_converted {
        autoscale(&mut document);
    }
    document.insert(
        "apiVersion".to_owned(),
        entry.api_version(entry.preferred()).into(),
    );
    document.insert("kind".to_owned(), kind.into());
    let namespace = match entry.reach {
        Reach::Namespaced => Some(
            text("namespace")
                .filter(|it| !it.is_empty())
                .unwrap_or("default"),
        ),
        Reach::Cluster => None,
    };
    if let (Some(namespace), Some(Value::Object(metadata))) =
        (namespace, document.get_mut("metadata"))
    {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    document.remove("status");
    let mut document = kubernetes_object(Value::Object(document));
    for misfit in misfits {
        if let Some(value) = typing::at(&mut document, &misfit.path) {
            *value = unread(&self::origin(file, misfit.place), misfit.why).marker();
        }
    }
    if is_made_by_cluster(entry, schema, shape)
        && let Some(fields) = document.as_object_mut()
    {
        let status = beyond("the status that a cluster gives it").marker();
        fields.insert("status".to_owned(), status);
    }
    let place = namespace.unwrap_or_default();
    Found::Resource(Box::new(Resource {
        kind: entry.resource_kind(),
        id: ResourceId::new(format!("k8s://{CLUSTER}/{place}/{kind}/{name}")),
        scope: Scope::kubernetes(CLUSTER, namespace),
        origin: Some(origin),
        document,
    }))
}

/// Whether a group once had the kind, or is left out: a slip, and no other kind of the same name.
fn is_former(group: &str, entry: &Entry) -> bool {
    group == "extensions" && matches!(entry.group, "apps" | "networking.k8s.io") || group.is_empty()
}

fn apiversion(group: &str, version: &str) -> String {
    match (group, version) {
        ("", "") => "of no apiVersion".to_owned(),
        ("", version) => version.to_owned(),
        (group, version) => format!("{group}/{version}"),
    }
}

/// `autoscaling/v1` as the server turns it into v2.
fn autoscale(document: &mut Map<String, Value>) {
    let Some(Value::Object(spec)) = document.get_mut("spec") else {
        return;
    };
    if let Some(percent) = spec
        .remove("targetCPUUtilizationPercentage")
        .filter(|it| !it.is_null())
    {
        let target = json!({"type": "Utilization", "averageUtilization": percent});
        let metric = json!({"type": "Resource", "resource": {"name": "cpu", "target": target}});
        spec.insert("metrics".to_owned(), json!([metric]));
    }
}

/// Whether the status is not known. In general an absent one says that the object is new, which it is; but whether a
/// claim is bound and what the controller of a custom resource made of it are facts of their own.
fn is_made_by_cluster(entry: &Entry, schema: &Schema, shape: &Shape) -> bool {
    let Shape::Object(fields) = schema.resolve(shape) else {
        return false;
    };
    entry.kind == "PersistentVolumeClaim" || fields.get("status") == Some(&Shape::Any)
}

pub fn origin(file: &str, place: Place) -> Origin {
    Origin {
        file: file.to_owned(),
        line: place.line,
        column: place.column,
    }
}

/// What a file says that cannot be read.
pub fn unread(origin: &Origin, why: String) -> Unread {
    Unread {
        reason: Reason::ParseError,
        operation: format!("read {}:{}:{}", origin.file, origin.line, origin.column),
        permission: None,
        detail: why,
    }
}

/// What no file says.
pub fn beyond(what: &str) -> Unread {
    Unread {
        reason: Reason::NotInManifests,
        operation: what.to_owned(),
        permission: None,
        detail: String::new(),
    }
}

#[cfg(test)]
mod tests;
