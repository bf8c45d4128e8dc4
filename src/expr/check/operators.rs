//! Operators: which types go together.

use std::ops::Range;

use cel::common::ast::IdedExpr;

use super::super::node::{Arithmetic, Node, Op, Order};
use super::super::operators::symbol;
use super::super::signature::{Function, SIGNATURES};
use super::super::types::{
    self, DURATION, LIST, Mask, NUMBER, OPTIONAL, QUANTITY, STRING, TIME, Type,
};
use super::{Checker, Ty, Typed, mask};
use crate::model::Shape;

/// The types that `+` and `-` work on, and what comes out.
const ADDITIONS: [(Mask, Mask, Mask); 7] = [
    (NUMBER, NUMBER, NUMBER),
    (STRING, STRING, STRING),
    (LIST, LIST, LIST),
    (TIME, DURATION, TIME),
    (DURATION, TIME, TIME),
    (DURATION, DURATION, DURATION),
    (QUANTITY, QUANTITY, QUANTITY),
];
const SUBTRACTIONS: [(Mask, Mask, Mask); 5] = [
    (NUMBER, NUMBER, NUMBER),
    (TIME, TIME, DURATION),
    (TIME, DURATION, TIME),
    (DURATION, DURATION, DURATION),
    (QUANTITY, QUANTITY, QUANTITY),
];
const MULTIPLICATIONS: [(Mask, Mask, Mask); 1] = [(NUMBER, NUMBER, NUMBER)];

/// Whether the schema says that a value is either a number or a string.
fn is_mixed(ty: &Ty) -> bool {
    match ty {
        Type::Places(places) => places
            .iter()
            .any(|place| matches!(place.shape, Shape::IntOrString)),
        Type::List(inner) => is_mixed(inner),
        _ => false,
    }
}

/// Whether a value is the text of a timestamp by the schema.
fn is_timestamp_text(ty: &Ty) -> bool {
    match ty {
        Type::Places(places) => {
            !places.is_empty()
                && places
                    .iter()
                    .all(|place| matches!(place.shape, Shape::Timestamp))
        }
        _ => false,
    }
}

