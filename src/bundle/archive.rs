//! A bundle as one file: a tar archive, compressed by Zstandard.

use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Component, Path};

use tar::{Archive, Builder, EntryType, Header};

use super::{ARCHIVE, Budget, Bundle, Files, LARGEST_SUM, MANIFEST, OpenError, REPORT, SUMS};

/// What comes first, so that whoever wants only this need not read on.
const FIRST: [&str; 3] = [MANIFEST, SUMS, REPORT];

/// Compresses well enough, and a hundred megabytes in a second.
const LEVEL: i32 = 6;

/// Writes beside the place where the file is to be, then moves it there.
pub fn write(path: &Path, name: &str, files: &Files) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let parent = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let draft = tempfile::Builder::new()
        .prefix(".soc2scan-")
        .tempdir_in(parent)?;
    let inside = draft.path().join("draft");
    let mut file = fs::File::create_new(&inside)?;
    pack(&mut file, name, files)?;
    file.flush()?;
    fs::rename(&inside, path)
}

fn pack(to: &mut fs::File, name: &str, files: &Files) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(to, LEVEL)?;
    // Any flipped bit is found, whatever it hits.
    encoder.include_checksum(true)?;
    let mut tar = Builder::new(encoder);
    let first = FIRST
        .into_iter()
        .filter_map(|path| files.get_key_value(path));
    let rest = files
        .iter()
        .filter(|(path, _)| !FIRST.contains(&path.as_str()));
    for (path, bytes) in first.chain(rest) {
        // Nothing of the machine or the moment.
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(u64::try_from(bytes.len()).map_err(io::Error::other)?);
        tar.append_data(&mut header, format!("{name}/{path}"), bytes.as_slice())?;
    }
    tar.into_inner()?.finish()?;
    Ok(())
}

/// Reads an archive, the folder that it unpacks as left out of the paths.
pub fn read(path: &Path, wanted: Option<&str>) -> Result<Bundle, OpenError> {
    let failed = |error| OpenError::Read {
        path: path.to_owned(),
        error,
    };
    // A file of another name was never a bundle.
    let damaged = |error: io::Error| match path.to_string_lossy().ends_with(ARCHIVE) {
        true => OpenError::Damaged {
            path: path.to_owned(),
            why: error.to_string(),
        },
        false => OpenError::NotABundle {
            path: path.to_owned(),
            why: format!("it is neither a folder nor a {ARCHIVE} archive"),
        },
    };
    let file = fs::File::open(path).map_err(failed)?;
    let decoder = zstd::Decoder::new(file).map_err(failed)?;
    let mut archive = Archive::new(decoder.take(LARGEST_SUM + (1 << 28)));
    let found = unpack(&mut archive, wanted);
    // What looks wrong inside may be no more than a flipped bit, and the end of the archive says whether it is.
    if wanted.is_none() || found.is_err() {
        io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(damaged)?;
    }
    let files = found.map_err(|wrong| match wrong {
        Wrong::Unreadable(error) => damaged(error),
        Wrong::Refused(why) => OpenError::Refused {
            path: path.to_owned(),
            why,
        },
    })?;
    Ok(Bundle {
        files,
        ..Bundle::default()
    })
}

enum Wrong {
    Unreadable(io::Error),
    Refused(String),
}

/// The files by path, without the folder that all of them are in.
fn unpack(archive: &mut Archive<impl Read>, wanted: Option<&str>) -> Result<Files, Wrong> {
    let refused = |path: &str, why: &str| Wrong::Refused(format!("it holds {path:?}, {why}"));
    let mut files = Files::new();
    let mut budget = Budget::default();
    for entry in archive.entries().map_err(Wrong::Unreadable)? {
        let mut entry = entry.map_err(Wrong::Unreadable)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut parts = Vec::new();
        for part in Path::new(&path).components() {
            match part {
                Component::CurDir => {}
                Component::Normal(part) => parts.push(part.to_string_lossy()),
                _ => return Err(refused(&path, "a path that leads out of it")),
            }
        }
        match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Regular | EntryType::Continuous => {}
            _ => return Err(refused(&path, "which is no plain file")),
        }
        budget.take(entry.size()).map_err(Wrong::Refused)?;
        let path = parts.join("/");
        let inside = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
        if wanted.is_some_and(|wanted| wanted != inside && wanted != path) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(Wrong::Unreadable)?;
        if files.contains_key(&path) {
            return Err(refused(&path, "more than once"));
        }
        files.insert(path, bytes);
        if wanted.is_some() {
            break;
        }
    }
    if files.contains_key(MANIFEST) || files.contains_key(SUMS) {
        return Ok(files);
    }
    let mut folder = None;
    let mut inside = Files::new();
    for (path, bytes) in files {
        let Some((first, rest)) = path.split_once('/') else {
            return Err(refused(&path, "outside the bundle's folder"));
        };
        if folder.get_or_insert_with(|| first.to_owned()) != first {
            return Err(refused(&path, "outside the bundle's folder"));
        }
        inside.insert(rest.to_owned(), bytes);
    }
    Ok(inside)
}
