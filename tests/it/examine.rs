//! What reports say together: a diff, a baseline and a history of small environments, and their golden files.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use soc2scan::evaluate::evaluate;
use soc2scan::examine::{
    Cadence, Diff, Frame, History, Remark, ResourceFate, compare, diff, diff_snapshots, history,
    sample,
};
use soc2scan::model::{
    BaselineState, CheckStatus, ControlStatus, Finding, Outcome, Report, Resource, ResourceId,
    Scope, Seen, Severity, Snapshot, Target, Transition, WaiverReport, WaiverState,
};
use soc2scan::render::{self, Format, Look};

use crate::render::{golden, hostile};
use crate::render_html::tags;
use crate::small::{self, EAST, EKS, LOGS, REPOSITORY, denied, options};

/// The small environment a day later, with something of everything that can happen.
fn later() -> Snapshot {
    let mut snapshot = small::snapshot();
    snapshot.taken_at = "2026-01-16T12:00:00Z".parse().unwrap();
    let named = |resource: &Resource, name: &str| resource.id.as_str().ends_with(name);
    snapshot
        .resources
        .retain(|resource| !named(resource, ":tenant-2") && resource.kind.as_str() != REPOSITORY);
    for resource in &mut snapshot.resources {
        if named(resource, "db:orders") {
            resource.document["PubliclyAccessible"] = json!(false);
        } else if named(resource, ":tenant-1") {
            resource.document["BackupRetentionPeriod"] = json!(0);
        } else if named(resource, "key/1111") {
            resource.document["KeyRotationStatus"] = denied("kms:GetKeyRotationStatus").marker();
        } else if named(resource, "key/2222") {
            resource.document["KeyRotationStatus"] = json!({"KeyRotationEnabled": false});
        }
    }
    let in_east = |kind: &str, id: &str, document: Value| Resource {
        kind: soc2scan::model::Kind::new(kind),
        id: ResourceId::new(format!("arn:aws:{id}")),
        scope: small::aws(EAST),
        origin: None,
        document,
    };
    snapshot.resources.extend([
        small::database(
            EAST,
            "ledger",
            json!({"BackupRetentionPeriod": 7, "LatestRestorableTime": "x", "StorageEncrypted": false,
                   "PubliclyAccessible": false}),
        ),
        in_east(
            EKS,
            "eks:us-east-1:123456789012:cluster/prod",
            json!({"logging": {"clusterLogging": []}, "resourcesVpcConfig": {"endpointPublicAccess": true}}),
        ),
        in_east(
            LOGS,
            "logs:us-east-1:123456789012:log-group:/app",
            json!({"retentionInDays": 365}),
        ),
    ]);
    for row in &mut snapshot.coverage {
        if row.scope == small::aws(EAST) {
            match row.kind.as_str() {
                REPOSITORY => row.seen = Seen::Unread(denied("ecr:DescribeRepositories")),
                EKS => row.seen = Seen::Complete { count: 1 },
                _ => {}
            }
        }
    }
    snapshot.sort();
    snapshot
}

fn report_of(snapshot: &Snapshot) -> Report {
    evaluate(snapshot, &small::rulebook(), &options())
}

fn before_and_after() -> (Report, Report) {
    (small::report(), report_of(&later()))
}

/// What happened to a rule and the resource whose id ends so; the whole check where it ends with nothing.
fn happened(diff: &Diff, rule: &str, end: &str) -> Option<Transition> {
    let mut changes = diff.findings.iter();
    let change = changes.find(|change| {
        let id = change
            .resource
            .as_ref()
            .map_or("", |subject| subject.id.as_str());
        change.rule == rule && id.ends_with(end) && (id.is_empty() == end.is_empty())
    });
    change.map(|change| change.transition)
}

