//! Reaching into documents: fields, elements and keys, each of which may not have been read.

use serde_json::Value;

use super::super::types;
use super::super::value::{
    Eval, Halt, List, Map, Text, Val, is_redacted, is_unread, marker, number,
};
use super::stops::{bug, missing};
use super::{Interpreter, optional};
use crate::model::{Kind, UNREAD};

impl<'x> Interpreter<'x, '_> {
    /// A value of a document.
    pub(super) fn read(&self, value: &'x Value) -> Eval<'x> {
        Ok(match value {
            Value::Null => Val::Null(""),
            Value::Bool(bool) => Val::Bool(*bool),
            Value::Number(inner) => number(inner),
            Value::String(text) => Val::String(Text::Borrowed(text)),
            Value::Array(items) => Val::List(List::Json(items)),
            Value::Object(fields) => match marker(fields) {
                Some(content) if fields.len() == 1 => return Err(self.unread(content)),
                _ if is_redacted(fields) => Val::Redacted(value),
                _ => Val::Map(Map::Json(fields)),
            },
        })
    }

    /// The field of an object; null where there is none.
    pub(in crate::expr) fn field(&self, map: &Map<'x>, name: &str) -> Eval<'x> {
        match map {
            Map::Json(fields) => match (fields.get(name), marker(fields)) {
                (Some(value), _) if name != UNREAD => self.read(value),
                (_, Some(content)) => Err(self.unread(content)),
                _ => Ok(Val::Null("")),
            },
            Map::Own(fields) => Ok(fields.get(name).cloned().unwrap_or(Val::Null(""))),
        }
    }

    pub(super) fn select(&self, operand: Val<'x>, name: &str) -> Eval<'x> {
        match operand {
            Val::Map(map) => self.field(&map, name),
            Val::Null(path) => Err(missing(path)),
            Val::Redacted(_) => Err(self.redacted(name)),
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(inner)) => self.select((*inner).clone(), name).map(optional),
            other => Err(bug(format!(
                "{} has no field `{name}`",
                types::describe(other.mask())
            ))),
        }
    }

    /// What stands at a position or under a key; nothing where the list is too short.
    pub(super) fn index(&self, operand: Val<'x>, key: &Val<'x>) -> Result<Option<Val<'x>>, Halt> {
        match (operand, key) {
            (Val::Null(path), _) => Err(missing(path)),
            (_, Val::Null(path)) => Err(missing(path)),
            (Val::Optional(None), _) => Ok(Some(Val::Optional(None))),
            (Val::Optional(Some(inner)), key) => {
                let found = self.index((*inner).clone(), key)?;
                Ok(Some(optional(found.unwrap_or(Val::Null("")))))
            }
            (Val::Map(map), Val::String(name)) => self.field(&map, name).map(Some),
            (Val::List(list), Val::Int(at)) => self.element(&list, *at),
            (Val::Redacted(_), _) | (_, Val::Redacted(_)) => Err(self.redacted("an index")),
            (operand, key) => Err(bug(format!(
                "{} cannot be indexed with {}",
                types::describe(operand.mask()),
                types::describe(key.mask())
            ))),
        }
    }

    pub(super) fn element(&self, list: &List<'x>, at: i128) -> Result<Option<Val<'x>>, Halt> {
        let found = match (list, usize::try_from(at)) {
            (List::Partial(_, halt), _) => return Err(Halt::clone(halt)),
            (List::Json(items), Ok(at)) => items.get(at).map(|item| self.read(item)),
            (List::Documents(items), Ok(at)) => items.get(at).map(|item| self.read(item)),
            (List::Own(items), Ok(at)) => items.get(at).cloned().map(Ok),
            (_, Err(_)) => None,
        };
        match (found, self.partial(list)) {
            (Some(found), _) => found.map(Some),
            (None, Some(halt)) => Err(halt),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn pod_template(
        &self,
        document: Val<'x>,
        places: &'x [(Kind, &'static str)],
    ) -> Eval<'x> {
        let place = match places {
            [(_, place)] => Some(place),
            many => many
                .iter()
                .find(|(kind, _)| kind == self.world.kind)
                .map(|(_, place)| place),
        };
        let Some(place) = place else {
            return Err(bug(format!("{} makes no pods", self.world.kind)));
        };
        let mut value = document;
        let mut end = 0;
        for name in place.split('.').filter(|name| !name.is_empty()) {
            end += name.len() + usize::from(end > 0);
            value = match self.select(value, name)? {
                Val::Null("") => Val::Null(place.get(..end).unwrap_or_default()),
                value => value,
            };
        }
        Ok(value)
    }

    pub(in crate::expr) fn keys(&self, map: &Map<'x>) -> List<'x> {
        match map {
            Map::Own(fields) => List::Own(
                fields
                    .keys()
                    .map(|key| Val::String(Text::Owned(key.clone())))
                    .collect(),
            ),
            Map::Json(fields) => {
                let keys = fields
                    .iter()
                    .filter(|(key, value)| *key != UNREAD && !value.is_null() && !is_unread(value))
                    .map(|(key, _)| Val::String(Text::Borrowed(key)))
                    .collect();
                // A key whose value was not read may be one without a value, which is no key.
                let mut unread = fields.values().filter(|value| is_unread(value));
                let inner = || unread.next().and_then(|value| marker(value.as_object()?));
                match marker(fields).or_else(inner) {
                    Some(content) => List::Partial(keys, self.unread(content)),
                    None => List::Own(keys),
                }
            }
        }
    }

    /// The known element at a position: `Some(None)` for an unread one.
    pub(super) fn known(&self, list: &List<'x>, at: usize) -> Option<Option<Eval<'x>>> {
        let json = |item: &'x Value| {
            if is_unread(item) {
                self.met.set(true);
                None
            } else {
                Some(self.read(item))
            }
        };
        match list {
            List::Json(items) => items.get(at).map(json),
            List::Documents(items) => items.get(at).copied().map(json),
            List::Own(items) | List::Partial(items, _) => items.get(at).cloned().map(Ok).map(Some),
        }
    }

    /// Why the list is not known whole, if it is not.
    pub(in crate::expr) fn partial(&self, list: &List<'x>) -> Option<Halt> {
        let json = |item: &&'x Value| is_unread(item);
        let unread: &Value = match list {
            List::Json(items) => items.iter().find(json)?,
            List::Documents(items) => items.iter().copied().find(json)?,
            List::Own(_) => return None,
            List::Partial(_, halt) => return Some(Halt::clone(halt)),
        };
        let content = unread.as_object().and_then(marker);
        Some(self.unread(content.unwrap_or(&Value::Null)))
    }

    /// What is known of a list, and why that is not all.
    pub(in crate::expr) fn elements(
        &self,
        list: &List<'x>,
    ) -> Result<(Vec<Val<'x>>, Option<Halt>), Halt> {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some(element) = self.known(list, at) {
            if let Some(element) = element {
                all.push(element?);
            }
            at += 1;
        }
        Ok((all, self.partial(list)))
    }
}
