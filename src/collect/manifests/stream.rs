//! A file as a stream of documents, each read by itself so that a broken one leaves the others whole.

use std::thread;

use serde_json::Value;

use super::tree::{self, Fault, Node, Place};

/// What to do about a template in the place of a manifest.
const RENDER: &str =
    "it looks like a template; render it first: helm template CHART | soc2scan check --manifests -";

/// What reading a document as deep as is allowed may take, with room to spare.
const STACK: usize = 16 * 1024 * 1024;

/// The documents of a text in order.
pub fn documents(text: &str) -> Vec<Result<Node, Fault>> {
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK);
        let documents = reader.spawn_scoped(scope, || read(text));
        let documents = documents.map(|documents| documents.join());
        match documents {
            Ok(Ok(documents)) => documents,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => vec![Err(Fault {
                place: Place { line: 1, column: 1 },
                why: error.to_string(),
            })],
        }
    })
}

fn read(text: &str) -> Vec<Result<Node, Fault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut documents = Vec::new();
    for Part { lines_before, text } in split(text) {
        let mut read = match tree::parse(text) {
            Ok(node) => vec![Ok(node)],
            // JSON is YAML but for some of its escapes and white space.
            Err(fault) => match json(text) {
                Some(nodes) => nodes.into_iter().map(Ok).collect(),
                None => vec![Err(explained(fault, text))],
            },
        };
        for document in &mut read {
            match document {
                Ok(node) => node.shift(lines_before),
                Err(fault) => fault.place.line += lines_before,
            }
        }
        documents.extend(read);
    }
    documents
}

fn explained(mut fault: Fault, text: &str) -> Fault {
    if text.contains("{{") {
        fault.why = format!("{}; {RENDER}", fault.why);
    }
    fault
}

/// JSON values one after the other, if the text is nothing else.
fn json(text: &str) -> Option<Vec<Node>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut nodes = Vec::new();
    loop {
        let rest = text.get(values.byte_offset()..).unwrap_or_default();
        let begin = text.len() - rest.trim_start().len();
        match values.next() {
            None => return Some(nodes),
            Some(Err(_)) => return None,
            Some(Ok(value)) => nodes.push(Node::from_json(value, place_of(text, begin))),
        }
    }
}

fn place_of(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_add(1);
    Place {
        line: count(before.matches('\n').count()),
        column: count(line.chars().count()),
    }
}

/// One document's share of a file.
struct Part<'a> {
    lines_before: u64,
    text: &'a str,
}

/// Cuts at the lines that YAML allows nowhere but between documents: `---` and `...` at the beginning of a line. Comments
/// and directives belong to the document that follows them.
fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut lines_before) = (0, 0);
    let mut begun = false;
    let mut offset = 0;
    for (line_number, line) in (0_u64..).zip(text.split_inclusive('\n')) {
        let (begins, ends) = (is_marker(line, "---"), is_marker(line, "..."));
        if (begins || ends) && begun {
            let text = text.get(start..offset).unwrap_or_default();
            parts.push(Part { lines_before, text });
            (start, lines_before, begun) = (offset, line_number, false);
        }
        offset += line.len();
        if ends {
            (start, lines_before) = (offset, line_number + 1);
        } else {
            let beside = line.trim_start();
            begun |= begins || !(beside.is_empty() || beside.starts_with(['#', '%']));
        }
    }
    if begun {
        let text = text.get(start..).unwrap_or_default();
        parts.push(Part { lines_before, text });
    }
    parts
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The line and value of each document; the line and words of what is broken.
    fn read(text: &str) -> Vec<(u64, Result<Value, String>)> {
        let documents = documents(text).into_iter();
        documents
            .map(|document| match document {
                Ok(node) => (node.place.line, Ok(node.to_json())),
                Err(fault) => (fault.place.line, Err(fault.why)),
            })
            .collect()
    }

    fn values(text: &str) -> Vec<(u64, Value)> {
        let read = read(text).into_iter();
        read.map(|(line, value)| (line, value.unwrap())).collect()
    }

    #[test]
    fn documents_are_cut_where_yaml_ends_them() {
        let text = "# first\n%YAML 1.2\n---\n# one\na: 1\n--- # two\nb: |\n  ---\n  text\n...\nc: 3\n---\n\n--- {d: 4}\n";
        assert_eq!(
            values(text),
            [
                (5, json!({"a": 1})),
                (7, json!({"b": "---\ntext\n"})),
                (11, json!({"c": 3})),
                (12, Value::Null),
                (14, json!({"d": 4})),
            ]
        );
        assert_eq!(values("\u{feff}---\r\na: 1\r\n---\r\nb: 2\r\n").len(), 2);
        assert!(values("# nothing\n\n").is_empty());
    }

    #[test]
    fn a_broken_document_leaves_the_others_whole() {
        let read = read("a: 1\n---\nb: [\n---\nc: 3\n");
        assert_eq!(read[0], (1, Ok(json!({"a": 1}))));
        assert!(read[1].1.is_err());
        assert_eq!(read[2], (5, Ok(json!({"c": 3}))));
    }

    #[test]
    fn a_template_is_told_from_a_slip() {
        let helm = "a: 1\n---\n{{- if .Values.on }}\nreplicas: 1\n{{- end }}\n";
        let (line, why) = read(helm).pop().unwrap();
        assert_eq!(line, 3);
        assert!(why.unwrap_err().contains("helm template"));
        let (_, why) = read("a: [\n").pop().unwrap();
        assert!(!why.unwrap_err().contains("helm"));
    }

    #[test]
    fn json_is_read_with_tabs_and_escapes_and_one_after_the_other() {
        assert_eq!(
            values("{\n\t\"a\": \"\\ud83d\\ude00\\/\"\n}\n"),
            [(1, json!({"a": "😀/"}))]
        );
        assert_eq!(
            values("{\"a\": 1}\n\n {\"b\": 2}\n"),
            [(1, json!({"a": 1})), (3, json!({"b": 2}))]
        );
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_refused() {
        let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&deep(90)).pop().unwrap().1.is_ok());
        let (_, why) = read(&deep(100_000)).pop().unwrap();
        assert!(!why.unwrap_err().is_empty());
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let item = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{item}]\n"));
        }
        assert!(read(&text).pop().unwrap().1.is_err());
    }
}
