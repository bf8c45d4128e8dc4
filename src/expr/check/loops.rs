//! `all`, `exists`, `exists_one`, `map` and `filter`, which the parser has expanded.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators as cel_ops,
};

use super::super::node::{Loop, Op, Quantifier};
use super::super::types::{self, Type};
use super::{Checker, NAMES, TYPE_NAMES, Ty, Typed, mask};

/// What a loop was before the parser expanded it.
enum Written<'e> {
    Quantifier(Quantifier, &'e IdedExpr),
    Collect {
        test: Option<&'e IdedExpr>,
        body: &'e IdedExpr,
    },
}

fn arguments<'e>(expr: &'e IdedExpr, operator: &str) -> Option<&'e [IdedExpr]> {
    match &expr.expr {
        Expr::Call(CallExpr {
            func_name, args, ..
        }) if func_name == operator => Some(args),
        _ => None,
    }
}

/// The element that a step adds to the list so far.
fn added(step: &IdedExpr) -> Option<&IdedExpr> {
    match arguments(step, cel_ops::ADD)? {
        [_, one] => match &one.expr {
            Expr::List(list) => list.elements.first(),
            _ => None,
        },
        _ => None,
    }
}

fn written(inner: &ComprehensionExpr) -> Option<Written<'_>> {
    if inner.iter_var2.is_some() {
        return None;
    }
    let step = &inner.loop_step;
    match &inner.accu_init.expr {
        Expr::Literal(LiteralValue::Boolean(initial)) => {
            let (quantifier, operator) = if *initial.inner() {
                (Quantifier::All, cel_ops::LOGICAL_AND)
            } else {
                (Quantifier::Exists, cel_ops::LOGICAL_OR)
            };
            match arguments(step, operator)? {
                [_, test] => Some(Written::Quantifier(quantifier, test)),
                _ => None,
            }
        }
        Expr::Literal(LiteralValue::Int(_)) => match arguments(step, cel_ops::CONDITIONAL)? {
            [test, ..] => Some(Written::Quantifier(Quantifier::ExistsOne, test)),
            _ => None,
        },
        Expr::List(_) => match arguments(step, cel_ops::CONDITIONAL) {
            Some([test, step, _]) => Some(Written::Collect {
                test: Some(test),
                body: added(step)?,
            }),
            Some(_) => None,
            None => Some(Written::Collect {
                test: None,
                body: added(step)?,
            }),
        },
        _ => None,
    }
}

impl<'s> Checker<'s> {
    pub(super) fn comprehension(&mut self, id: u64, inner: &ComprehensionExpr) -> Typed<'s> {
        let name_span = self.source.name_before(id);
        let Some(written) = written(inner) else {
            let message = "a loop has one variable".to_owned();
            return self.wrong(name_span, message, None);
        };
        let variable = inner.iter_var.as_str();
        if NAMES.contains(&variable) || TYPE_NAMES.contains(&variable) {
            let message = format!("`{variable}` is taken; call the loop's variable otherwise");
            self.problem(name_span, message, None);
        }
        let range = self.lower(&inner.iter_range);
        let span = range.span.start..self.source.brackets(id).end;
        let element = self.loop_variable(&range);
        self.locals.push((variable.to_owned(), element.clone()));
        let (test, body, ty) = match written {
            Written::Quantifier(_, test) => {
                let test = self.condition(test, "the condition of a loop");
                (Some(test), None, Type::Plain(types::BOOL))
            }
            Written::Collect { test, body } => {
                let test = test.map(|test| self.condition(test, "the condition of a loop"));
                let is_variable = matches!(&body.expr, Expr::Ident(name) if name == variable);
                if is_variable {
                    (test, None, Type::list(element))
                } else {
                    let body = self.lower(body);
                    (test, Some(body.node), Type::list(body.ty))
                }
            }
        };
        self.locals.pop();
        let inner = Box::new(Loop {
            range: range.node,
            test,
            body,
        });
        let op = match written {
            Written::Quantifier(quantifier, _) => Op::Quantify(quantifier, inner),
            Written::Collect { .. } => Op::Collect(inner),
        };
        self.typed(op, ty, span)
    }

    /// The type of a loop's variable: an element of a list, or a key of an object.
    fn loop_variable(&mut self, range: &Typed<'s>) -> Ty<'s> {
        self.require(range, types::LIST | types::MAP, "a loop");
        self.consume(range);
        match self.element(&range.ty) {
            Some(element) => element,
            None if mask(&range.ty) == types::MAP => Type::Plain(types::STRING),
            None => Type::Dyn,
        }
    }
}
