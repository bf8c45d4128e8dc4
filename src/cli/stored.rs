//! What is stored: a report or a snapshot, from its file or from a bundle that is as it was written.

use std::path::Path;

use super::report::{ReportError, bytes, parse};
use crate::bundle::{ARCHIVE, Bundle, REPORT, sum_faults};
use crate::model::{Report, Snapshot};
use crate::render::clean;

/// A report or a snapshot.
pub enum Stored {
    Report(Box<Report>),
    Snapshot(Box<Snapshot>),
}

/// The report of a file, or of a bundle whose every file is what its sums say.
pub fn report(path: &Path) -> Result<Report, ReportError> {
    if !path.is_dir() && !is_archive(path) {
        return parse(path, &bytes(path)?);
    }
    let bundle = Bundle::open(path)?;
    let altered = |why: &str| ReportError::Altered {
        path: path.to_owned(),
        why: clean(why),
    };
    if let Some(fault) = sum_faults(&bundle).first() {
        return Err(altered(&format!("{} {}", fault.of, fault.why)));
    }
    let report = bundle.files.get(REPORT);
    let report = report.ok_or_else(|| altered(&format!("{REPORT} is missing")))?;
    parse(&path.join(REPORT), report)
}

/// The report or the snapshot of a file, or the report of a bundle.
pub fn open(path: &Path) -> Result<Stored, ReportError> {
    if path.is_dir() || is_archive(path) {
        return report(path).map(|report| Stored::Report(Box::new(report)));
    }
    let bytes = bytes(path)?;
    if !is_snapshot(&bytes) {
        return parse(path, &bytes).map(|report| Stored::Report(Box::new(report)));
    }
    let broken = |why: String| ReportError::Snapshot {
        path: path.to_owned(),
        why: clean(&why),
    };
    let text = str::from_utf8(&bytes).map_err(|error| broken(error.to_string()))?;
    let snapshot = Snapshot::from_json_lines(text).map_err(|error| broken(error.to_string()))?;
    Ok(Stored::Snapshot(Box::new(snapshot)))
}

/// Whether something is a bundle, by what is in the folder or by the name of the archive.
pub fn is_bundle(path: &Path) -> bool {
    Bundle::is_at(path) || is_archive(path)
}

fn is_archive(path: &Path) -> bool {
    path.to_string_lossy().ends_with(ARCHIVE)
}

/// Whether the first line is the header of a snapshot.
fn is_snapshot(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let first = bytes.split(|byte| *byte == b'\n').next();
    let head: Option<Head> = first.and_then(|line| serde_json::from_slice(line).ok());
    head.is_some_and(|head| head.schema == Snapshot::SCHEMA)
}
