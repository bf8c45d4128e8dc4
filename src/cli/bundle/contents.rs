//! What is in a bundle: where each file lies, and those that follow from the others.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::bundle::{Files, REPORT};
use crate::model::{Coverage, Exclusion, Kind, Report, ResourceId, Snapshot, Subject, Target};
use crate::render::{self, Format, Look, render};
use crate::wire::{Operation, Tape, operations, requests};

pub const SNAPSHOT: &str = "snapshot.jsonl";
/// The SHA-256 of every manifest that was read, as `sha256sum -c` takes it.
pub const FILES_READ: &str = "evidence/files.sha256";
pub const RULES: &str = "config/rules";
pub const SCOPE: &str = "config/scope.json";
pub const WAIVERS: &str = "config/waivers.yaml";
pub const ATTESTATIONS: &str = "config/attestations.yaml";

/// The folders of what [`derived`] makes: nothing else belongs there.
pub const PARTS: [&str; 5] = ["coverage", "exports", "population", "report", "requests"];

/// What the rest of a bundle follows from.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    pub report: &'a Report,
    pub snapshot: &'a Snapshot,
    pub tape: Option<&'a Tape>,
}

/// Everything that a bundle says: equal bytes for an equal basis, so that anybody can make it again and compare.
pub fn derived(basis: &Basis<'_>, formats: impl Iterator<Item = Format>) -> Files {
    let Basis {
        report,
        snapshot,
        tape,
    } = *basis;
    let mut files = Files::new();
    for format in formats {
        let path = path_of(format).to_owned();
        files
            .entry(path)
            .or_insert_with(|| render(report, format, &Look::PLAIN));
    }
    let mut add = |path: String, text: String| {
        files.insert(path, text.into_bytes());
    };
    add("report/controls.csv".to_owned(), render::controls(report));
    let lines: BTreeMap<(&Kind, &ResourceId), usize> = snapshot
        .resources
        .iter()
        .enumerate()
        .map(|(index, resource)| (resource.key(), index + 2))
        .collect();
    let document = |subject: &Subject| {
        let line = lines.get(&(&subject.kind, &subject.id));
        line.map_or_else(String::new, |line| format!("{SNAPSHOT}:{line}#/document"))
    };
    for (rule, table) in render::populations(report, &document) {
        add(format!("population/{rule}.csv"), table);
    }
    add(
        "coverage/exclusions.csv".to_owned(),
        render::exclusions(report),
    );
    add(
        "coverage/completeness.json".to_owned(),
        pretty(&completeness(report, tape)),
    );
    if let Some(tape) = tape {
        let rows = requests(tape, account(report));
        let rows = rows.iter().map(|row| format!("{}\n", json!(row)));
        add("requests/requests.jsonl".to_owned(), rows.collect());
    }
    files
}

/// Where a format of the report lies.
fn path_of(format: Format) -> &'static str {
    match format {
        Format::Json => REPORT,
        Format::Table => "report/report.txt",
        Format::Markdown => "report/report.md",
        Format::Html => "report/report.html",
        Format::Xlsx => "report/report.xlsx",
        Format::Csv => "report/findings.csv",
        Format::Jsonl => "report/findings.jsonl",
        Format::Sarif => "exports/sarif.json",
        Format::Junit => "exports/junit.xml",
        Format::Github => "exports/github.txt",
        Format::Ocsf => "exports/ocsf.jsonl",
        Format::Oscal => "exports/oscal-ar.json",
        Format::Asff => "exports/asff.jsonl",
    }
}

/// The format of the report that lies at a path.
pub fn format_at(path: &str) -> Option<Format> {
    Format::ALL
        .into_iter()
        .find(|format| path_of(*format) == path)
}

/// The account that was scanned.
fn account(report: &Report) -> Option<&str> {
    report.targets.iter().find_map(|target| match target {
        Target::Aws { account, .. } => Some(account.as_str()),
        Target::Kubernetes { .. } | Target::Manifests { .. } => None,
    })
}

/// How much of what was asked for was read: by kind and scope, and by operation where a tape tells.
#[derive(Serialize)]
struct Completeness<'a> {
    complete: bool,
    evidence: &'static str,
    targets: &'a [Target],
    excluded: &'a [Exclusion],
    kinds: &'a [Coverage],
    operations: Vec<Operation>,
}

fn completeness<'a>(report: &'a Report, tape: Option<&Tape>) -> Completeness<'a> {
    Completeness {
        complete: report.coverage.iter().all(Coverage::is_complete),
        evidence: match tape {
            Some(_) => "evidence/ holds every answer, redacted",
            None => {
                "files were read: snapshot.jsonl stands for what is in them, with the values of environment variables \
                 and Secrets redacted; evidence/files.sha256 names each file"
            }
        },
        targets: &report.targets,
        excluded: &report.excluded,
        kinds: &report.coverage,
        operations: tape.map(operations).unwrap_or_default(),
    }
}

/// The sums of the files that were read, in their own names.
pub fn files_read(files: &BTreeMap<String, String>) -> String {
    let lines = files.iter().map(|(name, digest)| {
        // As sha256sum writes a name that would not fit on a line.
        let escaped = name.replace('\\', "\\\\").replace('\n', "\\n");
        let mark = if escaped == *name { "" } else { "\\" };
        format!("{mark}{digest}  {escaped}\n")
    });
    lines.collect()
}

pub fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_bundle_is_named_after_its_format() {
        for format in Format::ALL {
            let (_, name) = path_of(format).rsplit_once('/').unwrap();
            assert_eq!(Format::of_file(name), Some(format), "{name}");
        }
    }
}
