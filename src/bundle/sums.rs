//! The sums: `SHA256SUMS` as `sha256sum -c` takes it, and every file that is not what they and the manifest say.

use std::collections::BTreeMap;

use super::{Bundle, COSIGN_SIGNATURE, Files, MANIFEST, Manifest, SSH_SIGNATURE, SUMS};
use crate::model::sha256;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file or the bundle that it is about.
    pub of: String,
    pub why: String,
}

impl Fault {
    pub fn new(of: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            of: of.into(),
            why: why.into(),
        }
    }
}

/// The content of `SHA256SUMS`: every file but itself and signatures over it, sorted by path.
pub fn sums(files: &Files) -> String {
    let lines = files.iter().filter(|(path, _)| is_summed(path));
    lines
        .map(|(path, bytes)| line(path, &sha256(bytes)))
        .collect()
}

fn line(path: &str, digest: &str) -> String {
    format!("{digest}  {path}\n")
}

fn is_summed(path: &str) -> bool {
    ![SUMS, SSH_SIGNATURE, COSIGN_SIGNATURE].contains(&path)
}

/// Every file that is missing, added or altered, by the sums and by the manifest.
pub fn sum_faults(bundle: &Bundle) -> Vec<Fault> {
    let mut faults: Vec<Fault> = bundle
        .odd
        .iter()
        .map(|(path, what)| Fault::new(path, format!("is {what}")))
        .collect();
    let Some(text) = bundle.text(SUMS) else {
        let missing = !bundle.files.contains_key(SUMS);
        let why = if missing { "is missing" } else { "is no text" };
        faults.push(Fault::new(SUMS, why));
        return faults;
    };
    let mut promised: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        match line.split_once("  ") {
            Some((digest, path)) => {
                promised.insert(path, digest);
            }
            None => faults.push(Fault::new(SUMS, format!("line {} is no sum", index + 1))),
        }
    }
    let manifest = bundle.files.get(MANIFEST).map(Vec::as_slice);
    let manifest = Manifest::parse(manifest.unwrap_or_default()).ok();
    let listed: Option<BTreeMap<String, String>> = manifest.map(|manifest| {
        let files = manifest.files.into_iter();
        files.map(|file| (file.path, file.sha256)).collect()
    });
    let mut wanted = String::new();
    for (path, bytes) in &bundle.files {
        if !is_summed(path) {
            continue;
        }
        let found = sha256(bytes);
        wanted.push_str(&line(path, &found));
        let listed = listed.as_ref().map(|listed| listed.get(path));
        match promised.remove(path.as_str()) {
            Some(digest) if digest == found => {
                // The sums were made anew; the manifest was not.
                if path != MANIFEST && listed.is_some_and(|listed| listed != Some(&found)) {
                    let why = format!("is as {SUMS} says, but not as {MANIFEST} says");
                    faults.push(Fault::new(path, why));
                }
            }
            Some(_) if listed.flatten() == Some(&found) => {
                let why = format!("has another sum for {path} than the file and {MANIFEST}");
                faults.push(Fault::new(SUMS, why));
            }
            Some(digest) => {
                let why = format!("has the SHA-256 {found}, {SUMS} says {}", shown(digest));
                faults.push(Fault::new(path, why));
            }
            None => faults.push(Fault::new(path, format!("is not in {SUMS}"))),
        }
    }
    for path in listed.iter().flat_map(BTreeMap::keys) {
        if !bundle.files.contains_key(path) && !promised.contains_key(path.as_str()) {
            let why = format!("is in {MANIFEST} and missing");
            faults.push(Fault::new(shown(path), why));
        }
    }
    let missing = promised.into_keys();
    faults.extend(missing.map(|path| Fault::new(shown(path), format!("is in {SUMS} and missing"))));
    if faults.is_empty() && text != wanted {
        faults.push(Fault::new(
            SUMS,
            "is not in the form that it was written in",
        ));
    }
    faults.sort();
    faults
}

/// What a damaged line may hold, without what a terminal would obey.
fn shown(text: &str) -> String {
    text.escape_debug().take(100).collect()
}
