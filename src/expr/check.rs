//! Checking an expression against the schema: what it names must exist, what it combines must fit, and every place of a
//! document that it can read is written down.

mod calls;
mod loops;
mod members;
mod operators;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr};

use super::node::{Constant, Node, Op};
use super::path::Lookup;
use super::source::{Source, is_deeper_than};
use super::types::{self, Kept, Mask, NULL, Place, Root, Type, shape_mask};
use super::{Env, ParamType, Problem, Program};
use crate::model::{Kind, Schema, Shape};
use crate::suggest::suggest;
use places::{document, shape_at};

/// How deep an expression may nest; evaluation recurses.
const MAX_DEPTH: usize = 64;

/// The names at the top of an expression.
const NAMES: [&str; 4] = ["resource", "params", "variables", "now"];

/// What `type(x)` is compared with.
const TYPE_NAMES: [&str; 9] = [
    "bool",
    "int",
    "double",
    "string",
    "list",
    "map",
    "null_type",
    "timestamp",
    "duration",
];

static ANY_SHAPE: Shape = Shape::Any;

type Ty<'s> = Type<&'s Shape>;

/// A checked part of an expression.
struct Typed<'s> {
    node: Node,
    ty: Ty<'s>,
    span: Range<usize>,
}

struct Checker<'s> {
    env: &'s Env<'s>,
    source: &'s Source<'s>,
    locals: Vec<(String, Ty<'s>)>,
    problems: Vec<Problem>,
    facts: BTreeMap<String, BTreeSet<Kind>>,
    related: BTreeMap<Kind, BTreeSet<String>>,
    params: BTreeSet<String>,
    variables: BTreeSet<String>,
}

pub(super) fn compile(text: &str, env: &Env) -> Result<Program, Vec<Problem>> {
    let (expr, source) = Source::parse(text)?;
    let mut checker = Checker {
        env,
        source: &source,
        locals: Vec::new(),
        problems: Vec::new(),
        facts: BTreeMap::new(),
        related: BTreeMap::new(),
        params: BTreeSet::new(),
        variables: BTreeSet::new(),
    };
    if is_deeper_than(MAX_DEPTH, &expr) {
        checker.problem(0..text.len(), "nested too deeply".to_owned(), None);
        return Err(checker.problems);
    }
    let typed = checker.lower(&expr);
    let result = typed
        .ty
        .map(&|place: &Place<&Shape>| Some(Kept(shape_mask(place.shape))));
    if !result.is_alias() {
        checker.consume(&typed);
    }
    if result.mask() == types::OPTIONAL {
        let help = "end it with `.orValue(..)`".to_owned();
        checker.problem(
            typed.span.clone(),
            "the result is an optional".to_owned(),
            Some(help),
        );
    }
    if !checker.problems.is_empty() {
        checker
            .problems
            .sort_by_key(|problem| (problem.start, problem.end));
        checker.problems.dedup();
        return Err(checker.problems);
    }
    Ok(Program {
        source: text.to_owned(),
        root: typed.node,
        result,
        lookups: checker
            .facts
            .iter()
            .map(|(path, kinds)| Lookup::new(path, kinds.clone()))
            .collect(),
        facts: checker.facts.into_keys().collect(),
        related: checker.related,
        params: checker.params,
        variables: checker.variables,
    })
}

/// The runtime types that a value of this type can have, null aside where it comes from a document.
fn mask(ty: &Ty) -> Mask {
    match ty {
        Type::Dyn | Type::Never => types::ANY,
        Type::Plain(mask) => *mask,
        Type::List(_) => types::LIST,
        Type::Map(_) => types::MAP,
        Type::Optional(_) => types::OPTIONAL,
        Type::Places(places) => places
            .iter()
            .fold(0, |all, place| all | shape_mask(place.shape)),
    }
}

impl<'s> Checker<'s> {
    fn problem(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        self.problems.push(Problem {
            message,
            start: span.start,
            end: span.end,
            help,
        });
    }

