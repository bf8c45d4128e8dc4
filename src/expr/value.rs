//! Values during evaluation: borrowed from the documents and from the program wherever they stand there.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map as JsonMap, Number, Value};

use super::Stop;
use super::network::Cidr;
use super::quantity::Quantity;
use super::types::{self, Mask};
use crate::model::{REDACTED, UNREAD};

/// Why evaluation cannot go on; shared, for it is copied wherever the value would be.
pub(super) type Halt = Rc<Stop>;
pub(super) type Eval<'x> = Result<Val<'x>, Halt>;

#[derive(Clone, Debug)]
pub(super) enum Val<'x> {
    /// Absent, with the path of the fact that is (empty until it is known).
    Null(&'x str),
    Bool(bool),
    Int(i128),
    Float(f64),
    String(Text<'x>),
    Time(Timestamp),
    Duration(SignedDuration),
    Quantity(Quantity),
    Ip(IpAddr),
    Cidr(Cidr),
    List(List<'x>),
    Map(Map<'x>),
    /// A sensitive string of which only the marker is left.
    Redacted(&'x Value),
    Optional(Option<Rc<Val<'x>>>),
}

#[derive(Clone, Debug)]
pub(super) enum Text<'x> {
    Borrowed(&'x str),
    Owned(Rc<str>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Owned(text) => text,
        }
    }
}

/// A list. One with unread elements is partly unread: it may hold anything besides what is known.
#[derive(Clone, Debug)]
pub(super) enum List<'x> {
    Json(&'x [Value]),
    Documents(Rc<[&'x Value]>),
    Own(Rc<[Val<'x>]>),
    /// What is known of a list, and why that is not all.
    Partial(Rc<[Val<'x>]>, Halt),
}

#[derive(Clone, Debug)]
pub(super) enum Map<'x> {
    Json(&'x JsonMap<String, Value>),
    Own(Rc<BTreeMap<Rc<str>, Val<'x>>>),
}

/// The object's marker, when it was read in part or not at all.
pub(super) fn marker(fields: &JsonMap<String, Value>) -> Option<&Value> {
    fields.get(UNREAD)
}

/// Whether nothing of the value was read.
pub(super) fn is_unread(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|fields| fields.len() == 1 && fields.contains_key(UNREAD))
}

pub(super) fn is_redacted(fields: &JsonMap<String, Value>) -> bool {
    fields.len() == 1 && fields.contains_key(REDACTED)
}

pub(super) fn number(number: &Number) -> Val<'static> {
    match (number.as_i64(), number.as_u64()) {
        (Some(int), _) => Val::Int(int.into()),
        (None, Some(int)) => Val::Int(int.into()),
        (None, None) => Val::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

impl<'x> List<'x> {
    /// A list, with why it is not all known if it is not.
    pub(super) fn new(items: Vec<Val<'x>>, pending: Option<Halt>) -> Self {
        match pending {
            Some(halt) => List::Partial(items.into(), halt),
            None => List::Own(items.into()),
        }
    }
}

impl<'x> Val<'x> {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        Val::String(Text::Owned(text.into()))
    }

    pub(super) fn list(items: Vec<Val<'x>>) -> Self {
        Val::List(List::Own(items.into()))
    }

    /// A value that a function made, in which nothing is unread and markers mean nothing.
    pub(super) fn own(value: Value) -> Self {
        match value {
            Value::Null => Val::Null(""),
            Value::Bool(bool) => Val::Bool(bool),
            Value::Number(inner) => number(&inner),
            Value::String(text) => Val::text(text),
            Value::Array(items) => Val::list(items.into_iter().map(Val::own).collect()),
            Value::Object(fields) => Val::Map(Map::Own(Rc::new(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.into(), Val::own(value)))
                    .collect(),
            ))),
        }
    }

    pub(super) fn mask(&self) -> Mask {
        match self {
            Val::Null(_) => types::NULL,
            Val::Bool(_) => types::BOOL,
            Val::Int(_) | Val::Float(_) => types::NUMBER,
            Val::String(_) | Val::Redacted(_) => types::STRING,
            Val::Time(_) => types::TIME,
            Val::Duration(_) => types::DURATION,
            Val::Quantity(_) => types::QUANTITY,
            Val::Ip(_) => types::IP,
            Val::Cidr(_) => types::CIDR,
            Val::List(_) => types::LIST,
            Val::Map(_) => types::MAP,
            Val::Optional(_) => types::OPTIONAL,
        }
    }

    /// CEL's name of the value's type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Null(_) => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Float(_) => "double",
            Val::String(_) | Val::Redacted(_) => "string",
            Val::Time(_) => "timestamp",
            Val::Duration(_) => "duration",
            Val::Quantity(_) => "quantity",
            Val::Ip(_) => "ip",
            Val::Cidr(_) => "cidr",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Optional(_) => "optional_type",
        }
    }
}
