//! Tapes that are read as they were written, and tapes that are refused.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::model::Reason;
use crate::wire::{Body, Wire};

fn question(service: &str, body: &str) -> Question {
    Question {
        service: service.to_owned(),
        region: "us-east-1".to_owned(),
        operation: "DescribeDBInstances".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        target: String::new(),
        body: body.to_owned(),
    }
}

fn response(status: u16, body: &str) -> Answer {
    Answer::Response {
        status,
        headers: BTreeMap::from([("x-amzn-requestid".to_owned(), "1".to_owned())]),
        body: Body::new(body.as_bytes()),
    }
}

fn failure() -> Answer {
    Answer::Failure {
        reason: Reason::Timeout,
        detail: "slow".to_owned(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        schema: Manifest::SCHEMA.to_owned(),
        tool: Tool::this(),
        taken_at: Timestamp::UNIX_EPOCH,
        rulebook: "0".to_owned(),
        sources: json!({"aws": {}}),
        files: BTreeMap::new(),
    }
}

fn recorded() -> Tape {
    let mut tape = Tape::default();
    tape.push(question("rds", "a"), response(503, "<busy/>"));
    tape.push(question("rds", "a"), response(200, "<ok/>"));
    tape.push(
        question("eks", ""),
        response(200, "{\"b\": 1, \"a\": [0.1]}"),
    );
    tape.push(question("kubernetes", ""), failure());
    tape
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    recorded().record(manifest()).write(folder.path()).unwrap();
    folder
}

fn refused(folder: &Path) -> TapeError {
    let read = Recording::read(folder).and_then(|recording| recording.tape());
    read.unwrap_err()
}

/// Puts a file's true digest into the manifest, as a forger would.
fn resealed(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
    let path = folder.join("manifest.json");
    let mut manifest: Manifest = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest
        .files
        .insert(name.to_owned(), sha256(text.as_bytes()));
    fs::write(path, serde_json::to_string(&manifest).unwrap()).unwrap();
}

#[test]
fn what_is_written_is_what_is_read() {
    let folder = written();
    let recording = Recording::read(folder.path()).unwrap();
    assert_eq!(recording.tape().unwrap(), recorded());
    let read = &recording.manifest;
    assert_eq!(read.sources, manifest().sources);
    let files: Vec<&str> = read.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "aws/us-east-1/eks.jsonl",
            "aws/us-east-1/rds.jsonl",
            "kubernetes/us-east-1.jsonl"
        ]
    );
}

#[test]
fn two_recordings_of_the_same_are_the_same_bytes() {
    let (one, two) = (written(), written());
    for name in ["manifest.json", "aws/us-east-1/rds.jsonl"] {
        assert_eq!(
            fs::read(one.path().join(name)).unwrap(),
            fs::read(two.path().join(name)).unwrap()
        );
    }
}

#[test]
fn a_question_asked_again_gets_the_next_answer_and_then_the_last() {
    let wire = Wire::replay(recorded());
    let asked = question("rds", "a");
    assert_eq!(wire.recall(&asked), Some(response(503, "<busy/>")));
    assert_eq!(wire.recall(&asked), Some(response(200, "<ok/>")));
    assert_eq!(wire.recall(&asked), Some(response(200, "<ok/>")));
    assert_eq!(wire.calls()[0].count, 3);
    assert_eq!(wire.recall(&question("kubernetes", "")), Some(failure()));
}

#[test]
fn a_question_that_is_not_on_the_tape_is_a_failure_and_never_a_call() {
    let wire = Wire::replay(recorded());
    let Some(Answer::Failure { reason, .. }) = wire.recall(&question("rds", "b")) else {
        panic!("it went out");
    };
    assert_eq!(reason, Reason::NotRecorded);
}

#[test]
fn only_a_recording_keeps_what_it_heard_and_only_a_replay_recalls() {
    let live = Wire::live();
    live.heard(question("rds", "a"), response(200, ""));
    assert_eq!(live.tape(), Tape::default());
    assert_eq!(live.recall(&question("rds", "a")), None);
    let recording = Wire::record();
    recording.heard(question("rds", "a"), response(200, ""));
    assert_eq!(recording.tape().exchanges().len(), 1);
}

#[test]
fn an_altered_file_is_refused_with_both_digests() {
    let folder = written();
    let path = folder.path().join("aws/us-east-1/rds.jsonl");
    let text = fs::read_to_string(&path).unwrap().replace("503", "200");
    fs::write(&path, &text).unwrap();
    let TapeError::Altered {
        path: at,
        expected,
        found,
    } = refused(folder.path())
    else {
        panic!("it was read");
    };
    assert_eq!((at, found), (path, sha256(text.as_bytes())));
    assert_ne!(expected, sha256(text.as_bytes()));
}

#[test]
fn a_missing_file_is_named() {
    let folder = written();
    fs::remove_file(folder.path().join("aws/us-east-1/eks.jsonl")).unwrap();
    assert!(refused(folder.path()).to_string().contains("eks.jsonl"));
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    for name in [
        "../outside.jsonl",
        "/etc/passwd",
        "aws/../../outside.jsonl",
        "aws\\..\\outside.jsonl",
    ] {
        let folder = written();
        let path = folder.path().join("manifest.json");
        let mut manifest: Manifest =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        manifest.files.insert(name.to_owned(), sha256(b""));
        fs::write(&path, serde_json::to_string(&manifest).unwrap()).unwrap();
        assert!(matches!(refused(folder.path()), TapeError::Escapes(found) if found == name));
    }
}

#[test]
fn a_service_that_is_called_like_a_path_stays_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut tape = Tape::default();
    tape.push(
        Question {
            region: "../..".to_owned(),
            ..question("../../evil", "")
        },
        failure(),
    );
    tape.record(manifest()).write(folder.path()).unwrap();
    let manifest = Recording::read(folder.path()).unwrap().manifest;
    assert_eq!(
        manifest.files.keys().next().unwrap(),
        "aws/_____/______evil.jsonl"
    );
}

#[test]
fn a_malformed_line_is_named_by_its_number() {
    let folder = written();
    let name = "aws/us-east-1/rds.jsonl";
    let good = fs::read_to_string(folder.path().join(name)).unwrap();
    for bad in ["{", "{\"question\": 1}", "[]"] {
        resealed(folder.path(), name, &format!("{good}{bad}\n"));
        let TapeError::Malformed { line, .. } = refused(folder.path()) else {
            panic!("{bad} was read");
        };
        assert_eq!(line, 2, "{bad}");
    }
}

#[test]
fn a_folder_without_a_tape_and_one_with_another_version_are_told_apart() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(refused(empty.path()), TapeError::Missing(_)));
    assert!(matches!(
        refused(&empty.path().join("nowhere")),
        TapeError::Missing(_)
    ));
    let newer = tempfile::tempdir().unwrap();
    let other = Manifest {
        schema: "soc2scan.tape/v9".to_owned(),
        ..manifest()
    };
    Tape::default().record(other).write(newer.path()).unwrap();
    assert!(
        refused(newer.path())
            .to_string()
            .contains("soc2scan.tape/v9")
    );
}

#[test]
fn a_tape_is_never_overwritten() {
    let folder = written();
    let again = recorded().record(manifest()).write(folder.path());
    assert!(matches!(again, Err(TapeError::Exists(_))));
}