impl<'s> Checker<'s> {
    pub(super) fn logic(&mut self, args: &[IdedExpr], symbol: &str) -> Typed<'s> {
        let who = format!("`{symbol}`");
        let [left, right] = args else {
            return self.wrong(0..0, format!("{who} takes two sides"), None);
        };
        let (a, b) = (self.lower(left), self.lower(right));
        for side in [&a, &b] {
            self.require(side, types::BOOL, &who);
            self.consume(side);
        }
        let span = a.span.start..b.span.end;
        let (a, b) = (Box::new(a.node), Box::new(b.node));
        let op = if symbol == "&&" {
            Op::And(a, b)
        } else {
            Op::Or(a, b)
        };
        self.typed(op, Type::Plain(types::BOOL), span)
    }

    pub(super) fn unary(&mut self, id: u64, operand: &IdedExpr, negates: bool) -> Typed<'s> {
        let typed = self.lower(operand);
        let (who, wanted) = if negates {
            ("`-`", NUMBER | DURATION)
        } else {
            ("`!`", types::BOOL)
        };
        self.require(&typed, wanted, who);
        self.consume(&typed);
        let span = self.source.token(id).start..typed.span.end;
        let ty = match mask(&typed.ty) & wanted {
            0 => Type::Dyn,
            mask => Type::Plain(mask),
        };
        let operand = Box::new(typed.node);
        let op = if negates {
            Op::Negate(operand)
        } else {
            Op::Not(operand)
        };
        self.typed(op, ty, span)
    }

    pub(super) fn conditional(
        &mut self,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Typed<'s> {
        let condition = self.lower(condition);
        self.require(&condition, types::BOOL, "`?:`");
        self.consume(&condition);
        let (yes, no) = (self.lower(yes), self.lower(no));
        let ty = self.join(&yes, &no);
        let span = condition.span.start..no.span.end;
        let parts = Box::new([condition.node, yes.node, no.node]);
        self.typed(Op::If(parts), ty, span)
    }

    /// A timestamp of a document, read as one.
    fn as_timestamp(&self, typed: Typed<'s>) -> Typed<'s> {
        let conversion = SIGNATURES
            .iter()
            .find(|signature| signature.function == Function::Timestamp);
        let Some(signature) = conversion else {
            return typed;
        };
        let Typed { node, ty, span } = typed;
        let name = node.name.clone();
        Typed {
            node: Node {
                op: Op::Call(signature, Box::new([node])),
                name,
            },
            ty: match ty {
                Type::Places(_) => Type::Plain(TIME),
                other => other,
            },
            span,
        }
    }

    /// Both sides of an operator, timestamps read as such where the other side is one.
    fn sides(&mut self, left: &IdedExpr, right: &IdedExpr, always: bool) -> (Typed<'s>, Typed<'s>) {
        let (mut a, mut b) = (self.lower(left), self.lower(right));
        let reads = |this: &Ty, other: &Ty| {
            let other_mask = mask(other);
            is_timestamp_text(this)
                && (is_timestamp_text(other) && always
                    || other_mask & (TIME | DURATION) != 0 && other_mask & STRING == 0)
        };
        let (wrap_a, wrap_b) = (reads(&a.ty, &b.ty), reads(&b.ty, &a.ty));
        self.consume(&a);
        self.consume(&b);
        if wrap_a {
            a = self.as_timestamp(a);
        }
        if wrap_b {
            b = self.as_timestamp(b);
        }
        (a, b)
    }

    fn mismatch(&mut self, a: &Typed<'s>, b: &Typed<'s>, what: &str) {
        let message = format!(
            "{} and {} {what}",
            types::describe(mask(&a.ty)),
            types::describe(mask(&b.ty))
        );
        let optional = (mask(&a.ty) == OPTIONAL || mask(&b.ty) == OPTIONAL)
            .then(|| "end the optional with `.orValue(..)`".to_owned());
        self.problem(a.span.start..b.span.end, message, optional);
    }

    pub(super) fn equality(
        &mut self,
        left: &IdedExpr,
        right: &IdedExpr,
        negated: bool,
    ) -> Typed<'s> {
        let (a, b) = self.sides(left, right, false);
        let (a_mask, b_mask) = (mask(&a.ty), mask(&b.ty));
        let with_null = a_mask == types::NULL || b_mask == types::NULL;
        let optional = a_mask == OPTIONAL || b_mask == OPTIONAL;
        if optional || !with_null && a_mask & b_mask & !types::NULL == 0 {
            self.mismatch(&a, &b, "are never equal");
        }
        let mixed = is_mixed(&a.ty) || is_mixed(&b.ty);
        let span = a.span.start..b.span.end;
        let op = Op::Equal {
            left: Box::new(a.node),
            right: Box::new(b.node),
            negated,
            mixed,
        };
        self.typed(op, Type::Plain(types::BOOL), span)
    }

    pub(super) fn membership(&mut self, item: &IdedExpr, list: &IdedExpr) -> Typed<'s> {
        let (item, list) = (self.lower(item), self.lower(list));
        self.require(&list, types::LIST | types::MAP, "`in`");
        self.consume(&item);
        self.consume(&list);
        let item_mask = mask(&item.ty);
        let mut mixed = is_mixed(&item.ty);
        let wanted = match self.element(&list.ty) {
            Some(element) => {
                mixed |= is_mixed(&element);
                // An empty list has no elements to be of a type.
                match element {
                    Type::Never => types::ANY,
                    element => mask(&element) | types::NULL,
                }
            }
            None => STRING,
        };
        if item_mask & wanted == 0 && item_mask != types::NULL {
            let message = format!(
                "{} is never in a list of {}",
                types::describe(item_mask),
                types::describe(wanted & !types::NULL)
            );
            self.problem(item.span.start..list.span.end, message, None);
        }
        let span = item.span.start..list.span.end;
        let op = Op::In {
            item: Box::new(item.node),
            list: Box::new(list.node),
            mixed,
        };
        self.typed(op, Type::Plain(types::BOOL), span)
    }

    pub(super) fn comparison(
        &mut self,
        left: &IdedExpr,
        right: &IdedExpr,
        order: Order,
    ) -> Typed<'s> {
        const ORDERED: Mask = NUMBER | STRING | TIME | DURATION | QUANTITY;
        let (a, b) = self.sides(left, right, true);
        if is_timestamp_text(&a.ty) || is_timestamp_text(&b.ty) {
            let help = "write `timestamp(\"2026-01-31T00:00:00Z\")`".to_owned();
            let message = "a timestamp is compared with a timestamp".to_owned();
            self.problem(a.span.start..b.span.end, message, Some(help));
        } else if mask(&a.ty) & mask(&b.ty) & ORDERED == 0 {
            self.mismatch(&a, &b, "have no order");
        }
        let span = a.span.start..b.span.end;
        let op = Op::Compare(order, Box::new(a.node), Box::new(b.node));
        self.typed(op, Type::Plain(types::BOOL), span)
    }

    pub(super) fn arithmetic(
        &mut self,
        left: &IdedExpr,
        right: &IdedExpr,
        operator: Arithmetic,
    ) -> Typed<'s> {
        let table: &[(Mask, Mask, Mask)] = match operator {
            Arithmetic::Add => &ADDITIONS,
            Arithmetic::Subtract => &SUBTRACTIONS,
            _ => &MULTIPLICATIONS,
        };
        let (a, b) = self.sides(left, right, operator == Arithmetic::Subtract);
        let (a_mask, b_mask) = (mask(&a.ty), mask(&b.ty));
        let result = table
            .iter()
            .filter(|(left, right, _)| a_mask & left != 0 && b_mask & right != 0)
            .fold(0, |all, (_, _, result)| all | result);
        if result == 0 {
            let what = format!("do not go together with `{}`", symbol(operator));
            self.mismatch(&a, &b, &what);
        }
        let span: Range<usize> = a.span.start..b.span.end;
        let ty = match (result, self.element(&a.ty), self.element(&b.ty)) {
            (LIST, Some(left), Some(right)) => {
                let (inner, _) = left.join(right, mask);
                Type::list(inner)
            }
            (0, ..) => Type::Dyn,
            (result, ..) if result & LIST == 0 => Type::Plain(result),
            _ => Type::Dyn,
        };
        let op = Op::Arithmetic(operator, Box::new(a.node), Box::new(b.node));
        self.typed(op, ty, span)
    }
}
