//! OCSF 1.8.0 Compliance Findings (class 2003), one event a line, for security data lakes: every finding, and behind them what
//! else is open or was written down.

use serde_json::{Map, Value, json};

use super::csv::observed;
use super::identity::{fingerprint, of};
use super::json::set;
use super::records::{Record, What, records};
use super::register::Answers;
use super::sarif::how;
use super::text::{self, short_name, shortened};
use crate::model::{CheckReport, Finding, Outcome, Report, Scope, Severity};

/// The standard by name.
const STANDARD: &str = "AICPA Trust Services Criteria 2017";

/// The longest sentence.
const LONGEST: usize = 2_000;

pub fn render(report: &Report) -> String {
    let checks = report.by_rule();
    let answers = Answers::new(report);
    let mut lines = String::new();
    for finding in &report.findings {
        if let Some(check) = checks.get(finding.rule.as_str()) {
            lines.push_str(&event(report, check, finding, &answers).to_string());
            lines.push('\n');
        }
    }
    for record in records(report) {
        lines.push_str(&beside(report, &record).to_string());
        lines.push('\n');
    }
    lines
}

/// What every event begins with.
fn envelope(report: &Report, uid: &str, profiles: &[&str]) -> Value {
    let moment = report.taken_at.to_string();
    json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": report.taken_at.as_millisecond(),
        "time_dt": moment,
        "metadata": {
            "version": "1.8.0",
            "profiles": profiles,
            "product": {
                "name": report.tool.name,
                "uid": "soc2scan",
                "vendor_name": "soc2scan",
                "version": report.tool.version,
            },
            "uid": format!("{uid}@{moment}"),
        },
        "unmapped": {
            "soc2scan.snapshot_sha256": report.digests.snapshot,
            "soc2scan.rulebook_sha256": report.digests.rulebook,
        },
    })
}

/// What is no finding. What people wrote down neither passes nor fails.
fn beside(report: &Report, record: &Record) -> Value {
    let name = record.what.name();
    let scope = record.what.scope().map(Scope::to_string);
    let uid = of(&[name, &record.id, scope.as_deref().unwrap_or_default()]);
    let title = shortened(&text::clean(&record.title()), LONGEST);
    let sentence = shortened(&text::clean(&record.sentence), LONGEST);
    let (severity_id, severity) = record.severity().map_or(INFORMATIONAL, of_severity);
    let mut compliance = concerning(&record.criteria);
    let (status_id, status) = match record.what.outcome() {
        Some(outcome) => of_outcome(outcome),
        None => (99, record.state),
    };
    set(&mut compliance, "status_id", status_id);
    set(&mut compliance, "status", text::words(status));
    set(&mut compliance, "status_details", json!([sentence]));
    let mut event = envelope(report, &uid, &["datetime"]);
    for (field, value) in [
        ("severity_id", json!(severity_id)),
        ("severity", json!(severity)),
        ("status_id", json!(1)),
        ("status", json!("New")),
        ("message", json!(sentence)),
        (
            "finding_info",
            json!({
                "uid": uid,
                "title": title,
                "desc": sentence,
                "created_time": report.taken_at.as_millisecond(),
                "created_time_dt": report.taken_at.to_string(),
                "types": [name],
            }),
        ),
        ("compliance", compliance),
    ] {
        set(&mut event, field, value);
    }
    if let What::Check(check, _) = record.what {
        set(&mut event, "remediation", remediation(check));
    }
    if let Some(ours) = event.pointer_mut("/unmapped") {
        set(ours, "soc2scan.record", name);
        set(ours, "soc2scan.entry", text::clean(&record.id));
        set(ours, "soc2scan.entry_state", record.state);
        if let Some(scope) = scope {
            set(ours, "soc2scan.scope", text::clean(&scope));
        }
    }
    event
}

