//! Bundles of recorded environments: the snapshot follows from the tape, and everything else from the snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use soc2scan::bundle::{Bundle, MANIFEST, Manifest, SUMS};
use soc2scan::model::sha256;

use super::{bundles, differs, edit, reseal, verify};
use crate::cli::{fixture, soc2scan};

/// Replays a scenario in a folder of its own, and gives its bundle.
fn bundled(name: &str, target: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let tape = fixture(name);
    let arguments = [
        "check",
        "--replay",
        tape.to_str().unwrap(),
        "--bundle",
        target,
    ];
    let ran = soc2scan(folder.path(), &[], &arguments);
    assert!([0, 1, 2].contains(&ran.code), "{}", ran.err);
    let target = folder.path().join(target);
    let path = if target.is_dir() {
        bundles(&target).remove(0)
    } else {
        target
    };
    (folder, path)
}

fn json(folder: &Path, replay: &Path) -> String {
    let replay = replay.to_str().unwrap();
    soc2scan(
        folder,
        &[],
        &["check", "--format", "json", "--replay", replay],
    )
    .out
}

#[test]
fn a_bundle_follows_from_its_tape() {
    for name in [
        "streampulse-gap",
        "streampulse-compliant",
        "denied",
        "throttled",
    ] {
        let (_folder, path) = bundled(name, "ev");
        let ran = verify(&path, &[]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        assert!(
            ran.out
                .contains("snapshot   ok           evidence/, replayed"),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("report     ok"), "{}", ran.out);
    }
}

#[test]
fn the_same_replay_gives_the_same_bytes() {
    let (_one, one) = bundled("streampulse-gap", "ev");
    let (_two, two) = bundled("streampulse-gap", "ev");
    assert_eq!(one.file_name(), two.file_name());
    let (one, two) = (Bundle::open(&one).unwrap(), Bundle::open(&two).unwrap());
    let differing: Vec<_> = one
        .files
        .keys()
        .filter(|path| two.files.get(*path) != one.files.get(*path))
        .collect();
    assert_eq!(differing, Vec::<&String>::new());
    assert_eq!(one.files.len(), two.files.len());

    let (_one, one) = bundled("streampulse-gap", "ev.tar.zst");
    let (_two, two) = bundled("streampulse-gap", "ev.tar.zst");
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

#[test]
fn a_bundle_can_be_replayed() {
    let report = json(Path::new("/"), &fixture("streampulse-gap"));
    let (folder, path) = bundled("streampulse-gap", "ev");
    assert_eq!(json(folder.path(), &path), report);
    assert_eq!(json(folder.path(), &path.join("evidence")), report);
    let (folder, path) = bundled("streampulse-gap", "ev.tar.zst");
    assert_eq!(json(folder.path(), &path), report);
}

#[test]
fn the_requests_are_those_of_the_tape_with_the_ids_of_the_provider() {
    let (_folder, path) = bundled("streampulse-gap", "ev");
    let manifest = Manifest::parse(&fs::read(path.join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(manifest.scan.mode, "replay");
    assert_eq!(manifest.scan.evidence, "tape");
    assert_eq!(
        manifest.scan.identities[0].account.as_deref(),
        Some("123456789012")
    );
    assert!(manifest.scan.ended_at >= manifest.scan.started_at);

    let text = fs::read_to_string(path.join("requests/requests.jsonl")).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let report: Value =
        serde_json::from_slice(&fs::read(path.join("report/report.json")).unwrap()).unwrap();
    let calls = report["calls"].as_array().unwrap();
    let asked: u64 = calls
        .iter()
        .map(|call| call["count"].as_u64().unwrap())
        .sum();
    // The tape holds samples too, which nothing asks for without a configuration.
    let operations: Vec<&Value> = calls.iter().map(|call| &call["operation"]).collect();
    let of_report = rows
        .iter()
        .filter(|row| operations.contains(&&row["operation"]));
    assert!(of_report.count() as u64 >= asked);
    let tape: String = ["rds", "kms"]
        .map(|service| {
            fs::read_to_string(path.join(format!("evidence/aws/us-east-1/{service}.jsonl")))
                .unwrap()
        })
        .concat();
    let mut ids = BTreeSet::new();
    for row in &rows {
        if ["rds", "kms"].contains(&row["service"].as_str().unwrap()) {
            let id = row["request_id"].as_str().unwrap();
            assert!(tape.contains(id), "{row}");
            assert_eq!(row["account"], "123456789012");
            ids.insert(id);
        }
        assert!(row.get("duration_ms").is_none(), "no tape tells: {row}");
    }
    assert!(ids.len() > 5);
    let complete: Value =
        serde_json::from_slice(&fs::read(path.join("coverage/completeness.json")).unwrap())
            .unwrap();
    for operation in complete["operations"].as_array().unwrap() {
        assert_eq!(operation["exhausted"], true, "{operation}");
    }
}

#[test]
fn a_tape_or_a_snapshot_that_was_changed_and_resealed_is_named() {
    let (_folder, path) = bundled("streampulse-gap", "ev");
    let rds = "aws/us-east-1/rds.jsonl";
    edit(
        &path.join("evidence").join(rds),
        "<BackupRetentionPeriod>0<",
        "<BackupRetentionPeriod>7<",
    );
    reseal(&path);
    differs(
        &verify(&path, &[]),
        &["snapshot   differs", "rds.jsonl is not what was recorded"],
    );

    // The tape's own manifest, too.
    let manifest = path.join("evidence/manifest.json");
    let recorded: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let old = recorded["files"][rds].as_str().unwrap();
    let new = sha256(&fs::read(path.join("evidence").join(rds)).unwrap());
    edit(&manifest, old, &new);
    reseal(&path);
    differs(
        &verify(&path, &[]),
        &[
            "sums       ok",
            "snapshot.jsonl does not follow from the evidence: arn:aws:rds:us-east-1:123456789012:db:streampulse",
        ],
    );

    let (_folder, path) = bundled("streampulse-gap", "ev");
    edit(
        &path.join("snapshot.jsonl"),
        "\"BackupRetentionPeriod\":0",
        "\"BackupRetentionPeriod\":9",
    );
    reseal(&path);
    differs(
        &verify(&path, &[]),
        &[
            "snapshot   differs",
            "report/report.json does not follow: it says fail of aws.rds.automated_backups",
        ],
    );
    fs::remove_file(path.join(SUMS)).unwrap();
    differs(&verify(&path, &[]), &["SHA256SUMS is missing"]);
}
