//! Bundles: everything that one scan rests on and says, as a folder or an archive whose every byte is accounted for.
//!
//! Knows names, sums and the chain, not what the files mean. What is opened may come from a stranger: sizes are bounded,
//! no path leaves the bundle, links are not followed.

mod archive;
mod chain;
mod folder;
mod manifest;
mod sums;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use chain::{Link, chain_faults, last, links};
pub use manifest::{Coverage, File, Identity, Manifest, Role, Scan, Tool, is_path};
pub use sums::{Fault, sum_faults, sums};

use crate::model::Report;

/// The manifest, and the file that `sha256sum -c` takes.
pub const MANIFEST: &str = "manifest.json";
pub const SUMS: &str = "SHA256SUMS";
/// What may lie beside the sums: signatures over them by `ssh-keygen` and by `cosign`.
pub const SSH_SIGNATURE: &str = "SHA256SUMS.sig";
pub const COSIGN_SIGNATURE: &str = "SHA256SUMS.bundle";
/// The report, `soc2scan.report/v1`.
pub const REPORT: &str = "report/report.json";
/// The end of an archive's name.
pub const ARCHIVE: &str = ".tar.zst";

/// The largest file, all files of a bundle, and how many there may be.
const LARGEST: u64 = 1 << 30;
const LARGEST_SUM: u64 = 4 << 30;
const MOST_FILES: usize = 200_000;
const DEEPEST: usize = 32;

/// Files by path, with `/` separators.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A bundle as it was found.
#[derive(Debug, Default)]
pub struct Bundle {
    pub files: Files,
    /// What lies in it and is no plain file, and what it is instead. Only a folder can hold such.
    pub odd: BTreeMap<String, String>,
}

/// Why something is not opened as a bundle.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("{} is not a bundle: {why}", path.display())]
    NotABundle { path: PathBuf, why: String },
    /// Its compressed bytes are not those that were written.
    #[error("{} is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    #[error("{} is refused: {why}", path.display())]
    Refused { path: PathBuf, why: String },
}

impl Bundle {
    /// Opens a folder or an archive with everything in it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        read(path, None)
    }

    /// Whether a folder may be a bundle, whole or not.
    pub fn is_at(folder: &Path) -> bool {
        folder.join(SUMS).is_file() || folder.join(MANIFEST).is_file()
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }

    /// The files below a folder, each by its path from there.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let files = self.files.iter();
        files.filter_map(move |(path, bytes)| {
            let inside = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some((inside, bytes.as_slice()))
        })
    }

    /// The report, if the bundle holds one of this version.
    pub fn report(&self) -> Result<Report, String> {
        let bytes = self
            .files
            .get(REPORT)
            .ok_or_else(|| format!("there is no {REPORT}"))?;
        let report: Report = serde_json::from_slice(bytes)
            .map_err(|error| format!("{REPORT} does not hold to {}: {error}", Report::SCHEMA))?;
        if report.schema != Report::SCHEMA {
            return Err(format!("{REPORT} is not {}", Report::SCHEMA));
        }
        Ok(report)
    }
}

/// Reads the file that is wanted; all of them, unless one is named.
fn read(path: &Path, wanted: Option<&str>) -> Result<Bundle, OpenError> {
    let meta = std::fs::metadata(path).map_err(|error| OpenError::Read {
        path: path.to_owned(),
        error,
    })?;
    let bundle = if meta.is_dir() {
        folder::read(path, wanted)?
    } else {
        archive::read(path, wanted)?
    };
    let manifest = bundle.files.get(MANIFEST).map(Vec::as_slice);
    match Manifest::parse(manifest.unwrap_or_default()) {
        Err(why) if !bundle.files.contains_key(SUMS) => Err(OpenError::NotABundle {
            path: path.to_owned(),
            why,
        }),
        _ => Ok(bundle),
    }
}

/// Writes a new folder `name` in `parent`, whole or not at all, and gives its path.
pub fn write_folder(parent: &Path, name: &str, files: &Files) -> io::Result<PathBuf> {
    folder::write(parent, name, files)
}

/// Writes a new archive that unpacks as a folder `name`, whole or not at all. Equal files give equal bytes.
pub fn write_archive(path: &Path, name: &str, files: &Files) -> io::Result<()> {
    archive::write(path, name, files)
}

/// How much was read, held against the bounds.
#[derive(Default)]
struct Budget {
    files: usize,
    bytes: u64,
}

impl Budget {
    fn take(&mut self, size: u64) -> Result<(), String> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(size);
        if size > LARGEST {
            return Err("it holds a file larger than 1 GiB".to_owned());
        }
        if self.bytes > LARGEST_SUM {
            return Err("it is larger than 4 GiB".to_owned());
        }
        if self.files > MOST_FILES {
            return Err(format!("it holds more than {MOST_FILES} files"));
        }
        Ok(())
    }
}
