//! Documents put together from answers: ids, arguments, facts and the markers of what was not read. Pure.

use serde_json::{Map, Value};

use super::table::{Arg, Entry, Fact, Id, Sweep, Take};
use crate::model::{ResourceId, UNREAD, Unread};

/// Where an item was listed.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub partition: &'a str,
    pub account: &'a str,
    pub region: &'a str,
}

/// The id of a list's item; `None` if the item lacks it.
pub fn id(entry: &Entry, item: &Value, place: Place<'_>) -> Option<ResourceId> {
    let text = |field: &str| item.get(field).and_then(Value::as_str);
    let id = match entry.id {
        Id::Field(field) => text(field)?.to_owned(),
        Id::FirstOf(fields) => {
            let found = fields.iter().find_map(|field| text(field))?;
            found.strip_suffix(":*").unwrap_or(found).to_owned()
        }
        Id::Template(template) => template
            .replace("{partition}", place.partition)
            .replace("{region}", place.region)
            .replace("{account}", place.account)
            .replace("{item}", item.as_str().unwrap_or_default()),
    };
    (!id.is_empty()).then(|| ResourceId::new(id))
}

/// An argument's value; `None` if what it comes from is absent.
pub fn argument(arg: Arg, from: &Value, sweep: &Sweep) -> Option<String> {
    match arg {
        Arg::Text(text) => Some(text.to_owned()),
        Arg::Item => from.as_str().map(str::to_owned),
        Arg::Field(field) => from.get(field)?.as_str().map(str::to_owned),
        Arg::Sweep(name) => {
            let mut args = sweep.args.iter();
            args.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }
}

/// What is known of a resource that could not be described: what the list told, and that the rest was not read.
pub fn undescribed(seed: &[(&str, &str)], item: &Value, unread: &Unread) -> Map<String, Value> {
    let mut document = Map::new();
    for (field, from) in seed {
        let value = if from.is_empty() {
            Some(item)
        } else {
            item.get(*from)
        };
        if let Some(value) = value {
            document.insert((*field).to_owned(), value.clone());
        }
    }
    document.insert(UNREAD.to_owned(), unread.to_value());
    document
}

/// Whether a fact is asked of this document: what is absent does not speak against it.
pub fn applies(fact: &Fact, document: &Map<String, Value>) -> bool {
    fact.when.iter().all(|(field, values)| {
        let found = document.get(*field).and_then(Value::as_str);
        found.is_none_or(|found| values.contains(&found))
    })
}

/// The fact in an answer; `None` where it is not configured, an error where the answer is not what it should be.
pub fn take(fact: &Fact, mut answer: Value) -> Result<Option<Value>, String> {
    let mut member = |name: &str| answer.get_mut(name).map(Value::take);
    match fact.take {
        Take::Answer => Ok(Some(answer)),
        Take::Field(name) => Ok(member(name)),
        Take::List(name) => member(name)
            .map(Some)
            .ok_or_else(|| format!("the answer has no {name}")),
        Take::Pairs(name) => {
            let pairs = member(name).ok_or_else(|| format!("the answer has no {name}"))?;
            let mut found = Map::new();
            for pair in pairs.as_array().into_iter().flatten() {
                let key = pair.get("Key").and_then(Value::as_str);
                let key = key.ok_or_else(|| format!("{name} has a pair without a key"))?;
                let value = pair.get("Value").cloned().unwrap_or_default();
                found.insert(key.to_owned(), value);
            }
            Ok(Some(Value::Object(found)))
        }
    }
}

#[cfg(test)]
mod tests;