#[test]
fn every_transition_is_told_by_rule_and_resource() {
    let (before, after) = before_and_after();
    let diff = diff(&before, &after);
    for (rule, end, transition) in [
        (
            "aws.rds.private_subnet",
            "db:orders",
            Some(Transition::Fixed),
        ),
        ("aws.rds.pitr", "tenant-1", Some(Transition::Regressed)),
        ("aws.rds.pitr", "db:orders", None),
        (
            "aws.rds.storage_encrypted",
            "db:ledger",
            Some(Transition::New),
        ),
        (
            "aws.rds.storage_encrypted",
            "tenant-2",
            Some(Transition::Disappeared),
        ),
        ("aws.kms.rotation", "1111", Some(Transition::BecameUnknown)),
        ("aws.kms.rotation", "2222", Some(Transition::Revealed)),
        (
            "aws.ecr.scan_on_push",
            "team/api",
            Some(Transition::NotChecked),
        ),
        (
            "aws.eks.private_endpoint",
            "cluster/prod",
            Some(Transition::NewlyChecked),
        ),
        ("aws.logs.retention_365", "", Some(Transition::Fixed)),
        ("aws.logs.retention_365", "/app", None),
    ] {
        assert_eq!(happened(&diff, rule, end), transition, "{rule} {end}");
    }
    let fate = |end: &str| {
        let mut resources = diff.resources.iter();
        let found = resources.find(|change| change.resource.id.as_str().ends_with(end));
        found.map(|change| change.fate)
    };
    assert_eq!(fate("db:ledger"), Some(ResourceFate::Appeared));
    assert_eq!(fate("tenant-2"), Some(ResourceFate::Disappeared));
    assert_eq!(fate("cluster/prod"), Some(ResourceFate::NewlySeen));
    assert_eq!(fate("team/api"), Some(ResourceFate::NotSeen));
    assert_eq!(fate("db:orders"), None);
    assert!(diff.has_new_gap() && diff.has_new_unknown());
    assert!(diff.warnings.is_empty(), "{:?}", diff.warnings);
    assert_eq!(diff.coverage.len(), 2, "{:?}", diff.coverage);
}

#[test]
fn nothing_changes_from_a_report_to_itself() {
    let report = small::report();
    let diff = diff(&report, &report);
    assert!(diff.is_empty() && !diff.has_new_gap() && !diff.has_new_unknown());
    assert_eq!(diff.warnings, ["both are of the same scan"]);
    let text = render::diff::table(&diff, &Look::PLAIN);
    assert!(text.contains("Nothing changed."), "{text}");
}

#[test]
fn what_makes_two_reports_hard_to_compare_is_said() {
    let (before, mut after) = before_and_after();
    after.digests.rulebook = "another".to_owned();
    after.tool.version = "9.9.9".to_owned();
    after.categories.pop();
    if let Target::Aws { account, .. } = &mut after.targets[0] {
        "999999999999".clone_into(account);
    }
    let warnings = diff(&after, &before).warnings.join("\n");
    for expected in [
        "the first was taken after the second",
        "only before: AWS account 999999999999",
        "only after: AWS account 123456789012",
        "the rules are not the same",
        "different versions of soc2scan: 9.9.9, then 0.0.0",
        "the categories in scope are not the same",
    ] {
        assert!(warnings.contains(expected), "{expected}\n{warnings}");
    }
}

#[test]
fn a_rule_that_was_not_run_is_newly_checked_and_not_regressed() {
    let (mut before, after) = before_and_after();
    before
        .findings
        .retain(|finding| finding.rule != "aws.rds.pitr");
    before.checks.retain(|check| check.rule != "aws.rds.pitr");
    let forth = diff(&before, &after);
    assert_eq!(
        happened(&forth, "aws.rds.pitr", "tenant-1"),
        Some(Transition::NewlyChecked)
    );
    let change = forth
        .checks
        .iter()
        .find(|change| change.rule == "aws.rds.pitr");
    assert_eq!(change.unwrap().before, None);
    assert_eq!(
        happened(&diff(&after, &before), "aws.rds.pitr", "tenant-1"),
        Some(Transition::NotChecked),
        "a rule that is gone fixes nothing"
    );
}

#[test]
fn a_changed_rule_says_how() {
    let (before, mut after) = before_and_after();
    let check = after
        .checks
        .iter_mut()
        .find(|check| check.rule == "aws.rds.pitr")
        .unwrap();
    check.severity = Severity::Critical;
    check.params.insert("min_days".to_owned(), json!(14));
    check.assert.push_str(" && true");
    check.required.push("CC6.1".to_owned());
    let diff = diff(&before, &after);
    let change = diff
        .checks
        .iter()
        .find(|change| change.rule == "aws.rds.pitr")
        .unwrap();
    assert_eq!(
        change.differs,
        [
            "severity high, now critical",
            "min_days = 7, now 14",
            "another condition",
            "required for A1.2 CC7.5, now A1.2 CC7.5 CC6.1"
        ]
    );
}

#[test]
fn snapshots_are_compared_by_their_documents() {
    let diff = diff_snapshots(&small::snapshot(), &later());
    let of = |end: &str| {
        let mut resources = diff.resources.iter();
        resources.find(|change| change.resource.id.as_str().ends_with(end))
    };
    let orders = of("db:orders").unwrap();
    assert_eq!(orders.fate, ResourceFate::Changed);
    assert_eq!(orders.paths.len(), 1);
    assert_eq!(orders.paths[0].path, "PubliclyAccessible");
    assert_eq!(orders.paths[0].after, Some(json!(false)));
    assert_eq!(of("db:ledger").unwrap().fate, ResourceFate::Appeared);
    assert_eq!(of("team/api").unwrap().fate, ResourceFate::NotSeen);
    assert_eq!(of("cluster/prod").unwrap().fate, ResourceFate::NewlySeen);
    assert!(of("analytics").is_none());
    let text = render::diff::table(&diff, &Look::PLAIN);
    assert!(
        text.contains("PubliclyAccessible true, now false"),
        "{text}"
    );
}

