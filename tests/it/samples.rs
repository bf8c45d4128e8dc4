//! Rules that read content run only where a configuration says of what.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use soc2scan::evaluate::{Options, evaluate};
use soc2scan::model::{
    Category, CheckStatus, Coverage, Kind, NotRun, Outcome, Report, Resource, ResourceId, Scope,
    Seen, Snapshot, Target,
};
use soc2scan::rules::{Rulebook, embedded, load};

use crate::cli::soc2scan;

const RULE: &str = "aws.logs.json_format";
const SAMPLE: &str = "aws.logs.EventSample";

fn rulebook() -> Rulebook {
    load(&embedded(), &soc2scan::collect::schema()).unwrap()
}

fn report(rulebook: &Rulebook) -> Report {
    let scope = Scope::aws("1", Some("us-east-1"));
    let mut snapshot = Snapshot::empty(Timestamp::UNIX_EPOCH);
    snapshot.targets.push(Target::Aws {
        account: "1".to_owned(),
        identity: None,
        regions: vec!["us-east-1".to_owned()],
    });
    snapshot.resources.push(Resource {
        kind: Kind::new(SAMPLE),
        id: ResourceId::new("arn:g"),
        scope: scope.clone(),
        origin: None,
        document: json!({"logGroupName": "/app/api", "events": [{"message": "$redacted:9"}]}),
    });
    snapshot.coverage.push(Coverage {
        asked: Vec::new(),
        kind: Kind::new(SAMPLE),
        scope,
        seen: Seen::Complete { count: 1 },
    });
    let options = Options {
        categories: [Category::Security].into(),
        ..Options::default()
    };
    evaluate(&snapshot, rulebook, &options)
}

fn bears(report: &Report) -> bool {
    let mut controls = report.controls.iter();
    let control = controls.find(|control| control.id == "CC7.2").unwrap();
    control.checks.iter().any(|check| check.rule == RULE)
}

#[test]
fn nobody_asked_and_it_bears_on_nothing() {
    let report = report(&rulebook());
    let check = report.checks.iter().find(|check| check.rule == RULE);
    let check = check.unwrap();
    assert_eq!(check.status, CheckStatus::NotRun);
    assert_eq!(check.opt_in.as_deref(), Some("log_groups"));
    assert_eq!(check.not_run, Some(NotRun::NothingNamed));
    assert!(!report.findings.iter().any(|finding| finding.rule == RULE));
    assert!(!bears(&report));
}

#[test]
fn somebody_asked_and_it_decides() {
    let mut rulebook = rulebook();
    rulebook
        .set_param(RULE, "log_groups", json!(["/app/*"]))
        .unwrap();
    let report = report(&rulebook);
    let mut findings = report.findings.iter();
    let finding = findings.find(|finding| finding.rule == RULE).unwrap();
    assert_eq!(finding.outcome, Outcome::Fail);
    assert!(bears(&report));
}

#[cfg(feature = "aws")]
#[test]
fn the_plan_samples_what_the_configuration_names_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let planned = |config: &str| {
        std::fs::write(folder.path().join("soc2scan.yaml"), config).unwrap();
        let ran = soc2scan(
            folder.path(),
            &[],
            &["check", "--aws", "--region", "us-east-1", "--plan"],
        );
        (ran.code, ran.out)
    };
    let (_, without) = planned("{}");
    assert!(!without.contains("FilterLogEvents"), "{without}");
    let (_, with) = planned("params: { aws.logs.json_format: { log_groups: [/app/api] } }");
    assert!(with.contains("logs:FilterLogEvents"), "{with}");
}

#[test]
fn a_rule_that_is_named_and_has_nothing_to_sample_is_told_how() {
    let folder = tempfile::tempdir().unwrap();
    let ran = soc2scan(folder.path(), &[], &["check", "--rule", RULE, "--plan"]);
    assert_eq!(ran.code, 64);
    let message: Vec<&str> = ran.err.split_whitespace().collect();
    let message = message.join(" ");
    for part in ["reads samples of content", "log_groups: [...]"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn every_rule_that_reads_a_sample_is_opted_in() {
    let samples = ["aws.cloudtrail.Event", SAMPLE, "k8s.PodLog"].map(Kind::new);
    let rulebook = rulebook();
    let readers: BTreeMap<&str, bool> = rulebook
        .rules
        .iter()
        .filter(|rule| rule.plan().keys().any(|kind| samples.contains(kind)))
        .map(|rule| (rule.id.as_str(), rule.opt_in.is_some()))
        .collect();
    assert!(
        readers.len() >= 4 && readers.values().all(|opted| *opted),
        "{readers:?}"
    );
}
