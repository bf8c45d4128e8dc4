//! A rule file as written: every key with its place, and everything that is wrong with the file's form.

mod reader;

use crate::yaml::{File, FileError as RuleError, Node, Place, Reader, Text, Yaml};

/// The keys of a rule file, in the order in which they are written, and what each is for.
pub(super) const KEYS: [(&str, &str); 18] = [
    (
        "id",
        "the file's path with dots: rules/aws/rds/pitr.yaml is aws.rds.pitr",
    ),
    ("title", "the good state, in one line"),
    (
        "resource",
        "the kind that the rule is about, or a list of kinds (soc2scan resources list)",
    ),
    (
        "platforms",
        "the platforms that have to be scanned for the rule to be run; by default, those of its kinds",
    ),
    ("severity", "how much a failure matters"),
    (
        "controls",
        "the criteria that the rule decides (required) and those that it only supports (supporting)",
    ),
    (
        "any_of",
        "other rules of which one is enough in place of this one, for the criteria that it decides",
    ),
    (
        "attestable",
        "the topic that a person may attest in place of this rule, for the criteria that it decides",
    ),
    ("params", "values that a configuration may tighten"),
    (
        "opt_in",
        "the parameter that names what may be sampled; while it is empty, the rule is not run",
    ),
    (
        "variables",
        "named expressions, each may use the ones before it",
    ),
    (
        "applies",
        "when the rule speaks of a resource at all; without it, always",
    ),
    ("assert", "what must hold"),
    (
        "when_empty",
        "what it means that there is no resource to speak of",
    ),
    (
        "why",
        "what goes wrong without it, and how that bears on the criteria",
    ),
    ("fix", "steps to the good state that can be pasted"),
    ("references", "https addresses to read more at"),
    (
        "tests",
        "cases: documents and the verdict that each must get",
    ),
];
pub(super) const REQUIRED: [&str; 11] = [
    "id",
    "title",
    "resource",
    "severity",
    "controls",
    "assert",
    "when_empty",
    "why",
    "fix",
    "references",
    "tests",
];
pub(super) const CONTROL_KEYS: [&str; 2] = ["required", "supporting"];
pub(super) const PARAM_KEYS: [&str; 6] = ["type", "default", "min", "max", "values", "about"];
pub(super) const FIX_KEYS: [&str; 4] = ["cli", "terraform", "kubectl", "yaml"];
pub(super) const CASE_KEYS: [&str; 7] = [
    "name", "kind", "resource", "related", "params", "now", "expect",
];

/// What a rule file says. What is missing or malformed is `None` or left out, and told among the errors.
#[derive(Debug, Default)]
pub(super) struct RuleFile {
    pub id: Option<Text>,
    pub title: Option<Text>,
    pub resource: Vec<Text>,
    pub platforms: Vec<Text>,
    pub severity: Option<Text>,
    pub required: Vec<Text>,
    pub supporting: Vec<Text>,
    pub any_of: Vec<Text>,
    pub attestable: Option<Text>,
    pub params: Vec<(Text, ParamFile)>,
    pub opt_in: Option<Text>,
    pub variables: Vec<(Text, Text)>,
    pub applies: Option<Text>,
    pub assert: Option<Text>,
    pub when_empty: Option<Text>,
    pub why: Option<Text>,
    pub fix: Vec<(Text, Text)>,
    pub references: Vec<Text>,
    pub tests: Option<Tests>,
}

#[derive(Debug, Default)]
pub(super) struct ParamFile {
    pub ty: Option<Text>,
    pub default: Option<Node>,
    pub min: Option<Node>,
    pub max: Option<Node>,
    pub values: Option<Node>,
    pub about: Option<Text>,
}

#[derive(Debug)]
pub(super) struct Tests {
    /// The key `tests`.
    pub place: Place,
    pub cases: Vec<CaseFile>,
    /// Whether every case could be read.
    pub whole: bool,
}

#[derive(Debug)]
pub(super) struct CaseFile {
    pub place: Place,
    pub name: Option<Text>,
    pub kind: Option<Text>,
    pub resource: Option<Node>,
    pub related: Vec<(Text, Node)>,
    pub params: Vec<(Text, Node)>,
    pub now: Option<Text>,
    pub expect: Option<Text>,
}

/// Reads the form of a rule file; what it means is checked later.
pub(super) fn read(root: &Node, file: &File, errors: &mut Vec<RuleError>) -> RuleFile {
    let mut reader = Reader { file, errors };
    let mut rule = RuleFile::default();
    let Some(fields) = reader.fields(root, "a rule file", &KEYS.map(|(key, _)| key)) else {
        return rule;
    };
    reader.missing(&fields, &REQUIRED, &KEYS, &root.head(), "the rule");
    for (key, node) in fields {
        match key.value.as_str() {
            "id" => rule.id = reader.line(key, node),
            "title" => rule.title = reader.line(key, node),
            "resource" => rule.resource = reader.one_or_more(key, node),
            "platforms" => rule.platforms = reader.one_or_more(key, node),
            "severity" => rule.severity = reader.line(key, node),
            "controls" => {
                for (key, node) in reader
                    .fields(node, "`controls`", &CONTROL_KEYS)
                    .into_iter()
                    .flatten()
                {
                    let list = reader.lines(key, node);
                    match key.value.as_str() {
                        "required" => rule.required = list,
                        _ => rule.supporting = list,
                    }
                }
                if rule.required.is_empty() && rule.supporting.is_empty() {
                    reader
                        .error(&key.place, "`controls` names no criterion")
                        .help("name the criteria that it decides: controls: { required: [CC6.1] }");
                }
            }
            "any_of" => rule.any_of = reader.one_or_more(key, node),
            "attestable" => rule.attestable = reader.line(key, node),
            "params" => {
                for (name, node) in reader.entries(node, "`params`").into_iter().flatten() {
                    let param = reader.param(name, node);
                    rule.params.push((name.clone(), param));
                }
            }
            "opt_in" => rule.opt_in = reader.line(key, node),
            "variables" => {
                for (name, node) in reader.entries(node, "`variables`").into_iter().flatten() {
                    rule.variables
                        .extend(reader.text(name, node).map(|text| (name.clone(), text)));
                }
            }
            "applies" => rule.applies = reader.text(key, node),
            "assert" => rule.assert = reader.text(key, node),
            "when_empty" => rule.when_empty = reader.line(key, node),
            "why" => rule.why = reader.text(key, node),
            "fix" => {
                for (tool, node) in reader
                    .fields(node, "`fix`", &FIX_KEYS)
                    .into_iter()
                    .flatten()
                {
                    rule.fix
                        .extend(reader.text(tool, node).map(|text| (tool.clone(), text)));
                }
                if matches!(&node.value, Yaml::Map(entries) if entries.is_empty()) {
                    reader
                        .error(&key.place, "`fix` tells no way to the good state")
                        .help(format!("give at least one of: {}", FIX_KEYS.join(", ")));
                }
            }
            "references" => {
                rule.references = reader.lines(key, node);
                if matches!(&node.value, Yaml::List(items) if items.is_empty()) {
                    reader.error(&key.place, "`references` is empty").help(
                        "give at least one https address that says why this is the good state",
                    );
                }
            }
            _ => rule.tests = reader.tests(key, node),
        }
    }
    rule
}
