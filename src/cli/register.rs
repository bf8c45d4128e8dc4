//! Waivers and attestations from files: read, checked, and the documents of attestations hashed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Usage;
use super::config::Config;
use super::terminal::Terminal;
use crate::evaluate::Document;
use crate::model::sha256;
use crate::register::{self, Attestations, Broken, Checks, MAX_WAIVER_DAYS, Waivers};
use crate::rules::Rulebook;
use crate::yaml::{FileError, FileErrors};

pub const WAIVERS: &str = "waivers.yaml";
pub const ATTESTATIONS: &str = "attestations.yaml";

/// How long a waiver may hold unless the configuration says otherwise.
const WAIVER_DAYS: u16 = 180;

/// The largest document that is hashed, in bytes.
const LARGEST: u64 = 1 << 30;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Failures that somebody answers for; waivers.yaml beside the configuration unless named.
    #[arg(long, value_name = "FILE", help_heading = "People")]
    waivers: Option<PathBuf>,

    /// What people attest; attestations.yaml beside the configuration unless named.
    #[arg(long, value_name = "FILE", help_heading = "People")]
    attestations: Option<PathBuf>,

    /// Ignore wrong entries of the two files, and list them as invalid, instead of refusing the file.
    #[arg(long, help_heading = "People")]
    lenient: bool,
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

impl File {
    /// As it is named in messages, and in what a report says of wrong entries.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The content of a file that it names: one below its own folder, however the name or a link leads there.
    pub fn document(&self, written: &str) -> io::Result<Vec<u8>> {
        let folder = self.path.parent().filter(|path| *path != Path::new(""));
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
        let path = fs::canonicalize(folder.join(written))?;
        let Ok(inside) = path.strip_prefix(&folder) else {
            return Err(io::Error::other("it lies outside the folder"));
        };
        // It holds what a CI job logs in with.
        if inside.iter().any(|part| part == ".git") {
            return Err(io::Error::other("it is no document, but git's own"));
        }
        let about = fs::metadata(&path)?;
        if !about.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        if about.len() > LARGEST {
            return Err(io::Error::other("it is larger than 1 GiB"));
        }
        fs::read(path)
    }
}

/// What people wrote down, checked.
#[derive(Debug, Default)]
pub struct Register {
    pub waivers: Waivers,
    pub attestations: Attestations,
    pub documents: BTreeMap<String, Document>,
    pub waivers_file: Option<File>,
    pub attestations_file: Option<File>,
    pub max_waiver_days: u16,
}

/// Reads both files. One that is named and cannot be read, and one that is there and cannot be read, is an error: never
/// no waivers.
pub fn read(
    arguments: &Arguments,
    config: &Config,
    beside: Option<&Path>,
    rulebook: &Rulebook,
    terminal: &Terminal,
) -> miette::Result<Register> {
    let folder = beside.and_then(Path::parent).unwrap_or(Path::new(""));
    if config
        .audit_period
        .is_some_and(|period| period.end < period.start)
    {
        let help = "put `end` after `start`";
        return Err(Usage::new("`audit_period` ends before it begins", help).into());
    }
    let mut read = Register {
        max_waiver_days: max_days(config)?,
        ..Register::default()
    };
    let mut ignored = Vec::new();
    if let Some(file) = file(
        arguments.waivers.as_deref(),
        config.waivers.as_deref(),
        folder,
        WAIVERS,
    )? {
        let (name, days) = (file.name(), read.max_waiver_days);
        let parsed = register::waivers(&name, &file.text, &checks(rulebook), days);
        read.waivers = accepted("waivers", parsed, arguments.lenient, &mut ignored)?;
        read.waivers_file = Some(file);
    }
    if let Some(file) = file(
        arguments.attestations.as_deref(),
        config.attestations.as_deref(),
        folder,
        ATTESTATIONS,
    )? {
        let parsed = register::attestations(&file.name(), &file.text);
        read.attestations = accepted("attestations", parsed, arguments.lenient, &mut ignored)?;
        for entry in &read.attestations.entries {
            for document in entry.files() {
                read.documents
                    .entry(document.to_owned())
                    .or_insert_with(|| hash(file.document(document)));
            }
        }
        read.attestations_file = Some(file);
    }
    for errors in ignored {
        terminal.complain(&miette::Report::new(errors));
    }
    Ok(read)
}

/// The content of the file that is named, or of the one that is there by its usual name.
fn file(
    argument: Option<&Path>,
    configured: Option<&Path>,
    folder: &Path,
    usual: &str,
) -> miette::Result<Option<File>> {
    let named = argument
        .map(Path::to_owned)
        .or_else(|| configured.map(|path| folder.join(path)));
    let path = match &named {
        Some(path) => path.clone(),
        None => {
            let path = folder.join(usual);
            match fs::symlink_metadata(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                // Whatever is there must be readable.
                _ => path,
            }
        }
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(File { path, text })),
        Err(error) => {
            let message = format!("cannot read {}: {error}", path.display());
            let help = format!(
                "name a file that can be read, or take its name out; `soc2scan init` writes a {usual}"
            );
            Err(Usage::new(message, help).into())
        }
    }
}

fn accepted<T>(
    what: &'static str,
    parsed: Result<(T, Vec<FileError>), Broken>,
    lenient: bool,
    ignored: &mut Vec<FileErrors>,
) -> miette::Result<T> {
    let (read, errors) = parsed.map_err(|Broken(errors)| FileErrors::new(what, errors))?;
    if errors.is_empty() {
        return Ok(read);
    }
    let errors = FileErrors::new(what, errors);
    if lenient {
        ignored.push(errors);
        Ok(read)
    } else {
        Err(errors.into())
    }
}

fn max_days(config: &Config) -> miette::Result<u16> {
    let days = config.max_waiver_days.unwrap_or(WAIVER_DAYS);
    if (1..=MAX_WAIVER_DAYS).contains(&days) {
        return Ok(days);
    }
    let message = format!("`max_waiver_days` is {days}");
    let help =
        format!("it is 1 to {MAX_WAIVER_DAYS}: a longer waiver is a decision nobody takes again");
    Err(Usage::new(message, help).into())
}

/// The rules that a waiver may name.
pub fn checks(rulebook: &Rulebook) -> Checks {
    let rules = rulebook.rules.iter();
    rules
        .map(|rule| {
            let platforms = rule.resource.iter().map(|kind| kind.platform());
            (rule.id.clone(), platforms.collect())
        })
        .collect()
}

/// The digest of a document, or why there is none.
fn hash(document: io::Result<Vec<u8>>) -> Document {
    match document {
        Ok(bytes) => Document::Sha256(sha256(&bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Document::Unread("there is no such file".to_owned())
        }
        Err(error) => Document::Unread(error.to_string()),
    }
}
