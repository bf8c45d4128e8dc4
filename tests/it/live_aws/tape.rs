//! Recording and replaying.

use super::*;

#[tokio::test]
async fn a_replay_of_a_recording_is_the_same_snapshot_and_the_tape_holds_no_secret() {
    let proxy = Proxy::start(SEEDED, |asked| match asked.before {
        0 if asked.name() == "kms:ListKeys" => throttled(asked),
        _ if asked.name() == "eks:DescribeCluster" && asked.path.ends_with("/staging") => {
            denied(asked)
        }
        _ => Act::Pass,
    });
    let wire = Arc::new(Wire::record());
    let options = Options {
        regions: Regions::Named(vec!["us-east-1".to_owned(), "eu-west-1".to_owned()]),
        ..Options::default()
    };
    let session = Session::open_with(&options, Arc::clone(&wire), loader(&proxy.url), limits())
        .await
        .unwrap();
    let recorded = session.collect(&scan(everything(), &wire)).await;
    assert_eq!(
        recorded
            .resources
            .iter()
            .filter(|r| r.id.as_str().contains(":db:berlin"))
            .count(),
        1
    );

    let folder = tempfile::tempdir().unwrap();
    let manifest = soc2scan::wire::Manifest {
        schema: soc2scan::wire::Manifest::SCHEMA.to_owned(),
        tool: soc2scan::model::Tool::this(),
        taken_at: Timestamp::UNIX_EPOCH,
        rulebook: String::new(),
        sources: serde_json::to_value(session.options()).unwrap(),
        files: BTreeMap::new(),
    };
    wire.tape().record(manifest).write(folder.path()).unwrap();
    for entry in [
        "us-east-1/wafv2",
        "us-east-1/rds",
        "us-east-1/sts",
        "eu-west-1/rds",
    ] {
        let text =
            std::fs::read_to_string(folder.path().join(format!("aws/{entry}.jsonl"))).unwrap();
        for secret in ["not-for-any-tape", "AKIATEST", "Signature", "correct-horse"] {
            assert!(!text.contains(secret), "{secret} in {entry}");
        }
    }

    let recording = soc2scan::wire::Recording::read(folder.path()).unwrap();
    let wire = Arc::new(Wire::replay(recording.tape().unwrap()));
    let options: Options = serde_json::from_value(recording.manifest.sources).unwrap();
    // As it is: without credentials, without configuration and without a network.
    let session = Session::open(&options, Arc::clone(&wire)).await.unwrap();
    let replayed = session.collect(&scan(everything(), &wire)).await;
    assert_eq!(replayed.to_json_lines(), recorded.to_json_lines());
}

#[tokio::test]
async fn what_is_not_on_the_tape_is_unread() {
    let wire = Arc::new(Wire::replay(soc2scan::wire::Tape::default()));
    let options = Options {
        home: Some("us-east-1".to_owned()),
        ..Options::default()
    };
    let session = Session::open(&options, Arc::clone(&wire)).await.unwrap();
    let snapshot = session.collect(&scan(everything(), &wire)).await;
    for row in &snapshot.coverage {
        assert_eq!(unread(row).reason, Reason::NotRecorded);
    }
}
