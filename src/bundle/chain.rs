//! The chain: each bundle in a folder names the manifest of the one before it, so that none can go or change unseen.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{ARCHIVE, Bundle, Fault, MANIFEST, Manifest, OpenError, SUMS};
use crate::model::sha256;

/// A bundle's place in the chain.
#[derive(Clone, Debug)]
pub struct Link {
    pub name: String,
    pub path: PathBuf,
    /// Of its manifest, as it is now.
    pub digest: String,
    /// What its manifest says, if it can be read.
    pub says: Option<Says>,
}

#[derive(Clone, Debug)]
pub struct Says {
    pub previous: Option<String>,
    pub started_at: Timestamp,
}

/// Every bundle in a folder, folders and archives, the oldest scan first.
pub fn links(folder: &Path) -> Result<Vec<Link>, OpenError> {
    let failed = |error| OpenError::Read {
        path: folder.to_owned(),
        error,
    };
    let mut links = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.is_dir() && !name.starts_with('.') && Bundle::is_at(&path);
        if folder || path.is_file() && name.ends_with(ARCHIVE) {
            links.extend(link(&path, &name));
        }
    }
    links.sort_by(|a, b| {
        let key = |link: &Link| {
            (
                link.says.as_ref().map(|says| says.started_at),
                link.name.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    Ok(links)
}

/// Nothing of what never was a bundle.
fn link(path: &Path, name: &str) -> Option<Link> {
    let bundle = match super::read(path, Some(MANIFEST)) {
        Ok(bundle) => bundle,
        // One that cannot be read counts, or who damages it would hide it.
        Err(OpenError::Read { .. } | OpenError::Damaged { .. }) => Bundle::default(),
        Err(_) if name.starts_with("soc2scan-") || path.join(SUMS).is_file() => Bundle::default(),
        Err(_) => return None,
    };
    let manifest = bundle.files.get(MANIFEST).map(Vec::as_slice);
    let manifest = manifest.unwrap_or_default();
    let says = Manifest::parse(manifest).ok().map(|manifest| Says {
        previous: manifest.previous_manifest_sha256,
        started_at: manifest.scan.started_at,
    });
    Some(Link {
        name: name.to_owned(),
        path: path.to_owned(),
        digest: sha256(manifest),
        says,
    })
}

/// The end of the chain: the newest bundle that no other one follows.
pub fn last(links: &[Link]) -> Option<&Link> {
    let followed = |link: &Link| {
        let mut others = links.iter().filter_map(|other| other.says.as_ref());
        others.any(|says| says.previous.as_deref() == Some(&link.digest))
    };
    let mut ends = links.iter().rev().filter(|link| link.says.is_some());
    ends.find(|link| !followed(link))
}

/// Where the chain of a folder breaks. A bundle that lies there twice, as a folder and an archive, is one.
pub fn chain_faults(links: &[Link]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut followers: BTreeMap<Option<&str>, BTreeMap<&str, &str>> = BTreeMap::new();
    for link in links {
        match &link.says {
            None => {
                let why = format!("has no {MANIFEST} that can be read");
                faults.push(Fault::new(&link.name, why));
            }
            Some(says) => {
                let followers = followers.entry(says.previous.as_deref()).or_default();
                followers.insert(&link.digest, &link.name);
            }
        }
    }
    for (previous, followers) in followers {
        let names: Vec<&str> = followers.into_values().collect();
        let all = names.join(", ");
        let count = names.len();
        let before = links
            .iter()
            .find(|link| Some(link.digest.as_str()) == previous);
        match (previous, before) {
            (Some(digest), None) => {
                let why = format!(
                    "follows a bundle that was changed or is gone: none has a {MANIFEST} with the SHA-256 {digest}"
                );
                faults.extend(names.iter().map(|name| Fault::new(*name, why.clone())));
            }
            (_, Some(before)) if count > 1 => {
                let why = format!("is followed by {count} bundles: {all}");
                faults.push(Fault::new(&before.name, why));
            }
            (None, None) if count > 1 => {
                let why = format!("is one of {count} that follow none: {all}");
                faults.extend(names.first().map(|name| Fault::new(*name, why)));
            }
            _ => {}
        }
    }
    faults.sort();
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, previous: Option<&str>, second: i64) -> Link {
        Link {
            name: name.to_owned(),
            path: PathBuf::from(name),
            digest: sha256(name.as_bytes()),
            says: Some(Says {
                previous: previous.map(|name| sha256(name.as_bytes())),
                started_at: Timestamp::from_second(second).unwrap(),
            }),
        }
    }

    fn told(links: &[Link]) -> Vec<String> {
        let faults = chain_faults(links).into_iter();
        faults
            .map(|fault| format!("{} {}", fault.of, fault.why))
            .collect()
    }

    #[test]
    fn a_bundle_follows_the_end_of_the_chain_even_if_it_is_not_the_newest_scan() {
        assert!(last(&[]).is_none());
        let links = [link("old", Some("new"), 1), link("new", None, 2)];
        assert_eq!(last(&links).unwrap().name, "old");
        assert!(told(&links).is_empty());
    }

    #[test]
    fn a_gap_a_fork_and_a_second_beginning_are_named() {
        let gap = [link("a", None, 1), link("c", Some("b"), 3)];
        assert!(told(&gap)[0].starts_with("c follows a bundle that was changed or is gone"));
        let fork = [
            link("a", None, 1),
            link("b", Some("a"), 2),
            link("c", Some("a"), 3),
        ];
        assert!(told(&fork)[0].starts_with("a is followed by 2 bundles: "));
        let two = [link("a", None, 1), link("b", None, 2)];
        assert!(told(&two)[0].contains("is one of 2 that follow none: "));
        let mut broken = link("b", None, 2);
        broken.says = None;
        let broken = [link("a", None, 1), broken];
        assert_eq!(told(&broken), ["b has no manifest.json that can be read"]);
        assert_eq!(last(&broken).unwrap().name, "a");
    }

    #[test]
    fn the_same_bundle_twice_is_no_fork() {
        let mut copy = link("b", Some("a"), 2);
        copy.name = "b.tar.zst".to_owned();
        let links = [link("a", None, 1), link("b", Some("a"), 2), copy];
        assert!(told(&links).is_empty());
    }
}
