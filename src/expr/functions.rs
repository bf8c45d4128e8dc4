//! What the functions do. Arguments that may not be null are not null here.

use std::collections::BTreeSet;
use std::net::IpAddr;

use regex::RegexBuilder;

use super::conversions::{count, image_map, position, quantity, scaled, split, string, substring};
use super::interpret::stops::{bug, later, malformed, missing, wrong_type};
use super::interpret::{Interpreter, optional, redacted_shape};
use super::network::Cidr;
use super::node::Node;
use super::operators::{float, ordering, truncate};
use super::quantity::Quantity;
use super::signature::{Function, Signature};
use super::text::Image;
use super::types::{self, NULL};
use super::value::{Eval, Halt, List, Text, Val};
use super::{labels, time};
use crate::glob::glob;

/// The largest compiled regular expression, in bytes.
const REGEX_LIMIT: usize = 1 << 20;

/// A regular expression with a bound on what it costs.
pub(super) fn regex(pattern: &str) -> Result<regex::Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(REGEX_LIMIT)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            text.lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned()
        })
}

/// A text argument, borrowed.
macro_rules! text {
    ($signature:expr, $value:expr) => {
        match $value {
            Val::String(text) => &**text,
            other => return Err(wrong_type($signature.name, types::STRING, other)),
        }
    };
}

