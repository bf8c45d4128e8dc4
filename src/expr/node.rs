//! A checked expression: names resolved, constants parsed, regular expressions compiled.

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::network::Cidr;
use super::quantity::Quantity;
use super::signature::Signature;
use crate::model::Kind;

/// One operation, and what to call its value where that is missing.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) name: Name,
}

/// The path of the fact that a node reads, or the node's own text.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Same(Box<str>),
    ByKind(Box<[(Kind, Box<str>)]>),
}

#[derive(Clone, Debug)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    String(Box<str>),
    Time(Timestamp),
    Duration(SignedDuration),
    Quantity(Quantity),
    Ip(std::net::IpAddr),
    Cidr(Cidr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
    ExistsOne,
}

#[derive(Clone, Debug)]
pub(super) enum Op {
    Constant(Constant),
    /// Elements, and whether each is an optional that is left out when it has no value.
    List(Box<[(Node, bool)]>),
    Map(Box<[(Node, Node)]>),
    Resource,
    Now,
    Param(Box<str>),
    Variable(Box<str>),
    /// A loop's variable, by how many loops are around its own.
    Local(usize),
    Related(Kind),
    Select(Box<Node>, Box<str>),
    Index(Box<Node>, Box<Node>),
    /// `.?f` and `[?k]`.
    OptionalIndex(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    If(Box<[Node; 3]>),
    Equal {
        left: Box<Node>,
        right: Box<Node>,
        negated: bool,
        /// One side may be of either type by its schema (IntOrString), so that different types are just not equal.
        mixed: bool,
    },
    Compare(Order, Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    In {
        item: Box<Node>,
        list: Box<Node>,
        mixed: bool,
    },
    Quantify(Quantifier, Box<Loop>),
    /// `map` and `filter`.
    Collect(Box<Loop>),
    /// The pod template by kind of the document, or the one of the only kind that it can be.
    PodTemplate(Box<Node>, Box<[(Kind, &'static str)]>),
    Matches(Box<Node>, Regex),
    Call(&'static Signature, Box<[Node]>),
}

#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) range: Node,
    /// What a quantifier asks of each element; which elements are collected.
    pub(super) test: Option<Node>,
    /// What is collected of each element.
    pub(super) body: Option<Node>,
}
