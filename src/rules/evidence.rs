//! Evidence: everything that a verdict rests on, by name, as short as it can be without hiding a reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::expr::{self, Program, Stop, World};
use crate::model::{Fact, Kind, UNREAD};

/// What the programs read: the resource's facts, the variables, and how many resources of other kinds there were.
pub(super) fn evidence(read: &[&Program], world: &World) -> BTreeMap<String, Value> {
    let mut programs = read.to_vec();
    let mut used = Vec::new();
    // Backwards, since a variable only uses those before it.
    for (name, program) in world.variables.iter().rev() {
        let uses = |reader: &&Program| reader.variables().contains(name);
        if programs.iter().any(uses) {
            programs.push(program);
            used.push((name, program));
        }
    }
    let mut evidence = expr::evidence(&programs, world.kind, world.resource);
    without_nothing(&mut evidence);
    let mut related: BTreeMap<&Kind, BTreeSet<&str>> = BTreeMap::new();
    for (kind, paths) in programs.iter().flat_map(|program| program.related()) {
        let known = related.entry(kind).or_default();
        known.extend(paths.iter().map(String::as_str));
    }
    for (name, program) in used {
        let value = match expr::value(program, world) {
            Ok(value) if program.is_alias() => part_of(value, program, &related, world),
            Ok(value) => Some(expr::capped(value)),
            Err(Stop::Unread(unread)) => Some(unread.marker()),
            Err(Stop::Bug(_)) => None,
        };
        evidence.extend(value.map(|value| (format!("variables.{name}"), value)));
    }
    for kind in related.into_keys() {
        let value = match world.related.related(kind) {
            Fact::Known(documents) => json!({ "count": documents.len() }),
            Fact::Unread(unread) => unread.marker(),
        };
        evidence.insert(format!("related({kind})"), value);
    }
    evidence
}

/// A variable that names a part of a document. Of the resource, its facts are shown already. Of related ones, it tells
/// which of them count, and shows the fields that the rule reads of them; all of them are the count alone.
fn part_of(
    value: Value,
    program: &Program,
    related: &BTreeMap<&Kind, BTreeSet<&str>>,
    world: &World,
) -> Option<Value> {
    let kinds = kinds_of(program, world.variables);
    let paths: BTreeSet<&str> = related
        .iter()
        .filter(|(kind, _)| kinds.contains(*kind))
        .flat_map(|(_, paths)| paths)
        .copied()
        .collect();
    let whole = |kind: &&Kind| program.source().trim() == format!("related(\"{kind}\")");
    if kinds.iter().any(whole) {
        return None;
    }
    let shown = match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| picked(item, &paths)).collect();
            if !items.is_empty() && items.iter().all(Option::is_none) {
                return None;
            }
            items.into_iter().map(Option::unwrap_or_default).collect()
        }
        document => picked(&document, &paths)?,
    };
    Some(expr::capped(shown))
}

/// The kinds that a program relates to, also through the variables that it uses.
fn kinds_of<'a>(program: &'a Program, variables: &'a [(String, Program)]) -> BTreeSet<&'a Kind> {
    let mut kinds: BTreeSet<_> = program.related().keys().collect();
    let mut used: BTreeSet<_> = program.variables().iter().collect();
    for (name, variable) in variables.iter().rev() {
        if used.contains(name) {
            kinds.extend(variable.related().keys());
            used.extend(variable.variables());
        }
    }
    kinds
}

/// The fields of a document at some paths; nothing if it has none of them.
fn picked(document: &Value, paths: &BTreeSet<&str>) -> Option<Value> {
    let mut fields: BTreeMap<String, Value> = paths
        .iter()
        .map(|path| ((*path).to_owned(), expr::at(document, path)))
        .collect();
    without_nothing(&mut fields);
    fields.retain(|_, value| !value.is_null());
    (!fields.is_empty()).then(|| Value::Object(Map::from_iter(fields)))
}

/// Leaves out what is below something that is absent, empty or unread: the whole says it.
fn without_nothing(evidence: &mut BTreeMap<String, Value>) {
    let nothing: Vec<String> = evidence
        .iter()
        .filter(|(_, value)| match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.len() == 1 && fields.contains_key(UNREAD),
            _ => false,
        })
        .map(|(path, _)| path.clone())
        .collect();
    evidence.retain(|path, _| {
        !nothing.iter().any(|above| {
            path.strip_prefix(above.as_str())
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    });
}
