//! OCSF 1.8.0 Compliance Findings (class 2003), one event a line, for security data lakes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::csv::observed;
use super::identity::fingerprint;
use super::json::set;
use super::register::Answers;
use super::sarif::how;
use super::text::{self, short_name, shortened};
use crate::model::{CheckReport, Finding, Outcome, Report, Scope, Severity};

/// The standard by name.
const STANDARD: &str = "AICPA Trust Services Criteria 2017";

/// The longest sentence.
const LONGEST: usize = 2_000;

pub fn render(report: &Report) -> String {
    let checks: BTreeMap<&str, &CheckReport> = report
        .checks
        .iter()
        .map(|check| (check.rule.as_str(), check))
        .collect();
    let answers = Answers::new(report);
    let mut lines = String::new();
    for finding in &report.findings {
        if let Some(check) = checks.get(finding.rule.as_str()) {
            lines.push_str(&event(report, check, finding, &answers).to_string());
            lines.push('\n');
        }
    }
    lines
}

fn event(report: &Report, check: &CheckReport, finding: &Finding, answers: &Answers) -> Value {
    let time = report.taken_at.as_millisecond();
    let moment = report.taken_at.to_string();
    let fingerprint = fingerprint(finding);
    let (severity_id, severity) = severity(finding);
    let (status_id, status) = if finding.waiver.is_some() {
        (3, "Suppressed")
    } else {
        (1, "New")
    };
    let (outcome_id, outcome) = outcome(finding.outcome);
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "time_dt": moment,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": shortened(&text::clean(&check.title), LONGEST),
        "metadata": {
            "version": "1.8.0",
            "profiles": profiles(&finding.resource.scope),
            "product": {
                "name": report.tool.name,
                "uid": "soc2scan",
                "vendor_name": "soc2scan",
                "version": report.tool.version,
            },
            "event_code": finding.rule,
            "uid": format!("{fingerprint}@{moment}"),
        },
        "finding_info": {
            "uid": fingerprint,
            "title": text::clean(&check.title),
            "desc": check.why.trim(),
            "created_time": time,
            "created_time_dt": moment,
            "types": ["configuration"],
            "analytic": { "uid": finding.rule, "name": text::clean(&check.title), "type_id": 1, "type": "Rule" },
        },
        "compliance": {
            "standards": [STANDARD],
            "requirements": requirements(check),
            "control": check.required.first().or(check.supporting.first()),
            "status_id": outcome_id,
            "status": outcome,
            "status_details": [shortened(&detail(finding, answers), LONGEST)],
            "checks": [{
                "uid": finding.rule,
                "name": text::clean(&check.title),
                "status_id": outcome_id,
                "status": outcome,
                "standards": [STANDARD],
            }],
        },
        "resources": [resource(finding)],
        "evidences": [evidence(finding)],
        "remediation": remediation(check),
        "unmapped": {
            "soc2scan.outcome": finding.outcome,
            "soc2scan.waiver": finding.waiver,
            "soc2scan.snapshot_sha256": report.digests.snapshot,
            "soc2scan.rulebook_sha256": report.digests.rulebook,
        },
    });
    if let Some(sentence) = answers.sentence(finding) {
        let sentence = shortened(&text::clean(&sentence), LONGEST);
        set(&mut event, "comment", sentence);
    }
    if let Some(ours) = event.pointer_mut("/unmapped") {
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

fn severity(finding: &Finding) -> (u8, &'static str) {
    match (finding.outcome, finding.severity) {
        (Outcome::Pass | Outcome::NotApplicable, _) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

/// A warning is, in this schema, a result that is missing for want of information.
fn outcome(outcome: Outcome) -> (u8, &'static str) {
    match outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::NotApplicable => (99, "Not Applicable"),
    }
}

fn requirements(check: &CheckReport) -> Vec<&String> {
    check.required.iter().chain(&check.supporting).collect()
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
        super::csv::outcome(finding.outcome).to_owned()
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
pub fn partition(arn: &str) -> Option<&str> {
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
