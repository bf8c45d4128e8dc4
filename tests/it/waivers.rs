//! Waivers and attestations as files: where they are read from, what is refused, and what they do to a check.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

use soc2scan::model::{AttestationStatus, Outcome, Report, WaiverState};

use crate::cli::{Ran, soc2scan};

const WAIVER: &str = "version: 1
waivers:
- id: W-1
  check: aws.rds.multi_az
  match: { region: us-east-1 }
  reason: Rebuilt every night from the warehouse.
  owner: data@example.com
  approved_by: ciso@example.com
  approved_on: 2026-10-01
  expires: 2027-01-31
";

const ATTESTATION: &str = "version: 1
attestations:
- id: risks
  topic: risk_register
  controls: [CC3.2]
  statement: The register was reviewed by management.
  result: operating
  owner: ciso@example.com
  attested_by: ciso@example.com
  attested_on: 2026-10-01
";

/// Reads everything that a check reads before it scans.
pub fn plan(folder: &Path, arguments: &[&str]) -> Ran {
    soc2scan(folder, &[], &[&["check", "--plan"], arguments].concat())
}

pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[track_caller]
pub fn refused(ran: &Ran, texts: &[&str]) {
    assert_eq!(ran.code, 64, "{}\n{}", ran.out, ran.err);
    let words: Vec<_> = ran
        .err
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect();
    let err = words.join(" ");
    for text in texts {
        assert!(err.contains(text), "{text:?} is not in:\n{}", ran.err);
    }
}

#[test]
fn files_are_read_beside_the_configuration_by_name_and_by_key() {
    let good = folder(&[("waivers.yaml", WAIVER), ("attestations.yaml", ATTESTATION)]);
    assert_eq!(plan(good.path(), &[]).code, 0);
    let bad = WAIVER.replace("region", "regoin");
    let hint = "did you mean `region`?";
    refused(
        &plan(folder(&[("waivers.yaml", &bad)]).path(), &[]),
        &[hint, "waivers.yaml:5:12"],
    );
    refused(
        &plan(folder(&[("w.yaml", &bad)]).path(), &["--waivers", "w.yaml"]),
        &[hint],
    );
    let keyed = folder(&[("c/soc2scan.yaml", "waivers: w.yaml\n"), ("c/w.yaml", &bad)]);
    refused(
        &plan(keyed.path(), &["--config", "c/soc2scan.yaml"]),
        &[hint],
    );
    let beside = folder(&[
        ("c/soc2scan.yaml", ""),
        ("c/attestations.yaml", "version: 2\nattestations: []\n"),
    ]);
    refused(
        &plan(beside.path(), &["--config", "c/soc2scan.yaml"]),
        &["there is only version 1"],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_never_no_waivers() {
    let empty = folder(&[]);
    refused(
        &plan(empty.path(), &["--waivers", "no.yaml"]),
        &["cannot read no.yaml"],
    );
    refused(
        &plan(empty.path(), &["--attestations", "no.yaml"]),
        &["cannot read no.yaml"],
    );
    let keyed = folder(&[("soc2scan.yaml", "waivers: no.yaml\n")]);
    refused(&plan(keyed.path(), &[]), &["cannot read no.yaml"]);
    fs::create_dir(empty.path().join("waivers.yaml")).unwrap();
    refused(&plan(empty.path(), &[]), &["cannot read waivers.yaml"]);
    for name in ["waivers.yaml", "attestations.yaml"] {
        let blank = folder(&[(name, "")]);
        refused(&plan(blank.path(), &[]), &["the file is empty"]);
        #[cfg(unix)]
        {
            let broken = folder(&[]);
            std::os::unix::fs::symlink("gone", broken.path().join(name)).unwrap();
            refused(&plan(broken.path(), &[]), &[&format!("cannot read {name}")]);
        }
    }
}

#[test]
fn every_error_is_told_at_once_with_its_place() {
    let text = WAIVER
        .replace("aws.rds.multi_az", "CC6.1")
        .replace("ciso@", "data@")
        .replace("2027-01-31", "2027-02-29");
    refused(
        &plan(folder(&[("waivers.yaml", &text)]).path(), &[]),
        &[
            "the waivers have 3 errors",
            "waivers.yaml:4:10",
            "a criterion cannot be waived",
            "waivers.yaml:8:16",
            "waivers.yaml:10:12",
            "2027-02-29",
        ],
    );
}

#[test]
fn wrong_entries_are_ignored_aloud_where_that_is_asked_for() {
    let bad = WAIVER.replace("region", "regoin");
    let ran = plan(folder(&[("waivers.yaml", &bad)]).path(), &["--lenient"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("did you mean `region`?"), "{}", ran.err);
    let broken = folder(&[("waivers.yaml", "waivers: [")]);
    refused(&plan(broken.path(), &["--lenient"]), &["this is not YAML"]);
}

#[test]
fn the_horizon_is_configured_within_a_year() {
    let with = |days: &str| {
        let config = format!("max_waiver_days: {days}\n");
        plan(
            folder(&[("soc2scan.yaml", &config), ("waivers.yaml", WAIVER)]).path(),
            &[],
        )
    };
    assert_eq!(with("122").code, 0);
    refused(&with("121"), &["holds for more than 121 days"]);
    refused(&with("366"), &["`max_waiver_days` is 366", "1 to 365"]);
    refused(&with("0"), &["`max_waiver_days` is 0"]);
    let period = "audit_period: { start: 2026-12-31, end: 2026-01-01 }\n";
    refused(
        &plan(folder(&[("soc2scan.yaml", period)]).path(), &[]),
        &["ends before it begins"],
    );
}

#[test]
fn the_examples_of_the_documents_are_in_order() {
    for name in ["waivers", "attestations"] {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.md"));
        let page = fs::read_to_string(page).unwrap();
        let example = page
            .split("```yaml\n")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let folder = folder(&[("file.yaml", example)]);
        let ran = plan(folder.path(), &[&format!("--{name}"), "file.yaml"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
        assert!(example.contains("id: "), "{name}");
    }
}

/// A workload that runs once where two are asked for.
const SHOP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: prod}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: c, image: shop}]}}
";

