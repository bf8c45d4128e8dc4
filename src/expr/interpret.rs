//! Evaluation: a walk over the checked expression in which every step may stop for want of a fact.
//!
//! Three-valued logic lives in three places only: [`Interpreter::both`] and [`Interpreter::either`], where one side
//! can decide whatever the other is, and [`Interpreter::quantify`], which is the two of them over a list.

mod documents;
mod loops;
pub(super) mod stops;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map as JsonMap, Value};

use super::node::{Constant, Name, Node, Op};
use super::types;
use super::value::{Eval, Halt, List, Map, Text, Val};
use super::{Program, Stop, World, time};
use stops::{bug, first_unread, missing, wrong_type};

use crate::model::{Fact, Kind, REDACTED};

/// Operations that one evaluation may take: far beyond any rule, and a bound on loops in loops in loops.
const BUDGET: u32 = 50_000_000;

/// How deep operations may nest, through variables too; a thread's usual stack holds far more.
const MAX_DEPTH: u32 = 256;

/// One evaluation of an expression and of the variables that it names.
pub(super) struct Interpreter<'x, 'a> {
    world: &'x World<'a>,
    met: Cell<bool>,
    left: Cell<u32>,
    depth: Cell<u32>,
    variables: RefCell<BTreeMap<&'x str, Eval<'x>>>,
    related: RefCell<BTreeMap<&'x Kind, Eval<'x>>>,
}

/// The variables of the loops around an operation.
pub(super) type Locals<'x> = Vec<Val<'x>>;

impl<'x, 'a> Interpreter<'x, 'a> {
    pub(super) fn new(world: &'x World<'a>) -> Self {
        Self::with_budget(world, BUDGET)
    }

    pub(super) fn with_budget(world: &'x World<'a>, budget: u32) -> Self {
        Self {
            world,
            met: Cell::new(false),
            left: Cell::new(budget),
            depth: Cell::new(0),
            variables: RefCell::default(),
            related: RefCell::default(),
        }
    }

    /// Whether a fact that was not read has been met, needed or not.
    pub(super) fn met_unread(&self) -> bool {
        self.met.get()
    }

    pub(super) fn decide(&self, program: &'x Program) -> Result<bool, Stop> {
        self.truth(&program.root, &mut Locals::new()).map_err(open)
    }

    pub(super) fn value(&self, program: &'x Program) -> Result<Value, Stop> {
        self.eval(&program.root, &mut Locals::new())
            .and_then(|value| self.json(&value))
            .map_err(open)
    }

