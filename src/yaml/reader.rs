//! Reading a tree as what it should be: everything that it is not becomes an error.

use super::diagnostic::{File, FileError, is_hidden};
use super::tree::{At, Node, Place, Yaml};
use crate::suggest::suggest;

/// A text and its place.
pub(crate) type Text = At<String>;

pub(crate) struct Reader<'a> {
    pub file: &'a File,
    pub errors: &'a mut Vec<FileError>,
}

/// The error just told, to say more about.
pub(crate) struct Told<'a>(&'a mut Vec<FileError>);

impl Told<'_> {
    pub fn help(self, help: impl Into<String>) {
        if let Some(error) = self.0.pop() {
            self.0.push(error.help(help));
        }
    }
}

pub(crate) type Fields<'n> = Vec<(&'n Text, &'n Node)>;

impl Reader<'_> {
    pub fn error(&mut self, place: &Place, message: impl Into<String>) -> Told<'_> {
        self.errors.push(self.file.error(place, message));
        Told(self.errors)
    }

    pub fn wrong_type(&mut self, name: &str, wanted: &str, node: &Node) {
        let place = node.head();
        let error = self
            .file
            .error(
                &place,
                format!("{name} is {wanted}, not {}", node.value.name()),
            )
            .label(format!("this is {}", node.value.name()));
        // Quotes are the usual remedy for `1.20` and `true`.
        let quote = match &node.value {
            Yaml::Bool(_) | Yaml::Number(_) if wanted.contains("text") => {
                Some("put it in quotes".to_owned())
            }
            _ => None,
        };
        self.errors.push(error.maybe_help(quote));
    }

    /// The entries of a map without those whose key stands twice.
    pub fn entries<'n>(&mut self, node: &'n Node, name: &str) -> Option<Fields<'n>> {
        let Yaml::Map(entries) = &node.value else {
            self.wrong_type(name, "a map", node);
            return None;
        };
        let mut fields: Fields = Vec::new();
        for (key, node) in entries {
            match fields.iter().find(|(known, _)| known.value == key.value) {
                Some((known, _)) => self.errors.push(
                    self.file
                        .error(&key.place, format!("the key `{}` stands twice", key.value))
                        .label("again")
                        .first(&known.place)
                        .help("keep one of the two"),
                ),
                None => fields.push((key, node)),
            }
        }
        Some(fields)
    }

    /// The entries of a map whose keys are `known`.
    pub fn fields<'n>(&mut self, node: &'n Node, name: &str, known: &[&str]) -> Option<Fields<'n>> {
        self.fields_or(node, name, known, |_| None)
    }

    /// The entries of a map whose keys are `known`; `hint` says what to do about some that are not.
    pub fn fields_or<'n>(
        &mut self,
        node: &'n Node,
        name: &str,
        known: &[&str],
        hint: impl Fn(&str) -> Option<&'static str>,
    ) -> Option<Fields<'n>> {
        let mut fields = self.entries(node, name)?;
        fields.retain(|(key, _)| {
            let is_known = known.contains(&key.value.as_str());
            if !is_known {
                let help = match hint(&key.value) {
                    Some(hint) => hint.to_owned(),
                    None => suggest(&key.value, known.iter().copied())
                        .unwrap_or_else(|| format!("the keys of {name} are: {}", known.join(", "))),
                };
                self.error(&key.place, format!("{name} has no key `{}`", key.value))
                    .help(help);
            }
            is_known
        });
        Some(fields)
    }

    /// Tells which of the required keys are not there, and what each is for where that is said.
    pub fn missing(
        &mut self,
        fields: &Fields,
        required: &[&str],
        about: &[(&str, &str)],
        place: &Place,
        name: &str,
    ) {
        for key in required {
            if !fields.iter().any(|(found, _)| found.value == *key) {
                let help = match about.iter().find(|(known, _)| known == key) {
                    Some((_, about)) => format!("add `{key}:` ({about})"),
                    None => format!("add `{key}:`"),
                };
                self.error(place, format!("{name} has no `{key}`"))
                    .help(help);
            }
        }
    }

    /// A text that says something.
    pub fn text(&mut self, key: &Text, node: &Node) -> Option<Text> {
        let name = format!("`{}`", key.value);
        let text = match &node.value {
            Yaml::Text(text) if !text.trim().is_empty() => text,
            Yaml::Text(_) | Yaml::Null => {
                self.error(&key.place, format!("{name} is empty"))
                    .help("write it, or take the key out");
                return None;
            }
            _ => {
                self.wrong_type(&name, "a text", node);
                return None;
            }
        };
        if let Some(hidden) = text
            .chars()
            .find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t'))
        {
            let code = u32::from(hidden);
            self.error(
                &node.place,
                format!("{name} holds the invisible character U+{code:04X}"),
            )
            .help("take it out");
            return None;
        }
        Some(At {
            value: text.clone(),
            place: node.place.clone(),
        })
    }

    /// A text of one line.
    pub fn line(&mut self, key: &Text, node: &Node) -> Option<Text> {
        let mut text = self.text(key, node)?;
        text.value.truncate(text.value.trim_end().len());
        if text.value.contains('\n') {
            self.error(&node.place, format!("`{}` has several lines", key.value))
                .help("write it on one line");
            return None;
        }
        Some(text)
    }

    pub fn lines(&mut self, key: &Text, node: &Node) -> Vec<Text> {
        let Yaml::List(items) = &node.value else {
            self.wrong_type(&format!("`{}`", key.value), "a list of texts", node);
            return Vec::new();
        };
        let mut texts: Vec<Text> = Vec::new();
        for item in items {
            let Some(text) = self.line(key, item) else {
                continue;
            };
            match texts.iter().find(|known| known.value == text.value) {
                Some(known) => self.errors.push(
                    self.file
                        .error(
                            &text.place,
                            format!("`{}` stands twice in `{}`", text.value, key.value),
                        )
                        .label("again")
                        .first(&known.place)
                        .help("keep one of the two"),
                ),
                None => texts.push(text),
            }
        }
        texts
    }

    pub fn one_or_more(&mut self, key: &Text, node: &Node) -> Vec<Text> {
        match &node.value {
            Yaml::List(items) if items.is_empty() => {
                self.error(&key.place, format!("`{}` is empty", key.value))
                    .help("name at least one");
                Vec::new()
            }
            Yaml::List(_) => self.lines(key, node),
            _ => self.line(key, node).into_iter().collect(),
        }
    }
}
