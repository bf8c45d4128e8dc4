//! Texts that stand for sensitive texts, where what holds them has to stay text.

use serde_json::Value;

use super::looks::{Looks, looks_like};

/// `$redacted:LENGTH`, or `$redacted:LENGTH:LOOKS_LIKE`; decoding turns it into a marker.
pub fn replacement(text: &str, looks: Option<Looks>) -> String {
    let length = text.chars().count();
    match looks {
        Some(looks) => format!("$redacted:{length}:{}", looks.as_str()),
        None => format!("$redacted:{length}"),
    }
}

/// What a logged text shows of itself: that it is a JSON object, its keys, and the values at the paths that are kept.
pub fn outline(text: &str, kept: &[&str]) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return replacement(text, looks_like(text));
    };
    for (name, value) in &mut fields {
        hide(value, name, kept);
    }
    Value::Object(fields).to_string()
}

fn hide(value: &mut Value, path: &str, kept: &[&str]) {
    if kept.contains(&path) {
        return;
    }
    let leads = |kept: &&str| {
        kept.strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    match value {
        Value::Object(fields) if kept.iter().any(leads) => {
            for (name, value) in fields {
                hide(value, &format!("{path}.{name}"), kept);
            }
        }
        Value::String(text) => *text = replacement(text, looks_like(text)),
        other => *other = Value::String(replacement(&other.to_string(), None)),
    }
}
