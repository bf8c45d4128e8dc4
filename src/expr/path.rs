//! The path of a fact in a document: `spec.containers[].image`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Program;
use crate::model::{Kind, UNREAD, Unread};

/// How many elements of a list evidence shows.
const SHOWN: usize = 20;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    /// Every element of a list.
    Each,
}

/// A fact that a program reads.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    path: String,
    steps: Vec<Step>,
    /// The kinds that have the fact.
    kinds: BTreeSet<Kind>,
}

impl Lookup {
    pub(super) fn new(path: &str, kinds: BTreeSet<Kind>) -> Self {
        Self {
            path: path.to_owned(),
            steps: steps(path),
            kinds,
        }
    }

    /// The path of the fact, if documents of the kind have it.
    pub(super) fn path_in(&self, kind: &Kind) -> Option<&str> {
        self.kinds.contains(kind).then_some(self.path.as_str())
    }
}

/// The path of a field of the object at `base`.
pub(super) fn field(base: &str, name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (base.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{base}.{name}"),
        (_, false) => format!("{base}[{}]", Value::from(name)),
    }
}

/// The path of the elements of the list at `base`.
pub(super) fn each(base: &str) -> String {
    format!("{base}[]")
}

/// The steps of a path as [`field`] and [`each`] spell it.
pub(super) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[]") {
            steps.push(Step::Each);
            rest = after;
        } else if let Some(quoted) = rest.strip_prefix('[') {
            let mut keys = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
            let Some(Ok(key)) = keys.next() else {
                return steps;
            };
            rest = quoted
                .get(keys.byte_offset()..)
                .and_then(|rest| rest.strip_prefix(']'))
                .unwrap_or_default();
            steps.push(Step::Field(key));
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            steps.push(Step::Field(name.to_owned()));
            rest = after;
        }
    }
    steps
}

/// Every fact that the programs can read in a document of a kind, with its value: a path through a list gives the list of
/// all its values, at most twenty and then how many more; an unread fact is shown as its marker.
pub fn evidence(programs: &[&Program], kind: &Kind, resource: &Value) -> BTreeMap<String, Value> {
    let mut evidence = BTreeMap::new();
    for lookup in programs.iter().flat_map(|program| &program.lookups) {
        if lookup.path_in(kind).is_some() && !evidence.contains_key(&lookup.path) {
            evidence.insert(lookup.path.clone(), capped(look(resource, &lookup.steps)));
        }
    }
    // What is shown piece by piece is not shown whole beside it.
    let paths: BTreeSet<String> = evidence.keys().cloned().collect();
    evidence.retain(|path, value| {
        let whole = match value {
            Value::Object(fields) => !fields.keys().any(|key| key.starts_with('$')),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        let below = |other: &String| {
            other
                .strip_prefix(path.as_str())
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        !whole || !paths.iter().any(below)
    });
    evidence
}

/// The value at a path of a document; null where the document has none.
pub fn at(document: &Value, path: &str) -> Value {
    capped(look(document, &steps(path)))
}

/// The value at the end of a path; null where the document has none.
fn look(value: &Value, steps: &[Step]) -> Value {
    let Some((step, rest)) = steps.split_first() else {
        return value.clone();
    };
    if let Some(marker) = alone(value) {
        return marker;
    }
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => match fields.get(name) {
            Some(value) => look(value, rest),
            None => marker(fields).unwrap_or_default(),
        },
        (Step::Each, Value::Array(items)) => gather(items.iter(), rest),
        (Step::Each, Value::Object(fields)) => gather(fields.values(), rest),
        _ => Value::Null,
    }
}

/// The values below every element, in one list however deep the path is.
fn gather<'v>(items: impl Iterator<Item = &'v Value>, rest: &[Step]) -> Value {
    let nested = rest.contains(&Step::Each);
    let mut all = Vec::new();
    for item in items {
        match look(item, rest) {
            Value::Array(inner) if nested => all.extend(inner),
            Value::Null if nested => {}
            other => all.push(other),
        }
    }
    Value::Array(all)
}

fn marker(fields: &Map<String, Value>) -> Option<Value> {
    let content = fields.get(UNREAD)?;
    Some(Value::Object(Map::from_iter([(
        UNREAD.to_owned(),
        content.clone(),
    )])))
}

fn alone(value: &Value) -> Option<Value> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    marker(fields)
}

/// A value with every list in it cut to twenty elements and a last one that says how many more there are.
pub fn capped(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let more = items.len().saturating_sub(SHOWN);
            let mut shown: Vec<Value> = items.into_iter().take(SHOWN).map(capped).collect();
            if more > 0 {
                shown.push(Value::from(format!("… {more} more")));
            }
            Value::Array(shown)
        }
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, capped(value)))
                .collect(),
        ),
        other => other,
    }
}

