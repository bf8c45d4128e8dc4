//! Calls: operators as CEL writes them, the functions of the table, and those that are checked in a way of their own.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as cel_ops};

use super::super::functions::regex;
use super::super::network::Cidr;
use super::super::node::{Arithmetic, Constant, Node, Op, Order};
use super::super::quantity::Quantity;
use super::super::signature::{Function, Gives, SIGNATURES, Signature};
use super::super::types::{self, Place, Root, Type};
use super::super::{pods, time};
use super::places::{document, shape_at};
use super::{Checker, Ty, Typed, mask};
use crate::model::{Kind, Schema, Shape};
use crate::suggest::suggest;

/// The shape of what `image()` gives.
pub(super) static IMAGE: LazyLock<Shape> = LazyLock::new(|| {
    let parts = ["registry", "repository", "name", "tag", "digest"];
    let parts = parts.map(|part| (part.to_owned(), Shape::String));
    Shape::Object(BTreeMap::from(parts))
});

fn literal_text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

impl<'s> Checker<'s> {
    pub(super) fn call(&mut self, id: u64, call: &CallExpr) -> Typed<'s> {
        if call.target.is_none() {
            if let Some(typed) = self.operator(id, call) {
                return typed;
            }
            return self.function(id, &call.func_name, None, &call.args);
        }
        let target = call.target.as_deref();
        if let Some(Expr::Ident(name)) = target.map(|target| &target.expr)
            && name == "optional"
        {
            let name = format!("optional.{}", call.func_name);
            return self.function(id, &name, None, &call.args);
        }
        self.function(id, &call.func_name, target, &call.args)
    }

    fn operator(&mut self, id: u64, call: &CallExpr) -> Option<Typed<'s>> {
        let args = call.args.as_slice();
        let arithmetic = match call.func_name.as_str() {
            cel_ops::ADD => Some(Arithmetic::Add),
            cel_ops::SUBSTRACT => Some(Arithmetic::Subtract),
            cel_ops::MULTIPLY => Some(Arithmetic::Multiply),
            cel_ops::DIVIDE => Some(Arithmetic::Divide),
            cel_ops::MODULO => Some(Arithmetic::Modulo),
            _ => None,
        };
        let order = match call.func_name.as_str() {
            cel_ops::LESS => Some(Order::Less),
            cel_ops::LESS_EQUALS => Some(Order::LessOrEqual),
            cel_ops::GREATER => Some(Order::Greater),
            cel_ops::GREATER_EQUALS => Some(Order::GreaterOrEqual),
            _ => None,
        };
        Some(match (call.func_name.as_str(), args) {
            (cel_ops::LOGICAL_AND, args) => self.logic(args, "&&"),
            (cel_ops::LOGICAL_OR, args) => self.logic(args, "||"),
            (cel_ops::LOGICAL_NOT, [operand]) => self.unary(id, operand, false),
            (cel_ops::NEGATE, [operand]) => self.unary(id, operand, true),
            (cel_ops::CONDITIONAL, [condition, yes, no]) => self.conditional(condition, yes, no),
            (cel_ops::EQUALS, [left, right]) => self.equality(left, right, false),
            (cel_ops::NOT_EQUALS, [left, right]) => self.equality(left, right, true),
            (cel_ops::IN, [item, list]) => self.membership(item, list),
            (cel_ops::INDEX, [operand, key]) => self.index(id, operand, key, false),
            (cel_ops::OPT_INDEX | cel_ops::OPT_SELECT, [operand, key]) => {
                self.index(id, operand, key, true)
            }
            (_, [left, right]) => match (arithmetic, order) {
                (Some(operator), _) => self.arithmetic(left, right, operator),
                (None, Some(order)) => self.comparison(left, right, order),
                (None, None) => return None,
            },
            _ => return None,
        })
    }

    fn function(
        &mut self,
        id: u64,
        name: &str,
        target: Option<&IdedExpr>,
        args: &[IdedExpr],
    ) -> Typed<'s> {
        let name_span = self.source.name_before(id);
        let end = self.source.brackets(id).end;
        let count = args.len() + usize::from(target.is_some());
        let signature = SIGNATURES.iter().find(|signature| {
            signature.name == name
                && signature.method == target.is_some()
                && signature.takes.len() == count
        });
        let is_loop = |signature: &Signature| {
            use Function::{All, Exists, ExistsOne, Filter, Map};
            matches!(signature.function, All | Exists | ExistsOne | Filter | Map)
        };
        let Some(signature) = signature.filter(|signature| !is_loop(signature)) else {
            return self.no_such_call(name, name_span, target, args);
        };
        match signature.function {
            Function::Related => return self.related(name_span.start..end, args),
            Function::PodTemplate => return self.pod_template(name_span.start..end, args),
            _ => {}
        }
        let mut parts: Vec<Typed<'s>> = Vec::new();
        for arg in target.into_iter().chain(args) {
            parts.push(self.lower(arg));
        }
        let start = parts
            .first()
            .filter(|_| target.is_some())
            .map_or(name_span.start, |target| target.span.start);
        // `optional.of(..)` begins with its first word.
        let start = if name.starts_with("optional.") {
            name_span.start.saturating_sub("optional.".len())
        } else {
            start
        };
        let span = start..end;
        let who = format!("`{}()`", signature.name);
        for (part, wanted) in parts.iter().zip(signature.takes) {
            self.require(part, *wanted, &who);
        }
        let literals: Vec<Option<&str>> =
            target.into_iter().chain(args).map(literal_text).collect();
        if let Some(constant) = self.constant(signature, &literals, &parts) {
            let ty = match signature.gives {
                Gives::One(mask) => Type::Plain(mask),
                _ => Type::Dyn,
            };
            return self.typed(Op::Constant(constant), ty, span);
        }
        let ty = self.gives(signature, &parts);
        if let (Function::Matches, [_, Some(pattern)], [_, place]) =
            (signature.function, literals.as_slice(), parts.as_slice())
        {
            match regex(pattern) {
                Ok(regex) => {
                    let mut parts = parts.into_iter().map(|part| part.node);
                    if let Some(text) = parts.next() {
                        return self.typed(Op::Matches(Box::new(text), regex), ty, span);
                    }
                }
                Err(error) => {
                    let at = place.span.clone();
                    return self.wrong(at, format!("not a regular expression: {error}"), None);
                }
            }
            return self.wrong(span, "`matches()` takes a text".to_owned(), None);
        }
        let nodes: Vec<Node> = parts.into_iter().map(|part| part.node).collect();
        self.typed(Op::Call(signature, nodes.into()), ty, span)
    }

    fn no_such_call(
        &mut self,
        name: &str,
        name_span: Range<usize>,
        target: Option<&IdedExpr>,
        args: &[IdedExpr],
    ) -> Typed<'s> {
        // What is inside is checked all the same, so that every problem is told at once; the arguments of a loop that is
        // not one are not, for its variable is unknown.
        let is_loop = ["all", "exists", "exists_one", "filter", "map"].contains(&name);
        for part in target.into_iter().chain(args.iter().filter(|_| !is_loop)) {
            let _ = self.lower(part);
        }
        let usages: Vec<&str> = SIGNATURES
            .iter()
            .filter(|signature| signature.name == name)
            .map(|signature| signature.usage)
            .collect();
        if !usages.is_empty() {
            let help = usages.join("; ");
            let message = format!("`{name}` is not called like this");
            return self.wrong(name_span, message, Some(help));
        }
        let help = match name {
            "has" => Some("compare with null".to_owned()),
            _ => suggest(name, SIGNATURES.iter().map(|signature| signature.name))
                .filter(|help| help.starts_with("did")),
        };
        self.wrong(name_span, format!("there is no function `{name}`"), help)
    }

    /// Values that are worked out now, and texts that can be checked now.
    fn constant(
        &mut self,
        signature: &Signature,
        literals: &[Option<&str>],
        parts: &[Typed<'s>],
    ) -> Option<Constant> {
        let (at, text) = match (literals, parts) {
            ([Some(text)], [part]) => (part.span.clone(), *text),
            ([_, Some(text)], [_, part]) => (part.span.clone(), *text),
            _ => return None,
        };
        let (constant, what) = match signature.function {
            Function::Timestamp => (
                time::timestamp(text).map(Constant::Time),
                "an RFC 3339 timestamp",
            ),
            Function::Duration => (
                time::duration(text).map(Constant::Duration),
                "a duration such as \"26h\" or \"7d\"",
            ),
            Function::Quantity => (Quantity::parse(text).map(Constant::Quantity), "a quantity"),
            Function::Ip => (text.parse().ok().map(Constant::Ip), "an IP address"),
            Function::Cidr => (Cidr::parse(text).map(Constant::Cidr), "a CIDR range"),
            Function::ContainsIp => {
                if text.parse::<std::net::IpAddr>().is_err() {
                    self.problem(at, "not an IP address".to_owned(), None);
                }
                return None;
            }
            Function::ContainsCidr => {
                if Cidr::parse(text).is_none() {
                    self.problem(at, "not a CIDR range".to_owned(), None);
                }
                return None;
            }
            _ => return None,
        };
        if constant.is_none() {
            self.problem(at, format!("not {what}"), None);
        }
        constant
    }

    /// The type of a call's result; what is not part of it is looked at and gone.
    fn gives(&mut self, signature: &Signature, parts: &[Typed<'s>]) -> Ty<'s> {
        let first = parts.first().map_or(Type::Never, |part| part.ty.clone());
        let inner = match &first {
            Type::Optional(inner) => (**inner).clone(),
            _ => Type::Dyn,
        };
        match (signature.function, parts) {
            (Function::OptionalOf, _) => return Type::Optional(Box::new(first)),
            (Function::Unknown, _) => {
                parts.iter().for_each(|part| self.consume(part));
                return Type::Never;
            }
            (Function::OptionalNone, _) => return Type::Optional(Box::new(Type::Never)),
            (Function::Value, _) => return inner,
            (Function::Or, [a, b]) => return self.join(a, b),
            (Function::OrValue, [optional, default]) => {
                let (ty, lost) = inner.join(default.ty.clone(), mask);
                if lost {
                    self.consume(optional);
                    self.consume(default);
                }
                return ty;
            }
            (Function::Dyn, [part]) => {
                self.consume(part);
                return Type::Dyn;
            }
            _ => {}
        }
        for part in parts {
            self.consume(part);
        }
        match signature.gives {
            Gives::One(mask) => Type::Plain(mask),
            Gives::Strings => Type::list(Type::Plain(types::STRING)),
            Gives::List => Type::list(Type::Dyn),
            Gives::Same => match self.element(&first) {
                Some(element) => Type::list(element),
                None => Type::Dyn,
            },
            Gives::Element => self.element(&first).unwrap_or(Type::Dyn),
            Gives::Flat => {
                let element = self.element(&first).unwrap_or(Type::Dyn);
                Type::list(self.element(&element).unwrap_or(Type::Dyn))
            }
            Gives::Image => Type::Places(vec![Place {
                root: Root::Image,
                path: String::new(),
                shape: &IMAGE,
            }]),
            Gives::Dyn | Gives::Special => Type::Dyn,
        }
    }

    fn related(&mut self, span: Range<usize>, args: &[IdedExpr]) -> Typed<'s> {
        let Some(name) = args.first().and_then(literal_text) else {
            let help = "the fetch plan is made from the rules' text".to_owned();
            let message = "`related()` takes a kind as a literal string".to_owned();
            return self.wrong(span, message, Some(help));
        };
        let schema: &'s Schema = self.env.schema;
        let kind = Kind::new(name);
        if !schema.kinds.contains_key(&kind) {
            let at = args.first().map_or(span, |arg| self.source.token(arg.id));
            let help = suggest(name, schema.kinds.keys().map(Kind::as_str))
                .filter(|help| help.starts_with("did"));
            return self.wrong(at, format!("there is no kind `{name}`"), help);
        }
        self.related.entry(kind.clone()).or_default();
        let place = Place {
            root: Root::Related(kind.clone()),
            path: String::new(),
            shape: document(schema, &kind),
        };
        let ty = Type::list(Type::Places(vec![place]));
        self.typed(Op::Related(kind), ty, span)
    }

    fn pod_template(&mut self, span: Range<usize>, args: &[IdedExpr]) -> Typed<'s> {
        let Some(document) = args.first().map(|arg| self.lower(arg)) else {
            return self.wrong(span, "`podTemplate()` takes a workload".to_owned(), None);
        };
        let takes = "`podTemplate()` takes `resource` or a document of `related()`".to_owned();
        let Type::Places(places) = &document.ty else {
            return self.wrong(document.span.clone(), takes, None);
        };
        let mut found = Vec::new();
        let mut by_kind: Vec<(Kind, &'static str)> = Vec::new();
        for place in places {
            let (Root::Resource(kind) | Root::Related(kind), "") =
                (&place.root, place.path.as_str())
            else {
                return self.wrong(document.span.clone(), takes, None);
            };
            let Some(template) = pods::template(kind) else {
                return self.wrong(document.span.clone(), format!("{kind} makes no pods"), None);
            };
            let Some(shape) = shape_at(self.env.schema, &place.root, template) else {
                let message = format!("{kind} has no `{template}` in the schema");
                return self.wrong(document.span.clone(), message, None);
            };
            by_kind.push((kind.clone(), template));
            found.push(Place {
                root: place.root.clone(),
                path: template.to_owned(),
                shape,
            });
        }
        let is_related = places
            .iter()
            .any(|place| matches!(place.root, Root::Related(_)));
        if by_kind
            .windows(2)
            .any(|pair| matches!(pair, [(_, a), (_, b)] if a != b))
        {
            if is_related {
                let message =
                    "these documents keep their pod templates in different places".to_owned();
                let help = "take the kinds one by one".to_owned();
                return self.wrong(document.span.clone(), message, Some(help));
            }
        } else {
            by_kind.truncate(1);
        }
        let op = Op::PodTemplate(Box::new(document.node), by_kind.into());
        self.typed(op, Type::Places(found), span)
    }
}
