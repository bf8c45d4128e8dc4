//! What functions make of single values: parts of texts, texts of values, values of texts.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use super::interpret::stops::{bug, wrong_type};
use super::quantity::Quantity;
use super::text::Image;
use super::value::{Eval, Map, Val};
use super::{time, types};

pub(super) fn split<'x>(text: &str, separator: &str, limit: i128) -> Val<'x> {
    let parts: Vec<&str> = match (separator, usize::try_from(limit)) {
        (_, Ok(0)) => Vec::new(),
        ("", _) => {
            let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
            ends.push(text.len());
            if let Ok(limit) = usize::try_from(limit) {
                ends.truncate(limit.saturating_sub(1));
                if ends.last() != Some(&text.len()) {
                    ends.push(text.len());
                }
            }
            let mut start = 0;
            ends.into_iter()
                .filter_map(|end| text.get(std::mem::replace(&mut start, end)..end))
                .filter(|part| !part.is_empty())
                .collect()
        }
        (separator, Ok(limit)) => text.splitn(limit, separator).collect(),
        (separator, Err(_)) => text.split(separator).collect(),
    };
    Val::list(parts.into_iter().map(Val::text).collect())
}

pub(super) fn substring<'x>(text: &str, start: i128, end: Option<i128>) -> Eval<'x> {
    let at = |index: i128| {
        let index = usize::try_from(index).ok()?;
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        ends.into_iter().nth(index)
    };
    let end = match end {
        Some(end) => at(end),
        None => Some(text.len()),
    };
    match (at(start), end) {
        (Some(start), Some(end)) if start <= end => {
            Ok(Val::text(text.get(start..end).unwrap_or_default()))
        }
        _ => Err(bug("substring() is out of range")),
    }
}

/// A byte position as CEL counts: in characters.
pub(super) fn position<'x>(text: &str, at: Option<usize>) -> Val<'x> {
    match at.and_then(|at| text.get(..at)) {
        Some(before) => count(before.chars().count()),
        None => Val::Int(-1),
    }
}

pub(super) fn string<'x>(value: &Val<'x>) -> Eval<'x> {
    Ok(match value {
        Val::String(_) => value.clone(),
        Val::Bool(a) => Val::text(a.to_string()),
        Val::Int(a) => Val::text(a.to_string()),
        Val::Float(a) => Val::text(a.to_string()),
        Val::Time(a) => Val::text(Timestamp::to_string(a)),
        Val::Duration(a) => Val::text(time::duration_text(*a)),
        Val::Quantity(a) => Val::text(a.to_string()),
        Val::Ip(a) => Val::text(a.to_string()),
        Val::Cidr(a) => Val::text(a.to_string()),
        other => return Err(wrong_type("string()", types::STRING, other)),
    })
}

pub(super) fn quantity(value: &Val) -> Option<Quantity> {
    match value {
        Val::Quantity(quantity) => Some(*quantity),
        Val::String(text) => Quantity::parse(text),
        Val::Int(int) => int.checked_mul(1_000_000_000).map(Quantity),
        Val::Float(float) => Quantity::parse(&float.to_string()),
        _ => None,
    }
}

pub(super) fn image_map<'x>(image: &Image) -> Val<'x> {
    let part = |part: &Option<String>| part.as_deref().map_or(Val::Null(""), Val::text);
    let fields: BTreeMap<Rc<str>, Val> = [
        ("registry", Val::text(image.registry.as_str())),
        ("repository", Val::text(image.repository.as_str())),
        ("name", Val::text(image.name())),
        ("tag", part(&image.tag)),
        ("digest", part(&image.digest)),
    ]
    .into_iter()
    .map(|(name, value)| (Rc::from(name), value))
    .collect();
    Val::Map(Map::Own(Rc::new(fields)))
}

/// A percentage of a total, as Kubernetes scales IntOrString.
pub(super) fn scaled(text: &str, total: i128, up: bool) -> Option<i128> {
    let Some(percent) = text.strip_suffix('%') else {
        return text.parse::<i64>().ok().map(i128::from);
    };
    let percent: i128 = percent.parse::<i32>().ok()?.into();
    let share = percent.checked_mul(total)?;
    let floor = share.div_euclid(100);
    Some(floor + i128::from(up && share.rem_euclid(100) != 0))
}

pub(super) fn count<'x>(count: usize) -> Val<'x> {
    Val::Int(i128::try_from(count).unwrap_or(i128::MAX))
}
