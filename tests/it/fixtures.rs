//! The fixtures: each is what this program records of the doubles, from a StreamPulse account and its cluster.
//!
//! `RECORD_FIXTURES=1 cargo test --test it fixtures` records them anew; `BLESS=1 cargo test --test it replay`
//! then writes their reports, to be reviewed line by line.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::aws_double::{Act, Asked, EMPTY, Proxy, denied, endpoint, python, throttled};
use crate::cli::{copy, fixture, soc2scan};
use crate::kube_server::{Behaviour, Fault, KubeServer, What, kubeconfig, objects};

struct Scenario {
    name: &'static str,
    account: &'static str,
    /// What `fixtures/streampulse.py` makes of the account.
    variant: Option<&'static str>,
    /// The fixture whose `cluster.yaml` the cluster holds.
    cluster: Option<&'static str>,
    rule: fn(&Asked) -> Act,
    faults: Vec<Fault>,
}

const GAP: &str = "streampulse-gap";
const COMPLIANT: &str = "streampulse-compliant";

fn scenario(name: &'static str, account: &'static str) -> Scenario {
    Scenario {
        name,
        account,
        variant: Some("gap"),
        cluster: Some(GAP),
        rule: |_| Act::Pass,
        faults: Vec::new(),
    }
}

/// Records a scenario, and asserts that its tape is the fixture's: the same verdicts, the same coverage.
fn record(scenario: Scenario) {
    if let Some(variant) = scenario.variant {
        let output = Command::new(python())
            .arg(fixture("streampulse.py"))
            .args([&endpoint(), scenario.account, variant])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let aws = Proxy::start(scenario.account, scenario.rule);
    let held = scenario.cluster.map_or(Vec::new(), |cluster| {
        objects(&fs::read_to_string(fixture(cluster).join("cluster.yaml")).unwrap())
    });
    let behaviour = Behaviour {
        faults: scenario.faults,
        ..Behaviour::default()
    };
    let cluster = KubeServer::start(held, behaviour);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("kubeconfig"), kubeconfig(&cluster.url())).unwrap();
    let env = [
        ("AWS_ENDPOINT_URL", aws.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ];
    let arguments = [
        "check",
        "--region",
        "us-east-1",
        "--kubeconfig",
        "kubeconfig",
        "--record",
        "tape",
        "--format",
        "json",
    ];
    let live = soc2scan(folder.path(), &env, &arguments);
    assert!([0, 1, 2].contains(&live.code), "{}", live.err);
    let replayed = soc2scan(
        folder.path(),
        &[],
        &["check", "--replay", "tape", "--format", "json"],
    );
    assert!(
        live.out == replayed.out,
        "{}: a replay is not byte-identical to its recording",
        scenario.name
    );
    assert_eq!(live.code, replayed.code);

    let kept = fixture(scenario.name).join("tape");
    if std::env::var_os("RECORD_FIXTURES").is_some() {
        if kept.exists() {
            fs::remove_dir_all(&kept).unwrap();
        }
        copy(&folder.path().join("tape"), &kept);
    }
    let of_fixture = soc2scan(
        folder.path(),
        &[],
        &[
            "check",
            "--replay",
            kept.to_str().unwrap(),
            "--format",
            "json",
        ],
    );
    assert_eq!(
        verdicts(&live.out),
        verdicts(&of_fixture.out),
        "{} is not what the doubles give",
        scenario.name
    );
}

/// How often each rule came to each outcome, and what was read of each kind: what two recordings have in common.
fn verdicts(report: &str) -> BTreeMap<String, usize> {
    let report: Value = serde_json::from_str(report).unwrap();
    let mut found = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        *found
            .entry(format!("{} {}", finding["rule"], finding["outcome"]))
            .or_default() += 1;
    }
    for row in report["coverage"].as_array().unwrap() {
        *found
            .entry(format!(
                "{} {} {} {}",
                row["kind"], row["outcome"], row["count"], row["reason"]
            ))
            .or_default() += 1;
    }
    found
}

#[test]
fn the_environment_with_gaps() {
    record(scenario(GAP, "123456789012"));
}

#[test]
fn the_environment_put_right() {
    record(Scenario {
        variant: Some("compliant"),
        cluster: Some(COMPLIANT),
        ..scenario(COMPLIANT, "210987654321")
    });
}

#[test]
fn the_environment_with_gaps_read_without_permissions() {
    record(Scenario {
        rule: |asked| {
            if asked.service == "sts" {
                Act::Pass
            } else {
                denied(asked)
            }
        },
        faults: vec![Fault::always("*", What::Forbidden)],
        ..scenario("denied", "123456780001")
    });
}

#[test]
fn the_environment_with_gaps_throttled() {
    record(Scenario {
        rule: |asked| {
            if asked.before < 2 {
                throttled(asked)
            } else {
                Act::Pass
            }
        },
        faults: vec![
            Fault::times("deployments.apps", 2, What::Throttled { retry_after: 0 }),
            Fault::times("pods", 1, What::Throttled { retry_after: 0 }),
        ],
        ..scenario("throttled", "123456780002")
    });
}

#[test]
fn nothing_there() {
    record(Scenario {
        variant: None,
        cluster: None,
        ..scenario("empty", EMPTY)
    });
}