impl<'x> Interpreter<'x, '_> {
    pub(super) fn call(
        &self,
        signature: &'static Signature,
        nodes: &'x [Node],
        args: &[Val<'x>],
    ) -> Eval<'x> {
        use Function as F;
        let sensitive = matches!(
            signature.function,
            F::Redacted | F::LooksLike | F::Listed | F::Type | F::Dyn | F::OptionalOf | F::OrValue
        );
        for ((node, value), takes) in nodes.iter().zip(args).zip(signature.takes) {
            match value {
                Val::Null(_) if takes & NULL != 0 => {}
                Val::Null(path) => return Err(missing(path)),
                Val::Redacted(_) if sensitive => {}
                Val::Redacted(_) => return Err(self.redacted(self.name_of(node))),
                value if value.mask() & takes == 0 => {
                    return Err(wrong_type(&format!("{}()", signature.name), *takes, value));
                }
                _ => {}
            }
        }
        let name = nodes.first().map_or("", |node| self.name_of(node));
        match (signature.function, args) {
            (F::Size, [value]) => self.size(value),
            (F::Contains, [a, b]) => truth(text!(signature, a).contains(text!(signature, b))),
            (F::StartsWith, [a, b]) => truth(text!(signature, a).starts_with(text!(signature, b))),
            (F::EndsWith, [a, b]) => truth(text!(signature, a).ends_with(text!(signature, b))),
            (F::Glob, [pattern, a]) => truth(glob(text!(signature, pattern), text!(signature, a))),
            (F::Matches, [a, pattern]) => {
                let regex = regex(text!(signature, pattern))
                    .map_err(|error| bug(format!("not a regular expression: {error}")))?;
                truth(regex.is_match(text!(signature, a)))
            }
            (F::LowerAscii, [a]) => Ok(Val::text(text!(signature, a).to_ascii_lowercase())),
            (F::UpperAscii, [a]) => Ok(Val::text(text!(signature, a).to_ascii_uppercase())),
            (F::Trim, [a]) => Ok(Val::text(text!(signature, a).trim())),
            (F::Split, [a, separator]) => {
                Ok(split(text!(signature, a), text!(signature, separator), -1))
            }
            (F::Split, [a, separator, Val::Int(limit)]) => Ok(split(
                text!(signature, a),
                text!(signature, separator),
                *limit,
            )),
            (F::Replace, [a, old, new]) => {
                let (old, new) = (text!(signature, old), text!(signature, new));
                Ok(Val::text(text!(signature, a).replace(old, new)))
            }
            (F::Substring, [a, Val::Int(start)]) => substring(text!(signature, a), *start, None),
            (F::Substring, [a, Val::Int(start), Val::Int(end)]) => {
                substring(text!(signature, a), *start, Some(*end))
            }
            (F::IndexOf, [a, b]) => {
                let a = text!(signature, a);
                Ok(position(a, a.find(text!(signature, b))))
            }
            (F::LastIndexOf, [a, b]) => {
                let a = text!(signature, a);
                Ok(position(a, a.rfind(text!(signature, b))))
            }
            (F::Listed, [list @ Val::List(_)]) => Ok(list.clone()),
            (F::Listed, [Val::Null(_)]) => Ok(Val::list(Vec::new())),
            (F::Listed, [one]) => Ok(Val::list(vec![one.clone()])),
            (F::Join, [Val::List(list)]) => self.join(list, "", nodes),
            (F::Join, [Val::List(list), separator]) => {
                self.join(list, text!(signature, separator), nodes)
            }
            (F::Distinct, [Val::List(list)]) => {
                let mut items = self.whole(list)?;
                // Names of a whole cluster, at a step each.
                if items.iter().all(|item| matches!(item, Val::String(_))) {
                    let mut known: BTreeSet<String> = BTreeSet::new();
                    items.retain(|item| match item {
                        Val::String(text) => known.insert(text.to_string()),
                        _ => true,
                    });
                    return Ok(Val::list(items));
                }
                let mut all: Vec<Val> = Vec::new();
                'items: for item in items {
                    for known in &all {
                        if self.same(known, &item)? {
                            continue 'items;
                        }
                    }
                    all.push(item);
                }
                Ok(Val::list(all))
            }
            (F::Flatten, [Val::List(list)]) => self.flatten(list),
            (F::Min, [Val::List(list)]) => self.extreme(list, nodes, std::cmp::Ordering::Less),
            (F::Max, [Val::List(list)]) => self.extreme(list, nodes, std::cmp::Ordering::Greater),
            (F::Sum, [Val::List(list)]) => {
                let mut sum = Val::Int(0);
                for (item, node) in self.whole(list)?.into_iter().zip(nodes.iter().cycle()) {
                    self.check_present(node, &item)?;
                    if item.mask() != types::NUMBER {
                        return Err(wrong_type("sum()", types::NUMBER, &item));
                    }
                    sum = self.arithmetic(super::node::Arithmetic::Add, sum, item)?;
                }
                Ok(sum)
            }
            (F::Int, [Val::Float(a)]) => i64::try_from(truncate(*a)).map_or_else(
                |_| Err(malformed(name, "a whole number of 64 bits")),
                |int| Ok(Val::Int(int.into())),
            ),
            (F::Int, [Val::String(a)]) => a.parse::<i64>().map_or_else(
                |_| Err(malformed(name, "a whole number")),
                |int| Ok(Val::Int(int.into())),
            ),
            (F::Int, [Val::Time(a)]) => Ok(Val::Int(a.as_second().into())),
            (F::Double, [Val::String(a)]) => match a.parse::<f64>() {
                Ok(float) if float.is_finite() => Ok(Val::Float(float)),
                _ => Err(malformed(name, "a number")),
            },
            (F::Double, [a @ Val::Int(_)]) => Ok(Val::Float(float(a))),
            (F::String, [a]) => string(a),
            (F::Bool, [Val::String(a)]) => match &**a {
                "true" => truth(true),
                "false" => truth(false),
                _ => Err(malformed(name, "true or false")),
            },
            (F::Type, [a]) => Ok(Val::String(Text::Borrowed(a.type_name()))),
            (F::Timestamp, [Val::String(a)]) => time::timestamp(a).map_or_else(
                || Err(malformed(name, "a timestamp")),
                |time| Ok(Val::Time(time)),
            ),
            (F::Duration, [Val::String(a)]) => time::duration(a).map_or_else(
                || Err(malformed(name, "a duration")),
                |duration| Ok(Val::Duration(duration)),
            ),
            (F::Quantity, [a]) => quantity(a).map_or_else(
                || Err(malformed(name, "a quantity")),
                |quantity| Ok(Val::Quantity(quantity)),
            ),
            (F::Ip, [Val::String(a)]) => a.parse().map_or_else(
                |_| Err(malformed(name, "an IP address")),
                |ip| Ok(Val::Ip(ip)),
            ),
            (F::Cidr, [Val::String(a)]) => Cidr::parse(a).map_or_else(
                || Err(malformed(name, "a CIDR range")),
                |cidr| Ok(Val::Cidr(cidr)),
            ),
            (F::IsQuantity, [a]) => truth(Quantity::parse(text!(signature, a)).is_some()),
            (F::IsIp, [a]) => truth(text!(signature, a).parse::<IpAddr>().is_ok()),
            (F::IsCidr, [a]) => truth(Cidr::parse(text!(signature, a)).is_some()),
            (F::Family, [Val::Ip(ip)]) => Ok(Val::Int(if ip.is_ipv4() { 4 } else { 6 })),
            (F::PrefixLength, [Val::Cidr(cidr)]) => Ok(Val::Int(cidr.prefix().into())),
            (F::ContainsIp, [Val::Cidr(cidr), Val::Ip(ip)]) => truth(cidr.contains_ip(*ip)),
            (F::ContainsIp, [Val::Cidr(cidr), Val::String(ip)]) => match ip.parse() {
                Ok(ip) => truth(cidr.contains_ip(ip)),
                Err(_) => Err(malformed(self.second(nodes), "an IP address")),
            },
            (F::ContainsCidr, [Val::Cidr(cidr), Val::Cidr(other)]) => truth(cidr.contains(*other)),
            (F::ContainsCidr, [Val::Cidr(cidr), Val::String(other)]) => match Cidr::parse(other) {
                Some(other) => truth(cidr.contains(other)),
                None => Err(malformed(self.second(nodes), "a CIDR range")),
            },
            (F::ParseJson, [a]) => serde_json::from_str(text!(signature, a)).map_or_else(
                |_| Err(malformed(name, "JSON")),
                |value| Ok(Val::own(value)),
            ),
            (F::Image, [a]) => Image::parse(text!(signature, a)).map_or_else(
                || Err(malformed(name, "an image reference")),
                |image| Ok(image_map(&image)),
            ),
            (F::Scaled, [Val::Int(a), Val::Int(_), Val::Bool(_)]) => Ok(Val::Int(*a)),
            (F::Scaled, [Val::String(a), Val::Int(total), Val::Bool(up)]) => scaled(a, *total, *up)
                .map_or_else(
                    || Err(malformed(name, "a whole number or a percentage")),
                    |int| Ok(Val::Int(int)),
                ),
            (F::Selects, [selector, labels]) => labels::selects(self, selector, labels, name),
            (F::Unknown, [a]) => Err(self.unsupported(text!(signature, a))),
            (F::Redacted, [a]) => truth(matches!(a, Val::Redacted(_))),
            (F::LooksLike, [Val::Redacted(marker)]) => {
                Ok(Val::String(Text::Borrowed(redacted_shape(marker))))
            }
            (F::LooksLike, [_]) => Ok(Val::String(Text::Borrowed(""))),
            (F::OptionalOf, [a]) => Ok(optional(a.clone())),
            (F::OptionalNone, []) => Ok(Val::Optional(None)),
            (F::HasValue, [Val::Optional(inner)]) => truth(inner.is_some()),
            (F::Value, [Val::Optional(inner)]) => match inner {
                Some(inner) => Ok((**inner).clone()),
                None => Err(missing(name)),
            },
            (F::Or, [Val::Optional(Some(_)), _]) => Ok(first(args)),
            (F::Or, [_, other]) => Ok(other.clone()),
            (F::OrValue, [Val::Optional(Some(inner)), _]) => Ok((**inner).clone()),
            (F::OrValue, [_, default]) => Ok(default.clone()),
            // A conversion of what is of that type already.
            (
                F::Int
                | F::Double
                | F::Bool
                | F::Timestamp
                | F::Duration
                | F::Ip
                | F::Cidr
                | F::Dyn,
                [_],
            ) => Ok(first(args)),
            _ => Err(bug(format!(
                "{} takes a whole number here",
                signature.usage
            ))),
        }
    }

    fn second(&self, nodes: &'x [Node]) -> &'x str {
        nodes.get(1).map_or("", |node| self.name_of(node))
    }

    /// Every element of a list, or why not all are known.
    fn whole(&self, list: &List<'x>) -> Result<Vec<Val<'x>>, Halt> {
        match self.elements(list)? {
            (all, None) => Ok(all),
            (_, Some(halt)) => Err(halt),
        }
    }

    fn size(&self, value: &Val<'x>) -> Eval<'x> {
        let size = match value {
            Val::String(text) => text.chars().count(),
            Val::List(list) => match (self.partial(list), list) {
                (Some(halt), _) => return Err(halt),
                (None, List::Json(items)) => items.len(),
                (None, List::Documents(items)) => items.len(),
                (None, List::Own(items) | List::Partial(items, _)) => items.len(),
            },
            Val::Map(map) => self.whole(&self.keys(map))?.len(),
            other => return Err(wrong_type("size()", types::LIST, other)),
        };
        Ok(count(size))
    }

    fn join(&self, list: &List<'x>, separator: &str, nodes: &'x [Node]) -> Eval<'x> {
        let mut joined = String::new();
        for (at, item) in self.whole(list)?.iter().enumerate() {
            if let Some(node) = nodes.first() {
                self.check_present(node, item)?;
            }
            match item {
                Val::String(text) if at > 0 => {
                    joined.push_str(separator);
                    joined.push_str(text);
                }
                Val::String(text) => joined.push_str(text),
                other => return Err(wrong_type("join()", types::STRING, other)),
            }
        }
        Ok(Val::text(joined))
    }

    fn flatten(&self, list: &List<'x>) -> Eval<'x> {
        let (lists, mut pending) = self.elements(list)?;
        let mut all = Vec::new();
        for inner in lists {
            match inner {
                Val::List(inner) => {
                    let (items, halt) = self.elements(&inner)?;
                    all.extend(items);
                    if let Some(halt) = halt {
                        pending = later(pending, halt);
                    }
                }
                Val::Null(_) => {}
                other => {
                    pending = later(pending, wrong_type("flatten()", types::LIST, &other));
                }
            }
        }
        Ok(Val::List(List::new(all, pending)))
    }

    fn extreme(&self, list: &List<'x>, nodes: &'x [Node], wanted: std::cmp::Ordering) -> Eval<'x> {
        let mut best: Option<Val<'x>> = None;
        for item in self.whole(list)? {
            if let Some(node) = nodes.first() {
                self.check_present(node, &item)?;
            }
            let better = match &best {
                Some(best) => match ordering(&item, best) {
                    Some(found) => found == wanted,
                    None => return Err(bug("min() and max() take elements of one ordered type")),
                },
                None => ordering(&item, &item).is_some(),
            };
            if better {
                best = Some(item);
            } else if best.is_none() {
                return Err(bug("min() and max() take elements of one ordered type"));
            }
        }
        let name = nodes.first().map_or("", |node| self.name_of(node));
        best.ok_or_else(|| missing(name))
    }
}

fn first<'x>(args: &[Val<'x>]) -> Val<'x> {
    args.first().cloned().unwrap_or(Val::Null(""))
}

fn truth<'x>(truth: bool) -> Eval<'x> {
    Ok(Val::Bool(truth))
}