#[test]
fn diff_for_a_terminal_as_markdown_and_as_json() {
    let (before, after) = before_and_after();
    let diff = diff(&before, &after);
    golden("diff.txt", &render::diff::table(&diff, &Look::PLAIN));
    golden("diff.md", &render::diff::markdown(&diff));
    golden("diff.json", &render::diff::json(&diff));
}

fn state<'a>(report: &'a Report, rule: &str, end: &str) -> Option<&'a BaselineState> {
    let mut findings = report.findings.iter();
    let named =
        |finding: &&Finding| finding.rule == rule && finding.resource.id.as_str().ends_with(end);
    findings.find(named).unwrap().baseline.as_ref()
}

#[test]
fn a_baseline_marks_what_is_open_and_lists_what_is_gone() {
    let (before, mut after) = before_and_after();
    compare(&mut after, &before).unwrap();
    let of = |rule, end| state(&after, rule, end);
    assert_eq!(of("aws.rds.pitr", "tenant-1"), Some(&BaselineState::New));
    assert_eq!(
        of("aws.rds.pitr", "db:orders"),
        Some(&BaselineState::Unchanged)
    );
    assert_eq!(of("aws.rds.pitr", "analytics"), None, "it passes");
    assert_eq!(of("aws.kms.rotation", "1111"), Some(&BaselineState::New));
    assert_eq!(
        of("aws.kms.rotation", "2222"),
        Some(&BaselineState::New),
        "unknown, and fails now"
    );
    let baseline = after.baseline.as_ref().unwrap();
    assert_eq!(baseline.taken_at, before.taken_at);
    let unread: Vec<_> = baseline
        .new_unread
        .iter()
        .map(|row| row.kind.as_str())
        .collect();
    assert_eq!(unread, [REPOSITORY]);
    let gone: BTreeMap<_, _> = baseline
        .gone
        .iter()
        .map(|gone| (gone.rule.as_str(), gone.now))
        .collect();
    assert_eq!(gone["aws.rds.private_subnet"], Transition::Fixed);
    assert_eq!(gone["aws.ecr.scan_on_push"], Transition::NotChecked);
    assert_eq!(gone["aws.logs.retention_365"], Transition::Fixed);
}

#[test]
fn worse_than_in_the_baseline_is_new() {
    let baseline = small::report();
    let (rule, end) = ("aws.rds.pitr", "db:orders");
    let marked = |then: &dyn Fn(&mut Finding), now: &dyn Fn(&mut Finding)| {
        let (mut baseline, mut report) = (baseline.clone(), baseline.clone());
        for (report, change) in [(&mut baseline, then), (&mut report, now)] {
            let mut findings = report.findings.iter_mut();
            change(
                findings
                    .find(|f| f.rule == rule && f.resource.id.as_str().ends_with(end))
                    .unwrap(),
            );
        }
        compare(&mut report, &baseline).unwrap();
        state(&report, rule, end).copied()
    };
    let same = |_: &mut Finding| {};
    let critical = |finding: &mut Finding| finding.severity = Severity::Critical;
    let waived = |finding: &mut Finding| finding.waiver = Some("W-1".to_owned());
    let other = |finding: &mut Finding| {
        finding
            .evidence
            .insert("EngineVersion".to_owned(), json!("16"));
    };
    let unknown = |finding: &mut Finding| finding.outcome = Outcome::Unknown;
    let moved = |finding: &mut Finding| {
        finding.resource.origin = Some(soc2scan::model::Origin {
            file: "a.yaml".to_owned(),
            line: 7,
            column: 1,
        });
    };
    assert_eq!(marked(&same, &same), Some(BaselineState::Unchanged));
    assert_eq!(marked(&same, &moved), Some(BaselineState::Unchanged));
    assert_eq!(marked(&same, &other), Some(BaselineState::Updated));
    assert_eq!(
        marked(&same, &critical),
        Some(BaselineState::New),
        "more severe"
    );
    assert_eq!(
        marked(&critical, &same),
        Some(BaselineState::Updated),
        "less severe"
    );
    assert_eq!(
        marked(&waived, &same),
        Some(BaselineState::New),
        "no waiver any more"
    );
    assert_eq!(
        marked(&unknown, &same),
        Some(BaselineState::New),
        "it was unknown"
    );
    assert_eq!(
        marked(&same, &unknown),
        Some(BaselineState::New),
        "it was known"
    );
    assert_eq!(
        marked(&same, &waived),
        Some(BaselineState::Updated),
        "accepted since"
    );
    let passing = |finding: &mut Finding| finding.outcome = Outcome::Pass;
    assert_eq!(marked(&passing, &waived), Some(BaselineState::New));
    assert_eq!(marked(&same, &passing), None);
}

