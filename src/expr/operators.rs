//! Equality, order, arithmetic and membership.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::interpret::stops::{bug, later};
use super::interpret::{Interpreter, Locals};
use super::node::{Arithmetic, Node, Order};
use super::types;
use super::value::{Eval, Halt, List, Map, Val};
use crate::model::UNREAD;

impl<'x> Interpreter<'x, '_> {
    /// Equality of two values; null equals only null, and different types are a bug unless the schema allows both.
    pub(super) fn equal(
        &self,
        (left, a): (&'x Node, &Val<'x>),
        (right, b): (&'x Node, &Val<'x>),
        mixed: bool,
    ) -> Result<bool, Halt> {
        match (a, b) {
            (Val::Null(_), Val::Null(_)) => return Ok(true),
            (Val::Null(_), _) | (_, Val::Null(_)) => return Ok(false),
            (Val::Redacted(_), _) => return Err(self.redacted(self.name_of(left))),
            (_, Val::Redacted(_)) => return Err(self.redacted(self.name_of(right))),
            _ => {}
        }
        if a.mask() != b.mask() && !mixed {
            return Err(bug(format!(
                "{} is {} and cannot equal {}",
                self.name_of(left),
                types::describe(a.mask()),
                types::describe(b.mask())
            )));
        }
        self.same(a, b)
    }

    /// Equality all the way down, where different types are different values.
    pub(super) fn same(&self, a: &Val<'x>, b: &Val<'x>) -> Result<bool, Halt> {
        self.step()?;
        Ok(match (a, b) {
            (Val::Null(_), Val::Null(_)) => true,
            (Val::Redacted(_), Val::Null(_)) | (Val::Null(_), Val::Redacted(_)) => false,
            (Val::Redacted(_), _) | (_, Val::Redacted(_)) => {
                return Err(self.redacted("a compared value"));
            }
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::String(a), Val::String(b)) => **a == **b,
            (Val::Time(a), Val::Time(b)) => a == b,
            (Val::Duration(a), Val::Duration(b)) => a == b,
            (Val::Quantity(a), Val::Quantity(b)) => a == b,
            (Val::Ip(a), Val::Ip(b)) => a == b,
            (Val::Cidr(a), Val::Cidr(b)) => a == b,
            (Val::List(a), Val::List(b)) => return self.same_list(a, b),
            (Val::Map(a), Val::Map(b)) => return self.same_map(a, b),
            (a, b) => numeric(a, b) == Some(Ordering::Equal),
        })
    }

    fn same_list(&self, a: &List<'x>, b: &List<'x>) -> Result<bool, Halt> {
        let (left, left_halt) = self.elements(a)?;
        let (right, right_halt) = self.elements(b)?;
        if let Some(halt) = left_halt.or(right_halt) {
            return Err(halt);
        }
        if left.len() != right.len() {
            return Ok(false);
        }
        let mut pending = None;
        for (a, b) in left.iter().zip(&right) {
            match self.same(a, b) {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(halt) => pending = pending.or(Some(halt)),
            }
        }
        pending.map_or(Ok(true), Err)
    }

    /// Objects are equal if every field is, an absent one being null; a difference in what is known decides.
    fn same_map(&self, a: &Map<'x>, b: &Map<'x>) -> Result<bool, Halt> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut pending = None;
        for map in [a, b] {
            match map {
                Map::Own(fields) => names.extend(fields.keys().map(|name| &**name)),
                Map::Json(fields) => {
                    names.extend(fields.keys().map(String::as_str));
                    if names.remove(UNREAD) {
                        pending = pending.or(self.field(map, UNREAD).err());
                    }
                }
            }
        }
        for name in names {
            let outcome = self
                .field(a, name)
                .and_then(|a| self.field(b, name).and_then(|b| self.same(&a, &b)));
            match outcome {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(halt) => pending = pending.or(Some(halt)),
            }
        }
        pending.map_or(Ok(true), Err)
    }

    pub(super) fn is_in(
        &self,
        item: &'x Node,
        list: &'x Node,
        mixed: bool,
        locals: &mut Locals<'x>,
    ) -> Eval<'x> {
        let wanted = self.eval(item, locals)?;
        match self.present(list, locals)? {
            Val::List(elements) => {
                let (elements, partial) = self.elements(&elements)?;
                let mut pending = partial;
                for element in &elements {
                    match self.equal((item, &wanted), (list, element), mixed) {
                        Ok(true) => return Ok(Val::Bool(true)),
                        Ok(false) => {}
                        Err(halt) => pending = later(pending, halt),
                    }
                }
                pending.map_or(Ok(Val::Bool(false)), Err)
            }
            Val::Map(map) => {
                self.check_present(item, &wanted)?;
                match wanted {
                    Val::String(name) => {
                        let found = self.field(&map, &name)?;
                        Ok(Val::Bool(!matches!(found, Val::Null(_))))
                    }
                    other => Err(bug(format!(
                        "the keys of an object are strings, not {}",
                        types::describe(other.mask())
                    ))),
                }
            }
            other => Err(bug(format!(
                "`in` takes a list or an object, not {}",
                types::describe(other.mask())
            ))),
        }
    }

    pub(super) fn compare(&self, order: Order, a: &Val<'x>, b: &Val<'x>) -> Eval<'x> {
        let Some(ordering) = ordering(a, b) else {
            return Err(bug(format!(
                "{} and {} have no order",
                types::describe(a.mask()),
                types::describe(b.mask())
            )));
        };
        Ok(Val::Bool(match order {
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        }))
    }

    pub(super) fn negate(&self, operand: &'x Node, locals: &mut Locals<'x>) -> Eval<'x> {
        match self.present(operand, locals)? {
            Val::Int(int) => Ok(Val::Int(-int)),
            Val::Float(float) => Ok(Val::Float(-float)),
            Val::Duration(duration) => match duration.checked_neg() {
                Some(negative) => Ok(Val::Duration(negative)),
                None => Err(bug("a duration out of range")),
            },
            other => Err(bug(format!(
                "`-` takes a number, not {}",
                types::describe(other.mask())
            ))),
        }
    }

    pub(super) fn arithmetic(&self, operator: Arithmetic, a: Val<'x>, b: Val<'x>) -> Eval<'x> {
        use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
        let result = match (operator, &a, &b) {
            (_, Val::Int(a), Val::Int(b)) => integers(operator, *a, *b).map(Val::Int),
            (_, Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
                let (a, b) = (float(&a), float(&b));
                let result = match operator {
                    Add => a + b,
                    Subtract => a - b,
                    Multiply => a * b,
                    Divide => a / b,
                    Modulo => return Err(bug("`%` takes whole numbers")),
                };
                Some(result)
                    .filter(|float| float.is_finite())
                    .map(Val::Float)
            }
            (Add, Val::String(a), Val::String(b)) => Some(Val::text([&**a, &**b].concat())),
            (Add, Val::List(left), Val::List(right)) => {
                let (mut all, halt) = self.elements(left)?;
                let (more, other) = self.elements(right)?;
                all.extend(more);
                return Ok(Val::List(List::new(all, halt.or(other))));
            }
            (Add, Val::Time(time), Val::Duration(duration))
            | (Add, Val::Duration(duration), Val::Time(time)) => {
                time.checked_add(*duration).ok().map(Val::Time)
            }
            (Subtract, Val::Time(time), Val::Duration(duration)) => {
                time.checked_sub(*duration).ok().map(Val::Time)
            }
            (Subtract, Val::Time(a), Val::Time(b)) => Some(Val::Duration(a.duration_since(*b))),
            (Add, Val::Duration(a), Val::Duration(b)) => a.checked_add(*b).map(Val::Duration),
            (Subtract, Val::Duration(a), Val::Duration(b)) => a.checked_sub(*b).map(Val::Duration),
            (Add, Val::Quantity(a), Val::Quantity(b)) => a.add(*b).map(Val::Quantity),
            (Subtract, Val::Quantity(a), Val::Quantity(b)) => a.subtract(*b).map(Val::Quantity),
            _ => {
                return Err(bug(format!(
                    "`{}` does not work on {} and {}",
                    symbol(operator),
                    types::describe(a.mask()),
                    types::describe(b.mask())
                )));
            }
        };
        result.ok_or_else(|| {
            bug(format!(
                "the result of `{}` is out of range",
                symbol(operator)
            ))
        })
    }
}

