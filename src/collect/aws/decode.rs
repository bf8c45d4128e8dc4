//! Response bodies turned into what `aws ... --output json` prints, by shape: absent members stay absent, lists are lists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::shapes::{Operation, Protocol, Service, Structure, Type};
use super::xml::{self, Element};
use crate::model::REDACTED;

/// How a body differs from its operation's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Outermost member last.
    path: Vec<String>,
    message: String,
}

impl Misfit {
    pub fn new(message: String) -> Self {
        Self {
            path: Vec::new(),
            message,
        }
    }

    /// Names what stands where something else should; never its content, which may be sensitive.
    pub fn expected(what: &str, found: &str) -> Self {
        Self::new(format!("expected {what}, found {} characters", found.len()))
    }

    pub fn at(mut self, member: &str) -> Self {
        self.path.push(member.to_owned());
        self
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
            write!(f, "{}: ", path.join("."))?;
        }
        f.write_str(&self.message)
    }
}

/// The answer in a response's body.
pub fn answer(service: &Service, operation: &Operation, body: &[u8]) -> Result<Value, Misfit> {
    let body =
        std::str::from_utf8(body).map_err(|_| Misfit::new("the body is not UTF-8".to_owned()))?;
    let output = shape(service, &operation.output)?;
    let payload = match &operation.payload {
        Some(name) => {
            let member = output
                .get(name)
                .ok_or_else(|| Misfit::new(format!("the model has no {name}")))?;
            match &member.of {
                Type::Structure(inner) => Some((name, shape(service, inner)?)),
                of => {
                    let value = scalar(of, body).map_err(|misfit| misfit.at(name))?;
                    return Ok(Value::Object(Map::from_iter([(name.clone(), value)])));
                }
            }
        }
        None => None,
    };
    let shape = payload.as_ref().map_or(output, |(_, inner)| inner);
    let found = if service.protocol.is_xml() {
        let root = Element::parse(body)?;
        xml::structure(service, shape, inner(service, operation, &root)?)?
    } else {
        let json = serde_json::from_str(body)
            .map_err(|error| Misfit::new(format!("not JSON: {error}")))?;
        structure(service, shape, &json)?
    };
    Ok(match payload {
        Some((name, _)) => Value::Object(Map::from_iter([(name.clone(), found)])),
        None => found,
    })
}

/// The element whose children are the answer's members.
fn inner<'a>(
    service: &Service,
    operation: &Operation,
    root: &'a Element,
) -> Result<&'a Element, Misfit> {
    match (&operation.wrapper, service.protocol) {
        (Some(wrapper), _) => root
            .child(wrapper)
            .ok_or_else(|| Misfit::new(format!("<{}> holds no <{wrapper}>", root.name))),
        (None, Protocol::RestXml) if is_page(root) => {
            Err(Misfit::new(format!("<{}> is no answer", root.name)))
        }
        (None, Protocol::RestXml) => Ok(root),
        (None, _) if root.name.ends_with("Response") && root.child("Errors").is_none() => Ok(root),
        (None, _) => Err(Misfit::new(format!("<{}> is no answer", root.name))),
    }
}

/// The answers of REST services have roots of any name; an error or a proxy's page is none of them.
fn is_page(root: &Element) -> bool {
    root.name == "Error" || root.name.eq_ignore_ascii_case("html")
}

/// A structure of the service.
pub fn shape<'a>(service: &'a Service, name: &str) -> Result<&'a Structure, Misfit> {
    let shape = service.shapes.get(name);
    shape.ok_or_else(|| Misfit::new(format!("the model has no {name}")))
}

fn structure(service: &Service, shape: &Structure, json: &Value) -> Result<Value, Misfit> {
    let Value::Object(members) = json else {
        return Err(Misfit::new(format!(
            "expected an object, found {}",
            kind(json)
        )));
    };
    let mut found = Map::new();
    for (name, member) in shape {
        let wire = member.wire.as_deref().unwrap_or(name);
        match members.get(wire) {
            None | Some(Value::Null) => {}
            Some(json) => {
                let value = value(service, &member.of, json).map_err(|misfit| misfit.at(name))?;
                found.insert(name.clone(), value);
            }
        }
    }
    Ok(Value::Object(found))
}

fn value(service: &Service, of: &Type, json: &Value) -> Result<Value, Misfit> {
    let wrong = |what: &str| Misfit::new(format!("expected {what}, found {}", kind(json)));
    match (of, json) {
        (Type::Any, _) => Ok(json.clone()),
        (Type::List(item), Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(index, json)| {
                value(service, item, json).map_err(|misfit| misfit.at(&index.to_string()))
            })
            .collect(),
        (Type::List(_), _) => Err(wrong("a list")),
        (Type::Map(of), Value::Object(entries)) => entries
            .iter()
            .map(|(key, json)| {
                let value = value(service, of, json).map_err(|misfit| misfit.at(key))?;
                Ok((key.clone(), value))
            })
            .collect(),
        (Type::Map(_), _) => Err(wrong("an object")),
        (Type::Structure(name), _) => structure(service, shape(service, name)?, json),
        (Type::String | Type::Blob | Type::Secret | Type::Json, Value::String(text)) => {
            scalar(of, text)
        }
        (Type::Boolean, Value::Bool(_)) => Ok(json.clone()),
        (Type::Integer, Value::Number(number)) if !number.is_f64() => Ok(json.clone()),
        (Type::Integer, Value::Number(number)) => {
            whole(&number.to_string()).ok_or_else(|| wrong("a whole number"))
        }
        (Type::Number, Value::Number(_)) => Ok(json.clone()),
        (Type::Timestamp, Value::Number(number)) => epoch(&number.to_string())
            .map(stamp)
            .ok_or_else(|| wrong("a time")),
        (Type::Timestamp, Value::String(text)) => scalar(of, text),
        (Type::Boolean, _) => Err(wrong("true or false")),
        (Type::Integer | Type::Number, _) => Err(wrong("a number")),
        (Type::Timestamp, _) => Err(wrong("a time")),
        (Type::String | Type::Blob | Type::Secret | Type::Json, _) => Err(wrong("a string")),
    }
}

