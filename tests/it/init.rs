//! The files that `init` writes: in order as they are, for exactly the topics in scope, and over nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use soc2scan::model::{Category, criteria, topics};
use soc2scan::register::attestations;

use crate::cli::{Ran, soc2scan};
use crate::waivers::{folder, plan, refused};

fn init(folder: &Path, arguments: &[&str]) -> Ran {
    soc2scan(folder, &[], &[&["init"], arguments].concat())
}

/// The topics that a starter file has an entry for.
fn offered(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("  #   topic: "))
        .collect()
}

#[test]
fn init_writes_files_that_are_in_order_and_writes_over_none() {
    let folder = folder(&[]);
    let ran = init(folder.path(), &["here"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("wrote here/attestations.yaml"),
        "{}",
        ran.out
    );
    let here = folder.path().join("here");
    let planned = plan(&here, &[]);
    assert_eq!(planned.code, 0, "{}", planned.err);

    fs::remove_file(here.join("soc2scan.yaml")).unwrap();
    fs::write(here.join("waivers.yaml"), "mine").unwrap();
    refused(
        &init(folder.path(), &["here"]),
        &["here/waivers.yaml, here/attestations.yaml exists already; nothing was written"],
    );
    assert_eq!(
        fs::read_to_string(here.join("waivers.yaml")).unwrap(),
        "mine"
    );
    assert!(!here.join("soc2scan.yaml").exists());
}

#[test]
fn init_offers_exactly_the_topics_in_scope() {
    for categories in [
        &[Category::Availability, Category::Confidentiality][..],
        &Category::ALL,
    ] {
        let folder = folder(&[]);
        let names: Vec<_> = categories
            .iter()
            .map(|category| category.as_str())
            .collect();
        assert_eq!(
            init(folder.path(), &["--categories", &names.join(",")]).code,
            0
        );
        let text = fs::read_to_string(folder.path().join("attestations.yaml")).unwrap();
        let in_scope =
            |category: &Category| *category == Category::Security || categories.contains(category);
        let offered = offered(&text);
        for topic in topics() {
            let wanted = topic
                .criteria()
                .iter()
                .any(|criterion| in_scope(&criterion.category));
            assert_eq!(offered.contains(topic.id.as_str()), wanted, "{}", topic.id);
        }
        let asked = criteria()
            .iter()
            .filter(|criterion| in_scope(&criterion.category));
        for topic in asked.flat_map(|criterion| &criterion.attestation_topics) {
            assert!(offered.contains(topic.as_str()), "{topic}");
        }
        let config = fs::read_to_string(folder.path().join("soc2scan.yaml")).unwrap();
        assert!(config.contains("availability, confidentiality"), "{config}");
    }
}

#[test]
fn the_comments_of_the_starter_files_are_entries_once_they_are_filled_in() {
    let folder = folder(&[]);
    assert_eq!(init(folder.path(), &[]).code, 0);
    let path = folder.path().join("waivers.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let (head, entry) = text.split_once("  # - id").unwrap();
    let entry = format!("  # - id{entry}");
    let lines: Vec<_> = entry
        .lines()
        .map(|line| line.replacen("  # ", "  ", 1))
        .collect();
    fs::write(&path, format!("{head}{}\n", lines.join("\n"))).unwrap();
    assert_eq!(plan(folder.path(), &[]).err, "");

    let path = folder.path().join("attestations.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text
        .lines()
        .map(|line| match line.strip_prefix("  # ") {
            Some(rest) if rest.starts_with("- id") || rest.starts_with("  ") => format!("  {rest}"),
            _ => line.to_owned(),
        })
        .collect();
    let filled = lines
        .join("\n")
        .replace("statement: \"\"", "statement: It was done and looked at.")
        .replace("owner: \"\"", "owner: o")
        .replace("attested_by: \"\"", "attested_by: a")
        .replace("attested_on: \"\"", "attested_on: 2026-10-01")
        .replace("title: \"\", path: \"\"", "title: T, path: p")
        .replace("name: \"\"", "name: V")
        .replace("report_period_end: \"\"", "report_period_end: 2026-03-31");
    let (read, errors) = attestations("a.yaml", &filled).unwrap();
    assert!(errors.is_empty(), "{}", errors[0].one_line());
    assert_eq!(read.entries.len(), offered(&text).len());
    assert!(read.entries.len() > 60);
}
