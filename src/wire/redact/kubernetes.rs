//! Redaction of the Kubernetes API's objects: names stay, values that may be secret become markers.

mod postgres;

use serde_json::{Map, Value};

use super::arguments::{names_a_secret, secrets};
use super::looks::{certainly, looks_like, named_looks_like};
use super::marker;
use super::outline::outline;
use crate::wire::{Answer, Body, Question};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// More of an error's text than this is not kept.
const LONGEST_TEXT: usize = 1000;

/// The answer without the values of environment variables, Secrets and ConfigMaps, and without anything else that looks
/// like a secret.
pub fn answer(question: &Question, answer: Answer) -> Answer {
    let Answer::Response {
        status,
        headers,
        body,
    } = answer
    else {
        return answer;
    };
    let body = match body {
        body if status < 300 && last_segment(&question.path) == "log" => Body::Text(logged(&body)),
        Body::Json(mut json) => {
            let keyed = matches!(last_segment(&question.path), "secrets" | "configmaps");
            clean(&mut json, keyed);
            Body::Json(json)
        }
        // An object that was cut off in the middle is text, and cannot be redacted.
        Body::Text(_) if status < 300 => Body::Text(String::new()),
        Body::Text(text) => Body::Text(error_text(&text)),
    };
    Answer::Response {
        status,
        headers,
        body,
    }
}

/// The object without what [`answer`] takes out of it.
pub fn object(mut object: Value) -> Value {
    clean(&mut object, false);
    object
}

