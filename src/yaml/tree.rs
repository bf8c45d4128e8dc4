//! A YAML file as a tree in which every key and value knows its place, so that all errors of a file can be told at once.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Location, Spanned};

/// A place in a file, in bytes.
pub(crate) type Place = Range<usize>;

/// Something that was written at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    pub value: T,
    pub place: Place,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Entries in the order of the file; a key may stand twice.
    Map(Vec<(At<String>, Node)>),
}

pub(crate) type Node = At<Yaml>;

impl Yaml {
    /// What it is, in words for a message.
    pub fn name(&self) -> &'static str {
        match self {
            Yaml::Null => "empty",
            Yaml::Bool(_) => "a boolean",
            Yaml::Number(number) if number.is_f64() => "a number",
            Yaml::Number(_) => "a whole number",
            Yaml::Text(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a map",
        }
    }

    /// The value as JSON; of a key that stands twice, the last.
    pub fn to_json(&self) -> Value {
        match self {
            Yaml::Null => Value::Null,
            Yaml::Bool(value) => Value::Bool(*value),
            Yaml::Number(value) => Value::Number(value.clone()),
            Yaml::Text(value) => Value::String(value.clone()),
            Yaml::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Yaml::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.value.clone(), node.value.to_json()))
                .collect(),
        }
    }
}

impl Node {
    pub fn is_null(&self) -> bool {
        self.value == Yaml::Null
    }

