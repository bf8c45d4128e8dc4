//! Documents put together from answers: ids, arguments, facts and the markers of what was not read. Pure.

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

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
        Id::Template(template) => filled(template, |name| match name {
            "partition" => Some(place.partition),
            "region" => Some(place.region),
            "account" => Some(place.account),
            "item" => item.as_str(),
            field => text(field),
        })?,
    };
    (!id.is_empty()).then(|| ResourceId::new(id))
}

/// The template with every `{name}` replaced; `None` if one has no value.
fn filled<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut parts = template.split('{');
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        found.push_str(value(name).filter(|text| !text.is_empty())?);
        found.push_str(rest);
    }
    Some(found)
}

/// What arguments are made of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The list's item, or for a fact the document.
    pub from: &'a Value,
    pub parent: &'a Value,
    pub sweep: &'a Sweep,
    pub account: &'a str,
    pub taken_at: Timestamp,
}

/// An argument's value; `None` if what it comes from is absent.
pub fn argument(arg: Arg, asked: Asked<'_>) -> Option<String> {
    let Asked { from, parent, .. } = asked;
    let sweep = asked.sweep;
    match arg {
        Arg::Text(text) => Some(text.to_owned()),
        Arg::Before(hours) => {
            let ago = SignedDuration::from_hours(hours);
            Some(asked.taken_at.checked_sub(ago).ok()?.to_string())
        }
        Arg::Account => Some(asked.account.to_owned()),
        Arg::Item | Arg::Parent("") => {
            let text = if matches!(arg, Arg::Item) {
                from
            } else {
                parent
            };
            text.as_str().map(str::to_owned)
        }
        Arg::Parent(field) => parent.get(field)?.as_str().map(str::to_owned),
        Arg::First(field) => Some(from.get(field)?.get(0)?.as_str()?.to_owned()),
        Arg::Field(field) => from.get(field)?.as_str().map(str::to_owned),
        Arg::Filled(template) => filled(template, |name| from.get(name)?.as_str()),
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

/// Whether a fact is asked of this document: what is absent does not speak against it, unless its presence is all that
/// is asked for.
pub fn applies(fact: &Fact, document: &Map<String, Value>) -> bool {
    fact.when.iter().all(|(field, values)| {
        if values.is_empty() {
            return document.get(*field).is_some_and(|found| !found.is_null());
        }
        let found = document.get(*field).and_then(Value::as_str);
        found.is_none_or(|found| values.contains(&found))
    })
}

/// What stands in an answer at a path: `DistributionList.Items`.
pub fn taken(answer: &mut Value, path: &str) -> Option<Value> {
    let mut found = answer;
    for name in path.split('.') {
        found = found.get_mut(name)?;
    }
    Some(found.take())
}

/// The rows of a base64 CSV file in an answer as objects, each with the answer's other fields.
pub fn rows(mut answer: Value, at: &str, columns: &[&str]) -> Result<Vec<Value>, String> {
    let content = answer.get_mut(at).map(Value::take);
    let content = content.as_ref().and_then(Value::as_str);
    let content = content.ok_or_else(|| format!("the answer has no {at}"))?;
    let bytes = BASE64_STANDARD
        .decode(content)
        .map_err(|_| format!("{at} is not base64"))?;
    let mut others = match answer {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    others.remove(at);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let malformed = |error: csv::Error| format!("{at} is not CSV: {error}");
    let header = reader.headers().map_err(malformed)?.clone();
    if let Some(lost) = columns
        .iter()
        .find(|name| !header.iter().any(|h| h == **name))
    {
        return Err(format!("{at} has no column {lost}"));
    }
    reader
        .records()
        .map(|record| {
            let record = record.map_err(malformed)?;
            let cells = header.iter().zip(record.iter());
            let mut row = others.clone();
            row.extend(cells.map(|(name, cell)| (name.to_owned(), Value::from(cell))));
            Ok(Value::Object(row))
        })
        .collect()
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
        Take::Sparse(name) => Ok(Some(member(name).unwrap_or_else(|| json!([])))),
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