    /// A part that is wrong: evaluated never, and checked no further.
    fn wrong(&mut self, span: Range<usize>, message: String, help: Option<String>) -> Typed<'s> {
        self.problem(span.clone(), message, help);
        self.typed(Op::Constant(Constant::Null), Type::Dyn, span)
    }

    fn typed(&self, op: Op, ty: Ty<'s>, span: Range<usize>) -> Typed<'s> {
        let name = self.name(&ty, &span);
        Typed {
            node: Node { op, name },
            ty,
            span,
        }
    }

    /// Checks that a value can be of one of some types.
    fn require(&mut self, typed: &Typed<'s>, wanted: Mask, who: &str) -> bool {
        let found = mask(&typed.ty);
        if found & wanted != 0 {
            return true;
        }
        let help =
            (found == types::OPTIONAL).then(|| "end the optional with `.orValue(..)`".to_owned());
        let message = format!(
            "{who} takes {}, and this is {}",
            types::describe(wanted & !NULL),
            types::describe(found)
        );
        self.problem(typed.span.clone(), message, help);
        false
    }

    /// Checks a condition.
    fn condition(&mut self, expr: &IdedExpr, who: &str) -> Node {
        let typed = self.lower(expr);
        self.require(&typed, types::BOOL, who);
        self.consume(&typed);
        typed.node
    }

    fn join(&mut self, a: &Typed<'s>, b: &Typed<'s>) -> Ty<'s> {
        let (ty, lost) = a.ty.clone().join(b.ty.clone(), mask);
        if lost {
            self.consume(a);
            self.consume(b);
        }
        ty
    }

    fn lower(&mut self, expr: &IdedExpr) -> Typed<'s> {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(expr.id, literal),
            Expr::Ident(name) => self.ident(expr.id, name),
            Expr::Select(select) if select.test => {
                let operand = self.lower(&select.operand);
                let field = &select.field;
                let help = format!(
                    "write `{}.{field} != null`, or `.?{field}` where what holds it can be absent",
                    self.source.quote(&operand.span)
                );
                let start = self.source.name_before(expr.id).start;
                let span = start..self.source.brackets(expr.id).end;
                let message = "`has()` cannot tell absent from not read".to_owned();
                self.wrong(span, message, Some(help))
            }
            Expr::Select(select) => self.select(expr.id, &select.operand, &select.field),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::Comprehension(inner) => self.comprehension(expr.id, inner),
            Expr::List(list) => self.list(expr.id, list),
            Expr::Map(map) => self.map(expr.id, map),
            Expr::Struct(inner) => {
                let span = self.source.brackets(expr.id);
                self.wrong(span, format!("`{}` is no type here", inner.type_name), None)
            }
            Expr::Unspecified => {
                self.wrong(0..self.source.text.len(), "nothing here".to_owned(), None)
            }
        }
    }

    fn literal(&mut self, id: u64, literal: &LiteralValue) -> Typed<'s> {
        let mut span = self.source.token(id);
        let (constant, mask) = match literal {
            LiteralValue::Null => (Constant::Null, NULL),
            LiteralValue::Boolean(inner) => (Constant::Bool(*inner.inner()), types::BOOL),
            LiteralValue::Int(inner) => (Constant::Int((*inner.inner()).into()), types::NUMBER),
            LiteralValue::UInt(inner) => (Constant::Int((*inner.inner()).into()), types::NUMBER),
            LiteralValue::Double(inner) if inner.inner().is_finite() => {
                (Constant::Float(*inner.inner()), types::NUMBER)
            }
            LiteralValue::Double(_) => {
                return self.wrong(span, "the number is out of range".to_owned(), None);
            }
            LiteralValue::String(inner) => (Constant::String(inner.inner().into()), types::STRING),
            LiteralValue::Bytes(_) => {
                return self.wrong(span, "documents have no bytes".to_owned(), None);
            }
        };
        let negative = matches!(constant, Constant::Int(int) if int < 0)
            || matches!(constant, Constant::Float(float) if float < 0.0);
        if negative
            && self
                .source
                .text
                .get(..span.start)
                .is_some_and(|before| before.ends_with('-'))
        {
            span.start -= 1;
        }
        self.typed(Op::Constant(constant), Type::Plain(mask), span)
    }

    fn ident(&mut self, id: u64, name: &str) -> Typed<'s> {
        let span = self.source.token(id);
        if let Some(level) = self.locals.iter().rposition(|(local, _)| local == name) {
            let ty = self
                .locals
                .get(level)
                .map_or(Type::Dyn, |(_, ty)| ty.clone());
            return self.typed(Op::Local(level), ty, span);
        }
        match name {
            "resource" => {
                let schema: &'s Schema = self.env.schema;
                let places = self
                    .env
                    .kinds
                    .iter()
                    .map(|kind| Place {
                        root: Root::Resource(kind.clone()),
                        path: String::new(),
                        shape: document(schema, kind),
                    })
                    .collect();
                self.typed(Op::Resource, Type::Places(places), span)
            }
            "now" => self.typed(Op::Now, Type::Plain(types::TIME), span),
            "params" | "variables" => {
                let help = format!("write `{name}.NAME`");
                self.wrong(
                    span,
                    format!("`{name}` has no value of its own"),
                    Some(help),
                )
            }
            _ if TYPE_NAMES.contains(&name) => self.typed(
                Op::Constant(Constant::String(name.into())),
                Type::Plain(types::STRING),
                span,
            ),
            _ => {
                let locals = self.locals.iter().map(|(name, _)| name.as_str());
                let help = suggest(name, NAMES.into_iter().chain(locals));
                self.wrong(span, format!("nothing is called `{name}`"), help)
            }
        }
    }

    /// `params.NAME` and `variables.NAME`.
    fn named(
        &mut self,
        what: &str,
        name: &str,
        name_span: Range<usize>,
        span: Range<usize>,
    ) -> Typed<'s> {
        if what == "params" {
            let params: &'s BTreeMap<String, ParamType> = self.env.params;
            let Some(param) = params.get(name) else {
                let help = suggest(name, params.keys().map(String::as_str));
                return self.wrong(name_span, format!("there is no parameter `{name}`"), help);
            };
            self.params.insert(name.to_owned());
            let ty = match param {
                ParamType::Int | ParamType::Number => Type::Plain(types::NUMBER),
                ParamType::Bool => Type::Plain(types::BOOL),
                ParamType::String => Type::Plain(types::STRING),
                ParamType::Strings => Type::list(Type::Plain(types::STRING)),
            };
            return self.typed(Op::Param(name.into()), ty, span);
        }
        let variables: &'s [(String, Option<Program>)] = self.env.variables;
        let Some((_, program)) = variables.iter().find(|(known, _)| known == name) else {
            let help = suggest(name, variables.iter().map(|(name, _)| name.as_str()));
            let message = format!("there is no variable `{name}` before this expression");
            return self.wrong(name_span, message, help);
        };
        self.variables.insert(name.to_owned());
        let schema: &'s Schema = self.env.schema;
        let ty = match program {
            Some(program) => program
                .result
                .map(&|place| shape_at(schema, &place.root, &place.path)),
            None => Type::Dyn,
        };
        self.typed(Op::Variable(name.into()), ty, span)
    }

    fn list(&mut self, id: u64, list: &ListExpr) -> Typed<'s> {
        let mut items = Vec::new();
        let mut parts: Vec<Typed<'s>> = Vec::new();
        let mut inner = Type::Never;
        for (at, element) in list.elements.iter().enumerate() {
            let is_optional = list.optional_indices.contains(&at);
            let mut typed = self.lower(element);
            if is_optional {
                self.require(&typed, types::OPTIONAL, "`[?x]`");
                typed.ty = match typed.ty {
                    Type::Optional(inner) => *inner,
                    _ => Type::Dyn,
                };
            }
            let (joined, lost) = inner.join(typed.ty.clone(), mask);
            inner = joined;
            if lost {
                parts.iter().for_each(|part| self.consume(part));
                self.consume(&typed);
            }
            items.push((typed.node.clone(), is_optional));
            parts.push(typed);
        }
        let span = self.source.brackets(id);
        self.typed(Op::List(items.into()), Type::list(inner), span)
    }

    fn map(&mut self, id: u64, map: &MapExpr) -> Typed<'s> {
        let mut entries = Vec::new();
        let mut ty: Option<Typed<'s>> = None;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                continue;
            };
            let key = self.lower(&entry.key);
            self.require(&key, types::STRING, "a key");
            self.consume(&key);
            let mut value = self.lower(&entry.value);
            if entry.optional {
                let message = "an entry cannot be optional here".to_owned();
                self.problem(key.span.clone(), message, None);
            }
            entries.push((key.node, value.node.clone()));
            if let Some(before) = &ty {
                value.ty = self.join(before, &value);
            }
            ty = Some(value);
        }
        let span = self.source.brackets(id);
        let inner = ty.map_or(Type::Never, |typed| typed.ty);
        self.typed(Op::Map(entries.into()), Type::Map(Box::new(inner)), span)
    }
}
