//! The JSON Schema of a rule file, for editors: it knows the form, and loading knows the rest.

use serde_json::{Map, Value, json};

use super::file::{FIX_KEYS, KEYS, REQUIRED};
use super::param::TYPES;
use super::rule::WhenEmpty;
use crate::model::{Outcome, Platform, Schema, Severity, criteria, topics};

/// The schema of a rule file about kinds of `schema`.
pub fn json_schema(schema: &Schema) -> Value {
    let mut properties = Map::new();
    for (key, about) in KEYS {
        let mut property = property(key);
        if let Value::Object(fields) = &mut property {
            fields.insert("description".to_owned(), json!(about));
        }
        properties.insert(key.to_owned(), property);
    }
    let kinds: Vec<_> = schema.kinds.keys().collect();
    let criteria: Vec<_> = criteria().iter().map(|criterion| &criterion.id).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "soc2scan rule",
        "type": "object",
        "additionalProperties": false,
        "required": REQUIRED,
        "properties": properties,
        "$defs": {
            "kind": { "enum": kinds },
            "rule": { "type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$" },
            "criteria": { "type": "array", "uniqueItems": true, "items": { "enum": criteria } },
            "expression": { "type": "string", "minLength": 1, "description": "CEL over resource, params, variables, now and related(\"kind\")" },
            "param": param(),
            "case": case(),
        },
    })
}

fn property(key: &str) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    match key {
        "id" => json!({ "$ref": "#/$defs/rule" }),
        "resource" => json!({
            "anyOf": [
                { "$ref": "#/$defs/kind" },
                { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "$ref": "#/$defs/kind" } },
            ],
        }),
        "severity" => json!({ "enum": Severity::ALL }),
        "controls" => json!({
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "properties": {
                "required": { "$ref": "#/$defs/criteria" },
                "supporting": { "$ref": "#/$defs/criteria" },
            },
        }),
        "any_of" => json!({
            "anyOf": [
                { "$ref": "#/$defs/rule" },
                { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "$ref": "#/$defs/rule" } },
            ],
        }),
        "platforms" => json!({
            "type": "array", "minItems": 1, "uniqueItems": true,
            "items": { "enum": Platform::ALL.map(Platform::as_str) },
        }),
        "attestable" => {
            json!({ "enum": topics().iter().map(|topic| &topic.id).collect::<Vec<_>>() })
        }
        "params" => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/param" } })
        }
        "variables" => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/expression" } })
        }
        "applies" | "assert" => json!({ "$ref": "#/$defs/expression" }),
        "when_empty" => json!({ "enum": WhenEmpty::ALL.map(WhenEmpty::as_str) }),
        "fix" => {
            let tools: Map<_, _> = FIX_KEYS
                .iter()
                .map(|tool| ((*tool).to_owned(), text.clone()))
                .collect();
            json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": tools })
        }
        "references" => json!({
            "type": "array", "minItems": 1, "uniqueItems": true,
            "items": { "type": "string", "pattern": "^https://" },
        }),
        "tests" => json!({ "type": "array", "minItems": 2, "items": { "$ref": "#/$defs/case" } }),
        _ => text,
    }
}

fn param() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["type", "default", "about"],
        "properties": {
            "type": { "enum": TYPES.map(|(name, _)| name) },
            "default": { "description": "the value unless a configuration sets another" },
            "min": { "type": "number", "description": "a configuration may not go below it; of a list, how long it is" },
            "max": { "type": "number", "description": "a configuration may not go above it; of a list, how long it is" },
            "values": { "type": "array", "items": { "type": "string" }, "description": "the only texts that it takes" },
            "about": { "type": "string", "minLength": 1 },
        },
    })
}

fn case() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "resource", "expect"],
        "properties": {
            "name": { "type": "string", "minLength": 1 },
            "kind": { "$ref": "#/$defs/kind", "description": "where the rule has several; else its first" },
            "resource": { "type": "object", "description": "the document; an absent field is null" },
            "related": {
                "type": "object",
                "description": "the documents of each related kind; a kind that is not named has none",
                "propertyNames": { "$ref": "#/$defs/kind" },
                "additionalProperties": {
                    "anyOf": [
                        { "type": "array", "items": { "type": "object" } },
                        { "type": "object", "required": ["$unread"] },
                    ],
                },
            },
            "params": { "type": "object", "description": "values in place of the rule's own" },
            "now": { "type": "string", "format": "date-time" },
            "expect": { "enum": [Outcome::Pass, Outcome::Fail, Outcome::Unknown, Outcome::NotApplicable] },
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::file::{CASE_KEYS, CONTROL_KEYS, PARAM_KEYS};
    use super::*;

    fn keys(schema: &Value, pointer: &str) -> Vec<String> {
        let properties = schema.pointer(pointer).and_then(Value::as_object).unwrap();
        let mut keys: Vec<_> = properties.keys().cloned().collect();
        keys.sort();
        keys
    }

    fn sorted<const N: usize>(mut keys: [&str; N]) -> Vec<String> {
        keys.sort_unstable();
        keys.map(str::to_owned).to_vec()
    }

    #[test]
    fn the_schema_has_exactly_the_keys_that_loading_knows() {
        let schema = json_schema(&Schema::default());
        assert_eq!(
            keys(&schema, "/properties"),
            sorted(KEYS.map(|(key, _)| key))
        );
        assert_eq!(
            keys(&schema, "/properties/controls/properties"),
            sorted(CONTROL_KEYS)
        );
        assert_eq!(
            keys(&schema, "/properties/fix/properties"),
            sorted(FIX_KEYS)
        );
        assert_eq!(keys(&schema, "/$defs/param/properties"), sorted(PARAM_KEYS));
        assert_eq!(keys(&schema, "/$defs/case/properties"), sorted(CASE_KEYS));
    }

    #[test]
    fn the_schema_is_one() {
        let schema = json_schema(&Schema::default());
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(!validator.is_valid(&json!({ "id": "a" })));
    }
}