#[test]
fn a_baseline_of_something_else_is_refused() {
    let report = small::report();
    let of = |account: &str, cluster: &str| {
        let mut other = report.clone();
        for target in &mut other.targets {
            match target {
                Target::Aws { account: mine, .. } => account.clone_into(mine),
                Target::Kubernetes { cluster: mine, .. } => cluster.clone_into(mine),
                Target::Manifests { .. } => {}
            }
        }
        other
    };
    let refused = |report: &Report, baseline: &Report| {
        let mut report = report.clone();
        compare(&mut report, baseline)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(
        refused(&report, &of("999999999999", "other")).unwrap(),
        "the baseline is of AWS account 999999999999, Kubernetes cluster other, \
         not of AWS account 123456789012, Kubernetes cluster streampulse"
    );
    assert!(refused(&report, &of("999999999999", "streampulse")).is_some());
    assert!(refused(&report, &report).is_none());
    // An identity that could not be read is not another account: everything is unknown, and new.
    assert!(refused(&of("unknown", "streampulse"), &report).is_none());
    let mut half = report.clone();
    half.targets.pop();
    assert!(refused(&half, &report).is_none());
    let mut manifests = report.clone();
    manifests.targets = vec![Target::Manifests {
        cluster: "manifests".to_owned(),
        paths: Vec::new(),
        files: 1,
    }];
    assert!(refused(&manifests, &report).is_some());
}

#[test]
fn every_format_lists_what_the_baseline_has() {
    let (before, mut after) = before_and_after();
    compare(&mut after, &before).unwrap();
    after.baseline.as_mut().unwrap().new_denied = vec!["CC6.1".to_owned()];
    let text = |format| String::from_utf8(render::render(&after, format, &Look::PLAIN)).unwrap();
    let table = text(Format::Table);
    golden("table-baseline.txt", &table);
    for format in [Format::Table, Format::Markdown, Format::Html] {
        let words: Vec<_> = text(format).split_whitespace().map(str::to_owned).collect();
        let told = "newly attested as not operating: CC6.1";
        assert!(words.join(" ").contains(told), "{format}");
    }
    assert!(table.contains("orders (us-east-1) [baseline]"), "{table}");
    assert!(table.contains("tenant-1 (us-east-1) [new]"), "{table}");
    let markdown = text(Format::Markdown);
    assert!(markdown.contains("**new**") && markdown.contains("**baseline**"));
    assert!(markdown.contains("## Open in the baseline and not now"));
    let html = text(Format::Html);
    assert!(html.contains("new since the baseline") && html.contains("in the baseline"));
    assert!(html.contains("Open in the baseline and not now"));
    assert!(text(Format::Csv).contains(",unchanged,finding,"));
    assert!(text(Format::Jsonl).contains("\"baseline\":\"new\""));
    let junit = text(Format::Junit);
    assert!(
        junit.contains("<skipped message=\"fails as in the baseline: BackupRetentionPeriod = 0")
    );
    assert!(junit.contains("<failure message=\"BackupRetentionPeriod = 0"));
    let github = text(Format::Github);
    assert!(
        github.contains("fails as in the baseline [A1.2]"),
        "{github}"
    );

    let sarif: Value = serde_json::from_str(&text(Format::Sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: Vec<_> = results
        .iter()
        .map(|r| r["baselineState"].as_str())
        .collect();
    assert!(states.contains(&Some("new")) && states.contains(&Some("unchanged")));
    assert!(
        !states.contains(&Some("absent")),
        "code scanning opens every result"
    );
    let notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(
        notes.contains("fixed since the baseline: aws.rds.private_subnet"),
        "{notes}"
    );
}

#[test]
fn without_a_baseline_no_format_speaks_of_one() {
    for format in Format::ALL {
        let bytes = render::render(&small::report(), format, &Look::PLAIN);
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("the baseline"), "{format}");
    }
}

/// A scan of a day in January, with the status of a control and the outcome of a database's backups changed.
fn scan(day: &str, status: ControlStatus, backups: Outcome) -> (String, Report) {
    let mut report = small::report();
    report.taken_at = format!("2026-01-{day}T08:00:00Z").parse().unwrap();
    report.digests.snapshot = day.to_owned();
    let control = report
        .controls
        .iter_mut()
        .find(|control| control.id == "A1.2")
        .unwrap();
    control.status = status;
    let mut findings = report.findings.iter_mut();
    let finding = findings
        .find(|f| f.rule == "aws.rds.pitr" && f.resource.id.as_str().ends_with("db:orders"))
        .unwrap();
    finding.outcome = backups;
    let mut checks = report.checks.iter_mut();
    let check = checks.find(|check| check.rule == "aws.rds.pitr").unwrap();
    check.status = match backups {
        Outcome::Fail => CheckStatus::Fail,
        Outcome::Unknown => CheckStatus::Unknown,
        _ => CheckStatus::Pass,
    };
    (format!("{day}.json"), report)
}

fn weeks() -> Vec<(String, Report)> {
    use ControlStatus::{Gap, Met, Unknown};
    let mut scans = vec![
        scan("12", Gap, Outcome::Fail),
        scan("01", Met, Outcome::Pass),
        scan("02", Gap, Outcome::Fail),
        scan("03", Gap, Outcome::Unknown),
        scan("05", Unknown, Outcome::Fail),
        scan("06", Met, Outcome::Pass),
    ];
    let waiver = WaiverReport {
        id: "W-1".to_owned(),
        check: "aws.rds.pitr".to_owned(),
        state: WaiverState::Applied,
        selectors: BTreeMap::new(),
        observed: BTreeMap::new(),
        reason: "The database is rebuilt from events each night.".to_owned(),
        owner: "data".to_owned(),
        approved_by: "ciso".to_owned(),
        approved_on: "2026-01-01".to_owned(),
        not_before: None,
        expires: "2026-01-31".to_owned(),
        ticket: None,
        risk: None,
        compensating_control: None,
        matched: 1,
        applied: 1,
        note: None,
    };
    for (_, report) in &mut scans[2..4] {
        report.waivers.push(waiver.clone());
    }
    if let Target::Aws { regions, .. } = &mut scans[0].1.targets[0] {
        regions.pop();
    }
    scans[0].1.digests.rulebook = "another".to_owned();
    scans
}

fn told(scans: Vec<(String, Report)>, period: Option<(&str, &str)>) -> History {
    let day = |day: &str| day.parse().unwrap();
    let frame = Frame {
        cadence: Cadence::DAILY,
        period: period.map(|(start, end)| (day(start), day(end))),
        now: "2026-01-14T00:00:00Z".parse().unwrap(),
    };
    history(scans, frame, Vec::new())
}

#[test]
fn a_history_tells_each_control_from_scan_to_scan() {
    let history = told(weeks(), None);
    let control = history
        .controls
        .iter()
        .find(|control| control.id == "A1.2")
        .unwrap();
    assert_eq!(
        control.noted,
        "exceptions noted in 3 of 6 scans; unknown in 1 of 6 scans"
    );
    assert_eq!((control.scans, control.decided), (6, 5));
    let states: Vec<_> = control
        .states
        .iter()
        .map(|state| {
            let to = state.to.map(|to| to.strftime("%d").to_string());
            (
                state.status,
                state.from.strftime("%d").to_string(),
                to,
                state.scans,
            )
        })
        .collect();
    use ControlStatus::{Gap, Met, Unknown};
    let expected = [
        (Met, "01", Some("02"), 1),
        (Gap, "02", Some("05"), 2),
        (Unknown, "05", Some("06"), 1),
        (Met, "06", Some("12"), 1),
        (Gap, "12", None, 1),
    ];
    let expected = expected
        .map(|(status, from, to, scans)| (status, from.to_owned(), to.map(str::to_owned), scans));
    assert_eq!(states, expected);
    // A scan that left it unknown is no look at it: from the 3rd to the 6th, then to the 12th.
    let longest = control.longest.unwrap();
    assert_eq!(longest.seconds, 6 * 86_400);
    assert_eq!((longest.allowed, control.missed), (false, 2));
    assert_eq!(control.waivers, ["W-1"]);
    let untouched = history
        .controls
        .iter()
        .find(|control| control.id == "CC1.1")
        .unwrap();
    assert_eq!(untouched.noted, "left to people in 6 of 6 scans");
    assert_eq!(
        untouched.missed, 2,
        "from the 3rd to the 5th, and to the 12th"
    );
}

#[test]
fn time_to_remediate_is_from_the_first_failing_scan_to_the_first_that_passes() {
    let history = told(weeks(), None);
    let mine: Vec<_> = history
        .remediation
        .iter()
        .filter(|failure| {
            let id = failure.resource.as_ref().map(|subject| subject.id.as_str());
            failure.rule == "aws.rds.pitr" && id.is_some_and(|id| id.ends_with("db:orders"))
        })
        .collect();
    assert_eq!(mine.len(), 2, "it failed twice");
    let ended = mine.iter().find(|failure| failure.ended.is_some()).unwrap();
    // The scan of the 3rd could not tell, which ends nothing.
    assert_eq!((ended.seconds, ended.scans), (4 * 86_400, 2));
    assert!(!ended.from_the_start);
    let open = mine.iter().find(|failure| failure.ended.is_none()).unwrap();
    assert_eq!(
        (open.found, open.last, open.seconds),
        (open.last, open.found, 0)
    );
    let times = history
        .times
        .iter()
        .find(|times| times.severity == Severity::High)
        .unwrap();
    assert_eq!(times.median_seconds, Some(4 * 86_400));
    assert!(
        history
            .remediation
            .iter()
            .any(|failure| failure.from_the_start)
    );
}

/// A scan of another account, in which the check holds and nothing speaks of it.
fn elsewhere(day: &str, rule: &str) -> (String, Report) {
    let (name, mut report) = by_itself(day, rule, CheckStatus::Pass);
    for row in &mut report.coverage {
        if let Scope::Aws { account, .. } = &mut row.scope {
            *account = "999999999999".to_owned();
        }
    }
    (name, report)
}

/// A scan in which nothing that a check is about exists.
fn by_itself(day: &str, rule: &str, status: CheckStatus) -> (String, Report) {
    let (name, mut report) = scan(day, ControlStatus::Gap, Outcome::Pass);
    report.findings.retain(|finding| finding.rule != rule);
    let mut checks = report.checks.iter_mut();
    checks.find(|check| check.rule == rule).unwrap().status = status;
    (name, report)
}

#[test]
fn a_scan_of_something_else_ends_nothing() {
    let rule = "aws.rds.pitr";
    let fails = by_itself("01", rule, CheckStatus::Fail);
    let changed = |before: &Report, after: &Report| {
        let changes = diff(before, after).findings.into_iter();
        let mut mine = changes.filter(|change| change.rule == rule);
        mine.find(|change| change.resource.is_none())
            .map(|change| change.transition)
    };
    let other = elsewhere("02", rule);
    let same = by_itself("03", rule, CheckStatus::Pass);
    assert_eq!(changed(&fails.1, &other.1), Some(Transition::NotChecked));
    assert_eq!(changed(&other.1, &fails.1), Some(Transition::NewlyChecked));
    assert_eq!(changed(&fails.1, &same.1), Some(Transition::Fixed));

    let ended = |scans: Vec<(String, Report)>| {
        let mut failures = told(scans, None).remediation.into_iter();
        let mine = failures.find(|failure| failure.rule == rule).unwrap();
        mine.ended.map(|at| at.strftime("%d").to_string())
    };
    assert_eq!(ended(vec![fails.clone(), other.clone()]), None);
    assert_eq!(ended(vec![fails, other, same]), Some("03".to_owned()));
}

#[test]
fn a_check_that_is_open_by_itself_in_another_account_is_new() {
    let rule = "aws.rds.pitr";
    let open_in = |owners: [CheckStatus; 2]| {
        let (_, mut report) = by_itself("01", rule, CheckStatus::Fail);
        let mut checks = report.checks.iter_mut();
        let check = checks.find(|check| check.rule == rule).unwrap();
        check.by_target = ["1", "2"]
            .map(str::to_owned)
            .into_iter()
            .zip(owners)
            .collect();
        report
    };
    let first = open_in([CheckStatus::Fail, CheckStatus::Pass]);
    let second = open_in([CheckStatus::Pass, CheckStatus::Fail]);
    let both = open_in([CheckStatus::Fail, CheckStatus::Fail]);
    let new = |before: &Report, now: &Report| {
        let mut now = now.clone();
        compare(&mut now, before).unwrap();
        now.baseline.unwrap().new_checks.contains(&rule.to_owned())
    };
    assert!(new(&first, &second));
    assert!(new(&first, &both));
    assert!(!new(&both, &first));
    assert!(!new(&first, &first));
}

#[test]
fn what_no_scan_before_could_tell_may_be_older() {
    let rule = "aws.rds.pitr";
    let from_the_start = |first: (String, Report)| {
        let scans = vec![
            first,
            scan("02", ControlStatus::Gap, Outcome::Fail),
            scan("03", ControlStatus::Met, Outcome::Pass),
        ];
        let mut failures = told(scans, None).remediation.into_iter();
        let orders = failures.find(|failure| {
            let id = failure.resource.as_ref().map(|subject| subject.id.as_str());
            failure.rule == rule && id.is_some_and(|id| id.ends_with("db:orders"))
        });
        orders.unwrap().from_the_start
    };
    assert!(!from_the_start(scan(
        "01",
        ControlStatus::Met,
        Outcome::Pass
    )));
    let unknown = scan("01", ControlStatus::Unknown, Outcome::Unknown);
    assert!(from_the_start(unknown), "it could not be decided");
    let not_run = by_itself("01", rule, CheckStatus::NotRun);
    assert!(from_the_start(not_run), "the rule was not run");
}

#[test]
fn a_waiver_that_lapsed_for_some_findings_is_in_force_over_the_others() {
    let waivers = |state: WaiverState, applied: usize| {
        let mut scans = weeks();
        scans.truncate(3);
        for (_, report) in &mut scans {
            for waiver in &mut report.waivers {
                (waiver.state, waiver.applied) = (state, applied);
            }
        }
        let history = told(scans, None);
        let mut controls = history.controls.iter();
        let control = controls.find(|control| control.id == "A1.2").unwrap();
        assert_eq!(control.waivers.len(), history.waivers.len());
        history.waivers.len()
    };
    assert_eq!(waivers(WaiverState::LapsedByObservedChange, 1), 1);
    assert_eq!(waivers(WaiverState::LapsedByObservedChange, 0), 0);
    assert_eq!(waivers(WaiverState::Expiring, 1), 1);
}

#[test]
fn a_period_counts_from_its_first_day_and_to_its_last_or_to_now() {
    let history = told(weeks(), Some(("2026-01-02", "2026-01-31")));
    assert_eq!(history.scans.len(), 5);
    assert_eq!(
        history.left_out,
        [Remark {
            source: "01.json".to_owned(),
            why: "its scan of 2026-01-01T08:00:00Z is outside the period".to_owned()
        }]
    );
    let period = history.period.as_ref().unwrap();
    assert_eq!(
        period.until.to_string(),
        "2026-01-14T00:00:00Z",
        "not yet over"
    );
    let past = told(weeks(), Some(("2025-12-25", "2026-01-13")));
    assert_eq!(
        past.period.as_ref().unwrap().until.to_string(),
        "2026-01-14T00:00:00Z"
    );
    let longest = past.longest.unwrap();
    assert_eq!(
        longest.from.to_string(),
        "2025-12-25T00:00:00Z",
        "before the first scan"
    );
}

#[test]
fn a_change_of_what_was_scanned_or_by_which_rules_is_said() {
    let mut scans = weeks();
    let last = scans
        .iter_mut()
        .find(|(source, _)| source == "12.json")
        .unwrap();
    last.1.checks[0].status = soc2scan::model::CheckStatus::NotRun;
    let history = told(scans, None);
    let changes: Vec<_> = history
        .changes
        .iter()
        .map(|change| change.what.as_str())
        .collect();
    assert_eq!(
        changes,
        [
            "the regions of AWS account 123456789012 are us-east-1",
            "the rules are others",
            "1 rule is not run any more: aws.ecr.scan_on_push"
        ]
    );
}

#[test]
fn one_scan_counts_once() {
    let mut scans = weeks();
    let mut again = scans[1].clone();
    "bundle".clone_into(&mut again.0);
    scans.push(again);
    let history = told(scans, None);
    assert_eq!(history.scans.len(), 6);
    assert_eq!(history.left_out[0].source, "bundle");
    assert_eq!(history.left_out[0].why, "the same scan as 01.json");
}

#[test]
fn a_history_never_says_that_a_control_works() {
    let scans = ["01", "02", "03"].map(|day| scan(day, ControlStatus::Met, Outcome::Pass));
    let history = told(scans.to_vec(), None);
    let control = history
        .controls
        .iter()
        .find(|control| control.id == "A1.2")
        .unwrap();
    assert_eq!(control.noted, "no exceptions noted in 3 scans");
    let mut aside = scans.to_vec();
    let mut controls = aside[1].1.controls.iter_mut();
    controls
        .find(|control| control.id == "A1.2")
        .unwrap()
        .status = ControlStatus::NotApplicable;
    let told = |scans| {
        let mut controls = told(scans, None).controls.into_iter();
        controls.find(|control| control.id == "A1.2").unwrap().noted
    };
    assert_eq!(
        told(aside.clone()),
        "no exceptions noted in 2 of 3 scans; not applicable in 1 of 3 scans"
    );
    assert_eq!(
        told(aside.split_off(1)[..1].to_vec()),
        "not applicable in 1 scan"
    );
    for history in [history, self::told(weeks(), None)] {
        for text in [
            render::history::table(&history, &Look::PLAIN),
            render::history::csv(&history),
            render::history::json(&history),
            render::history::html(&history),
        ] {
            for word in ["effective", "compliant", "certified"] {
                assert!(!text.to_lowercase().contains(word), "{word}");
            }
        }
    }
}

#[test]
fn history_for_a_terminal_as_csv_and_as_a_page() {
    let mut history = told(weeks(), Some(("2026-01-01", "2026-01-31")));
    history.left_out.push(Remark {
        source: "notes.txt".to_owned(),
        why: "not a JSON report".to_owned(),
    });
    golden(
        "history.txt",
        &render::history::table(&history, &Look::PLAIN),
    );
    golden("history.csv", &render::history::csv(&history));
    golden("history.html", &render::history::html(&history));
    let json: Value = serde_json::from_str(&render::history::json(&history)).unwrap();
    assert_eq!(json["schema"], "soc2scan.history/v1");
    assert_eq!(json["cadence"], "1d");
    assert_eq!(json["controls"].as_array().unwrap().len(), 61);
}

#[test]
fn the_page_of_a_history_is_whole_fetches_nothing_and_runs_nothing() {
    let mut spoilt = weeks();
    for (source, report) in &mut spoilt {
        *report = hostile(report);
        source.push_str("<script>alert(1)</script>");
    }
    let (plain, spoilt) = (told(weeks(), None), told(spoilt, None));
    let known: BTreeSet<_> = tags(&render::history::html(&plain))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for history in [plain, spoilt] {
        let page = render::history::html(&history);
        assert!(page.contains("script-src &#39;none&#39;") && !page.contains("<script"));
        let tags = tags(&page);
        let mut open = Vec::new();
        let mut places = BTreeSet::new();
        for (name, attributes) in &tags {
            assert!(known.contains(name), "{name}");
            assert!(
                attributes
                    .keys()
                    .all(|key| !key.starts_with("on") && key != "style")
            );
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None if ["!doctype", "meta", "br"].contains(&name.as_str()) => {}
                None => open.push(name.as_str()),
            }
            if let Some(id) = attributes.get("id") {
                assert!(places.insert(id.as_str()), "{id} twice");
            }
        }
        assert!(open.is_empty());
        for href in tags
            .iter()
            .filter_map(|(_, attributes)| attributes.get("href"))
        {
            assert!(places.contains(href.trim_start_matches('#')), "{href}");
        }
    }
}

#[test]
fn a_report_with_a_baseline_holds_to_the_contract() {
    let (before, mut after) = before_and_after();
    compare(&mut after, &before).unwrap();
    let text = String::from_utf8(render::render(&after, Format::Json, &Look::PLAIN)).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), after);
    let schema: Value = serde_json::from_str(&render::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()));
}

