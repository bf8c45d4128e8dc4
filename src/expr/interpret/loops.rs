//! Loops: `all` is `&&` over a list, `exists` is `||`, and both go on past what is not known.

use super::super::node::{Loop, Node, Quantifier};
use super::super::types;
use super::super::value::{Eval, Halt, List, Val};
use super::stops::{bug, later, wrong_type};
use super::{Interpreter, Locals};

impl<'x> Interpreter<'x, '_> {
    /// What a loop goes over: the elements of a list, or the keys of an object.
    pub(super) fn range(&self, node: &'x Node, locals: &mut Locals<'x>) -> Result<List<'x>, Halt> {
        match self.present(node, locals)? {
            Val::List(list) => Ok(list),
            Val::Map(map) => Ok(self.keys(&map)),
            other => Err(wrong_type("a loop", types::LIST | types::MAP, &other)),
        }
    }

    /// `all` is `&&` over the elements, `exists` is `||`; both go on past what is not known, in search of an element
    /// that decides. `exists_one` needs every element.
    pub(super) fn quantify(
        &self,
        quantifier: Quantifier,
        inner: &'x Loop,
        locals: &mut Locals<'x>,
    ) -> Eval<'x> {
        let list = self.range(&inner.range, locals)?;
        let Some(test) = &inner.test else {
            return Err(bug("a loop without a condition"));
        };
        let decisive = quantifier == Quantifier::Exists;
        let mut pending: Option<Halt> = None;
        let mut count = 0usize;
        let mut at = 0;
        while let Some(element) = self.known(&list, at) {
            at += 1;
            let Some(element) = element else { continue };
            let outcome = match element {
                Ok(element) => {
                    locals.push(element);
                    let outcome = self.truth(test, locals);
                    locals.pop();
                    outcome
                }
                Err(halt) => Err(halt),
            };
            match outcome {
                Ok(truth) if quantifier == Quantifier::ExistsOne => count += usize::from(truth),
                Ok(truth) if truth == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(halt) => pending = later(pending, halt),
            }
        }
        if let Some(halt) = self.partial(&list) {
            pending = later(pending, halt);
        }
        match pending {
            Some(halt) => Err(halt),
            None => Ok(Val::Bool(match quantifier {
                Quantifier::ExistsOne => count == 1,
                Quantifier::All => true,
                Quantifier::Exists => false,
            })),
        }
    }

    /// An element that cannot be told is one that is not known: what is known can still decide.
    pub(super) fn collect(&self, inner: &'x Loop, locals: &mut Locals<'x>) -> Eval<'x> {
        let list = self.range(&inner.range, locals)?;
        let mut all = Vec::new();
        let mut pending = None;
        let mut at = 0;
        while let Some(element) = self.known(&list, at) {
            at += 1;
            let Some(element) = element else { continue };
            let collected = element.and_then(|element| {
                locals.push(element);
                let collected = self.collect_one(inner, locals);
                locals.pop();
                collected
            });
            match collected {
                Ok(collected) => all.extend(collected),
                Err(halt) => pending = later(pending, halt),
            }
        }
        if let Some(halt) = self.partial(&list) {
            pending = later(pending, halt);
        }
        Ok(Val::List(List::new(all, pending)))
    }

    pub(super) fn collect_one(
        &self,
        inner: &'x Loop,
        locals: &mut Locals<'x>,
    ) -> Result<Option<Val<'x>>, Halt> {
        if let Some(test) = &inner.test
            && !self.truth(test, locals)?
        {
            return Ok(None);
        }
        match &inner.body {
            Some(body) => self.eval(body, locals).map(Some),
            None => Ok(locals.last().cloned()),
        }
    }
}
