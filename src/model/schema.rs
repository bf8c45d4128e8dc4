//! The schema of documents: which fields each kind has, by the provider's own model.

use std::collections::BTreeMap;

use super::Kind;

/// The shape of a value. Named shapes may be recursive (a WAF statement holds statements).
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Fields by name, each with its shape.
    Object(BTreeMap<String, Shape>),
    List(Box<Shape>),
    /// Any key, values of one shape: labels, annotations, tags.
    Map(Box<Shape>),
    String,
    Integer,
    Number,
    Boolean,
    /// RFC 3339 text.
    Timestamp,
    /// Kubernetes' IntOrString.
    IntOrString,
    /// Anything: a policy document, a CRD's free-form spec.
    Any,
    /// A shape of [`Schema::shapes`].
    Named(String),
}

/// The shapes of all kinds that the collectors know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub kinds: BTreeMap<Kind, Shape>,
    pub shapes: BTreeMap<String, Shape>,
}

impl Schema {
    /// The shape behind a name, following names to the first that is none; `Any` for an unknown one.
    pub fn resolve<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        const ANY: &Shape = &Shape::Any;
        let mut shape = shape;
        for _ in 0..self.shapes.len() + 1 {
            match shape {
                Shape::Named(name) => shape = self.shapes.get(name).unwrap_or(ANY),
                other => return other,
            }
        }
        ANY
    }

    /// Takes in another platform's kinds.
    pub fn merge(&mut self, other: Schema) {
        self.kinds.extend(other.kinds);
        self.shapes.extend(other.shapes);
    }
}
