//! Cases made by machine: whatever a rule reads is hidden from it, and no verdict may rest on what was hidden.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cases::{Case, decide_case};
use super::rule::{Rule, top_level};
use crate::expr::{self, Stop};
use crate::model::{Fact, Kind, Outcome, Reason, UNREAD, Unread};
use crate::yaml::Place;

/// A case made from another by hiding one fact that the rule reads, in every way in which a scan can miss it.
#[derive(Clone, Debug)]
pub struct UnreadCase {
    /// The case's name and the fact.
    pub name: String,
    pub fact: String,
    original: Case,
    ways: Vec<Way>,
}

/// One way to hide, with the hidden case.
#[derive(Clone, Debug)]
struct Way {
    words: String,
    hidden: Case,
}

impl UnreadCase {
    /// The case that it was made from.
    pub fn original(&self) -> &Case {
        &self.original
    }

    pub(super) fn place(&self) -> &Place {
        &self.original.place
    }
}

/// The machine-made cases of a rule: for every case with a verdict and every fact that the rule reads.
pub fn unread_cases(rule: &Rule) -> Vec<UnreadCase> {
    let mut facts: BTreeSet<&String> = BTreeSet::new();
    let mut related: BTreeMap<&Kind, BTreeSet<&String>> = BTreeMap::new();
    for program in rule.programs() {
        facts.extend(program.facts());
        for (kind, paths) in program.related() {
            related.entry(kind).or_default().extend(paths);
        }
    }
    let mut made = Vec::new();
    let decided = rule
        .cases
        .iter()
        .filter(|case| case.expect != Outcome::Unknown);
    for case in decided {
        let mut push = |fact: String, ways: Vec<Way>| {
            if !ways.is_empty() {
                made.push(UnreadCase {
                    name: format!("{}, without {fact}", case.name),
                    fact,
                    original: case.clone(),
                    ways,
                });
            }
        };
        for fact in &facts {
            push((*fact).clone(), fact_ways(case, fact));
        }
        for (kind, paths) in &related {
            push(format!("related({kind})"), vec![list_way(case, kind)]);
            for path in paths {
                push(
                    format!("related({kind}) {path}"),
                    neighbour_ways(case, kind, path),
                );
            }
        }
    }
    made
}

fn fact_ways(case: &Case, fact: &str) -> Vec<Way> {
    let with = |words: String, resource: Value| Way {
        words,
        hidden: Case {
            resource,
            ..case.clone()
        },
    };
    let hidden = expr::hide(&case.resource, fact, &unread());
    let places = places(&hidden);
    let mut ways = vec![with(format!("hiding {fact}"), hidden)];
    if places.len() > 1 {
        for place in places {
            let mut resource = case.resource.clone();
            if let Some(value) = resource.pointer_mut(&place) {
                *value = unread().marker();
                ways.push(with(format!("hiding {place}"), resource));
            }
        }
    }
    if let (Some(field), Value::Object(fields)) = (top_level(fact), &case.resource) {
        let mut fields = fields.clone();
        fields.remove(&field);
        fields.insert(UNREAD.to_owned(), unread().to_value());
        ways.push(with(
            format!("a resource read in part, without {field}"),
            Value::Object(fields),
        ));
    }
    ways
}

fn list_way(case: &Case, kind: &Kind) -> Way {
    let mut hidden = case.clone();
    hidden.related.insert(kind.clone(), Fact::Unread(unread()));
    Way {
        words: format!("hiding the list of {kind}"),
        hidden,
    }
}

