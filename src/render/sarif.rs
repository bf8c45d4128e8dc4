//! SARIF 2.1.0 as GitHub code scanning takes it: failing resources as results at their manifest or the rule's file, waived ones
//! suppressed, what is unknown as notes, and why as notifications of the run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::baseline;
use super::evidence::deciding;
use super::identity::{fingerprint, of, rule_file, within_repository};
use super::json::set;
use super::ledger::ledger;
use super::records::{unread, written};
use super::register::{Answers, one_line};
use super::text::{self, is_web, shortened};
use super::view::View;
use crate::model::{
    BaselineState, CheckReport, CheckStatus, Finding, Fix, Outcome, Reason, Report, Severity,
};

/// GitHub refuses a file with more results.
const RESULTS: usize = 25_000;

/// GitHub takes so many tags of a rule.
const TAGS: usize = 10;

/// The most notifications, and the longest text.
const NOTIFICATIONS: usize = 1_000;
const LONGEST: usize = 1_000;

pub fn render(report: &Report) -> String {
    let view = View::new(report);
    let answers = Answers::new(report);
    let checks: BTreeMap<&str, (usize, &CheckReport)> = report
        .checks
        .iter()
        .enumerate()
        .map(|(index, check)| (check.rule.as_str(), (index, check)))
        .collect();
    let mut open: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| is_open(finding))
        .collect();
    // Stable: the report's order within a severity. What the baseline knows is cut first.
    open.sort_by_key(|finding| {
        (
            finding.outcome,
            finding
                .baseline
                .is_some_and(|state| state != BaselineState::New),
            std::cmp::Reverse(finding.severity),
            finding.waiver.is_some(),
        )
    });
    let mut results: Vec<Value> = open
        .iter()
        .filter_map(|finding| {
            let (index, check) = checks.get(finding.rule.as_str())?;
            Some(result(finding, *index, check, &answers))
        })
        .collect();
    let checks = report.checks.iter().enumerate();
    results.extend(checks.filter_map(|(index, check)| by_itself(report, index, check)));
    let left_out = results.len().saturating_sub(RESULTS);
    results.truncate(RESULTS);

    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "automationDetails": { "id": "soc2scan/" },
            "tool": { "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "semanticVersion": report.tool.version,
                "rules": report.checks.iter().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": report.rule_bugs.is_empty() && unread(report).next().is_none(),
                "startTimeUtc": report.taken_at,
                "toolExecutionNotifications": notifications(&view, left_out),
            }],
            "properties": {
                "rulebookSha256": report.digests.rulebook,
                "snapshotSha256": report.digests.snapshot,
            },
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// Whether it fails or is not known. What files cannot tell nothing that is done to them would close.
fn is_open(finding: &Finding) -> bool {
    let reason = finding.reason.as_ref().map(|unread| unread.reason);
    match finding.outcome {
        Outcome::Fail => true,
        Outcome::Unknown => reason != Some(Reason::NotInManifests),
        Outcome::Pass | Outcome::NotApplicable => false,
    }
}

fn rule(check: &CheckReport) -> Value {
    let tags: Vec<String> = ["security".to_owned(), "soc2".to_owned()]
        .into_iter()
        .chain(check.required.iter().map(|id| format!("soc2/{id}")))
        .take(TAGS)
        .collect();
    let mut rule = json!({
        "id": check.rule,
        "shortDescription": { "text": text::clean(&check.title) },
        "fullDescription": { "text": shortened(&one_line(&check.why), LONGEST) },
        "help": { "text": format!("{}\n\n{}", check.why.trim(), how(&check.fix)) },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": {
            "tags": tags,
            "precision": "very-high",
            "security-severity": score(check.severity),
        },
    });
    if let (Some(url), Some(rule)) = (check.references.first(), rule.as_object_mut())
        && is_web(url)
    {
        rule.insert("helpUri".to_owned(), json!(url));
    }
    rule
}

fn result(finding: &Finding, index: usize, check: &CheckReport, answers: &Answers) -> Value {
    let resource = finding.resource.id.as_str();
    let what = match &finding.reason {
        Some(reason) => format!("not known: {}", text::cause(reason)),
        None => {
            let facts = deciding(finding, check, 300).into_iter();
            let facts: Vec<_> = facts
                .map(|(path, value)| format!("{path} = {value}"))
                .collect();
            facts.join(", ")
        }
    };
    let message = format!("{}: {what}", text::clean(resource));
    let fingerprint = fingerprint(finding);
    let outcome = finding.outcome;
    let mut result = located(check, index, outcome, &message, resource, &fingerprint);
    if let Some(origin) = &finding.resource.origin
        && let Some(uri) = within_repository(&origin.file)
        && let Some(place) = result.pointer_mut("/locations/0/physicalLocation")
    {
        *place = json!({
            "artifactLocation": { "uri": uri },
            "region": { "startLine": origin.line, "startColumn": origin.column },
        });
    }
    if let (Some(state), Some(result)) = (finding.baseline, result.as_object_mut()) {
        result.insert("baselineState".to_owned(), json!(state));
    }
    if let Some(sentence) = answers.sentence(finding) {
        let sentence = shortened(&text::clean(&sentence), LONGEST);
        if finding.waiver.is_some() {
            let suppression = json!({
                "kind": "external",
                "status": "accepted",
                "justification": sentence,
            });
            set(&mut result, "suppressions", vec![suppression]);
        } else if let Some(properties) = result.pointer_mut("/properties") {
            set(properties, "waiver", sentence);
        }
    }
    result
}

