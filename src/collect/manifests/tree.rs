//! A YAML document as a tree in which every value knows its line and column.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

/// A place in a text; lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub place: Place,
    pub tree: Tree,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Entries in the order of the file; of a key that stands twice, the last counts.
    Map(Vec<(String, Node)>),
}

/// Why a text is no YAML, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub place: Place,
    pub why: String,
}

impl Tree {
    /// What it is, in words for a message.
    pub fn name(&self) -> &'static str {
        match self {
            Tree::Null => "empty",
            Tree::Bool(_) => "a boolean",
            Tree::Number(_) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }
}

impl Node {
    pub fn get(&self, name: &str) -> Option<&Node> {
        let Tree::Map(entries) = &self.tree else {
            return None;
        };
        let mut entries = entries.iter().rev();
        entries.find(|(key, _)| key == name).map(|(_, node)| node)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(value) => Value::Number(value.clone()),
            Tree::Text(value) => Value::String(value.clone()),
            Tree::List(items) => items.iter().map(Node::to_json).collect(),
            Tree::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.clone(), node.to_json()))
                .collect(),
        }
    }

    /// A value that came without places: all of it is where it begins.
    pub fn from_json(value: Value, place: Place) -> Self {
        let tree = match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(value),
            Value::Number(value) => Tree::Number(value),
            Value::String(value) => Tree::Text(value),
            Value::Array(items) => {
                let items = items.into_iter();
                Tree::List(items.map(|item| Self::from_json(item, place)).collect())
            }
            Value::Object(entries) => {
                let entries = entries.into_iter();
                let placed = entries.map(|(key, value)| (key, Self::from_json(value, place)));
                Tree::Map(placed.collect())
            }
        };
        Self { place, tree }
    }

    /// Moves the tree to where its text begins in the file.
    pub fn shift(&mut self, lines: u64) {
        self.place.line += lines;
        match &mut self.tree {
            Tree::List(items) => items.iter_mut().for_each(|item| item.shift(lines)),
            Tree::Map(entries) => entries.iter_mut().for_each(|(_, node)| node.shift(lines)),
            _ => {}
        }
    }
}

/// Reads one document. Sizes, depths and aliases are bounded.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let options = serde_saphyr::options! {
        // Comments that are kept are limited to 32 in a row, and people write more.
        emit_comments: false,
        budget: serde_saphyr::budget! {
            max_documents: 1,
            max_depth: 96,
            max_nodes: 5_000_000,
            max_events: 10_000_000,
            max_total_scalar_bytes: 512 * 1024 * 1024,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        // As the YAML 1.1 that kubectl reads.
        legacy_octal_numbers: true,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Tree>>(text, options)
        .map(placed)
        .map_err(|error| {
            let place = error.location().map(|at| Place {
                line: at.line(),
                column: at.column(),
            });
            let message = error.to_string();
            let why = match &place {
                Some(Place { line, column }) => {
                    // The place is told beside the message, once.
                    message.replace(&format!(" at line {line}, column {column}"), "")
                }
                None => message,
            };
            Fault {
                place: place.unwrap_or(Place { line: 1, column: 1 }),
                why,
            }
        })
}

fn placed(spanned: Spanned<Tree>) -> Node {
    Node {
        place: Place {
            line: spanned.referenced.line(),
            column: spanned.referenced.column(),
        },
        tree: spanned.value,
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Number::from_f64(value).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Tree>>()? {
            list.push(placed(item));
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Spanned<Tree>>()? {
            map.push((key, placed(value)));
        }
        Ok(Tree::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(node: &Node) -> (u64, u64) {
        (node.place.line, node.place.column)
    }

    #[test]
    fn every_value_has_its_line_and_column() {
        let node = parse("# é\nkind: List\nitems:\n- a: 1\n- {b: two}\n").unwrap();
        assert_eq!(place(&node), (2, 1));
        let items = node.get("items").unwrap();
        let Tree::List(items) = &items.tree else {
            panic!("{items:?}")
        };
        assert_eq!(place(&items[0]), (4, 3));
        assert_eq!(place(items[1].get("b").unwrap()), (5, 7));
    }

    #[test]
    fn aliases_merges_and_doubled_keys_read_as_kubectl_reads_them() {
        let text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: 1\nd: 2\n";
        assert_eq!(
            parse(text).unwrap().to_json(),
            json!({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "d": 2})
        );
        assert_eq!(
            parse("mode: 0644\n80: a\n").unwrap().to_json(),
            json!({"mode": 420, "80": "a"})
        );
    }

    #[test]
    fn a_fault_has_its_place_and_says_it_once() {
        let fault = parse("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert_eq!(fault.place.line, 3, "{fault:?}");
        assert!(!fault.why.contains("line"), "{fault:?}");
    }
}
