//! A rule's cases: documents with the verdict that each must get.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::rule::{Judgement, Rule};
use crate::expr::{Related, Stop};
use crate::model::{Fact, Kind, Outcome};
use crate::yaml::Place;

/// The time at which a case is judged unless it says another.
pub(super) const NOON: &str = "2026-01-15T12:00:00Z";

/// A document and the verdict that a rule must give on it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub kind: Kind,
    pub resource: Value,
    /// Kinds that are not named have no resources.
    pub related: BTreeMap<Kind, Fact<Vec<Value>>>,
    /// Values that replace the rule's own.
    pub params: BTreeMap<String, Value>,
    pub now: Timestamp,
    pub expect: Outcome,
    /// Where in the rule's file it stands.
    pub(super) place: Place,
}

impl Case {
    /// The line of the rule's file that it begins in.
    pub fn line(&self, rule: &Rule) -> usize {
        let before = rule.text.get(..self.place.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    pub expect: Outcome,
    pub judgement: Judgement,
}

impl CaseResult {
    /// Whether the verdict is the one that the case expects. A bug never is.
    pub fn holds(&self) -> bool {
        self.judgement.bug.is_none() && self.judgement.outcome == self.expect
    }

    /// Why the case does not hold.
    pub fn explain(&self) -> String {
        let mut lines = vec![format!(
            "expected {}, got {}",
            self.expect.as_str(),
            self.judgement.outcome.as_str()
        )];
        if let Some(bug) = &self.judgement.bug {
            lines.push(format!("a bug of the rule: {bug}"));
        }
        if let Some(reason) = &self.judgement.reason {
            lines.push(format!("because of {reason}"));
        }
        for (fact, value) in &self.judgement.evidence {
            lines.push(format!("{fact} = {value}"));
        }
        lines.join("\n")
    }
}

struct Neighbours<'a>(&'a BTreeMap<Kind, Fact<Vec<Value>>>);

impl<'a> Related<'a> for Neighbours<'a> {
    fn related(&self, kind: &Kind) -> Fact<Vec<&'a Value>> {
        match self.0.get(kind) {
            None => Fact::Known(Vec::new()),
            Some(Fact::Known(documents)) => Fact::Known(documents.iter().collect()),
            Some(Fact::Unread(unread)) => Fact::Unread(unread.clone()),
        }
    }
}

/// Judges a case's document.
pub fn run_case(rule: &Rule, case: &Case) -> CaseResult {
    let values = values(rule, case);
    let neighbours = Neighbours(&case.related);
    CaseResult {
        expect: case.expect,
        judgement: rule.judge(&case.kind, &case.resource, &values, case.now, &neighbours),
    }
}

/// The verdict on a case's document, without evidence.
pub(super) fn decide_case(rule: &Rule, case: &Case) -> Result<Outcome, Stop> {
    let values = values(rule, case);
    let neighbours = Neighbours(&case.related);
    let world = rule.world(&case.kind, &case.resource, &values, case.now, &neighbours);
    rule.decide(&world).1
}

fn values(rule: &Rule, case: &Case) -> BTreeMap<String, Value> {
    let mut values = rule.values();
    values.extend(case.params.clone());
    values
}