/// Of each line only that it is a JSON object, and its keys.
fn logged(body: &Body) -> String {
    let text = match body {
        Body::Json(line) => line.to_string(),
        Body::Text(text) => text.clone(),
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(|line| outline(line, &[])).collect();
    lines.join("\n")
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn error_text(text: &str) -> String {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    if looks_like(&text).is_some() {
        String::new()
    } else {
        text
    }
}

/// Redacts a value and everything in it; `keyed` where it is a Secret or a ConfigMap, or a list of them.
fn clean(value: &mut Value, keyed: bool) {
    match value {
        Value::Object(object) => clean_object(object, keyed),
        Value::Array(elements) => elements.iter_mut().for_each(|each| clean(each, keyed)),
        Value::String(text) => {
            if let Some(looks) = certainly(text) {
                *value = marker(text, Some(looks));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean_object(object: &mut Map<String, Value>, keyed: bool) {
    let kind = object.get("kind").and_then(Value::as_str);
    let keyed = keyed
        || kind.is_some_and(|kind| {
            matches!(
                kind,
                "Secret" | "SecretList" | "ConfigMap" | "ConfigMapList"
            )
        });
    for (key, value) in object.iter_mut() {
        match key.as_str() {
            "data" | "stringData" | "binaryData" if keyed => hide_entries(value),
            "template" => clean_template(value),
            "password" | "fake" | "headers" => hide_all(value),
            "pg_hba" => clean_access(value),
            name if name.starts_with("postInit") && name.contains("SQL") => hide_all(value),
            "metadata" => match value {
                Value::Object(metadata) => {
                    metadata.remove("managedFields");
                    clean_metadata(metadata);
                }
                other => clean(other, false),
            },
            "env" => clean_environment(value),
            "args" | "command" => clean_arguments(value),
            "httpHeaders" => clean_headers(value),
            // Of the one who asks, more than the name would be ids of credentials and sessions.
            "userInfo" => keep_name(value),
            _ => clean(value, keyed),
        }
    }
}

fn keep_name(user: &mut Value) {
    if let Value::Object(user) = user {
        user.retain(|key, _| key == "username");
    }
}

/// The values of a Secret or a ConfigMap, but for what PostgreSQL's files say of TLS.
fn hide_entries(entries: &mut Value) {
    let Value::Object(entries) = entries else {
        return hide_all(entries);
    };
    for (name, value) in entries.iter_mut() {
        match value.as_str().and_then(|text| postgres::kept(name, text)) {
            Some(kept) => *value = kept.into(),
            None => hide_all(value),
        }
    }
}

/// A template of pods, or of a Secret: what an ExternalSecret puts around what it fetches.
fn clean_template(template: &mut Value) {
    if let Value::Object(template) = template {
        for key in ["data", "stringData", "templateFrom"] {
            if let Some(value) = template.get_mut(key) {
                hide_all(value);
            }
        }
    }
    clean(template, false);
}

/// The lines of pg_hba.conf as operators of PostgreSQL take them.
fn clean_access(lines: &mut Value) {
    let Value::Array(lines) = lines else {
        return hide_all(lines);
    };
    for line in lines {
        match line.as_str() {
            Some(text) => *line = postgres::access(text).unwrap_or_default().into(),
            None => hide_all(line),
        }
    }
}

fn clean_metadata(metadata: &mut Map<String, Value>) {
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    for (key, value) in metadata.iter_mut() {
        match (key.as_str(), value) {
            // The server's own token for the next page.
            ("continue", _) => {}
            ("annotations", Value::Object(annotations)) => {
                for (name, value) in annotations.iter_mut() {
                    if let Value::String(text) = value
                        && let Some(looks) = annotation(name, text)
                    {
                        *value = marker(text, Some(looks));
                    }
                }
            }
            (_, value) => clean(value, false),
        }
    }
}

/// Controllers write digests and ids of all kinds into annotations.
fn annotation(name: &str, text: &str) -> Option<super::Looks> {
    let looks = named_looks_like(name, text)?;
    let hexadecimal = text.chars().all(|c| c.is_ascii_hexdigit());
    (!hexadecimal || certainly(text).is_some()).then_some(looks)
}

/// Every value of an environment, whatever it looks like.
fn clean_environment(environment: &mut Value) {
    match environment {
        Value::Array(variables) => {
            for variable in variables {
                let Value::Object(variable) = variable else {
                    hide_all(variable);
                    continue;
                };
                let name = variable.get("name").and_then(Value::as_str);
                let name = name.unwrap_or_default().to_owned();
                for (key, value) in variable.iter_mut() {
                    match (key.as_str(), value) {
                        ("value", value) => hide(&name, value),
                        ("name", _) => {}
                        (_, value) => clean(value, false),
                    }
                }
            }
        }
        // Custom resources may have it as a map.
        Value::Object(variables) => {
            for (name, value) in variables.iter_mut() {
                hide(name, value);
            }
        }
        // A label or a selector that has this name.
        other => clean(other, false),
    }
}

fn clean_headers(headers: &mut Value) {
    let Value::Array(headers) = headers else {
        return clean(headers, false);
    };
    for header in headers {
        let name = header.get("name").and_then(Value::as_str);
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let secret =
            name.contains("authorization") || name.contains("cookie") || names_a_secret(&name);
        match header.get_mut("value") {
            Some(value) if secret => hide(&name, value),
            Some(Value::String(text)) => {
                if let Some(looks) = looks_like(text) {
                    header["value"] = marker(text, Some(looks));
                }
            }
            _ => {}
        }
    }
}

fn clean_arguments(arguments: &mut Value) {
    let Value::Array(elements) = arguments else {
        return clean(arguments, false);
    };
    let secret = secrets(elements);
    for (element, secret) in elements.iter_mut().zip(secret) {
        match element {
            Value::String(text) => {
                if let Some(looks) = secret {
                    *element = marker(text, looks);
                }
            }
            other => clean(other, false),
        }
    }
}

fn hide(name: &str, value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => *value = marker(text, named_looks_like(name, text)),
        other => hide_all(other),
    }
}

/// Every text in a value.
fn hide_all(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => *value = marker(text, looks_like(text)),
        Value::Array(elements) => elements.iter_mut().for_each(hide_all),
        Value::Object(entries) => entries.values_mut().for_each(hide_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
