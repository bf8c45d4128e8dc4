//! Fields, keys and elements.

use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::super::node::Op;
use super::super::path;
use super::super::types::{self, Place, Root, Type};
use super::{ANY_SHAPE, Checker, Ty, Typed, mask};
use crate::model::Shape;
use crate::suggest::suggest;

impl<'s> Checker<'s> {
    pub(super) fn select(&mut self, id: u64, operand: &IdedExpr, field: &str) -> Typed<'s> {
        let name_span = self.source.name_after(id);
        if let Expr::Ident(name) = &operand.expr
            && (name == "params" || name == "variables")
            && !self.locals.iter().any(|(local, _)| local == name)
        {
            let span = self.source.token(operand.id).start..name_span.end;
            return self.named(name, field, name_span, span);
        }
        let operand = self.lower(operand);
        let ty = self.member(&operand.ty, field, &name_span);
        let span = operand.span.start..name_span.end;
        self.typed(Op::Select(Box::new(operand.node), field.into()), ty, span)
    }

    /// The type of a field, which must exist.
    pub(super) fn member(&mut self, ty: &Ty<'s>, field: &str, span: &Range<usize>) -> Ty<'s> {
        match ty {
            Type::Dyn | Type::Never => Type::Dyn,
            Type::Map(inner) => (**inner).clone(),
            Type::Optional(inner) => match self.member(inner, field, span) {
                already @ Type::Optional(_) => already,
                inner => Type::Optional(Box::new(inner)),
            },
            Type::Places(places) => {
                let found: Vec<_> = places
                    .iter()
                    .filter_map(|place| self.member_of_place(place, field))
                    .collect();
                if found.is_empty() {
                    self.no_member(places, field, span);
                    return Type::Dyn;
                }
                Type::Places(found)
            }
            Type::Plain(_) | Type::List(_) => {
                self.no_fields(mask(ty), field, span);
                Type::Dyn
            }
        }
    }

    fn no_fields(&mut self, mask: types::Mask, field: &str, span: &Range<usize>) {
        let help = match mask {
            types::LIST => Some("take an element (`[0]`), or `all`, `exists`, `map`".to_owned()),
            _ => None,
        };
        let message = format!(
            "this is {} and has no field `{field}`",
            types::describe(mask)
        );
        self.problem(span.clone(), message, help);
    }

    /// Says that a field is nowhere to be found: one that some of the places have is null in the others.
    fn no_member(&mut self, places: &[Place<&'s Shape>], field: &str, span: &Range<usize>) {
        let mut owners: Vec<String> = Vec::new();
        let mut known: Vec<&str> = Vec::new();
        for place in places {
            match place.shape {
                Shape::Object(fields) => {
                    owners.push(owner(place));
                    known.extend(fields.keys().map(String::as_str));
                }
                other => return self.no_fields(types::shape_mask(other), field, span),
            }
        }
        owners.dedup();
        known.sort_unstable();
        known.dedup();
        let help = suggest(field, known);
        let message = match owners.as_slice() {
            [owner] => format!("{owner} has no field `{field}`"),
            owners => format!("none of {} has a field `{field}`", owners.join(", ")),
        };
        self.problem(span.clone(), message, help);
    }

    fn member_of_place(&self, place: &Place<&'s Shape>, field: &str) -> Option<Place<&'s Shape>> {
        let shape = match place.shape {
            Shape::Object(fields) => self.env.schema.resolve(fields.get(field)?),
            Shape::Map(inner) => self.env.schema.resolve(inner),
            Shape::Any => &ANY_SHAPE,
            _ => return None,
        };
        Some(Place {
            root: place.root.clone(),
            path: match place.root {
                Root::Value => String::new(),
                _ => path::field(&place.path, field),
            },
            shape,
        })
    }

    /// `x[k]`, and `x[?k]` and `x.?f`.
    pub(super) fn index(
        &mut self,
        id: u64,
        operand: &IdedExpr,
        key: &IdedExpr,
        optional: bool,
    ) -> Typed<'s> {
        let base = self.lower(operand);
        let dotted = self.source.token(id).len() == 1
            && self.source.text.get(self.source.token(id)) == Some(".");
        let end = if dotted {
            self.source.name_after(id).end
        } else {
            self.source.brackets(id).end
        };
        let span = base.span.start..end;
        let name_span = if dotted {
            self.source.name_after(id)
        } else {
            self.source.token(key.id)
        };
        let (ty, key) = match &key.expr {
            Expr::Literal(LiteralValue::String(name)) => {
                let ty = self.member(&base.ty, name.inner(), &name_span);
                (ty, self.lower(key))
            }
            _ => {
                let key = self.lower(key);
                self.consume(&key);
                (self.element_at(&base, &key), key)
            }
        };
        let (base, key) = (Box::new(base.node), Box::new(key.node));
        if !optional {
            return self.typed(Op::Index(base, key), ty, span);
        }
        let ty = match ty {
            already @ Type::Optional(_) => already,
            inner => Type::Optional(Box::new(inner)),
        };
        self.typed(Op::OptionalIndex(base, key), ty, span)
    }

    /// The type of what stands at a position, or under a key that is worked out.
    fn element_at(&mut self, base: &Typed<'s>, key: &Typed<'s>) -> Ty<'s> {
        let (base_mask, key_mask) = (mask(&base.ty), mask(&key.ty));
        let by_number = base_mask & types::LIST != 0 && key_mask & types::NUMBER != 0;
        let by_name = base_mask & types::MAP != 0 && key_mask & types::STRING != 0;
        let viral = base_mask & types::OPTIONAL != 0;
        if !by_number && !by_name && !viral {
            let message = format!(
                "this is {} and cannot be indexed with {}",
                types::describe(base_mask),
                types::describe(key_mask)
            );
            self.problem(key.span.clone(), message, None);
            return Type::Dyn;
        }
        if by_number && !by_name {
            return self.element(&base.ty).unwrap_or(Type::Dyn);
        }
        // Which key is not known now: the object as a whole is what is read.
        self.consume(base);
        match &base.ty {
            Type::Map(inner) => (**inner).clone(),
            Type::Places(places) => {
                let values: Option<Vec<_>> = places
                    .iter()
                    .map(|place| match place.shape {
                        Shape::Map(inner) => Some(Place {
                            root: Root::Value,
                            path: String::new(),
                            shape: self.env.schema.resolve(inner),
                        }),
                        _ => None,
                    })
                    .collect();
                values.map_or(Type::Dyn, Type::Places)
            }
            _ => Type::Dyn,
        }
    }

    /// The type of a list's elements; none if it is no list.
    pub(super) fn element(&self, ty: &Ty<'s>) -> Option<Ty<'s>> {
        match ty {
            Type::List(inner) => Some((**inner).clone()),
            Type::Dyn | Type::Never => Some(Type::Dyn),
            Type::Optional(inner) => self
                .element(inner)
                .map(|inner| Type::Optional(Box::new(inner))),
            Type::Places(places) => places
                .iter()
                .map(|place| {
                    let shape = match place.shape {
                        Shape::List(inner) => self.env.schema.resolve(inner),
                        Shape::Any => &ANY_SHAPE,
                        _ => return None,
                    };
                    Some(Place {
                        root: place.root.clone(),
                        path: match place.root {
                            Root::Value => String::new(),
                            _ => path::each(&place.path),
                        },
                        shape,
                    })
                })
                .collect::<Option<Vec<_>>>()
                .map(Type::Places),
            Type::Plain(_) | Type::Map(_) => None,
        }
    }
}

/// What to call the object that lacks a field.
fn owner(place: &Place<&Shape>) -> String {
    match (&place.root, place.path.as_str()) {
        (Root::Resource(kind) | Root::Related(kind), "") => kind.to_string(),
        (Root::Resource(kind) | Root::Related(kind), path) => format!("`{path}` of {kind}"),
        (Root::Image, _) => "an image reference".to_owned(),
        (Root::Value, _) => "this".to_owned(),
    }
}