    /// Where to point when something is missing in it: a block has no text of its own, its first key has.
    pub fn head(&self) -> Place {
        match &self.value {
            Yaml::Map(entries) if self.place.len() <= 1 => entries
                .first()
                .map_or_else(|| self.place.clone(), |(key, _)| key.place.clone()),
            Yaml::List(items) if self.place.is_empty() => {
                items.first().map_or_else(|| self.place.clone(), Node::head)
            }
            _ => self.place.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Number::from_f64(value).map_or(Yaml::Null, Yaml::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Yaml, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Yaml>>()? {
            list.push(placed(item));
        }
        Ok(Yaml::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Yaml, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Yaml>>()? {
            map.push((placed(key), placed(value)));
        }
        Ok(Yaml::Map(map))
    }
}

fn placed<T>(spanned: Spanned<T>) -> At<T> {
    let span = spanned.defined.span();
    let start = offset(span.byte_offset());
    At {
        value: spanned.value,
        place: start..start.saturating_add(offset(span.byte_len())),
    }
}

fn offset(bytes: Option<u64>) -> usize {
    bytes
        .and_then(|bytes| usize::try_from(bytes).ok())
        .unwrap_or(0)
}

/// Reads one document. An error has its place; the parser stops at the first.
pub(crate) fn parse(text: &str) -> Result<Node, At<String>> {
    let options = serde_saphyr::options! {
        // Comments that are kept are limited to 32 in a row, and people write more.
        emit_comments: false,
        budget: serde_saphyr::budget! { max_documents: 1, max_nodes: 100_000, max_depth: 48 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Yaml>>(text, options)
        .map(placed)
        .map_err(|error| {
            let location = error.location();
            let message = error.to_string();
            At {
                // The position is told beside the message, once.
                value: match &location {
                    Some(location) => message
                        .trim_end_matches(&format!(
                            " at line {}, column {}",
                            location.line(),
                            location.column()
                        ))
                        .to_owned(),
                    None => message,
                },
                place: location.map_or(0..0, |location| place_of(text, &location)),
            }
        })
}

/// Syntax errors are placed by characters, not by bytes.
fn place_of(text: &str, location: &Location) -> Place {
    let span = location.span();
    let skip = usize::try_from(span.offset()).unwrap_or(usize::MAX);
    let start = text
        .char_indices()
        .nth(skip)
        .map_or(text.len(), |(at, _)| at);
    let rest = text.get(start..).unwrap_or_default();
    start..start + rest.chars().next().map_or(0, char::len_utf8)
}

/// The place in the file of a part of a scalar's value, for every way of writing a scalar; the whole scalar where an
/// escape hides what stands where.
pub(crate) fn place_within(text: &str, scalar: &At<String>, part: Place) -> Place {
    let Some(starts) = starts(text, scalar) else {
        return scalar.place.clone();
    };
    let at = |value_offset: usize| {
        starts
            .iter()
            .rev()
            .find(|(offset, _)| *offset <= value_offset)
            .map(|(_, place)| place.clone())
    };
    let Some(first) = at(part.start) else {
        return scalar.place.clone();
    };
    if part.start >= scalar.value.trim_end().len() {
        // The end of the expression: point behind its last character.
        return first.end..first.end;
    }
    let last = at(part.end.saturating_sub(1).max(part.start)).unwrap_or_else(|| first.clone());
    first.start..last.end.max(first.start)
}

/// For every visible character of the value: its offset there, and its place in the file.
fn starts(text: &str, scalar: &At<String>) -> Option<Vec<(usize, Place)>> {
    let quote = text.get(scalar.place.clone())?.chars().next()?;
    paired(text, scalar, None).or_else(|| match quote {
        '"' | '\'' => paired(text, scalar, Some(quote)),
        _ => None,
    })
}

/// Folding, indentation and line breaks only ever change white space, so that the visible characters of the file and of
/// the value pair off in order; only the escapes of quoted scalars differ.
fn paired(text: &str, scalar: &At<String>, quote: Option<char>) -> Option<Vec<(usize, Place)>> {
    let mut cursor = scalar.place.start + quote.map_or(0, char::len_utf8);
    let mut starts = Vec::new();
    for (offset, wanted) in scalar.value.char_indices() {
        if wanted.is_whitespace() {
            continue;
        }
        let place = loop {
            let mut chars = text.get(cursor..scalar.place.end)?.chars();
            let found = chars.next()?;
            if found.is_whitespace() {
                cursor += found.len_utf8();
                continue;
            }
            let len = match (quote, found) {
                (Some('\''), '\'') if chars.next() == Some('\'') && wanted == '\'' => 2,
                (Some('"'), '\\') => match chars.next()? {
                    // A line break, a tab or a space: white space in the value.
                    escaped @ ('\n' | 'n' | 't' | 'r' | ' ') => {
                        cursor += 1 + escaped.len_utf8();
                        continue;
                    }
                    escaped @ ('"' | '\\' | '/') if escaped == wanted => 2,
                    _ => return None,
                },
                (_, found) if found == wanted => found.len_utf8(),
                _ => return None,
            };
            break cursor..cursor + len;
        };
        cursor = place.end;
        starts.push((offset, place));
    }
    let rest = text.get(cursor..scalar.place.end)?.trim();
    let closed = match quote {
        Some(quote) => rest.chars().eq([quote]),
        None => rest.is_empty(),
    };
    closed.then_some(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_may_be_long() {
        let text = format!("a:\n{}  b: 1\n", "  # why\n".repeat(500));
        let Ok(node) = parse(&text) else {
            panic!("comments are refused");
        };
        assert_eq!(entries(&node).len(), 1);
    }

    fn entries(node: &Node) -> &[(At<String>, Node)] {
        match &node.value {
            Yaml::Map(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    /// What `part` of the value under the only key is underlined as.
    fn underlined(text: &str, part: &str) -> (usize, String) {
        let node = parse(text).unwrap();
        let (_, node) = entries(&node).last().unwrap();
        let Yaml::Text(value) = &node.value else {
            panic!("{node:?}")
        };
        let start = value.find(part).unwrap();
        let scalar = At {
            value: value.clone(),
            place: node.place.clone(),
        };
        let place = place_within(text, &scalar, start..start + part.len());
        let line = text[..place.start].matches('\n').count() + 1;
        (line, text[place].to_owned())
    }

    #[test]
    fn every_key_and_value_has_its_place() {
        let text = "# é\nid: a.b\nlist: [1, {x: true}]\n";
        let node = parse(text).unwrap();
        let [(id, value), (list, items)] = entries(&node) else {
            panic!("{node:?}")
        };
        assert_eq!(&text[id.place.clone()], "id");
        assert_eq!(&text[value.place.clone()], "a.b");
        assert_eq!(&text[list.place.clone()], "list");
        assert_eq!(items.value.to_json(), serde_json::json!([1, {"x": true}]));
    }

    #[test]
    fn a_key_that_stands_twice_is_kept_twice() {
        let node = parse("a: 1\na: 2\n").unwrap();
        assert_eq!(entries(&node).len(), 2);
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        let node = parse("a: yes\nb: on\nc: true\n").unwrap();
        assert_eq!(
            node.value.to_json(),
            serde_json::json!({"a": "yes", "b": "on", "c": true})
        );
    }

    #[test]
    fn a_syntax_error_has_its_place_also_after_wide_characters() {
        let text = "é: [1, 2\nb: 3\n";
        let error = parse(text).unwrap_err();
        assert_eq!(&text[error.place.clone()], ":");
        assert!(!error.value.contains("line 2"), "{}", error.value);
    }

    #[test]
    fn a_second_document_and_deep_nesting_are_refused() {
        assert!(parse("a: 1\n---\nb: 2\n").is_err());
        assert!(parse(&"[".repeat(200)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(60), "]".repeat(60))).is_err());
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let below = level - 1;
            let item = format!("*a{below}, ").repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{item}]\n"));
        }
        assert!(parse(&text).is_err());
    }

    #[test]
    fn a_part_of_a_plain_scalar_is_found() {
        assert_eq!(
            underlined("é: resource.A >= params.b", "params.b"),
            (1, "params.b".to_owned())
        );
        assert_eq!(
            underlined("a: resource.A\n   && params.b\n", "params.b"),
            (2, "params.b".to_owned())
        );
    }

    #[test]
    fn a_part_of_a_quoted_scalar_is_found() {
        assert_eq!(underlined("a: 'x == ''y'' && z'", "z"), (1, "z".to_owned()));
        assert_eq!(
            underlined(r#"a: "x == \"y\" && z""#, "z"),
            (1, "z".to_owned())
        );
        assert_eq!(
            underlined(r#"a: "x == \"y\" && z""#, "\"y\""),
            (1, r#"\"y\""#.to_owned())
        );
    }

    #[test]
    fn a_part_of_a_block_scalar_is_found() {
        let literal = "a: |\n    resource.A &&\n      params.b &&\n\n    c\n";
        assert_eq!(underlined(literal, "params.b"), (3, "params.b".to_owned()));
        assert_eq!(underlined(literal, "c\n"), (5, "c".to_owned()));
        let folded = "a: >-\n  resource.A &&\n  params.b\n";
        assert_eq!(underlined(folded, "params.b"), (3, "params.b".to_owned()));
        let quoted = "a: |\n  'x' == y\n";
        assert_eq!(underlined(quoted, "y"), (2, "y".to_owned()));
        let both = "a: |\n  'x' == 'y'\n";
        assert_eq!(underlined(both, "'y'"), (2, "'y'".to_owned()));
    }

    #[test]
    fn the_end_of_a_scalar_is_a_place_too() {
        let text = "a: |\n  x &&\nb: 1\n";
        let node = parse(text).unwrap();
        let scalar = At {
            value: "x &&\n".to_owned(),
            place: entries(&node)[0].1.place.clone(),
        };
        let place = place_within(text, &scalar, 5..5);
        assert_eq!(&text[..place.start], "a: |\n  x &&");
    }

    #[test]
    fn an_escape_that_hides_its_character_underlines_the_whole_scalar() {
        let text = r#"a: "\x41 == b""#;
        assert_eq!(underlined(text, "b").1, text[3..]);
    }
}