fn kind(json: &Value) -> &'static str {
    match json {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A scalar written as text, as XML and attributes have it.
pub fn scalar(of: &Type, text: &str) -> Result<Value, Misfit> {
    let wrong = |what| Misfit::expected(what, text);
    match of {
        // What the wire took out is gone, whatever the model says of it.
        Type::String if text.starts_with(TAKEN_OUT) => Ok(secret(text)),
        Type::String | Type::Blob | Type::Any => Ok(Value::from(text)),
        // There is nothing to hide in it.
        Type::Secret if text.is_empty() => Ok(Value::from(text)),
        Type::Secret => Ok(secret(text)),
        Type::Json => embedded(text).ok_or_else(|| wrong("JSON")),
        Type::Boolean => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong("true or false")),
        },
        Type::Integer => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| wrong("a whole number")),
        Type::Number => {
            let number = text.parse::<f64>().ok();
            let number = number.and_then(serde_json::Number::from_f64);
            number.map(Value::Number).ok_or_else(|| wrong("a number"))
        }
        Type::Timestamp => timestamp(text).map(stamp).ok_or_else(|| wrong("a time")),
        Type::List(_) | Type::Map(_) | Type::Structure(_) => Err(wrong("no text")),
    }
}

/// JSON in a string, percent-encoded as IAM has it, or as it is.
fn embedded(text: &str) -> Option<Value> {
    if text.trim_start().starts_with('%') {
        let plain = percent_encoding::percent_decode_str(text).decode_utf8();
        return serde_json::from_str(&plain.ok()?).ok();
    }
    serde_json::from_str(text).ok()
}

/// What a sensitive string begins with after the wire.
const TAKEN_OUT: &str = "$redacted:";

/// The marker of a sensitive string. Below here it is already replaced by `$redacted:LENGTH` or
/// `$redacted:LENGTH:LOOKS_LIKE`.
fn secret(text: &str) -> Value {
    let mut parts = text
        .strip_prefix(TAKEN_OUT)
        .unwrap_or_default()
        .splitn(2, ':');
    let length = parts.next().and_then(|length| length.parse::<usize>().ok());
    let mut marker = Map::new();
    marker.insert("len".to_owned(), Value::from(length.unwrap_or(text.len())));
    if let Some(looks) = parts.next().filter(|_| length.is_some()) {
        marker.insert("looks_like".to_owned(), Value::from(looks));
    }
    Value::Object(Map::from_iter([(
        REDACTED.to_owned(),
        Value::Object(marker),
    )]))
}

fn whole(number: &str) -> Option<Value> {
    number
        .strip_suffix(".0")?
        .parse::<i64>()
        .ok()
        .map(Value::from)
}

fn stamp(time: Timestamp) -> Value {
    Value::from(time.to_string())
}

/// Seconds since 1970, ISO 8601 with or without a zone (then UTC), or the date of HTTP.
fn timestamp(text: &str) -> Option<Timestamp> {
    let http = || Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp());
    epoch(text)
        .or_else(|| text.parse().ok())
        .or_else(|| format!("{text}Z").parse().ok())
        .or_else(http)
}

/// Seconds since 1970 in decimal notation, exactly.
fn epoch(seconds: &str) -> Option<Timestamp> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let nanoseconds: i32 = format!("{fraction:0<9.9}").parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Timestamp::new(whole.parse().ok()?, sign * nanoseconds).ok()
}

/// What an error response says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Absent when the body is no error of the service's protocol: a proxy's page, an operation that a double lacks.
    pub code: Option<String>,
    pub message: String,
}

/// The error in a response that is not a success. Header names are lower-case.
pub fn fault(headers: &BTreeMap<String, String>, body: &[u8]) -> Fault {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let named = headers.get("x-amzn-errortype").map(String::as_str);
    if let Ok(Value::Object(members)) = serde_json::from_str(text) {
        let member = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| members.get(*name));
            found.find_map(Value::as_str)
        };
        let code = named.or_else(|| member(&["__type", "code", "Code"]));
        return Fault {
            code: code.map(plain),
            message: member(&["message", "Message", "errorMessage"])
                .unwrap_or_default()
                .to_owned(),
        };
    }
    let error = Element::parse(text).ok();
    // An HTML page can be well-formed, and is no error of the service's.
    let error = error.as_ref().and_then(|root| root.find("Error"));
    let child = |name| Some(error?.child(name)?.text().to_owned());
    Fault {
        code: child("Code").or_else(|| named.map(plain)),
        message: child("Message").unwrap_or_default(),
    }
}

/// `com.amazonaws.eks#AccessDeniedException:http://...` without what stands around the name.
fn plain(code: &str) -> String {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests;
