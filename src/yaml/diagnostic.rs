//! What is wrong with a file: the file, the line, the column, a caret and what to do.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use super::tree::{At, Place};

/// A file that errors are about, with what a terminal would obey taken out.
#[derive(Clone, Debug)]
pub(crate) struct File {
    name: String,
    text: Arc<str>,
    /// Where each line begins.
    lines: Arc<[usize]>,
}

/// How many errors are shown with their lines.
const SHOWN: usize = 200;

impl File {
    pub fn new(name: &str, text: &str) -> Self {
        let text = visible(text);
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            name: visible(name),
            lines: std::iter::once(0).chain(after).collect(),
            text: text.into(),
        }
    }

    pub fn error(&self, place: &Place, message: impl Into<String>) -> FileError {
        let start = place.start.min(self.text.len());
        let line = self.lines.partition_point(|begin| *begin <= start);
        let line_start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(line_start..start).unwrap_or_default();
        let column = before.chars().count() + 1;
        // An underline over several lines says less than its first line.
        let shown = self.text.get(place.clone()).unwrap_or_default();
        let len = shown.find('\n').unwrap_or(shown.len());
        FileError {
            message: visible(&message.into()),
            path: self.name.clone(),
            line,
            column,
            source_code: NamedSource::new(&self.name, Arc::clone(&self.text)).with_language("yaml"),
            span: (start, len).into(),
            label: "here".to_owned(),
            first: None,
            help: None,
        }
    }
}

impl File {
    /// That the file as a whole cannot be read.
    pub fn not_yaml(&self, error: &At<String>) -> FileError {
        self.error(&error.place, format!("this is not YAML: {}", error.value))
            .help("values with `: `, ` #` or a leading quote, brace or bracket need quotes or a block (|)")
    }
}

/// One thing that is wrong with one file.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct FileError {
    message: String,
    path: String,
    line: usize,
    column: usize,
    #[source_code]
    source_code: NamedSource<Arc<str>>,
    #[label("{label}")]
    span: SourceSpan,
    label: String,
    #[label("first here")]
    first: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

impl FileError {
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = visible(&label.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(visible(&help.into()));
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.map(|help| visible(&help)).or(self.help);
        self
    }

    pub(crate) fn first(mut self, place: &Place) -> Self {
        self.first = Some((place.start, place.len()).into());
        self
    }

    /// The file, as it was named.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Counted from 1, in characters.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub(crate) fn key(&self) -> (&str, usize, usize) {
        (&self.path, self.line, self.column)
    }

    /// The error on one line, as compilers print it: `path:line:column: message`.
    pub fn one_line(&self) -> String {
        let at = format!("{}:{}:{}", self.path, self.line, self.column);
        match &self.help {
            Some(help) => format!("{at}: {} ({help})", self.message),
            None => format!("{at}: {}", self.message),
        }
    }
}

/// What is wrong with some files, as one report.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("the {what} have {}", match self.count { 1 => "an error".to_owned(), count => format!("{count} errors") })]
pub struct FileErrors {
    /// What is written in the files: `rules`.
    what: &'static str,
    /// How many there are in all.
    count: usize,
    /// The first of them.
    #[related]
    pub errors: Vec<FileError>,
    #[help]
    more: Option<String>,
}

impl FileErrors {
    pub fn new(what: &'static str, mut errors: Vec<FileError>) -> Self {
        let count = errors.len();
        errors.truncate(SHOWN);
        let more = (count > SHOWN).then(|| format!("the first {SHOWN} are shown"));
        Self {
            what,
            count,
            errors,
            more,
        }
    }
}

/// The text with everything replaced that a terminal would obey instead of showing it: control characters and those
/// that turn the direction of writing. Every byte keeps its place.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match (c, c.len_utf8()) {
            ('\n' | '\t', _) => c,
            ('\r', _) => ' ',
            _ if !is_hidden(c) => c,
            (_, 1) => '?',
            (_, 2) => '¿',
            _ => '\u{fffd}',
        })
        .collect()
}

/// Whether a terminal would obey the character instead of showing it.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_line_and_column_in_characters() {
        let file = File::new("rules/x.yaml", "a: 1\né: b\n");
        let start = "a: 1\né: ".len();
        let error = file.error(&(start..start + 1), "wrong").help("do this");
        assert_eq!((error.line(), error.column()), (2, 4));
        assert_eq!(error.one_line(), "rules/x.yaml:2:4: wrong (do this)");
    }

    #[test]
    fn of_very_many_errors_the_first_are_shown_and_all_are_counted() {
        let file = File::new("w.yaml", &"- {}\n".repeat(1_000));
        let errors = (0..1_000).map(|line| file.error(&(line * 5..line * 5 + 1), "wrong"));
        let errors = FileErrors::new("waivers", errors.collect());
        assert_eq!(errors.to_string(), "the waivers have 1000 errors");
        assert_eq!(errors.errors.len(), SHOWN);
        assert_eq!(errors.errors.last().map(FileError::line), Some(SHOWN));
        assert_eq!(
            errors.help().unwrap().to_string(),
            "the first 200 are shown"
        );
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_shown_and_nothing_moves() {
        let text = "a\u{1b}[31m\u{9b}\u{202e}b\n";
        let shown = visible(text);
        assert_eq!(shown, "a?[31m¿\u{fffd}b\n");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn the_report_shows_file_line_caret_and_help() {
        let file = File::new("rules/x.yaml", "a: 1\nb: two\n");
        let errors = FileErrors::new(
            "rules",
            vec![
                file.error(&(8..11), "`b` is a whole number")
                    .help("write 2"),
            ],
        );
        let mut shown = String::new();
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
            .render_report(&mut shown, &errors)
            .unwrap();
        assert!(shown.contains("the rules have an error"), "{shown}");
        assert!(shown.contains("rules/x.yaml:2:4"), "{shown}");
        assert!(shown.contains("b: two"), "{shown}");
        assert!(shown.contains("help: write 2"), "{shown}");
    }
}
