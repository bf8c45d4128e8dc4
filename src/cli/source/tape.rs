//! Recordings that are named: where they lie in folders and bundles, and why one cannot be used.

use std::path::{Path, PathBuf};

use super::EVIDENCE;
use crate::bundle::Bundle;
use crate::cli::Usage;
use crate::wire::{Manifest, Recording, TapeError};

/// A feature that this build lacks and that a recording needs.
pub fn lacking(recording: &Recording) -> Option<&'static str> {
    let asked = &recording.manifest.sources;
    let needs = |platform: &str| asked.get(platform).is_some_and(|asked| !asked.is_null());
    if needs("aws") && !cfg!(feature = "aws") {
        return Some("aws");
    }
    (needs("kubernetes") && !cfg!(feature = "kubernetes")).then_some("kubernetes")
}

/// The recording at a path: a folder that `--record` wrote, one that holds it, or a bundle.
pub fn recording(path: &Path) -> miette::Result<Recording> {
    let read = if path.is_file() {
        let bundle = Bundle::open(path)
            .map_err(|error| Usage::new(error.to_string(), "name a tape's folder, or a bundle"))?;
        recording_in(&bundle, path)
    } else {
        Recording::read(&within(path))
    };
    read.map_err(refused)
}

/// The recording in a bundle; `path` is the bundle's, for messages.
pub fn recording_in(bundle: &Bundle, path: &Path) -> Result<Recording, TapeError> {
    let root = path.join(EVIDENCE);
    Recording::fetch(&root, |name| {
        let text = bundle.text(&format!("{EVIDENCE}/{name}"));
        text.map(str::to_owned).ok_or_else(|| match name {
            Manifest::FILE => TapeError::Missing(root.clone()),
            _ => TapeError::Read {
                path: root.join(name),
                source: std::io::ErrorKind::NotFound.into(),
            },
        })
    })
}

/// The tape's own folder: the one named, or the one in it, as in fixtures and bundles.
fn within(folder: &Path) -> PathBuf {
    let inside = ["tape", EVIDENCE].map(|name| folder.join(name));
    let mut inside = inside.into_iter().filter(|inside| Manifest::is_in(inside));
    inside.next().unwrap_or_else(|| folder.to_owned())
}

pub fn refused(error: TapeError) -> miette::Report {
    let help = match &error {
        TapeError::Missing(_) => {
            "name a folder that `soc2scan check --record` wrote, or a bundle of such a scan"
        }
        TapeError::Exists(_) => "name another folder, or remove this one",
        TapeError::Write { .. } => "name a folder that can be written",
        TapeError::Altered { .. } => {
            "take the tape again from where it was recorded: no report follows from this one"
        }
        _ => "record the tape again with `soc2scan check --record`",
    };
    Usage::new(error.to_string(), help).into()
}
