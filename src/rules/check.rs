//! What makes a rule valid: a rule file is turned into a [`Rule`], or into everything that is wrong with it.

mod cases;
mod params;

use std::collections::{BTreeMap, BTreeSet};

use super::file::{FIX_KEYS, RuleFile};
use super::load::Source;
use super::param::Param;
use super::rule::{Rule, WhenEmpty, is_id, is_name};
use crate::expr::{self, Env, ParamType, Program, suggest};
use crate::model::{Fix, Kind, Platform, Schema, Severity, criteria, criterion, topic, topics};
use crate::yaml::Text;
use crate::yaml::{At, Place, place_within};
use crate::yaml::{File, FileError as RuleError};

/// The rule, if nothing is wrong with it; its cases have yet to be run.
pub(super) fn check(
    written: &RuleFile,
    source: &Source,
    file: &File,
    schema: &Schema,
    errors: &mut Vec<RuleError>,
) -> Option<Rule> {
    let told = errors.len();
    let mut checker = Checker {
        source,
        file,
        schema,
        errors,
    };
    checker.id(written.id.as_ref());
    checker.title(written.title.as_ref());
    let kinds = checker.kinds(&written.resource);
    let severity = checker.one_of(
        written.severity.as_ref(),
        "severity",
        &Severity::ALL.map(|severity| (severity.as_str(), severity)),
    );
    let when_empty = checker.one_of(
        written.when_empty.as_ref(),
        "value of when_empty",
        &WhenEmpty::ALL.map(|when| (when.as_str(), when)),
    );
    let platforms = Platform::ALL.map(|platform| (platform.as_str(), platform));
    let platforms: BTreeSet<Platform> = written
        .platforms
        .iter()
        .filter_map(|name| checker.one_of(Some(name), "platform", &platforms))
        .collect();
    checker.controls(&written.required, &written.supporting);
    checker.alternatives(written);
    checker.references(&written.references);
    let params = checker.params(&written.params);
    checker.opt_in(written.opt_in.as_ref(), &params);
    let expressions = match &kinds {
        Some(kinds) => checker.expressions(written, kinds, &params),
        None => None,
    };
    let cases = match &kinds {
        Some(kinds) => checker.cases(written, kinds, &params, expressions.as_ref()),
        None => Vec::new(),
    };
    if errors.len() > told {
        return None;
    }
    let expressions = expressions?;
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    let values = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect();
    Some(Rule {
        id: text(&written.id)?,
        title: text(&written.title)?,
        resource: kinds?,
        platforms,
        severity: severity?,
        required: values(&written.required),
        supporting: values(&written.supporting),
        any_of: values(&written.any_of),
        attestable: text(&written.attestable),
        params: params
            .into_iter()
            .map(|(name, param)| (name, param.0))
            .collect(),
        opt_in: text(&written.opt_in),
        variables: expressions.variables,
        applies: expressions.applies,
        assert: expressions.assert?,
        when_empty: when_empty?,
        why: text(&written.why)?,
        fix: fix(&written.fix),
        references: values(&written.references),
        cases,
        path: source.shown(),
        text: source.text.clone(),
    })
}

struct Checker<'a> {
    source: &'a Source,
    file: &'a File,
    schema: &'a Schema,
    errors: &'a mut Vec<RuleError>,
}

/// Parameters with the place of their name.
type Params = BTreeMap<String, (Param, Place)>;

struct Expressions {
    variables: Vec<(String, Program)>,
    applies: Option<Program>,
    assert: Option<Program>,
}

impl Expressions {
    fn programs(&self) -> impl Iterator<Item = &Program> {
        let variables = self.variables.iter().map(|(_, program)| program);
        variables.chain(&self.applies).chain(&self.assert)
    }
}