/// A check that is open by itself: nothing exists, or its list was not read.
fn by_itself(report: &Report, index: usize, check: &CheckReport) -> Option<Value> {
    let open = report.open_by_itself(check)?;
    let message = text::absent(report, check)
        .unwrap_or_else(|| "not known: what it needs was not read to the end".to_owned());
    let kinds = text::kinds(check);
    let fingerprint = of(&[&check.rule]);
    let mut result = located(check, index, open.outcome, &message, &kinds, &fingerprint);
    if let (Some(baseline), Some(result)) = (&report.baseline, result.as_object_mut()) {
        let state = match baseline.new_checks.contains(&check.rule) {
            true => BaselineState::New,
            false => BaselineState::Unchanged,
        };
        result.insert("baselineState".to_owned(), json!(state));
    }
    Some(result)
}

fn located(
    check: &CheckReport,
    index: usize,
    outcome: Outcome,
    message: &str,
    resource: &str,
    fingerprint: &str,
) -> Value {
    let short: String = fingerprint.chars().take(32).collect();
    json!({
        "ruleId": check.rule,
        "ruleIndex": index,
        // What is not known stays open, lest code scanning take it for mended.
        "level": match outcome {
            Outcome::Unknown => "note",
            _ => level(check.severity),
        },
        "kind": "fail",
        "message": { "text": shortened(message, LONGEST) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": rule_file(&check.rule) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": resource, "kind": "resource" }],
        }],
        // All results of a rule are at one line: without the first, GitHub would take them for one.
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{short}:1"),
            "soc2scan/v1": fingerprint,
        },
        "properties": { "required": check.required, "supporting": check.supporting },
    })
}

fn notifications(view: &View, left_out: usize) -> Vec<Value> {
    let note = |level: &str, id: &str, text: String| {
        json!({
            "level": level,
            "descriptor": { "id": id },
            "message": { "text": shortened(&text, LONGEST) },
        })
    };
    let mut notes = Vec::new();
    if left_out > 0 {
        let text = format!("{left_out} results are left out: code scanning takes {RESULTS}");
        notes.push(note("warning", "cut", text));
    }
    for missing in ledger(view).missing {
        let id = missing.reason.as_str().replace('_', "-");
        let mut text = format!("not read: {}", missing.what);
        if !missing.places.is_empty() {
            text.push_str(&format!(" in {}", missing.places.join(", ")));
        }
        text.push_str(&format!(" ({})", missing.advice));
        notes.push(note("error", &id, text));
    }
    let unknown = view.report.checks.iter();
    for check in unknown.filter(|check| check.status == CheckStatus::Unknown) {
        let text = format!("{} is unknown: {}", check.rule, text::clean(&check.title));
        notes.push(note("warning", "unknown", text));
    }
    for record in written(view.report) {
        let level = match record.is_problem {
            true => "warning",
            false => "note",
        };
        let id = format!("{}-{}", record.what.name(), record.state).replace('_', "-");
        notes.push(note(level, &id, text::clean(&record.sentence)));
    }
    // As results, with the state `absent`, code scanning would open them.
    for gone in baseline::gone(view.report) {
        let what = gone.resource.as_ref().map(|subject| subject.id.as_str());
        let text = format!(
            "{} since the baseline: {} {}",
            text::words(gone.now.as_str()),
            gone.rule,
            text::clean(what.unwrap_or_default())
        );
        notes.push(note("note", "baseline", text.trim_end().to_owned()));
    }
    for bug in &view.report.rule_bugs {
        let text = format!("{}: {} ({})", bug.rule, bug.message, bug.resource);
        notes.push(note("error", "rule-bug", text::clean(&text)));
    }
    notes.truncate(NOTIFICATIONS);
    notes
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The scale of GitHub: over 9 is critical, from 7 high, from 4 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// The ways of a fix, one after the other.
pub fn how(fix: &Fix) -> String {
    let ways = [&fix.cli, &fix.terraform, &fix.kubectl, &fix.yaml];
    let ways: Vec<_> = ways.into_iter().flatten().map(|way| way.trim()).collect();
    ways.join("\n\n")
}