#[test]
fn no_text_of_a_report_is_obeyed_in_a_comparison() {
    let (before, after) = before_and_after();
    let spoilt = (hostile(&before), hostile(&after));
    let mut marked = spoilt.1.clone();
    compare(&mut marked, &spoilt.0).unwrap();
    let diff = diff(&spoilt.0, &spoilt.1);
    let mut scans = weeks();
    for (source, report) in &mut scans {
        *report = hostile(report);
        source.push_str("\u{1b}[2J<img src=x>\n=1+1");
    }
    let history = told(scans, None);
    let sample = sample(&["=1+1\u{1b}[2J".to_owned()], 1, "\u{1b}[2J");
    let population = render::sample::Population {
        source: "=x\u{1b}".to_owned(),
        sha256: String::new(),
        not_applicable: 7,
        unread: Some(vec!["=k\u{1b}[2J\n".to_owned()]),
    };
    let plain = Look::PLAIN;
    for text in [
        render::diff::table(&diff, &plain),
        render::history::table(&history, &plain),
        render::sample::table(&sample, &population, &plain),
        String::from_utf8(render::render(&marked, Format::Table, &plain)).unwrap(),
    ] {
        let bad = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(bad, None, "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= plain.width, "{line}");
        }
    }
    for text in [
        render::diff::markdown(&diff),
        String::from_utf8(render::render(&marked, Format::Markdown, &plain)).unwrap(),
    ] {
        assert!(
            !text.contains("<img") && !text.contains("@octocat"),
            "{text}"
        );
        let rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert!(rows.iter().all(|row| row.ends_with(" |")), "{rows:#?}");
    }
    for text in [
        render::history::csv(&history),
        render::sample::csv(&sample, &population),
    ] {
        for cell in text.split([',', '\n', '"']) {
            assert!(!cell.starts_with(['=', '+', '@']), "{cell}");
        }
    }
}