fn event(report: &Report, check: &CheckReport, finding: &Finding, answers: &Answers) -> Value {
    let fingerprint = fingerprint(finding);
    let (severity_id, severity) = severity(finding);
    let (status_id, status) = if finding.waiver.is_some() {
        (3, "Suppressed")
    } else {
        (1, "New")
    };
    let (outcome_id, outcome) = of_outcome(finding.outcome);
    let mut compliance = concerning(&requirements(check));
    for (field, value) in [
        ("status_id", json!(outcome_id)),
        ("status", json!(outcome)),
        (
            "status_details",
            json!([shortened(&detail(finding, answers), LONGEST)]),
        ),
        (
            "checks",
            json!([{
                "uid": finding.rule,
                "name": text::clean(&check.title),
                "status_id": outcome_id,
                "status": outcome,
                "standards": [STANDARD],
            }]),
        ),
    ] {
        set(&mut compliance, field, value);
    }
    let mut event = envelope(report, &fingerprint, profiles(&finding.resource.scope));
    for (field, value) in [
        ("severity_id", json!(severity_id)),
        ("severity", json!(severity)),
        ("status_id", json!(status_id)),
        ("status", json!(status)),
        (
            "message",
            json!(shortened(&text::clean(&check.title), LONGEST)),
        ),
        (
            "finding_info",
            json!({
                "uid": fingerprint,
                "title": text::clean(&check.title),
                "desc": check.why.trim(),
                "created_time": report.taken_at.as_millisecond(),
                "created_time_dt": report.taken_at.to_string(),
                "types": ["configuration"],
                "analytic": { "uid": finding.rule, "name": text::clean(&check.title), "type_id": 1, "type": "Rule" },
            }),
        ),
        ("compliance", compliance),
        ("resources", json!([resource(finding)])),
        ("evidences", json!([evidence(finding)])),
        ("remediation", remediation(check)),
    ] {
        set(&mut event, field, value);
    }
    if let Some(metadata) = event.pointer_mut("/metadata") {
        set(metadata, "event_code", finding.rule.as_str());
    }
    if let Some(sentence) = answers.sentence(finding) {
        let sentence = shortened(&text::clean(&sentence), LONGEST);
        set(&mut event, "comment", sentence);
    }
    if let Some(ours) = event.pointer_mut("/unmapped") {
        set(ours, "soc2scan.record", "finding");
        set(ours, "soc2scan.outcome", json!(finding.outcome));
        set(ours, "soc2scan.waiver", json!(finding.waiver));
        if let Some(waiver) = &finding.waiver_expired {
            set(ours, "soc2scan.waiver_expired", waiver.as_str());
        }
        if let Some(origin) = &finding.resource.origin {
            set(ours, "soc2scan.origin", json!(origin));
        }
    }
    if let (Scope::Aws { account, region }, Some(event)) =
        (&finding.resource.scope, event.as_object_mut())
    {
        let mut cloud = json!({
            "provider": "AWS",
            "account": { "uid": account, "type_id": 10, "type": "AWS Account" },
        });
        if let (Some(region), Some(cloud)) = (region, cloud.as_object_mut()) {
            cloud.insert("region".to_owned(), json!(region));
        }
        event.insert("cloud".to_owned(), cloud);
    }
    event
}

fn evidence(finding: &Finding) -> Value {
    let mut evidence = json!({ "name": finding.rule, "data": finding.evidence });
    if let Some(origin) = &finding.resource.origin {
        let path = text::clean(&origin.file);
        let name = path.rsplit('/').next().unwrap_or(&path);
        let file = json!({ "name": name, "path": path, "type_id": 1 });
        set(&mut evidence, "file", file);
    }
    evidence
}

fn profiles(scope: &Scope) -> &'static [&'static str] {
    match scope {
        Scope::Aws { .. } => &["cloud", "datetime"],
        Scope::Kubernetes { .. } => &["datetime"],
    }
}

/// The id of a severity, and its name.
const INFORMATIONAL: (u8, &str) = (1, "Informational");

fn severity(finding: &Finding) -> (u8, &'static str) {
    match finding.outcome {
        Outcome::Pass | Outcome::NotApplicable => INFORMATIONAL,
        Outcome::Fail | Outcome::Unknown => of_severity(finding.severity),
    }
}

fn of_severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// A warning is, in this schema, a result that is missing for want of information.
fn of_outcome(outcome: Outcome) -> (u8, &'static str) {
    match outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::NotApplicable => (99, "Not Applicable"),
    }
}

/// The criteria of a check, those that it decides first.
fn requirements(check: &CheckReport) -> Vec<&str> {
    let all = check.required.iter().chain(&check.supporting);
    all.map(String::as_str).collect()
}

/// The criteria that an event is about, the first as its control.
fn concerning(criteria: &[&str]) -> Value {
    let mut compliance = json!({ "standards": [STANDARD], "requirements": criteria });
    if let Some(control) = criteria.first() {
        set(&mut compliance, "control", *control);
    }
    compliance
}

/// Why the outcome is what it is, in a line.
pub fn detail(finding: &Finding, answers: &Answers) -> String {
    let mut detail = match (&finding.reason, finding.outcome) {
        (Some(reason), _) => format!("not known: {}", text::cause(reason)),
        (None, Outcome::NotApplicable) => "the check does not apply".to_owned(),
        _ => observed(finding),
    };
    if let Some(sentence) = answers.sentence(finding) {
        detail.push_str(&format!(" ({})", text::clean(&sentence)));
    }
    if detail.is_empty() {
        finding.outcome.as_str().to_owned()
    } else {
        detail
    }
}

fn resource(finding: &Finding) -> Value {
    let subject = &finding.resource;
    let mut resource = Map::new();
    let mut set = |name: &str, value: &str| {
        resource.insert(name.to_owned(), json!(value));
    };
    set("uid", subject.id.as_str());
    set("name", &short_name(subject));
    set("type", subject.kind.as_str());
    match &subject.scope {
        Scope::Aws { region, .. } => {
            if let Some(region) = region {
                set("region", region);
            }
            if let Some(partition) = partition(subject.id.as_str()) {
                set("cloud_partition", partition);
            }
        }
        Scope::Kubernetes { namespace, .. } => {
            if let Some(namespace) = namespace {
                set("namespace", namespace);
            }
        }
    }
    Value::Object(resource)
}

/// The partition in an ARN.
fn partition(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':');
    (parts.next() == Some("arn")).then(|| parts.next())?
}

fn remediation(check: &CheckReport) -> Value {
    let how = how(&check.fix);
    let desc = if how.is_empty() {
        check.title.clone()
    } else {
        how
    };
    let references: Vec<_> = check
        .references
        .iter()
        .filter(|url| text::is_web(url))
        .collect();
    if references.is_empty() {
        json!({ "desc": desc })
    } else {
        json!({ "desc": desc, "references": references })
    }
}
