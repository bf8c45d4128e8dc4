//! Expressions: CEL over documents in which any fact may be unread, with three-valued logic in place of defaults.
//!
//! [`compile`] turns text into a [`Program`] that is checked against the schema; [`decide`] and [`value`] evaluate it.
//! An operation that needs a fact that is not known stops with [`Stop::Unread`]; `&&`, `||`, `all` and `exists` go on
//! where the other side decides, so an answer never rests on what was not read. This is the only module that names the
//! `cel` crate, of which it uses the parser alone.

mod check;
mod conversions;
mod functions;
mod interpret;
mod labels;
mod network;
mod node;
mod operators;
mod path;
mod pods;
mod quantity;
mod signature;
mod source;
mod text;
mod time;
mod types;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Fact, Kind, Schema, Unread};

pub use crate::glob::glob;
pub use crate::suggest::suggest;
pub use path::{at, capped, evidence, hide};
pub use signature::functions;

/// The longest expression, in bytes: the parser's work grows faster than its input.
pub const MAX_LENGTH: usize = 4096;

/// The type of a rule's parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParamType {
    Int,
    Number,
    Bool,
    String,
    Strings,
}

/// What an expression may name.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    pub schema: &'a Schema,
    /// The kinds that `resource` can be. A field must exist in one of them, and is null in the others.
    pub kinds: &'a [Kind],
    pub params: &'a BTreeMap<String, ParamType>,
    /// The variables before this one; without a program where it did not compile.
    pub variables: &'a [(String, Option<Program>)],
}

/// Something wrong with an expression, and where in its source (bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    pub start: usize,
    pub end: usize,
    pub help: Option<String>,
}

/// A compiled expression: every name in it exists, and every fact that it can read is known.
#[derive(Clone, Debug)]
pub struct Program {
    source: String,
    root: node::Node,
    result: types::Type<types::Kept>,
    facts: BTreeSet<String>,
    /// The same facts, ready to be looked up.
    lookups: Vec<path::Lookup>,
    related: BTreeMap<Kind, BTreeSet<String>>,
    params: BTreeSet<String>,
    variables: BTreeSet<String>,
}

impl Program {
    /// The text that was compiled.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The paths below `resource` that evaluation can read: `Listeners[].SslPolicy`.
    pub fn facts(&self) -> &BTreeSet<String> {
        &self.facts
    }

    /// The facts that documents of a kind can have, for a rule of several kinds.
    pub fn facts_of(&self, kind: &Kind) -> impl Iterator<Item = &str> {
        self.lookups
            .iter()
            .filter_map(|lookup| lookup.path_in(kind))
    }

    /// The kinds that are related to, each with the paths read in its documents.
    pub fn related(&self) -> &BTreeMap<Kind, BTreeSet<String>> {
        &self.related
    }

    /// The parameters named.
    pub fn params(&self) -> &BTreeSet<String> {
        &self.params
    }

    /// The variables named directly.
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// Whether the result can be true or false; a condition that cannot is always a bug.
    pub fn may_be_bool(&self) -> bool {
        self.result.mask() & types::BOOL != 0
    }

    /// Whether the result is an object or a list of a document: another name for a place, whose facts belong to the
    /// programs that read below it.
    pub fn is_alias(&self) -> bool {
        self.result.is_alias()
    }
}

/// Everything that an evaluation may look at.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub kind: &'a Kind,
    pub resource: &'a Value,
    pub params: &'a BTreeMap<String, Value>,
    pub now: Timestamp,
    pub related: &'a dyn Related<'a>,
    /// Evaluated when first named, at most once for each evaluation.
    pub variables: &'a [(String, Program)],
}

/// The other documents in the scope of a resource.
pub trait Related<'a> {
    /// Every document of the kind, or why they are not all known.
    fn related(&self, kind: &Kind) -> Fact<Vec<&'a Value>>;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// A fact that the answer needs is not known, or is absent where the expression does not say what that means.
    Unread(Unread),
    /// The expression met a value of a type that it cannot work with.
    Bug(String),
}

/// Checks an expression and makes it ready to run, or says everything that is wrong with it.
pub fn compile(source: &str, env: &Env) -> Result<Program, Vec<Problem>> {
    source::with_deep_stack(source, || check::compile(source, env))
}

/// The answer of a condition.
pub fn decide(program: &Program, world: &World) -> Result<bool, Stop> {
    decide_noting(program, world).0
}

/// The answer of a condition, and whether an unread fact was met on the way, even one that did not matter.
pub fn decide_noting(program: &Program, world: &World) -> (Result<bool, Stop>, bool) {
    let interpreter = interpret::Interpreter::new(world);
    let answer = interpreter.decide(program);
    (answer, interpreter.met_unread())
}

/// The value of an expression, as JSON: timestamps and durations are text, a partly unread object keeps its marker.
pub fn value(program: &Program, world: &World) -> Result<Value, Stop> {
    interpret::Interpreter::new(world).value(program)
}

#[cfg(test)]
mod tests;