    fn name(&self, node: &'x Node) -> &'x str {
        match &node.name {
            Name::Same(name) => name,
            Name::ByKind(names) => names
                .iter()
                .find(|(kind, _)| kind == self.world.kind)
                .or(names.first())
                .map_or("", |(_, name)| name),
        }
    }

    /// Takes one operation from the budget.
    pub(super) fn step(&self) -> Result<(), Halt> {
        let left = self.left.get().checked_sub(1);
        let left = left.filter(|_| self.depth.get() < MAX_DEPTH);
        let left =
            left.ok_or_else(|| self.unsupported("the document takes too many steps to judge"))?;
        self.left.set(left);
        Ok(())
    }

    pub(super) fn eval(&self, node: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        self.step()?;
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        let outcome = self.operate(node, locals);
        self.depth.set(depth);
        match outcome? {
            Val::Null("") => Ok(Val::Null(self.name(node))),
            value => Ok(value),
        }
    }

    fn operate(&self, node: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        match &node.op {
            Op::Constant(constant) => Ok(self.constant(constant)),
            Op::List(items) => self.list(items, locals),
            Op::Map(entries) => self.map(entries, locals),
            Op::Resource => self.read(self.world.resource),
            Op::Now => Ok(Val::Time(self.world.now)),
            Op::Param(name) => match self.world.params.get(&**name) {
                Some(value) => self.read(value),
                None => Err(bug(format!("the parameter {name} has no value"))),
            },
            Op::Variable(name) => self.variable(name),
            Op::Local(level) => match locals.get(*level) {
                Some(value) => Ok(value.clone()),
                None => Err(bug("a loop's variable has no value")),
            },
            Op::Related(kind) => self.related(kind),
            Op::Select(operand, field) => {
                let operand = self.eval(operand, locals)?;
                self.select(operand, field)
            }
            Op::Index(operand, key) => {
                let (operand, key) = (self.eval(operand, locals)?, self.eval(key, locals)?);
                match self.index(operand, &key)? {
                    Some(value) => Ok(value),
                    None => Err(missing(self.name(node))),
                }
            }
            Op::OptionalIndex(operand, key) => {
                let (operand, key) = (self.eval(operand, locals)?, self.eval(key, locals)?);
                let found = match operand {
                    Val::Null(_) => Val::Null(""),
                    operand => self.index(operand, &key)?.unwrap_or(Val::Null("")),
                };
                Ok(optional(found))
            }
            Op::And(left, right) => self.both(left, right, locals),
            Op::Or(left, right) => self.either(left, right, locals),
            Op::Not(operand) => self.truth(operand, locals).map(|truth| Val::Bool(!truth)),
            Op::Negate(operand) => self.negate(operand, locals),
            Op::If(parts) => {
                let [condition, yes, no] = &**parts;
                let chosen = if self.truth(condition, locals)? {
                    yes
                } else {
                    no
                };
                self.eval(chosen, locals)
            }
            Op::Equal {
                left,
                right,
                negated,
                mixed,
            } => {
                let (a, b) = (self.eval(left, locals)?, self.eval(right, locals)?);
                let equal = self.equal((left, &a), (right, &b), *mixed)?;
                Ok(Val::Bool(equal != *negated))
            }
            Op::Compare(order, left, right) => {
                let (a, b) = self.pair(left, right, locals)?;
                self.compare(*order, &a, &b)
            }
            Op::Arithmetic(operator, left, right) => {
                let (a, b) = self.pair(left, right, locals)?;
                self.arithmetic(*operator, a, b)
            }
            Op::In { item, list, mixed } => self.is_in(item, list, *mixed, locals),
            Op::Quantify(quantifier, inner) => self.quantify(*quantifier, inner, locals),
            Op::Collect(inner) => self.collect(inner, locals),
            Op::PodTemplate(operand, places) => {
                let document = self.eval(operand, locals)?;
                self.pod_template(document, places)
            }
            Op::Matches(operand, regex) => {
                let text = self.present(operand, locals)?;
                match text {
                    Val::String(text) => Ok(Val::Bool(regex.is_match(&text))),
                    other => Err(wrong_type("matches()", types::STRING, &other)),
                }
            }
            Op::Call(signature, operands) => {
                let mut args = Vec::with_capacity(operands.len());
                for operand in operands {
                    args.push(self.eval(operand, locals)?);
                }
                self.call(signature, operands, &args)
            }
        }
    }

    fn constant(&self, constant: &'x Constant) -> Val<'x> {
        match constant {
            Constant::Null => Val::Null(""),
            Constant::Bool(bool) => Val::Bool(*bool),
            Constant::Int(int) => Val::Int(*int),
            Constant::Float(float) => Val::Float(*float),
            Constant::String(text) => Val::String(Text::Borrowed(text)),
            Constant::Time(time) => Val::Time(*time),
            Constant::Duration(duration) => Val::Duration(*duration),
            Constant::Quantity(quantity) => Val::Quantity(*quantity),
            Constant::Ip(ip) => Val::Ip(*ip),
            Constant::Cidr(cidr) => Val::Cidr(*cidr),
        }
    }

    fn list(&self, items: &'x [(Node, bool)], locals: &mut Locals<'x>) -> Eval<'x> {
        let mut all = Vec::with_capacity(items.len());
        for (item, is_optional) in items {
            match self.eval(item, locals)? {
                Val::Optional(inner) if *is_optional => all.extend(inner.as_deref().cloned()),
                _ if *is_optional => return Err(bug("`[?x]` takes an optional")),
                value => all.push(value),
            }
        }
        Ok(Val::list(all))
    }

    fn map(&self, entries: &'x [(Node, Node)], locals: &mut Locals<'x>) -> Eval<'x> {
        let mut all = BTreeMap::new();
        for (key, value) in entries {
            match self.present(key, locals)? {
                Val::String(key) => {
                    all.insert(Rc::from(&*key), self.eval(value, locals)?);
                }
                other => return Err(wrong_type("a key", types::STRING, &other)),
            }
        }
        Ok(Val::Map(Map::Own(Rc::new(all))))
    }