pub(super) fn symbol(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Modulo => "%",
    }
}

/// Whole numbers as CEL has them: 64 bits, and nothing is divided by zero.
fn integers(operator: Arithmetic, a: i128, b: i128) -> Option<i128> {
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Modulo => a.checked_rem(b),
    }?;
    i64::try_from(result).ok().map(i128::from)
}

/// The order of two values of one type; none where the type has no order.
pub(super) fn ordering(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::String(a), Val::String(b)) => Some((**a).cmp(&**b)),
        (Val::Time(a), Val::Time(b)) => Some(a.cmp(b)),
        (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
        (Val::Quantity(a), Val::Quantity(b)) => Some(a.cmp(b)),
        (a, b) => numeric(a, b),
    }
}

/// The order of two numbers by their value, whole or not.
fn numeric(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Float(a), Val::Float(b)) => a.partial_cmp(b),
        (Val::Int(a), Val::Float(b)) => int_with_float(*a, *b),
        (Val::Float(a), Val::Int(b)) => int_with_float(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

fn int_with_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Saturates, which keeps the order: every integer here is far smaller than i128's ends.
    let whole = truncate(float);
    Some(int.cmp(&whole).then_with(|| {
        let fraction = float - float.trunc();
        0.0.partial_cmp(&fraction).unwrap_or(Ordering::Equal)
    }))
}

#[expect(
    clippy::as_conversions,
    reason = "there is no other conversion; it saturates, and callers know"
)]
pub(super) fn truncate(float: f64) -> i128 {
    float as i128
}

#[expect(
    clippy::as_conversions,
    reason = "there is no other conversion; it rounds to the nearest float"
)]
pub(super) fn float(value: &Val) -> f64 {
    match value {
        Val::Int(int) => *int as f64,
        Val::Float(float) => *float,
        _ => f64::NAN,
    }
}
