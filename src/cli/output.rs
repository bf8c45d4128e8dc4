//! The files that a report is written to: named and tried before the scan, written after it.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::Usage;
use crate::model::Report;
use crate::render::{Format, Look, page_beside, render};

/// What to do about a place that cannot be written to.
const HELP: &str = "name a file in a folder that you may write to";

/// A file to write.
pub struct Output {
    path: PathBuf,
    pub format: Format,
}

/// The files to write, each in the format that its name tells, or else in that of `--format`.
pub fn outputs(paths: &[PathBuf], format: Option<Format>) -> miette::Result<Vec<Output>> {
    let outputs = paths.iter().map(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        let format = name.and_then(Format::of_file).or(format).ok_or_else(|| {
            Usage::new(
                format!(
                    "the name {} does not tell the report's format",
                    path.display()
                ),
                "use an extension such as .json or .md, or add --format",
            )
        })?;
        let path = path.clone();
        Ok(Output { path, format })
    });
    outputs.collect()
}

impl Output {
    /// Refuses a file that cannot be written, as far as that can be told; nothing is left behind.
    pub fn try_place(&self) -> miette::Result<()> {
        let tried = match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if found.is_file() => {
                OpenOptions::new().append(true).open(&self.path).map(|_| ())
            }
            // Whoever reads a pipe would take the trial for the report.
            Ok(_) => Ok(()),
            Err(_) => try_folder(folder(&self.path)),
        };
        tried.map_err(|error| self.unwritable(&error).into())
    }

    /// Writes the file; a page that has a CSV among `all` beside it leads there.
    pub fn write(&self, report: &Report, all: &[Output]) -> miette::Result<()> {
        let beside = all.iter().find_map(|other| {
            let is_beside =
                other.format == Format::Csv && folder(&other.path) == folder(&self.path);
            is_beside.then(|| other.path.file_name()?.to_str())?
        });
        let bytes = match (self.format, beside) {
            (Format::Html, Some(csv)) => page_beside(report, csv),
            _ => render(report, self.format, &Look::PLAIN),
        };
        fs::create_dir_all(folder(&self.path))
            .and_then(|()| fs::write(&self.path, bytes))
            .map_err(|error| self.unwritable(&error).into())
    }

    fn unwritable(&self, error: &io::Error) -> Usage {
        let path = self.path.display();
        Usage::new(format!("cannot write the report to {path}: {error}"), HELP)
    }
}

/// The folder that a file is in.
pub fn folder(path: &Path) -> &Path {
    let folder = path.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Whether something can be written into a folder, or into the one in which it would be made.
pub fn try_folder(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|folder| folder.exists());
    tempfile::tempfile_in(there.unwrap_or(Path::new("."))).map(|_| ())
}
