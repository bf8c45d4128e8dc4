//! A bundle as a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Budget, Bundle, DEEPEST, Files, OpenError};

/// Reads what lies below a folder. Links and the like are not followed but named.
pub fn read(root: &Path, wanted: Option<&str>) -> Result<Bundle, OpenError> {
    let mut bundle = Bundle::default();
    let mut budget = Budget::default();
    if let Some(inside) = wanted {
        let path = root.join(inside);
        if path.exists() {
            file(root, &path, inside, &mut budget, &mut bundle)?;
        }
        return Ok(bundle);
    }
    let mut folders = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let failed = |error| OpenError::Read {
            path: folder.clone(),
            error,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let inside = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(failed)?.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), format!("{inside}/"), depth + 1));
            } else {
                file(root, &entry.path(), &inside, &mut budget, &mut bundle)?;
            }
        }
    }
    Ok(bundle)
}

fn file(
    root: &Path,
    path: &Path,
    inside: &str,
    budget: &mut Budget,
    bundle: &mut Bundle,
) -> Result<(), OpenError> {
    let failed = |error| OpenError::Read {
        path: path.to_owned(),
        error,
    };
    let meta = fs::symlink_metadata(path).map_err(failed)?;
    if !meta.is_file() {
        let what = if meta.is_symlink() {
            "a link"
        } else {
            "no plain file"
        };
        bundle.odd.insert(inside.to_owned(), what.to_owned());
        return Ok(());
    }
    budget.take(meta.len()).map_err(|why| OpenError::Refused {
        path: root.to_owned(),
        why,
    })?;
    let bytes = fs::read(path).map_err(failed)?;
    bundle.files.insert(inside.to_owned(), bytes);
    Ok(())
}

/// Writes beside the place where the folder is to be, then moves it there.
pub fn write(parent: &Path, name: &str, files: &Files) -> io::Result<PathBuf> {
    fs::create_dir_all(parent)?;
    let path = parent.join(name);
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let draft = tempfile::Builder::new()
        .prefix(".soc2scan-")
        .tempdir_in(parent)?;
    let inside = draft.path().join(name);
    for (file, bytes) in files {
        let file = inside.join(file);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, bytes)?;
    }
    fs::rename(&inside, &path)?;
    Ok(path)
}