impl Checker<'_> {
    fn error(&mut self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(self.file.error(place, message).help(help));
    }

    /// Tells that a word is not among those known.
    fn unknown<'c>(
        &mut self,
        word: &Text,
        what: &str,
        known: impl IntoIterator<Item = &'c str> + Clone,
        otherwise: &str,
    ) {
        let help = suggest(&word.value, known).unwrap_or_else(|| otherwise.to_owned());
        self.error(
            &word.place,
            format!("there is no {what} `{}`", word.value),
            help,
        );
    }

    fn one_of<T: Copy>(
        &mut self,
        word: Option<&Text>,
        what: &str,
        known: &[(&'static str, T)],
    ) -> Option<T> {
        let word = word?;
        let found = known.iter().find(|(name, _)| *name == word.value);
        if found.is_none() {
            self.unknown(word, what, known.iter().map(|(name, _)| *name), "");
        }
        found.map(|(_, value)| *value)
    }

    fn id(&mut self, id: Option<&Text>) {
        let Some(id) = id else { return };
        let wanted = self.source.id();
        if !is_id(&id.value) {
            self.error(
                &id.place,
                format!("`{}` is no id", id.value),
                "an id is lower-case words joined by dots, such as aws.rds.pitr",
            );
        } else if id.value != wanted {
            let moved = format!("{}.yaml", id.value.replace('.', "/"));
            let help = if is_id(&wanted) {
                format!("write `id: {wanted}`, or move the file to {moved}")
            } else {
                format!("move the file to {moved}")
            };
            self.error(
                &id.place,
                format!("the id `{}` is not the file's path", id.value),
                help,
            );
        }
    }

    fn title(&mut self, title: Option<&Text>) {
        if let Some(title) = title.filter(|title| title.value.ends_with('.')) {
            self.error(&title.place, "`title` ends with a full stop", "take it off");
        }
    }

    fn kinds(&mut self, written: &[Text]) -> Option<Vec<Kind>> {
        let mut kinds: Vec<Kind> = Vec::new();
        for text in written {
            let kind = Kind::new(&text.value);
            if !self.schema.kinds.contains_key(&kind) {
                self.unknown_kind(text);
                continue;
            }
            if let Some(first) = kinds
                .first()
                .filter(|first| first.platform() != kind.platform())
            {
                let message = format!("{kind} is of another platform than {first}");
                self.error(&text.place, message, "write one rule for each platform");
            }
            kinds.push(kind);
        }
        (!kinds.is_empty() && kinds.len() == written.len()).then_some(kinds)
    }

    fn unknown_kind(&mut self, text: &Text) {
        let schema = self.schema;
        let known = schema.kinds.keys().map(Kind::as_str);
        self.unknown(text, "kind", known, "see `soc2scan resources list`");
    }

    fn controls(&mut self, required: &[Text], supporting: &[Text]) {
        for id in required.iter().chain(supporting) {
            if criterion(&id.value).is_none() {
                let known = criteria().iter().map(|criterion| criterion.id.as_str());
                self.unknown(id, "criterion", known, "see `soc2scan controls list`");
            }
        }
        for id in supporting {
            if let Some(first) = required.iter().find(|known| known.value == id.value) {
                let message = format!("{} is both required and supporting", id.value);
                self.errors.push(
                    self.file
                        .error(&id.place, message)
                        .first(&first.place)
                        .help("a rule decides a criterion or only supports it: keep one"),
                );
            }
        }
    }

    /// Whether the other rules are there is known when all files are read.
    fn alternatives(&mut self, written: &RuleFile) {
        for id in &written.any_of {
            if written.id.as_ref().is_some_and(|own| own.value == id.value) {
                let message = format!("`any_of` names the rule itself, `{}`", id.value);
                self.error(&id.place, message, "name the others only");
            }
        }
        if let Some(id) = written.attestable.as_ref()
            && topic(&id.value).is_none()
        {
            let known = topics().iter().map(|topic| topic.id.as_str());
            self.unknown(id, "topic", known, "`soc2scan init` writes them all");
        }
        let first = written.any_of.first().or(written.attestable.as_ref());
        if let Some(first) = first.filter(|_| written.required.is_empty()) {
            self.error(
                &first.place,
                "nothing can stand in place of a rule that decides no criterion",
                "name criteria under `required`, or take the key out",
            );
        }
    }

    fn opt_in(&mut self, name: Option<&Text>, params: &Params) {
        let Some(name) = name else { return };
        let Some((param, _)) = params.get(&name.value) else {
            let known = params.keys().map(String::as_str);
            return self.unknown(name, "parameter", known, "name one of the rule's own");
        };
        let is_empty = param.default.as_array().is_some_and(Vec::is_empty);
        if param.ty != ParamType::Strings || !is_empty {
            self.error(
                &name.place,
                format!("`{}` does not say that nothing may be sampled", name.value),
                "give it `type: strings` and `default: []`",
            );
        }
    }

    fn references(&mut self, references: &[Text]) {
        for url in references {
            let host = url.value.strip_prefix("https://");
            if !host.is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace)) {
                self.error(
                    &url.place,
                    format!("`{}` is no https address", url.value),
                    "write the whole address: https://...",
                );
            }
        }
    }

    fn name(&mut self, name: &Text, what: &str) {
        if !is_name(&name.value) {
            self.error(
                &name.place,
                format!("`{}` is no name for a {what}", name.value),
                "a name is lower-case letters, digits and _, such as min_days",
            );
        }
    }

    fn expressions(
        &mut self,
        written: &RuleFile,
        kinds: &[Kind],
        params: &Params,
    ) -> Option<Expressions> {
        let told = self.errors.len();
        let types = params
            .iter()
            .map(|(name, (param, _))| (name.clone(), param.ty))
            .collect();
        let mut visible: Vec<(String, Option<Program>)> = Vec::new();
        let mut expressions = Expressions {
            variables: Vec::new(),
            applies: None,
            assert: None,
        };
        for (name, text) in &written.variables {
            self.name(name, "variable");
            let program = self.compile(text, kinds, &types, &visible);
            visible.push((name.value.clone(), program));
        }
        if let Some(text) = &written.applies {
            expressions.applies = self.condition(text, kinds, &types, &visible);
        }
        if let Some(text) = &written.assert {
            expressions.assert = self.condition(text, kinds, &types, &visible);
        }
        let compiled = visible.into_iter();
        expressions.variables = compiled
            .filter_map(|(name, program)| Some((name, program?)))
            .collect();
        if self.errors.len() > told || expressions.assert.is_none() {
            return None;
        }
        let used: BTreeSet<_> = expressions
            .programs()
            .flat_map(Program::variables)
            .collect();
        for (name, _) in written
            .variables
            .iter()
            .filter(|(name, _)| !used.contains(&name.value))
        {
            let message = format!("no expression uses the variable `{}`", name.value);
            self.error(
                &name.place,
                message,
                format!("use it as variables.{}, or take it out", name.value),
            );
        }
        let used: BTreeSet<_> = expressions.programs().flat_map(Program::params).collect();
        for (name, (_, place)) in params.iter().filter(|(name, _)| !used.contains(name)) {
            let message = format!("no expression uses the parameter `{name}`");
            self.error(
                place,
                message,
                format!("use it as params.{name}, or take it out"),
            );
        }
        Some(expressions)
    }

    /// An expression that can be true or false.
    fn condition(
        &mut self,
        text: &Text,
        kinds: &[Kind],
        params: &BTreeMap<String, ParamType>,
        variables: &[(String, Option<Program>)],
    ) -> Option<Program> {
        let program = self.compile(text, kinds, params, variables)?;
        if !program.may_be_bool() {
            self.error(
                &text.place,
                "this expression is never true or false",
                "compare its value: ==, !=, <, >=, in",
            );
        }
        Some(program)
    }

    fn compile(
        &mut self,
        text: &Text,
        kinds: &[Kind],
        params: &BTreeMap<String, ParamType>,
        variables: &[(String, Option<Program>)],
    ) -> Option<Program> {
        let env = Env {
            schema: self.schema,
            kinds,
            params,
            variables,
        };
        match expr::compile(&text.value, &env) {
            Ok(program) => Some(program),
            Err(problems) => {
                for problem in problems {
                    let place = place_within(&self.source.text, text, problem.start..problem.end);
                    let error = self.file.error(&place, problem.message);
                    self.errors.push(error.maybe_help(problem.help));
                }
                None
            }
        }
    }
}

fn fix(written: &[(Text, Text)]) -> Fix {
    let [cli, terraform, kubectl, yaml] = FIX_KEYS.map(|key| {
        let found = written.iter().find(|(tool, _)| tool.value == key);
        found.map(|(_, text): &(Text, At<String>)| text.value.clone())
    });
    Fix {
        cli,
        terraform,
        kubectl,
        yaml,
    }
}
