//! Every finding, and behind them what else is open or was written down, as a line of JSON, each complete in itself: for log
//! stores and for `jq`.

use serde_json::json;

use super::csv::disposition;
use super::identity::fingerprint;
use super::json::set;
use super::records::records;
use super::register::Answers;
use crate::model::Report;

pub fn render(report: &Report) -> String {
    let checks = report.by_rule();
    let answers = Answers::new(report);
    let mut lines = String::new();
    for finding in &report.findings {
        let check = checks.get(finding.rule.as_str());
        let mut line = json!({
            "record": "finding",
            "fingerprint": fingerprint(finding),
            "rule": finding.rule,
            "title": check.map(|check| &check.title),
            "severity": finding.severity,
            "required": check.map(|check| &check.required),
            "supporting": check.map(|check| &check.supporting),
            "resource": finding.resource,
            "outcome": finding.outcome,
            "disposition": disposition(finding),
            "evidence": finding.evidence,
            "taken_at": report.taken_at,
            "snapshot": report.digests.snapshot,
            "rulebook": report.digests.rulebook,
        });
        if let Some(line) = line.as_object_mut() {
            if let Some(reason) = &finding.reason {
                line.insert("reason".to_owned(), json!(reason));
            }
            if let Some(waiver) = &finding.waiver {
                line.insert("waiver".to_owned(), json!(waiver));
            }
            if let Some(waiver) = &finding.waiver_expired {
                line.insert("waiver_expired".to_owned(), json!(waiver));
            }
            if let Some(waiver) = answers.of(finding) {
                for (name, value) in [
                    ("waiver_reason", &waiver.reason),
                    ("waiver_owner", &waiver.owner),
                    ("waiver_approved_by", &waiver.approved_by),
                    ("waiver_approved_on", &waiver.approved_on),
                    ("waiver_expires", &waiver.expires),
                ] {
                    line.insert(name.to_owned(), json!(value));
                }
            }
        }
        if let (Some(state), Some(line)) = (finding.baseline, line.as_object_mut()) {
            line.insert("baseline".to_owned(), json!(state));
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    for record in records(report) {
        let mut line = record.json();
        set(&mut line, "record", record.what.name());
        set(&mut line, "taken_at", report.taken_at.to_string());
        set(&mut line, "snapshot", report.digests.snapshot.as_str());
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines
}