    fn variable(&self, name: &'x str) -> Eval<'x> {
        if let Some(known) = self.variables.borrow().get(name) {
            return known.clone();
        }
        let variables: &'x [(String, Program)] = self.world.variables;
        let found = match variables.iter().find(|(known, _)| known == name) {
            Some((_, program)) => self.eval(&program.root, &mut Locals::new()),
            None => Err(bug(format!("the variable {name} has no value"))),
        };
        self.variables.borrow_mut().insert(name, found.clone());
        found
    }

    fn related(&self, kind: &'x Kind) -> Eval<'x> {
        if let Some(known) = self.related.borrow().get(kind) {
            return known.clone();
        }
        let found = match self.world.related.related(kind) {
            Fact::Known(documents) => {
                let documents: Rc<[&'x Value]> = documents.into_iter().collect();
                Ok(Val::List(List::Documents(documents)))
            }
            Fact::Unread(unread) => Err(self.stop(unread)),
        };
        self.related.borrow_mut().insert(kind, found.clone());
        found
    }

    /// The truth of a condition; an absent one is missing, not false.
    fn truth(&self, node: &'x Node, locals: &mut Locals<'x>) -> Result<bool, Halt> {
        match self.eval(node, locals)? {
            Val::Bool(truth) => Ok(truth),
            Val::Null(path) => Err(missing(path)),
            other => Err(bug(format!(
                "{} is {}, not true or false",
                self.name(node),
                types::describe(other.mask())
            ))),
        }
    }

    fn both(&self, left: &'x Node, right: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        match self.truth(left, locals) {
            Ok(false) => Ok(Val::Bool(false)),
            Ok(true) => self.truth(right, locals).map(Val::Bool),
            Err(halt) => match self.truth(right, locals) {
                Ok(false) => Ok(Val::Bool(false)),
                Ok(true) => Err(halt),
                Err(other) => Err(first_unread(halt, other)),
            },
        }
    }

    fn either(&self, left: &'x Node, right: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        match self.truth(left, locals) {
            Ok(true) => Ok(Val::Bool(true)),
            Ok(false) => self.truth(right, locals).map(Val::Bool),
            Err(halt) => match self.truth(right, locals) {
                Ok(true) => Ok(Val::Bool(true)),
                Ok(false) => Err(halt),
                Err(other) => Err(first_unread(halt, other)),
            },
        }
    }

    /// A value that is there and can be worked with.
    pub(super) fn present(&self, node: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        let value = self.eval(node, locals)?;
        self.check_present(node, &value)?;
        Ok(value)
    }

    pub(super) fn check_present(&self, node: &'x Node, value: &Val<'x>) -> Result<(), Halt> {
        match value {
            Val::Null(path) => Err(missing(path)),
            Val::Redacted(_) => Err(self.redacted(self.name(node))),
            _ => Ok(()),
        }
    }

    fn pair(
        &self,
        left: &'x Node,
        right: &'x Node,
        locals: &mut Locals<'x>,
    ) -> Result<(Val<'x>, Val<'x>), Halt> {
        Ok((self.present(left, locals)?, self.present(right, locals)?))
    }

    /// The value as JSON.
    fn json(&self, value: &Val<'x>) -> Result<Value, Halt> {
        Ok(match value {
            Val::Null(_) | Val::Optional(None) => Value::Null,
            Val::Bool(bool) => Value::Bool(*bool),
            Val::Int(int) => match (i64::try_from(*int), u64::try_from(*int)) {
                (Ok(int), _) => Value::from(int),
                (_, Ok(int)) => Value::from(int),
                _ => Value::from(int.to_string()),
            },
            Val::Float(float) => Value::from(*float),
            Val::String(text) => Value::from(&**text),
            Val::Time(time) => Value::from(time.to_string()),
            Val::Duration(duration) => Value::from(time::duration_text(*duration)),
            Val::Quantity(quantity) => Value::from(quantity.to_string()),
            Val::Ip(ip) => Value::from(ip.to_string()),
            Val::Cidr(cidr) => Value::from(cidr.to_string()),
            Val::List(List::Json(items)) => Value::from(items.to_vec()),
            Val::List(List::Documents(items)) => items.iter().copied().cloned().collect(),
            Val::List(List::Partial(_, halt)) => return Err(Halt::clone(halt)),
            Val::List(List::Own(items)) => items
                .iter()
                .map(|item| self.json(item))
                .collect::<Result<_, _>>()?,
            Val::Map(Map::Json(fields)) => Value::Object((*fields).clone()),
            Val::Map(Map::Own(fields)) => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| Ok((name.to_string(), self.json(value)?)))
                    .collect::<Result<JsonMap<_, _>, Halt>>()?,
            ),
            Val::Redacted(marker) => (*marker).clone(),
            Val::Optional(Some(inner)) => self.json(inner)?,
        })
    }

    pub(super) fn name_of(&self, node: &'x Node) -> &'x str {
        self.name(node)
    }
}

pub(super) fn optional(value: Val) -> Val {
    match value {
        Val::Null(_) | Val::Optional(None) => Val::Optional(None),
        inner @ Val::Optional(_) => inner,
        inner => Val::Optional(Some(Rc::new(inner))),
    }
}

fn open(halt: Halt) -> Stop {
    Rc::try_unwrap(halt).unwrap_or_else(|halt| (*halt).clone())
}

/// The marker's content of a redacted string: its shape, where that gives it away.
pub(super) fn redacted_shape(marker: &Value) -> &str {
    marker
        .get(REDACTED)
        .and_then(|content| content.get("looks_like"))
        .and_then(Value::as_str)
        .unwrap_or_default()
}
