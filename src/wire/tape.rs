//! A tape: recorded exchanges in a folder, with a manifest of digests.
//!
//! One JSON-lines file per service and region, an exchange a line, sorted by question; `manifest.json` beside them.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Answer, Question};
use crate::model::{Tool, sha256};

/// Every question that was asked, with its answers in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tape {
    exchanges: BTreeMap<Question, Vec<Answer>>,
}

/// What a tape says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`Manifest::SCHEMA`].
    pub schema: String,
    pub tool: Tool,
    /// When the recording began; a replay's `now`.
    pub taken_at: Timestamp,
    /// The SHA-256 of the rules that chose what was asked.
    pub rulebook: String,
    /// What was scanned, so that a replay asks for the same: see the collectors' options.
    pub sources: serde_json::Value,
    /// The SHA-256 of every other file of the tape, by its path with `/` separators.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    pub const SCHEMA: &str = "soc2scan.tape/v1";
    pub const FILE: &str = "manifest.json";

    /// The manifest of a recording that is about to be written.
    pub fn new(taken_at: Timestamp, rulebook: &str, sources: serde_json::Value) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            tool: Tool::this(),
            taken_at,
            rulebook: rulebook.to_owned(),
            sources,
            files: BTreeMap::new(),
        }
    }

    /// Whether a folder holds a tape already.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(Self::FILE).exists()
    }
}

/// Larger files are not read: the largest recording seen of 50,000 pods is a tenth of this.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Why a tape cannot be used.
#[derive(Debug, Error)]
pub enum TapeError {
    #[error("there is no tape at {}: it has no manifest.json", .0.display())]
    Missing(PathBuf),
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} already holds a tape", .0.display())]
    Exists(PathBuf),
    #[error("{} line {line}: {message}", path.display())]
    Malformed {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("the manifest names {0:?}, which is not a plain path inside the tape")]
    Escapes(String),
    #[error("{} is not what was recorded: its SHA-256 is {found}, the manifest says {expected}", path.display())]
    Altered {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error("{} is larger than {MAX_FILE_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
}

/// One line of a tape's file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    question: Question,
    answers: Vec<Answer>,
}

impl Tape {
    /// The answer to the `index`th asking; the last one stands for all that follow.
    pub fn answer(&self, question: &Question, index: usize) -> Option<&Answer> {
        let answers = self.exchanges.get(question)?;
        answers.get(index).or_else(|| answers.last())
    }

    pub fn push(&mut self, question: Question, answer: Answer) {
        self.exchanges.entry(question).or_default().push(answer);
    }

    pub fn exchanges(&self) -> &BTreeMap<Question, Vec<Answer>> {
        &self.exchanges
    }

    /// The tape in the form in which it is stored.
    pub fn record(&self, mut manifest: Manifest) -> Recording {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for (question, answers) in &self.exchanges {
            let line = serde_json::json!({ "question": question, "answers": answers });
            let text = files.entry(file_of(question)).or_default();
            text.push_str(&line.to_string());
            text.push('\n');
        }
        let digests = files.iter();
        let digests = digests.map(|(name, text)| (name.clone(), sha256(text.as_bytes())));
        manifest.files = digests.collect();
        let mut text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
        text.push('\n');
        files.insert(Manifest::FILE.to_owned(), text);
        Recording {
            manifest,
            files,
            root: PathBuf::new(),
        }
    }
}

/// A tape as it is stored. Every file is the one that the manifest says.
#[derive(Clone, Debug)]
pub struct Recording {
    pub manifest: Manifest,
    /// By path with `/` separators; the manifest is one of them.
    files: BTreeMap<String, String>,
    /// Where it was read from, for messages.
    root: PathBuf,
}

impl Recording {
    /// Reads a folder.
    pub fn read(folder: &Path) -> Result<Self, TapeError> {
        if !folder.join(Manifest::FILE).is_file() {
            return Err(TapeError::Missing(folder.to_owned()));
        }
        Self::fetch(folder, |name| read(&folder.join(name)))
    }

