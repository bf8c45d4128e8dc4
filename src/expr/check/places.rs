//! The places of documents that an expression reads: what they are called, and the list of them.

use std::ops::Range;

use super::super::node::Name;
use super::super::path::{self, Step};
use super::super::types::{Place, Root, Type};
use super::{ANY_SHAPE, Checker, Ty, Typed, calls};
use crate::model::{Kind, Schema, Shape};

impl<'s> Checker<'s> {
    /// What to call a value: the path of the fact, else its text.
    pub(super) fn name(&self, ty: &Ty<'s>, span: &Range<usize>) -> Name {
        let places: &[Place<&Shape>] = match ty {
            Type::Places(places) => places,
            Type::Optional(inner) => match &**inner {
                Type::Places(places) => places,
                _ => &[],
            },
            _ => &[],
        };
        let mut names: Vec<(Kind, Box<str>)> = Vec::new();
        for place in places {
            match &place.root {
                Root::Resource(kind) if !place.path.is_empty() => {
                    names.push((kind.clone(), Box::from(place.path.as_str())));
                }
                Root::Related(kind) => {
                    let path = format!("{kind}.{}", place.path);
                    names.push((kind.clone(), Box::from(path.trim_end_matches('.'))));
                }
                _ => return Name::Same(self.source.quote(span).into()),
            }
        }
        match names.split_first() {
            None => Name::Same(self.source.quote(span).into()),
            Some(((_, first), rest)) if rest.iter().all(|(_, name)| name == first) => {
                Name::Same(first.clone())
            }
            // One value from several places of one document: its own text says most.
            Some(((kind, _), rest)) if rest.iter().any(|(other, _)| other == kind) => {
                Name::Same(self.source.quote(span).into())
            }
            Some(_) => Name::ByKind(names.into()),
        }
    }

    /// Writes down every place that a value comes from: it is looked at as a whole.
    pub(super) fn consume(&mut self, typed: &Typed<'s>) {
        let span = typed.span.clone();
        self.consume_type(&typed.ty, &span, false);
    }

    pub(super) fn consume_type(&mut self, ty: &Ty<'s>, span: &Range<usize>, in_list: bool) {
        match ty {
            Type::List(inner) => self.consume_type(inner, span, true),
            Type::Map(inner) | Type::Optional(inner) => self.consume_type(inner, span, in_list),
            Type::Places(places) => {
                for place in places {
                    self.consume_place(place, span, in_list);
                }
            }
            Type::Dyn | Type::Never | Type::Plain(_) => {}
        }
    }

    pub(super) fn consume_place(
        &mut self,
        place: &Place<&Shape>,
        span: &Range<usize>,
        in_list: bool,
    ) {
        let whole = place.path.is_empty();
        match &place.root {
            Root::Resource(_) if whole => self.whole_document(span),
            Root::Resource(kind) => {
                let kinds = self.facts.entry(place.path.clone()).or_default();
                kinds.insert(kind.clone());
            }
            Root::Related(_) if whole && !in_list => self.whole_document(span),
            Root::Related(kind) => {
                let paths = self.related.entry(kind.clone()).or_default();
                if !whole {
                    paths.insert(place.path.clone());
                }
            }
            Root::Image | Root::Value => {}
        }
    }

    pub(super) fn whole_document(&mut self, span: &Range<usize>) {
        self.problem(
            span.clone(),
            "this is a whole document".to_owned(),
            Some("name a field of it".to_owned()),
        );
    }
}

/// The shape of a kind's documents; anything where the schema does not know the kind.
pub(super) fn document<'s>(schema: &'s Schema, kind: &Kind) -> &'s Shape {
    schema
        .kinds
        .get(kind)
        .map_or(&ANY_SHAPE, |shape| schema.resolve(shape))
}

/// The shape at a place that was found before.
pub(super) fn shape_at<'s>(schema: &'s Schema, root: &Root, path: &str) -> Option<&'s Shape> {
    let mut shape = match root {
        Root::Resource(kind) | Root::Related(kind) => document(schema, kind),
        Root::Image => &calls::IMAGE,
        Root::Value => return None,
    };
    for step in path::steps(path) {
        shape = match (shape, step) {
            (Shape::Object(fields), Step::Field(name)) => fields.get(&name)?,
            (Shape::Map(inner), _) | (Shape::List(inner), Step::Each) => inner,
            (Shape::Any, _) => &ANY_SHAPE,
            _ => return None,
        };
        shape = schema.resolve(shape);
    }
    Some(shape)
}
