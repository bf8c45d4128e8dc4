//! Cases of a rule file: each about documents that can be, and at least one that passes and one that fails.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Checker, Expressions, Params};
use crate::model::{Fact, Kind, Outcome};
use crate::rules::cases::{Case, NOON};
use crate::rules::document;
use crate::rules::file::{CaseFile, RuleFile};
use crate::yaml::Text;
use crate::yaml::{Node, Yaml};

impl Checker<'_> {
    pub(super) fn cases(
        &mut self,
        written: &RuleFile,
        kinds: &[Kind],
        params: &Params,
        expressions: Option<&Expressions>,
    ) -> Vec<Case> {
        let Some(tests) = &written.tests else {
            return Vec::new();
        };
        let told = self.errors.len();
        let mut names: Vec<&Text> = Vec::new();
        let mut cases = Vec::new();
        for case in &tests.cases {
            if let Some(name) = &case.name {
                if let Some(first) = names.iter().find(|known| known.value == name.value) {
                    self.errors.push(
                        self.file
                            .error(
                                &name.place,
                                format!("another case is called `{}`", name.value),
                            )
                            .label("again")
                            .first(&first.place)
                            .help("say what differs"),
                    );
                }
                names.push(name);
            }
            cases.extend(self.case(case, kinds, params, expressions));
        }
        if tests.whole && self.errors.len() == told {
            for (outcome, what) in [(Outcome::Pass, "pass"), (Outcome::Fail, "fail")] {
                if !cases.iter().any(|case| case.expect == outcome) {
                    let message = format!("no case expects `{what}`");
                    self.error(
                        &tests.place,
                        message,
                        format!("add a case whose document must {what}"),
                    );
                }
            }
        }
        cases
    }

    fn case(
        &mut self,
        written: &CaseFile,
        kinds: &[Kind],
        params: &Params,
        expressions: Option<&Expressions>,
    ) -> Option<Case> {
        let kind = match &written.kind {
            None => kinds.first().cloned(),
            Some(text) => {
                let kind = kinds.iter().find(|kind| kind.as_str() == text.value);
                if kind.is_none() {
                    let message = format!("`{}` is no kind of this rule", text.value);
                    let known: Vec<_> = kinds.iter().map(Kind::as_str).collect();
                    self.error(
                        &text.place,
                        message,
                        format!("one of: {}", known.join(", ")),
                    );
                }
                kind.cloned()
            }
        };
        if let (Some(kind), Some(resource)) = (&kind, &written.resource) {
            document::check(resource, kind, self.schema, self.file, self.errors);
        }
        let related = self.related(&written.related, expressions);
        let values = self.overrides(&written.params, params);
        let now = match &written.now {
            None => NOON.parse().ok(),
            Some(text) => {
                let now = text.value.parse::<Timestamp>().ok();
                if now.is_none() {
                    let message = format!("`{}` is no time", text.value);
                    self.error(&text.place, message, format!("write it as {NOON}"));
                }
                now
            }
        };
        let expect = self.one_of(
            written.expect.as_ref(),
            "outcome",
            &[
                ("pass", Outcome::Pass),
                ("fail", Outcome::Fail),
                ("unknown", Outcome::Unknown),
                ("not_applicable", Outcome::NotApplicable),
            ],
        );
        Some(Case {
            name: written.name.as_ref()?.value.clone(),
            kind: kind?,
            resource: written.resource.as_ref()?.value.to_json(),
            related,
            params: values,
            now: now?,
            expect: expect?,
            place: written.place.clone(),
        })
    }

    fn related(
        &mut self,
        written: &[(Text, Node)],
        expressions: Option<&Expressions>,
    ) -> BTreeMap<Kind, Fact<Vec<Value>>> {
        let mut related = BTreeMap::new();
        for (name, node) in written {
            let kind = Kind::new(&name.value);
            if !self.schema.kinds.contains_key(&kind) {
                self.unknown_kind(name);
                continue;
            }
            if expressions.is_some_and(|all| {
                !all.programs()
                    .any(|program| program.related().contains_key(&kind))
            }) {
                let message = format!("the rule does not relate its resources to {kind}");
                self.error(
                    &name.place,
                    message,
                    format!("use related(\"{kind}\") in an expression, or take it out"),
                );
            }
            match &node.value {
                Yaml::List(items) => {
                    for item in items {
                        document::check(item, &kind, self.schema, self.file, self.errors);
                    }
                    let documents = items.iter().map(|item| item.value.to_json()).collect();
                    related.insert(kind, Fact::Known(documents));
                }
                _ => {
                    let told = self.errors.len();
                    if let Some(unread) = document::unread(node, self.file, self.errors) {
                        related.insert(kind, Fact::Unread(unread));
                    } else if self.errors.len() == told {
                        let message =
                            format!("`{kind}` is a list of documents, not {}", node.value.name());
                        self.error(
                            &name.place,
                            message,
                            "write a list, or { $unread: { reason: denied, operation: ... } }",
                        );
                    }
                }
            }
        }
        related
    }

    fn overrides(&mut self, written: &[(Text, Node)], params: &Params) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for (name, node) in written {
            let Some((param, _)) = params.get(&name.value) else {
                let known = params.keys().map(String::as_str);
                self.unknown(name, "parameter", known, "the rule has no parameters");
                continue;
            };
            let value = node.value.to_json();
            if let Err(misfit) = param.admits(&value) {
                let message = format!("`{}` does not fit: {misfit}", name.value);
                self.error(
                    &node.head(),
                    message,
                    "write a value that a configuration may set",
                );
            }
            values.insert(name.value.clone(), value);
        }
        values
    }
}
