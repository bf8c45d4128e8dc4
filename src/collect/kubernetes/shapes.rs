//! The shapes of documents, from the published models (`models.py` says how `shapes.json` is made).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::table;
use crate::model::{Schema, Shape};

#[derive(Deserialize)]
struct File {
    kinds: BTreeMap<String, String>,
    shapes: BTreeMap<String, BTreeMap<String, String>>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(read);

/// Which fields each kind of the table has. A kind that the models lack (a custom resource) has a free `spec` and `status`.
pub fn schema() -> Schema {
    SCHEMA.clone()
}

#[expect(
    clippy::expect_used,
    reason = "the file is embedded, and read by a test"
)]
fn read() -> Schema {
    let file: File = serde_json::from_str(include_str!("shapes.json")).expect("shapes.json");
    let shapes = file.shapes.iter().map(|(name, fields)| {
        let fields = fields.iter();
        let fields = fields.map(|(field, kind)| (field.clone(), shape(kind)));
        (qualified(name), Shape::Object(fields.collect()))
    });
    let kinds = table::entries().iter().map(|entry| {
        let shape = match file.kinds.get(entry.kind) {
            Some(model) => Shape::Named(qualified(model)),
            None => custom(),
        };
        (entry.resource_kind(), shape)
    });
    let log = [(table::POD_LOG.resource_kind(), log())];
    Schema {
        kinds: kinds.chain(log).collect(),
        shapes: shapes.collect(),
    }
}

/// Shapes share one space with those of AWS.
fn qualified(model: &str) -> String {
    format!("k8s.{model}")
}

fn shape(kind: &str) -> Shape {
    if let Some(element) = inside(kind, '[', ']') {
        return Shape::List(Box::new(shape(element)));
    }
    if let Some(value) = inside(kind, '{', '}') {
        return Shape::Map(Box::new(shape(value)));
    }
    match kind {
        "string" => Shape::String,
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Boolean,
        "timestamp" => Shape::Timestamp,
        "int_or_string" => Shape::IntOrString,
        "any" => Shape::Any,
        model => Shape::Named(qualified(model)),
    }
}

fn inside(kind: &str, open: char, close: char) -> Option<&str> {
    kind.strip_prefix(open)?.strip_suffix(close)
}

fn custom() -> Shape {
    let field = |name: &str, shape| (name.to_owned(), shape);
    Shape::Object(BTreeMap::from([
        field("apiVersion", Shape::String),
        field("kind", Shape::String),
        field("metadata", Shape::Named(qualified("V1ObjectMeta"))),
        field("spec", Shape::Any),
        field("status", Shape::Any),
    ]))
}

fn log() -> Shape {
    let text = |name: &str| (name.to_owned(), Shape::String);
    let metadata = Shape::Object(BTreeMap::from([text("name"), text("namespace")]));
    Shape::Object(BTreeMap::from([
        text("apiVersion"),
        text("kind"),
        ("metadata".to_owned(), metadata),
        text("container"),
        ("lines".to_owned(), Shape::List(Box::new(Shape::String))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn at(kind: &str, path: &str) -> Option<Shape> {
        let schema = schema();
        let mut shape = schema.kinds.get(&Kind::new(kind))?;
        for step in path.split('.') {
            let (field, list) = match step.strip_suffix("[]") {
                Some(field) => (field, true),
                None => (step, false),
            };
            shape = match schema.resolve(shape) {
                Shape::Object(fields) => fields.get(field)?,
                Shape::Map(value) => value,
                _ => return None,
            };
            if list {
                let Shape::List(element) = schema.resolve(shape) else {
                    return None;
                };
                shape = element;
            }
        }
        Some(schema.resolve(shape).clone())
    }

    #[test]
    fn every_kind_of_the_table_has_a_shape_with_metadata() {
        for entry in table::entries() {
            let kind = entry.resource_kind();
            for field in ["apiVersion", "kind", "metadata.name", "metadata.uid"] {
                assert_eq!(
                    at(kind.as_str(), field),
                    Some(Shape::String),
                    "{kind} {field}"
                );
            }
            for field in ["metadata.labels", "metadata.annotations"] {
                assert_eq!(
                    at(kind.as_str(), field),
                    Some(Shape::Map(Box::new(Shape::String))),
                    "{kind} {field}"
                );
            }
        }
    }

    #[test]
    fn every_name_leads_to_a_shape() {
        fn check(schema: &Schema, shape: &Shape) {
            match shape {
                Shape::Named(name) => assert!(schema.shapes.contains_key(name), "{name}"),
                Shape::List(inner) | Shape::Map(inner) => check(schema, inner),
                Shape::Object(fields) => fields.values().for_each(|field| check(schema, field)),
                _ => {}
            }
        }
        let schema = schema();
        for shape in schema.kinds.values().chain(schema.shapes.values()) {
            check(&schema, shape);
        }
    }

    #[test]
    fn fields_have_the_types_of_the_models() {
        let container = "spec.template.spec.containers[]";
        for (kind, path, shape) in [
            ("k8s.Deployment", "spec.replicas", Shape::Integer),
            (
                "k8s.Deployment",
                &format!("{container}.image"),
                Shape::String,
            ),
            (
                "k8s.Deployment",
                &format!("{container}.livenessProbe.httpGet.port"),
                Shape::IntOrString,
            ),
            (
                "k8s.Deployment",
                &format!("{container}.resources.requests"),
                Shape::Map(Box::new(Shape::String)),
            ),
            (
                "k8s.PodDisruptionBudget",
                "spec.minAvailable",
                Shape::IntOrString,
            ),
            ("k8s.Pod", "metadata.creationTimestamp", Shape::Timestamp),
            (
                "k8s.CronJob",
                "spec.jobTemplate.spec.template.spec.containers[].env[].value",
                Shape::String,
            ),
            (
                "k8s.Job",
                "metadata.ownerReferences[].controller",
                Shape::Boolean,
            ),
            (
                "k8s.HorizontalPodAutoscaler",
                "spec.minReplicas",
                Shape::Integer,
            ),
            (
                "k8s.StorageClass",
                "parameters",
                Shape::Map(Box::new(Shape::String)),
            ),
            (
                "k8s.Ingress",
                "spec.tls[].hosts",
                Shape::List(Box::new(Shape::String)),
            ),
        ] {
            assert_eq!(at(kind, path), Some(shape), "{kind} {path}");
        }
    }

    #[test]
    fn what_is_never_kept_is_not_in_the_schema() {
        assert_eq!(at("k8s.Secret", "data"), None);
        assert_eq!(at("k8s.Pod", "metadata.managedFields"), None);
    }

    #[test]
    fn a_custom_resource_has_a_free_spec() {
        let Shape::Object(fields) = custom() else {
            panic!("an object");
        };
        assert_eq!(fields.get("spec"), Some(&Shape::Any));
        let schema = schema();
        assert!(matches!(
            schema.resolve(&fields["metadata"]),
            Shape::Object(_)
        ));
    }
}
