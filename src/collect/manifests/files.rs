//! Files and folders as texts, in the order of their names.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::sha256;

/// What stands for standard input among paths, and its name in origins.
const DASH: &str = "-";
const STDIN: &str = "stdin";

/// The endings of manifests in folders; a file that is named itself is read whatever its ending.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// More than this is no manifest.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A path that was named and is not there.
#[derive(Debug, Error)]
#[error("there is no file or folder {}: {error}", path.display())]
pub struct MissingPath {
    pub path: PathBuf,
    pub error: io::Error,
}

/// A file, and its text or why it has none.
pub struct File {
    pub name: String,
    pub text: Result<String, String>,
    /// The SHA-256 of the whole file, where it could be read.
    pub digest: Option<String>,
}

impl File {
    fn new(name: String, bytes: Result<Vec<u8>, String>) -> Self {
        Self {
            name,
            digest: bytes.as_ref().ok().map(|bytes| sha256(bytes)),
            text: bytes
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())),
        }
    }
}

/// The name of a path in reports: as given, with slashes.
pub fn name(path: &Path) -> String {
    let name = path.to_string_lossy().replace('\\', "/");
    match name.strip_prefix("./") {
        _ if name == DASH => STDIN.to_owned(),
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => name,
    }
}

/// Every file that the paths name, each once; folders with everything below them.
pub fn files(paths: &[PathBuf], stdin: &mut dyn Read) -> Result<Vec<File>, MissingPath> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == DASH {
            files.push(File::new(STDIN.to_owned(), content(stdin)));
            continue;
        }
        let meta = fs::metadata(path).map_err(|error| MissingPath {
            path: path.clone(),
            error,
        })?;
        if meta.is_dir() {
            folder(path, &mut Vec::new(), &mut files, &mut seen);
        } else {
            file(path, &mut files, &mut seen);
        }
    }
    Ok(files)
}

fn file(path: &Path, files: &mut Vec<File>, seen: &mut BTreeSet<PathBuf>) {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if !seen.insert(real) {
        return;
    }
    let content = fs::File::open(path)
        .map_err(|error| error.to_string())
        .and_then(|mut file| content(&mut file));
    files.push(File::new(name(path), content));
}

/// What a folder holds, `above` being the folders that it is in: a link back to one of them is not followed.
fn folder(
    path: &Path,
    above: &mut Vec<PathBuf>,
    files: &mut Vec<File>,
    seen: &mut BTreeSet<PathBuf>,
) {
    let failed = |error: io::Error| File::new(name(path), Err(error.to_string()));
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) => return files.push(failed(error)),
    };
    if above.contains(&real) {
        return;
    }
    let read = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries: Vec<PathBuf> = match read {
        Ok(entries) => entries.iter().map(fs::DirEntry::path).collect(),
        Err(error) => return files.push(failed(error)),
    };
    entries.sort();
    above.push(real);
    for entry in entries {
        let ending = entry.extension().and_then(|ending| ending.to_str());
        if entry.is_dir() {
            if entry.file_name().is_none_or(|name| name != ".git") {
                folder(&entry, above, files, seen);
            }
        } else if ending
            .is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
        {
            file(&entry, files, seen);
        }
    }
    above.pop();
}

fn content(from: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = from.take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > LONGEST) {
        return Err("larger than 256 MiB".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        let files = files(paths, &mut io::empty()).unwrap();
        files.into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn folders_are_read_to_their_depths_in_order_and_each_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("b.yml", ""),
            ("a/z.YAML", ""),
            ("a/b/c.json", ""),
            ("README.md", ""),
            (".git/x.yaml", ""),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        let prefix = format!("{}/", root.display());
        let read = names(&[root.to_owned(), root.join("b.yml"), root.join("README.md")]);
        let read: Vec<_> = read
            .iter()
            .map(|name| name.strip_prefix(&prefix).unwrap())
            .collect();
        assert_eq!(read, ["a/b/c.json", "a/z.YAML", "b.yml", "README.md"]);
    }

    #[test]
    fn standard_input_is_a_file_too() {
        let mut stdin = "a: 1".as_bytes();
        let read = files(&[PathBuf::from("-")], &mut stdin).unwrap();
        assert_eq!(
            (read[0].name.as_str(), read[0].text.as_deref()),
            ("stdin", Ok("a: 1"))
        );
        assert_eq!(read[0].digest.as_deref(), Some(&*sha256(b"a: 1")));
    }

    #[test]
    fn what_is_not_there_is_refused_and_what_is_no_text_is_said() {
        let missing = files(&[PathBuf::from("nowhere.yaml")], &mut io::empty())
            .err()
            .unwrap();
        assert!(missing.to_string().contains("nowhere.yaml"), "{missing}");
        let mut stdin: &[u8] = &[0xff, 0xfe];
        let read = files(&[PathBuf::from("-")], &mut stdin).unwrap();
        assert_eq!(read[0].text, Err("not UTF-8".to_owned()));
    }
}