/// The document as it would be had the fact at `path` (one of [`Program::facts`]) not been read. Where nothing is there
/// to hide, what would have held it is hidden.
pub fn hide(document: &Value, path: &str, unread: &Unread) -> Value {
    let mut hidden = document.clone();
    let mark = unread.marker();
    if !hide_in(&mut hidden, &steps(path), &mark) {
        hidden = mark;
    }
    hidden
}

/// Whether the fact could be hidden inside `value`; if not, the caller hides `value` itself.
fn hide_in(value: &mut Value, steps: &[Step], mark: &Value) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return false;
    };
    let hide_one = |inner: &mut Value| {
        if !hide_in(inner, rest, mark) {
            *inner = mark.clone();
        }
    };
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => {
            hide_one(fields.entry(name.clone()).or_insert(Value::Null));
            true
        }
        (Step::Each, Value::Array(items)) if !items.is_empty() => {
            items.iter_mut().for_each(hide_one);
            true
        }
        (Step::Each, Value::Object(fields)) if !fields.is_empty() => {
            fields.values_mut().for_each(hide_one);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Reason;

    fn unread() -> Unread {
        Unread {
            reason: Reason::Denied,
            operation: "rds:Describe".into(),
            permission: None,
            detail: String::new(),
        }
    }

    fn see(document: &Value, path: &str) -> Value {
        at(document, path)
    }

    #[test]
    fn a_path_is_spelled_and_read_back() {
        let labels = field("metadata", "labels");
        let name = field(&labels, "app.kubernetes.io/na\"me]");
        assert_eq!(name, r#"metadata.labels["app.kubernetes.io/na\"me]"]"#);
        let deep = field(&each(&name), "x");
        assert_eq!(
            steps(&deep),
            [
                Step::Field("metadata".into()),
                Step::Field("labels".into()),
                Step::Field("app.kubernetes.io/na\"me]".into()),
                Step::Each,
                Step::Field("x".into()),
            ]
        );
        assert_eq!(steps(""), []);
    }

    #[test]
    fn a_list_path_gives_one_flat_list() {
        let document =
            json!({"c": [{"p": [{"n": 1}, {"n": 2}]}, {"p": null}, {"p": [{"n": 3}]}, {}]});
        assert_eq!(see(&document, "c[].p[].n"), json!([1, 2, 3]));
        assert_eq!(
            see(&json!({"c": [{"i": "a"}, {}]}), "c[].i"),
            json!(["a", null])
        );
        assert_eq!(see(&json!({"c": null}), "c[].i"), json!(null));
        assert_eq!(see(&json!({}), "a.b.c"), json!(null));
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let document = json!({"l": (0..25).collect::<Vec<_>>()});
        let shown = see(&document, "l");
        assert_eq!(shown.as_array().unwrap().len(), 21);
        assert_eq!(shown[20], "… 5 more");
        assert_eq!(
            see(&json!({"l": (0..20).collect::<Vec<_>>()}), "l[]")[19],
            19
        );
    }

    #[test]
    fn an_unread_fact_is_shown_as_its_marker() {
        let mark = unread().marker();
        let partial = json!({"name": "prod", "$unread": mark["$unread"]});
        assert_eq!(see(&partial, "name"), "prod");
        assert_eq!(see(&partial, "version.minor"), mark);
        assert_eq!(see(&json!({"a": mark}), "a.b[].c"), mark);
        assert_eq!(
            see(&json!({"l": [{"x": 1}, mark]}), "l[].x"),
            json!([1, mark])
        );
    }

    #[test]
    fn hiding_replaces_the_fact_wherever_it_stands() {
        let mark = unread().marker();
        let hide = |document: Value, path: &str| hide(&document, path, &unread());
        assert_eq!(
            hide(json!({"a": 1, "b": 2}), "a"),
            json!({"a": mark, "b": 2})
        );
        assert_eq!(hide(json!({}), "a.b"), json!({"a": mark}));
        assert_eq!(hide(json!({"a": null}), "a.b.c"), json!({"a": mark}));
        assert_eq!(
            hide(json!({"l": [{"x": 1}, {}]}), "l[].x"),
            json!({"l": [{"x": mark}, {"x": mark}]})
        );
        assert_eq!(hide(json!({"l": []}), "l[].x"), json!({"l": mark}));
        assert_eq!(hide(json!({"l": null}), "l[].x"), json!({"l": mark}));
        assert_eq!(
            hide(json!({"m": {"k.k": 1}}), r#"m["k.k"]"#),
            json!({"m": {"k.k": mark}})
        );
    }
}