fn neighbour_ways(case: &Case, kind: &Kind, path: &str) -> Vec<Way> {
    let Some(Fact::Known(documents)) = case.related.get(kind) else {
        return Vec::new();
    };
    let with = |words: String, hide: &dyn Fn(usize) -> bool| {
        let documents = documents.iter().enumerate().map(|(at, document)| {
            if hide(at) {
                expr::hide(document, path, &unread())
            } else {
                document.clone()
            }
        });
        let mut hidden = case.clone();
        hidden
            .related
            .insert(kind.clone(), Fact::Known(documents.collect()));
        Way { words, hidden }
    };
    let mut ways = Vec::new();
    if !documents.is_empty() {
        ways.push(with(format!("hiding {path} of every {kind}"), &|_| true));
    }
    if documents.len() > 1 {
        for hidden in 0..documents.len() {
            let words = format!("hiding {path} of {kind} number {}", hidden + 1);
            ways.push(with(words, &|at| at == hidden));
        }
    }
    ways
}

/// Checks that hiding makes the verdict unknown, or that the fact does not matter: then every value in its place gives
/// the same verdict. Tells the first way in which that does not hold.
pub fn run_unread_case(rule: &Rule, case: &UnreadCase) -> Result<(), String> {
    verify(case, |hidden| decide_case(rule, hidden))
}

pub(super) fn verify(
    case: &UnreadCase,
    decide: impl Fn(&Case) -> Result<Outcome, Stop>,
) -> Result<(), String> {
    for Way { words, hidden } in &case.ways {
        let outcome = match decide(hidden) {
            Ok(outcome) => outcome,
            Err(Stop::Unread(_)) => continue,
            Err(Stop::Bug(bug)) => return Err(format!("{words}: a bug of the rule: {bug}")),
        };
        let others =
            fillings().map(|value| (filled(hidden, &value), format!("with {value} in its place")));
        let original = (case.original.clone(), "with what was there".to_owned());
        for (other, how) in others.into_iter().chain([original]) {
            let found = match decide(&other) {
                Ok(found) => found,
                // No provider answers with a value of another type.
                Err(Stop::Bug(_)) => continue,
                Err(Stop::Unread(_)) => Outcome::Unknown,
            };
            if found != outcome {
                return Err(format!(
                    "{words} gives {}, but {how} the verdict is {}",
                    outcome.as_str(),
                    found.as_str(),
                ));
            }
        }
    }
    Ok(())
}

fn unread() -> Unread {
    Unread {
        reason: Reason::Denied,
        operation: "example:Hidden".to_owned(),
        permission: None,
        detail: String::new(),
    }
}

/// Values that differ in every way that an expression can see.
fn fillings() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(1_000_000),
        json!(""),
        json!("x"),
        json!([]),
        json!({}),
    ]
}

/// The case with a value in place of everything that was hidden.
fn filled(hidden: &Case, value: &Value) -> Case {
    let mut case = hidden.clone();
    fill(&mut case.resource, value);
    for list in case.related.values_mut() {
        match list {
            Fact::Unread(cause) if *cause == unread() => {
                *list = Fact::Known(match value {
                    Value::Object(_) => vec![value.clone()],
                    _ => Vec::new(),
                });
            }
            Fact::Unread(_) => {}
            Fact::Known(documents) => documents
                .iter_mut()
                .for_each(|document| fill(document, value)),
        }
    }
    case
}

fn fill(document: &mut Value, value: &Value) {
    if *document == unread().marker() {
        *document = value.clone();
        return;
    }
    match document {
        Value::Object(fields) => {
            // Read in part: what is missing is then absent.
            if fields.get(UNREAD) == Some(&unread().to_value()) {
                fields.remove(UNREAD);
            }
            fields.values_mut().for_each(|inner| fill(inner, value));
        }
        Value::Array(items) => {
            // A list has elements of one type, and no provider lists null.
            let objects = items
                .iter()
                .any(|item| item.is_object() && *item != unread().marker());
            for inner in items {
                if *inner == unread().marker() && (objects || value.is_null()) {
                    *inner = json!({});
                }
                fill(inner, value);
            }
        }
        _ => {}
    }
}

/// The JSON pointers of everything that was hidden.
fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(document, "", &mut found);
    found
}

fn collect(value: &Value, at: &str, found: &mut Vec<String>) {
    if *value == unread().marker() {
        found.push(at.to_owned());
        return;
    }
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(inner, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                collect(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}
