//! The fixtures: each is what this program records of the doubles, from a StreamPulse account and its cluster.
//!
//! `RECORD_FIXTURES=1 cargo test --test it fixtures` records them anew; `BLESS=1 cargo test --test it replay`
//! then writes their reports, to be reviewed line by line.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use soc2scan::collect::kubernetes::entries;

use crate::aws_double::{Act, Answers, Asked, EMPTY, Proxy, denied, endpoint, python, throttled};
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

/// Makes an account of the double what a variant of StreamPulse is.
pub fn fill(account: &str, variant: &str) {
    let output = Command::new(python())
        .arg(fixture("streampulse.py"))
        .args([&endpoint(), account, variant])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Where the answers of a variant are that the double does not have.
pub fn answers(variant: &str) -> PathBuf {
    match variant {
        "empty" => fixture("empty").join("answers"),
        other => fixture(&format!("streampulse-{other}")).join("answers"),
    }
}

/// What the containers of a fixture's cluster logged: files named `namespace.pod.container.log`.
fn logs(cluster: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(fixture(cluster).join("logs"));
    files
        .into_iter()
        .flatten()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .replace('.', "/");
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What a cluster of a fixture holds. The operator of its database has a backup that is always as recent.
fn cluster(name: &str, account: &str) -> Vec<Value> {
    let yaml = fs::read_to_string(fixture(name).join("cluster.yaml")).unwrap();
    let recent = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let yaml = yaml.replace("TWO-HOURS-AGO", &recent.to_string());
    // The gap cluster runs in several accounts.
    objects(&yaml.replace("123456789012", account))
}

/// The groups of custom resources of which there are none.
fn not_installed(held: &[Value]) -> Vec<String> {
    let groups = entries().iter().map(|entry| entry.group);
    let custom = groups.filter(|group| {
        group.contains('.') && (!group.ends_with(".k8s.io") || group.ends_with(".x-k8s.io"))
    });
    let absent = custom.filter(|group| {
        let mut versions = held
            .iter()
            .filter_map(|object| object["apiVersion"].as_str());
        !versions.any(|version| version.split_once('/').is_some_and(|(g, _)| g == *group))
    });
    absent.map(str::to_owned).collect()
}

/// Records a scenario, and asserts that its tape is the fixture's: the same verdicts, the same coverage.
fn record(scenario: Scenario) {
    let answers = match scenario.variant {
        Some(variant) => {
            fill(scenario.account, variant);
            Answers::read(&answers(variant))
        }
        None => Answers::read(&fixture(scenario.name).join("answers")),
    };
    let (account, rule) = (scenario.account, scenario.rule);
    let aws = Proxy::start(account, move |asked| match rule(asked) {
        Act::Pass => answers.to(asked, account).unwrap_or(Act::Pass),
        other => other,
    });
    let held = scenario
        .cluster
        .map_or(Vec::new(), |name| cluster(name, scenario.account));
    let behaviour = Behaviour {
        faults: scenario.faults,
        missing_groups: not_installed(&held),
        logs: scenario.cluster.map_or_else(BTreeMap::new, logs),
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
    let config = fixture("soc2scan.yaml");
    let config = config.to_str().unwrap();
    let arguments = [
        "check",
        "--config",
        config,
        "--region",
        "us-east-1",
        "--kubeconfig",
        "kubeconfig",
        "--record",
        "tape",
        "--bundle",
        "evidence",
        "--format",
        "json",
    ];
    let live = soc2scan(folder.path(), &env, &arguments);
    assert!([0, 1, 2].contains(&live.code), "{}", live.err);
    let replayed = soc2scan(
        folder.path(),
        &[],
        &[
            "check", "--config", config, "--replay", "tape", "--format", "json",
        ],
    );
    assert!(
        live.out == replayed.out,
        "{}: a replay is not byte-identical to its recording",
        scenario.name
    );
    assert_eq!(live.code, replayed.code);
    let verified = soc2scan(folder.path(), &[], &["verify", "evidence"]);
    assert_eq!(verified.code, 0, "{}: {}", scenario.name, verified.out);
    let text = "snapshot   ok           evidence/, replayed, gives it";
    assert!(verified.out.contains(text), "{}", verified.out);

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
            "--config",
            config,
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
        variant: Some("empty"),
        cluster: None,
        ..scenario("empty", EMPTY)
    });
}
