//! The shape of the program: which module may use which, and which crate may be named where.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of each top-level module. A module uses only floors below its own.
const FLOORS: [(&str, u8); 14] = [
    ("cli", 5),
    ("render", 4),
    ("evaluate", 3),
    ("examine", 3),
    ("rules", 2),
    ("collect", 2),
    ("register", 2),
    ("expr", 1),
    ("yaml", 1),
    ("bundle", 1),
    ("wire", 1),
    ("model", 0),
    ("suggest", 0),
    ("glob", 0),
];

/// Where a crate may be named.
const CRATES: [(&str, &[&str]); 17] = [
    ("cel::", &["expr"]),
    ("aws_config::", &["collect", "wire"]),
    ("aws_runtime::", &["collect", "wire"]),
    ("aws_sdk_", &["collect", "wire"]),
    ("aws_smithy_", &["collect", "wire"]),
    ("kube::", &["collect", "wire"]),
    ("k8s_openapi::", &["collect", "wire"]),
    ("quick_xml::", &["collect", "wire"]),
    ("clap::", &["cli"]),
    ("indicatif::", &["cli"]),
    ("comfy_table::", &["cli", "render"]),
    (
        "serde_saphyr::",
        &["cli", "collect", "model", "register", "yaml"],
    ),
    ("rust_xlsxwriter::", &["render"]),
    ("tokio::", &["cli", "collect", "wire"]),
    ("serde_json_canonicalizer::", &["bundle"]),
    ("tar::", &["bundle"]),
    ("zstd::", &["bundle"]),
];

#[test]
fn a_module_uses_only_floors_below_its_own() {
    let floors = BTreeMap::from(FLOORS);
    let mut wrong = Vec::new();
    for (module, path, line, text) in code() {
        for used in text.split("crate::").skip(1) {
            let used: String = used
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let (Some(mine), Some(theirs)) =
                (floors.get(module.as_str()), floors.get(used.as_str()))
            else {
                continue;
            };
            if used != module && theirs >= mine {
                wrong.push(format!("{path}:{line}: {module} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for (module, path, line, text) in code() {
        for (name, places) in CRATES {
            let named = text.match_indices(name).any(|(at, _)| {
                !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if named && !places.contains(&module.as_str()) {
                wrong.push(format!("{path}:{line}: {module} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_opens_with_a_sentence() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} does not open with //!",
            path.display()
        );
    }
}

#[test]
fn no_module_is_named_after_nothing() {
    for path in sources() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let empty = [
            "utils", "util", "helpers", "common", "misc", "prelude", "shared",
        ];
        assert!(!empty.contains(&name), "{}", path.display());
    }
}

/// Every line of code outside comments, with its top-level module, path and number.
fn code() -> Vec<(String, String, usize, String)> {
    let root = source_root();
    let mut lines = Vec::new();
    for path in sources() {
        let inside = path.strip_prefix(&root).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        for (index, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if !line.trim_start().starts_with("//") {
                lines.push((
                    module.clone(),
                    inside.display().to_string(),
                    index + 1,
                    line.to_owned(),
                ));
            }
        }
    }
    assert!(lines.len() > 1000, "the sources were not found");
    lines
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source_root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
