//! Documents in cases, checked against the schema of their kind: a case about a field that no provider has proves nothing.

use jiff::Timestamp;

use crate::expr::suggest;
use crate::model::{Kind, REDACTED, Schema, Shape, UNREAD, Unread};
use crate::yaml::{File, FileError as RuleError};
use crate::yaml::{Node, Yaml};

/// Tells every field that the kind does not have and every value that is not of the field's type.
pub(super) fn check(
    document: &Node,
    kind: &Kind,
    schema: &Schema,
    file: &File,
    errors: &mut Vec<RuleError>,
) {
    if let Some(shape) = schema.kinds.get(kind) {
        Checker {
            kind,
            schema,
            file,
            errors,
        }
        .value(document, shape, "");
    }
}

/// Tells what is wrong with a marker for something that was not read; `None` if it is no such marker.
pub(super) fn unread(node: &Node, file: &File, errors: &mut Vec<RuleError>) -> Option<Unread> {
    let Yaml::Map(entries) = &node.value else {
        return None;
    };
    let (key, marker) = entries.iter().find(|(key, _)| key.value == UNREAD)?;
    match serde_json::from_value(marker.value.to_json()) {
        Ok(unread) => Some(unread),
        Err(error) => {
            errors.push(
                file.error(&key.place, format!("malformed `{UNREAD}`: {error}"))
                    .help("write it as { $unread: { reason: denied, operation: rds:DescribeDBInstances } }"),
            );
            None
        }
    }
}

struct Checker<'a> {
    kind: &'a Kind,
    schema: &'a Schema,
    file: &'a File,
    errors: &'a mut Vec<RuleError>,
}

impl Checker<'_> {
    fn value(&mut self, node: &Node, shape: &Shape, path: &str) {
        if is_marker(node) {
            unread(node, self.file, self.errors);
        }
        match (self.schema.resolve(shape), &node.value) {
            (Shape::Any, _) | (_, Yaml::Null) => {}
            (Shape::Object(fields), Yaml::Map(entries)) => {
                for (key, node) in entries {
                    if key.value == UNREAD || key.value == REDACTED {
                        continue;
                    }
                    match fields.get(&key.value) {
                        Some(shape) => self.value(node, shape, &below(path, &key.value)),
                        None => {
                            let message =
                                format!("{} has no field `{}`", self.kind, below(path, &key.value));
                            let help = suggest(&key.value, fields.keys().map(String::as_str))
                                .unwrap_or_else(|| {
                                    format!("see `soc2scan resources show {}`", self.kind)
                                });
                            self.errors
                                .push(self.file.error(&key.place, message).help(help));
                        }
                    }
                }
            }
            (Shape::Map(shape), Yaml::Map(entries)) => {
                for (key, node) in entries {
                    if key.value != UNREAD && key.value != REDACTED {
                        self.value(node, shape, &below(path, &key.value));
                    }
                }
            }
            (Shape::List(shape), Yaml::List(items)) => {
                for item in items {
                    self.value(item, shape, &format!("{path}[]"));
                }
            }
            (_, Yaml::Map(_)) if is_marker(node) => {}
            (Shape::Timestamp, Yaml::Text(text)) if text.parse::<Timestamp>().is_ok() => {}
            (Shape::String | Shape::IntOrString, Yaml::Text(_))
            | (Shape::Boolean, Yaml::Bool(_))
            | (Shape::Number, Yaml::Number(_)) => {}
            (Shape::Integer | Shape::IntOrString, Yaml::Number(number)) if !number.is_f64() => {}
            (shape, value) => {
                let (wanted, quotable) = wanted(shape);
                let mut error = self
                    .file
                    .error(
                        &node.head(),
                        format!(
                            "`{path}` of {} is {wanted}, not {}",
                            self.kind,
                            value.name()
                        ),
                    )
                    .label(format!("this is {}", value.name()));
                if quotable && matches!(value, Yaml::Bool(_) | Yaml::Number(_)) {
                    error = error.help("put it in quotes");
                }
                self.errors.push(error);
            }
        }
    }
}

fn wanted(shape: &Shape) -> (&'static str, bool) {
    match shape {
        Shape::Object(_) | Shape::Map(_) => ("a map", false),
        Shape::List(_) => ("a list", false),
        Shape::Integer => ("a whole number", false),
        Shape::Number => ("a number", false),
        Shape::Boolean => ("true or false", false),
        Shape::Timestamp => ("a time such as 2026-01-15T12:00:00Z", false),
        Shape::IntOrString => ("a whole number or a text", true),
        Shape::String | Shape::Any | Shape::Named(_) => ("a text", true),
    }
}

fn is_marker(node: &Node) -> bool {
    matches!(&node.value, Yaml::Map(entries)
        if entries.iter().any(|(key, _)| key.value == UNREAD || key.value == REDACTED))
}

fn below(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}
