//! What the two files share: a version, one list, and entries that are refused one by one.

use crate::model::{criteria, criterion, is_sha256};
use crate::suggest::suggest;
use crate::yaml::{File, FileError, Node, Place, Reader, Text, Yaml, parse};

/// No file of this kind is larger.
const MAX_FILE: usize = 4 * 1024 * 1024;

/// How short a sentence may be that somebody is to be held to.
pub const SENTENCE: usize = 20;

/// A file that could not be read as a whole: nothing of it can be used.
#[derive(Debug)]
pub struct Broken(pub Vec<FileError>);

/// The entries under `key`, if the file as a whole is in order.
pub fn entries(file: &File, text: &str, key: &str) -> Result<Vec<Node>, Broken> {
    let mut errors = Vec::new();
    if text.len() > MAX_FILE {
        let message = format!("the file is larger than {MAX_FILE} bytes");
        return Err(Broken(vec![file.error(&(0..0), message)]));
    }
    let root = parse(text).map_err(|error| Broken(vec![file.not_yaml(&error)]))?;
    let start = format!("a file without entries is:\nversion: 1\n{key}: []");
    if root.is_null() {
        let error = file.error(&(0..0), "the file is empty").help(start);
        return Err(Broken(vec![error]));
    }
    let mut reader = Reader {
        file,
        errors: &mut errors,
    };
    let mut entries = Vec::new();
    if let Some(fields) = reader.fields(&root, "the file", &["version", key]) {
        reader.missing(&fields, &["version", key], &[], &root.head(), "the file");
        for (name, node) in fields {
            if name.value == "version" {
                if node.value != Yaml::Number(1.into()) {
                    reader
                        .error(&node.head(), "there is only version 1")
                        .help("write `version: 1`");
                }
                continue;
            }
            match &node.value {
                Yaml::List(items) => entries.clone_from(items),
                // A list of which every entry is still a comment.
                Yaml::Null => {}
                _ => reader.wrong_type(&format!("`{key}`"), "a list", node),
            }
        }
    }
    if errors.is_empty() {
        Ok(entries)
    } else {
        Err(Broken(errors))
    }
}

/// What stands under a key of an entry that is wrong elsewhere, to name it by.
pub fn glimpse(node: &Node, key: &str) -> Option<String> {
    let Yaml::Map(entries) = &node.value else {
        return None;
    };
    let (_, value) = entries.iter().find(|(found, _)| found.value == key)?;
    match &value.value {
        Yaml::Text(text) => Some(crate::yaml::visible(text.trim())),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::Null | Yaml::Bool(_) | Yaml::List(_) | Yaml::Map(_) => None,
    }
}

/// The texts of a list, or the one text, under a key of an entry that is wrong elsewhere.
pub fn glimpses(node: &Node, key: &str) -> Vec<String> {
    let Yaml::Map(entries) = &node.value else {
        return Vec::new();
    };
    let found = entries.iter().find(|(found, _)| found.value == key);
    let items: &[Node] = match found {
        Some((_, value)) => match &value.value {
            Yaml::List(items) => items,
            // One alone may stand without brackets.
            _ => std::slice::from_ref(value),
        },
        None => &[],
    };
    let texts = items.iter().filter_map(|item| match &item.value {
        Yaml::Text(text) => Some(crate::yaml::visible(text)),
        _ => None,
    });
    texts.collect()
}

/// The errors of one entry, as one sentence.
pub fn why(errors: &[FileError]) -> String {
    let lines: Vec<_> = errors.iter().map(FileError::one_line).collect();
    lines.join("; ")
}

/// The ids seen so far, each with its place.
#[derive(Default)]
pub struct Ids(Vec<Text>);

impl Ids {
    /// Refuses an id that stands twice.
    pub fn take(&mut self, id: &Text, reader: &mut Reader) {
        match self.0.iter().find(|known| known.value == id.value) {
            Some(known) => {
                let error = reader
                    .file
                    .error(&id.place, format!("the id `{}` stands twice", id.value))
                    .label("again")
                    .first(&known.place)
                    .help("give each entry its own id");
                reader.errors.push(error);
            }
            None => self.0.push(id.clone()),
        }
    }
}

impl Reader<'_> {
    /// An id that can stand in a URL, a file name and a sentence.
    pub(super) fn id(&mut self, key: &Text, node: &Node) -> Option<Text> {
        let id = self.line(key, node)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let fits = (3..=64).contains(&id.value.len())
            && id.value.bytes().all(plain)
            && id.value.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !fits {
            self.error(&id.place, format!("`{}` is no id", id.value)).help(
                "3 to 64 letters, digits, dots, hyphens or underscores, the first a letter or a digit",
            );
            return None;
        }
        Some(id)
    }

    /// A text that says enough.
    pub(super) fn sentence(&mut self, key: &Text, node: &Node, least: usize) -> Option<Text> {
        let mut text = self.text(key, node)?;
        text.value = text.value.trim().to_owned();
        let count = text.value.chars().count();
        if count < least {
            self.error(
                &text.place,
                format!("`{}` has {count} characters, not {least}", key.value),
            )
            .help("say it so that somebody who was not there understands it");
            return None;
        }
        Some(text)
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &Text,
        node: &Node,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.line(key, node)?;
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` cannot be `{}`", key.value, text.value);
            self.error(&text.place, message)
                .help(format!("it is one of: {}", names.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// Whether there is such a criterion; refuses it if not.
    pub(super) fn is_criterion(&mut self, id: &Text) -> bool {
        if criterion(&id.value).is_some() {
            return true;
        }
        let known = criteria().iter().map(|criterion| criterion.id.as_str());
        let help = suggest(&id.value, known)
            .unwrap_or_else(|| "`soc2scan controls list` shows all of them".to_owned());
        self.error(&id.place, format!("there is no criterion `{}`", id.value))
            .help(help);
        false
    }

    pub(super) fn flag(&mut self, key: &Text, node: &Node) -> Option<bool> {
        match &node.value {
            Yaml::Bool(value) => Some(*value),
            _ => {
                self.wrong_type(&format!("`{}`", key.value), "true or false", node);
                None
            }
        }
    }

    pub(super) fn count(&mut self, key: &Text, node: &Node) -> Option<u64> {
        let number = match &node.value {
            Yaml::Number(number) => number.as_u64(),
            _ => None,
        };
        if number.is_none() {
            let name = format!("`{}`", key.value);
            match &node.value {
                Yaml::Number(_) => {
                    self.error(&node.place, format!("{name} cannot be less than nothing"))
                        .help("write a whole number");
                }
                _ => self.wrong_type(&name, "a whole number", node),
            }
        }
        number
    }

    /// SHA-256 in lower-case hexadecimal.
    pub(super) fn digest(&mut self, key: &Text, node: &Node) -> Option<String> {
        let text = self.line(key, node)?;
        if !is_sha256(&text.value) {
            self.error(&text.place, format!("`{}` is no SHA-256", key.value))
                .help("write the 64 lower-case digits that `sha256sum FILE` prints");
            return None;
        }
        Some(text.value)
    }

    /// Refuses that somebody approves of what they answer for themselves.
    pub(super) fn two_people(&mut self, owner: &Text, approver: &Text, what: &str) {
        if owner.value.trim().to_lowercase() == approver.value.trim().to_lowercase() {
            self.error(&approver.place, format!("the owner approves of {what}"))
                .help("let somebody else approve it, who answers for the risk");
        }
    }

    /// Refuses a day before another.
    pub(super) fn in_order(&mut self, fits: bool, place: &Place, message: &str, help: &str) {
        if !fits {
            self.error(place, message).help(help);
        }
    }
}