    /// Reads what `file` gives for each path; `root` is where they are, for messages.
    pub fn fetch(
        root: &Path,
        mut file: impl FnMut(&str) -> Result<String, TapeError>,
    ) -> Result<Self, TapeError> {
        let manifest_path = root.join(Manifest::FILE);
        let text = file(Manifest::FILE)?;
        let manifest: Manifest = parse(&manifest_path, 0, &text)?;
        if manifest.schema != Manifest::SCHEMA {
            return Err(TapeError::Malformed {
                path: manifest_path,
                line: 1,
                message: format!(
                    "schema is {:?}; this version reads {:?}",
                    manifest.schema,
                    Manifest::SCHEMA
                ),
            });
        }
        let mut files = BTreeMap::from([(Manifest::FILE.to_owned(), text)]);
        for (name, expected) in &manifest.files {
            let inside = Path::new(name);
            let plain = inside
                .components()
                .all(|c| matches!(c, Component::Normal(_)));
            if !plain || name.contains('\\') || name == Manifest::FILE {
                return Err(TapeError::Escapes(name.clone()));
            }
            let text = file(name)?;
            let found = sha256(text.as_bytes());
            if found != *expected {
                return Err(TapeError::Altered {
                    path: root.join(inside),
                    expected: expected.clone(),
                    found,
                });
            }
            files.insert(name.clone(), text);
        }
        Ok(Self {
            manifest,
            files,
            root: root.to_owned(),
        })
    }

    /// The exchanges.
    pub fn tape(&self) -> Result<Tape, TapeError> {
        let mut tape = Tape::default();
        for (name, text) in &self.files {
            if name == Manifest::FILE {
                continue;
            }
            for (index, line) in text.lines().enumerate() {
                let line: Line = parse(&self.root.join(name), index, line)?;
                tape.exchanges.insert(line.question, line.answers);
            }
        }
        Ok(tape)
    }

    /// Every file by its path, the manifest among them.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Writes a folder that holds no tape yet; the manifest last, so that a folder with one is whole.
    pub fn write(&self, folder: &Path) -> Result<(), TapeError> {
        if Manifest::is_in(folder) {
            return Err(TapeError::Exists(folder.to_owned()));
        }
        for (name, text) in &self.files {
            if name != Manifest::FILE {
                write(&folder.join(name), text.as_bytes())?;
            }
        }
        let manifest = self.files.get(Manifest::FILE);
        let manifest = manifest.map(String::as_str).unwrap_or_default();
        write(&folder.join(Manifest::FILE), manifest.as_bytes())
    }
}

/// The file that a question's exchange is in: `aws/us-east-1/rds.jsonl`, `kubernetes/<cluster>.jsonl`.
fn file_of(question: &Question) -> String {
    let safe = |name: &str| -> String {
        let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name: String = name
            .chars()
            .map(|c| if keep(c) { c } else { '_' })
            .collect();
        if name.is_empty() {
            "_".to_owned()
        } else {
            name
        }
    };
    if question.service == "kubernetes" {
        format!("kubernetes/{}.jsonl", safe(&question.region))
    } else {
        format!(
            "aws/{}/{}.jsonl",
            safe(&question.region),
            safe(&question.service)
        )
    }
}

fn parse<T: serde::de::DeserializeOwned>(
    path: &Path,
    index: usize,
    text: &str,
) -> Result<T, TapeError> {
    serde_json::from_str(text).map_err(|error| TapeError::Malformed {
        path: path.to_owned(),
        line: index + error.line().max(1),
        message: error.to_string(),
    })
}

fn read(path: &Path) -> Result<String, TapeError> {
    let failed = |source| TapeError::Read {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(failed)?.len() > MAX_FILE_BYTES {
        return Err(TapeError::TooLarge(path.to_owned()));
    }
    fs::read_to_string(path).map_err(failed)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TapeError> {
    let failed = |source| TapeError::Write {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}

#[cfg(test)]
mod tests;
