//! A rule that is known to be valid, and its verdict on a resource.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::Case;
use super::evidence::evidence;
use super::param::Param;
use crate::expr::{self, Program, Related, Stop, World};
use crate::model::{Fix, Kind, Outcome, Platform, Severity, Unread};

/// What it means for a rule that there is no resource to speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenEmpty {
    NotApplicable,
    Fail,
    Unknown,
    Pass,
}

impl WhenEmpty {
    pub const ALL: [WhenEmpty; 4] = [
        WhenEmpty::NotApplicable,
        WhenEmpty::Fail,
        WhenEmpty::Unknown,
        WhenEmpty::Pass,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            WhenEmpty::NotApplicable => "not_applicable",
            WhenEmpty::Fail => "fail",
            WhenEmpty::Unknown => "unknown",
            WhenEmpty::Pass => "pass",
        }
    }
}

/// One rule. Its expressions compiled against the schema of its kinds, and its cases held when it was loaded.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    /// The good state.
    pub title: String,
    /// The kinds that it is about, at least one.
    pub resource: Vec<Kind>,
    /// The platforms that have to be scanned for it to be run, beside those of its kinds.
    pub platforms: BTreeSet<Platform>,
    pub severity: Severity,
    /// The criteria that it decides, and those that it only supports; never both.
    pub required: Vec<String>,
    pub supporting: Vec<String>,
    /// Other rules, and the topic that a person may attest: one of them is enough in place of this rule, for the
    /// criteria that it decides.
    pub any_of: Vec<String>,
    pub attestable: Option<String>,
    pub params: BTreeMap<String, Param>,
    /// The parameter that names what may be sampled. While it is empty, nobody asked for the rule: it is not run, and
    /// bears on nothing.
    pub opt_in: Option<String>,
    /// In the order written: each may use the ones before it.
    pub variables: Vec<(String, Program)>,
    pub applies: Option<Program>,
    pub assert: Program,
    pub when_empty: WhenEmpty,
    pub why: String,
    pub fix: Fix,
    pub references: Vec<String>,
    pub cases: Vec<Case>,
    /// The file, as it is named in messages.
    pub path: String,
    /// The file's content.
    pub text: String,
}

/// A rule's verdict on one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub outcome: Outcome,
    /// Why the outcome is unknown, unless it is the rule's own fault.
    pub reason: Option<Unread>,
    /// The rule met a value of a type that it cannot work with; the outcome is unknown.
    pub bug: Option<String>,
    /// Every fact and variable that was read, by name, and its value.
    pub evidence: BTreeMap<String, Value>,
}

/// Whether a text is spelled as a rule's id: names joined by dots.
pub fn is_id(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_name)
}

/// Whether a text is spelled as the name of a parameter or variable: lower-case letters, digits and `_`.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Rule {
    /// The parameters that the expressions are evaluated with.
    pub fn values(&self) -> BTreeMap<String, Value> {
        self.params
            .iter()
            .map(|(name, param)| (name.clone(), param.value.clone()))
            .collect()
    }

    /// What may be sampled for the rule, if it samples at all.
    pub fn samples(&self) -> Option<Vec<String>> {
        let param = self.params.get(self.opt_in.as_ref()?)?;
        let patterns = param.value.as_array().into_iter().flatten();
        Some(
            patterns
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Whether somebody asked for the rule: always, unless it samples.
    pub fn is_opted_in(&self) -> bool {
        self.samples().is_none_or(|patterns| !patterns.is_empty())
    }

    /// Every expression of the rule.
    pub fn programs(&self) -> impl Iterator<Item = &Program> {
        let variables = self.variables.iter().map(|(_, program)| program);
        variables.chain(&self.applies).chain([&self.assert])
    }

    /// Everything that the rule reads: each kind, its own and related ones, with the top-level fields of its documents.
    pub fn plan(&self) -> BTreeMap<Kind, BTreeSet<String>> {
        let mut plan: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for program in self.programs() {
            for kind in &self.resource {
                let fields = plan.entry(kind.clone()).or_default();
                fields.extend(program.facts_of(kind).filter_map(top_level));
            }
            for (kind, paths) in program.related() {
                let fields = plan.entry(kind.clone()).or_default();
                fields.extend(paths.iter().filter_map(|path| top_level(path)));
            }
        }
        plan
    }

    /// The kinds that the rule relates its resources to.
    pub fn related(&self) -> BTreeSet<&Kind> {
        self.programs()
            .flat_map(|program| program.related().keys())
            .collect()
    }

    /// The verdict on a resource of one of the rule's kinds. `values` are the rule's own ([`Rule::values`]), taken once
    /// for all resources.
    pub fn judge<'a>(
        &'a self,
        kind: &'a Kind,
        resource: &'a Value,
        values: &'a BTreeMap<String, Value>,
        now: Timestamp,
        related: &'a dyn Related<'a>,
    ) -> Judgement {
        let world = self.world(kind, resource, values, now, related);
        let verdict = self.decide(&world);
        let read: &[&Program] = match (&verdict, &self.applies) {
            ((true, _), Some(applies)) => &[applies],
            ((false, _), Some(applies)) => &[applies, &self.assert],
            (_, None) => &[&self.assert],
        };
        let evidence = evidence(read, &world);
        let (outcome, reason, bug) = match verdict.1 {
            Ok(outcome) => (outcome, None, None),
            Err(Stop::Unread(unread)) => (Outcome::Unknown, Some(unread), None),
            Err(Stop::Bug(bug)) => (Outcome::Unknown, None, Some(bug)),
        };
        Judgement {
            outcome,
            reason,
            bug,
            evidence,
        }
    }

    pub(super) fn world<'a>(
        &'a self,
        kind: &'a Kind,
        resource: &'a Value,
        values: &'a BTreeMap<String, Value>,
        now: Timestamp,
        related: &'a dyn Related<'a>,
    ) -> World<'a> {
        World {
            kind,
            resource,
            params: values,
            now,
            related,
            variables: &self.variables,
        }
    }

    /// The verdict without its evidence, and whether `applies` alone decided.
    pub(super) fn decide(&self, world: &World) -> (bool, Result<Outcome, Stop>) {
        if let Some(applies) = &self.applies {
            match expr::decide(applies, world) {
                Ok(true) => {}
                Ok(false) => return (true, Ok(Outcome::NotApplicable)),
                Err(stop) => return (true, Err(stop)),
            }
        }
        let outcome = expr::decide(&self.assert, world).map(|holds| match holds {
            true => Outcome::Pass,
            false => Outcome::Fail,
        });
        (false, outcome)
    }
}

/// `spec` of `spec.template.spec.containers[].image`.
pub(super) fn top_level(path: &str) -> Option<String> {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    path.get(..end)
        .filter(|field| !field.is_empty())
        .map(str::to_owned)
}