/// A day as many days from today.
fn day(days: i64) -> String {
    let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let day = today.checked_add(jiff::SignedDuration::from_hours(24 * days));
    day.unwrap().date().to_string()
}

/// Checks the workload under a waiver that holds between two days, and takes one rule only.
fn checked(from: i64, to: i64, selector: &str, more: &[&str]) -> (Ran, Report) {
    let waiver = WAIVER
        .replace("aws.rds.multi_az", "k8s.deploy.min_replicas")
        .replace("{ region: us-east-1 }", selector)
        .replace("2026-10-01", &day(from))
        .replace("2027-01-31", &day(to));
    let folder = folder(&[("shop.yaml", SHOP), ("waivers.yaml", &waiver)]);
    let arguments = [
        "check",
        "--manifests",
        "shop.yaml",
        "--rule",
        "k8s.deploy.min_replicas",
        "--format",
        "json",
    ];
    let ran = soc2scan(folder.path(), &[], &[&arguments[..], more].concat());
    let report = serde_json::from_str(&ran.out).unwrap();
    (ran, report)
}

#[test]
fn a_waiver_that_holds_keeps_the_failure_and_spares_the_gate() {
    let (ran, report) = checked(-10, 60, "{ namespace: prod }", &["--fail-on", "gap"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(report.waivers[0].state, WaiverState::Applied);
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.waiver.is_some());
    assert_eq!(finding.unwrap().outcome, Outcome::Fail);
}

#[test]
fn a_waiver_that_does_not_hold_is_a_gap() {
    for (from, to, selector, state) in [
        (-10, -1, "{ namespace: prod }", WaiverState::Expired),
        (5, 60, "{ namespace: prod }", WaiverState::Pending),
        (-10, 60, "{ namespace: pro }", WaiverState::Unused),
    ] {
        let (ran, report) = checked(from, to, selector, &["--fail-on", "gap"]);
        assert_eq!(
            (ran.code, report.waivers[0].state),
            (1, state),
            "{}",
            ran.err
        );
    }
}

#[test]
fn documents_are_hashed_from_the_folder_of_the_attestations() {
    let text = format!(
        "{}  documents: [{{ title: Register, path: docs/risks.csv }}]\n",
        ATTESTATION.replace("2026-10-01", &day(-10))
    );
    let folder = folder(&[
        ("shop.yaml", SHOP),
        ("c/people.yaml", &text),
        ("c/docs/risks.csv", "1\n"),
    ]);
    let arguments = [
        "check",
        "--manifests",
        "shop.yaml",
        "--attestations",
        "c/people.yaml",
        "--format",
        "json",
    ];
    let read = || -> Report {
        let ran = soc2scan(folder.path(), &[], &arguments);
        serde_json::from_str(&ran.out).unwrap()
    };
    let report = read();
    assert_eq!(report.attestations[0].state, AttestationStatus::Valid);
    let digest = soc2scan::model::sha256(b"1\n");
    assert_eq!(report.attestations[0].documents[0].sha256, Some(digest));
    fs::remove_file(folder.path().join("c/docs/risks.csv")).unwrap();
    fs::create_dir(folder.path().join("c/docs/risks.csv")).unwrap();
    let report = read();
    assert_eq!(report.attestations[0].state, AttestationStatus::Invalid);
    assert!(
        report.attestations[0]
            .note
            .as_deref()
            .unwrap()
            .contains("it is not a file")
    );
}

#[cfg(all(feature = "aws", feature = "kubernetes"))]
#[test]
fn a_check_takes_waivers_and_attestations_into_account() {
    let tape = crate::cli::fixture("streampulse-gap").join("tape");
    let policy = "- id: chart
  topic: org_chart
  controls: [CC1.3]
  statement: The chart is current and names who answers.
  result: operating
  owner: o@example.com
  attested_by: a@example.com
  attested_on: 2026-10-01
  documents: [{ title: Chart, path: people/chart.txt }]
";
    let attested = format!("{ATTESTATION}{policy}");
    let folder = folder(&[
        ("waivers.yaml", WAIVER),
        ("attestations.yaml", &attested),
        ("people/chart.txt", "everybody\n"),
    ]);
    let arguments = [
        "check",
        "--replay",
        tape.to_str().unwrap(),
        "--format",
        "json",
    ];
    let ran = soc2scan(folder.path(), &[], &arguments);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report: Report = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report.waivers[0].state, WaiverState::Applied);
    let waived = report
        .findings
        .iter()
        .filter(|finding| finding.waiver.is_some());
    assert_eq!(waived.count(), report.waivers[0].applied);
    let chart = &report.attestations[0];
    assert_eq!(chart.state, AttestationStatus::Valid);
    assert_eq!(
        chart.documents[0].sha256.as_deref(),
        Some(soc2scan::model::sha256(b"everybody\n").as_str())
    );
    fs::remove_file(folder.path().join("people/chart.txt")).unwrap();
    let ran = soc2scan(
        folder.path(),
        &[],
        &[&arguments[..], &["--fail-on", "manual"]].concat(),
    );
    assert_eq!(ran.code, 3, "{}", ran.err);
    let report: Report = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report.attestations[0].state, AttestationStatus::Invalid);
}
