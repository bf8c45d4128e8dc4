//! What each file may say, and what is refused where.

mod refused_attestations;
mod refused_waivers;
mod scope;

use std::collections::BTreeSet;

use super::*;
use crate::model::Platform;
use crate::yaml::FileError;

fn checks() -> Checks {
    let aws = BTreeSet::from([Platform::Aws]);
    let kubernetes = BTreeSet::from([Platform::Kubernetes]);
    Checks::from([
        ("aws.rds.multi_az".to_owned(), aws.clone()),
        ("aws.rds.automated_backups".to_owned(), aws),
        ("k8s.pdb.present".to_owned(), kubernetes),
    ])
}

fn lines(errors: &[FileError]) -> Vec<String> {
    errors.iter().map(FileError::one_line).collect()
}

/// A waiver in order, with lines exchanged or added.
fn waiver(changes: &[(&str, &str)]) -> String {
    let lines = [
        ("id", "W-1"),
        ("check", "aws.rds.multi_az"),
        ("match", "{ region: eu-west-1 }"),
        ("reason", "Rebuilt every night from the warehouse."),
        ("owner", "data@example.com"),
        ("approved_by", "ciso@example.com"),
        ("approved_on", "2026-10-01"),
        ("expires", "2026-12-31"),
    ];
    file("waivers", &lines, changes)
}

fn attestation(changes: &[(&str, &str)]) -> String {
    let lines = [
        ("id", "policy"),
        ("topic", "information_security_policy"),
        ("controls", "[CC5.3]"),
        ("statement", "The policy was reviewed and approved."),
        ("result", "operating"),
        ("owner", "ciso@example.com"),
        ("attested_by", "ciso@example.com"),
        ("attested_on", "2026-09-02"),
    ];
    file("attestations", &lines, changes)
}

/// An empty value takes the line out.
fn file(key: &str, lines: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut lines = lines.to_vec();
    for change in changes {
        match lines.iter_mut().find(|line| line.0 == change.0) {
            Some(line) => *line = *change,
            None => lines.push(*change),
        }
    }
    let mut text = format!("version: 1\n{key}:\n");
    let mut start = "- ";
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("{start}{name}: {value}\n"));
        start = "  ";
    }
    text
}

fn read_waivers(text: &str) -> (Waivers, Vec<String>) {
    match waivers("w.yaml", text, &checks(), 180) {
        Ok((read, errors)) => (read, lines(&errors)),
        Err(Broken(errors)) => (Waivers::default(), lines(&errors)),
    }
}

fn read_attestations(text: &str) -> (Attestations, Vec<String>) {
    match attestations("a.yaml", text) {
        Ok((read, errors)) => (read, lines(&errors)),
        Err(Broken(errors)) => (Attestations::default(), lines(&errors)),
    }
}

#[test]
fn a_waiver_holds_from_its_approval_to_the_end_of_its_last_day() {
    let (read, errors) = read_waivers(&waiver(&[]));
    assert_eq!(errors, [""; 0]);
    let waiver = &read.entries[0];
    assert_eq!(waiver.start().to_string(), "2026-10-01T00:00:00Z");
    assert_eq!(waiver.expires.end.to_string(), "2027-01-01T00:00:00Z");
    assert_eq!(read.digest.unwrap().len(), 64);
}

#[test]
fn a_waiver_may_say_everything() {
    let text = waiver(&[
        (
            "match",
            "{ provider: aws, account: '1', resource: 'arn:*:db:x-?', tags: { env: sand* } }",
        ),
        ("observed", "{ MultiAZ: false, 'a.b': [1] }"),
        ("not_before", "2026-10-15T00:00:00+02:00"),
        ("ticket", "SEC-812"),
        ("risk", "low"),
        (
            "compensating_control",
            "{ description: Nightly rebuild, evidence: runbook, checks: [aws.rds.automated_backups] }",
        ),
    ]);
    let (read, errors) = read_waivers(&text);
    assert_eq!(errors, [""; 0]);
    let report = read.entries[0].report();
    assert_eq!(report.selectors["tags.env"], "sand*");
    assert_eq!(report.selectors["provider"], "aws");
    assert_eq!(read.entries[0].start().to_string(), "2026-10-14T22:00:00Z");
}

#[test]
fn a_list_whose_entries_are_all_comments_is_empty() {
    assert!(
        read_waivers("version: 1\nwaivers:\n  # - id: x\n")
            .1
            .is_empty()
    );
    assert!(
        read_attestations("version: 1\nattestations: []\n")
            .1
            .is_empty()
    );
}

#[test]
fn a_good_entry_is_kept_beside_a_wrong_one_and_the_wrong_one_is_named() {
    let mut text = waiver(&[]);
    text.push_str("- id: W-2\n  check: aws.rds.multi_as\n  reason: short\n");
    let (read, errors) = read_waivers(&text);
    assert_eq!(read.entries.len(), 1);
    assert_eq!(read.invalid.len(), 1);
    assert_eq!(read.invalid[0].id, "W-2");
    assert_eq!(read.invalid[0].reason, "short");
    let note = read.invalid[0].note.clone().unwrap();
    for error in errors {
        assert!(note.contains(&error), "{error}");
    }
    assert!(
        note.contains(
            "w.yaml:12:10: there is no check `aws.rds.multi_as` (did you mean `aws.rds.multi_az`?)"
        ),
        "{note}"
    );
}

#[test]
fn a_wrong_attestation_is_of_its_criteria_with_or_without_brackets() {
    for controls in ["CC5.3", "[CC5.3]"] {
        let text = attestation(&[("controls", controls), ("statement", "short")]);
        let (read, _) = read_attestations(&text);
        assert_eq!(read.invalid[0].controls, ["CC5.3"]);
    }
}

#[test]
fn an_attestation_may_say_everything() {
    let digest = "0".repeat(64);
    let text = attestation(&[
        ("reviewed_on", "2026-09-01"),
        ("valid_until", "2027-06-30"),
        ("max_age_days", "200"),
        (
            "documents",
            &format!(
                "[{{title: Policy, version: '4.1', path: p/infosec.md, approved_by: ceo, approved_on: 2026-09-01, sha256: '{digest}'}}, {{title: Wiki, url: 'https://example.com/p'}}]"
            ),
        ),
        ("period", "{start: 2026-06-01, end: 2026-11-30}"),
        (
            "population",
            "{description: Leavers, exceptions: 0, count: 3, source_system: HRIS, query: all, list: l.csv}",
        ),
        (
            "vendor",
            "{name: AWS, report_type: SOC 2 Type II, report_period_start: 2025-04-01, report_period_end: 2026-03-31, opinion: unqualified, bridge_letter: b.pdf, cuecs_reviewed: true}",
        ),
    ]);
    let (read, errors) = read_attestations(&text);
    assert_eq!(errors, [""; 0]);
    let files: Vec<_> = read.entries[0].files().collect();
    assert_eq!(files, ["p/infosec.md", "l.csv"]);
}

#[test]
fn no_text_makes_a_panic() {
    for text in [
        "",
        "\0",
        "- 1",
        "version: 1",
        "waivers: {a: {}}",
        "version: 1\nwaivers: [~, [], 1, {id: [1]}]",
    ] {
        assert!(!read_waivers(text).1.is_empty(), "{text:?}");
        assert!(!read_attestations(text).1.is_empty(), "{text:?}");
    }
    for at in 0..waiver(&[]).len() {
        let _ = read_waivers(&waiver(&[])[..at]);
    }
}
