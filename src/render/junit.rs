//! JUnit XML: a suite for each criterion in scope, a case for each check and resource and for each attestation.

use std::collections::BTreeMap;

use super::csv::observed;
use super::text::{self, shortened, words};
use super::view::homes;
use crate::model::{
    AttestationStatus, CheckReport, CheckStatus, ControlReport, ControlStatus, Finding, Outcome,
    Report,
};

/// The most cases; those that pass are left out first.
const CASES: usize = 20_000;

/// The longest message.
const LONGEST: usize = 500;

/// What came of a case.
enum Result {
    Pass,
    Failure(String),
    Error(String),
    Skipped(String),
}

struct Case {
    class: String,
    name: String,
    result: Result,
}

pub fn render(report: &Report) -> String {
    let homes = homes(report);
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut suites: Vec<(String, &'static str, Vec<Case>)> = Vec::new();
    for control in &report.controls {
        if control.status == ControlStatus::OutOfScope {
            continue;
        }
        let mut cases = Vec::new();
        for check in &report.checks {
            if homes.get(check.rule.as_str()) == Some(&control.id.as_str()) {
                cases.extend(of_check(check, by_rule.get(check.rule.as_str())));
            }
        }
        cases.extend(of_people(control));
        let name = format!("{} {}", control.id, control.title);
        suites.push((name, control.status.as_str(), cases));
    }
    let homeless = report.checks.iter();
    let homeless: Vec<Case> = homeless
        .filter(|check| !homes.contains_key(check.rule.as_str()))
        .flat_map(|check| of_check(check, by_rule.get(check.rule.as_str())))
        .collect();
    if !homeless.is_empty() {
        suites.push(("no criterion in scope".to_owned(), "out_of_scope", homeless));
    }
    let left_out = cut(&mut suites);
    write(report, &suites, left_out)
}

fn of_check(check: &CheckReport, findings: Option<&Vec<&Finding>>) -> Vec<Case> {
    let case = |name: &str, result| Case {
        class: check.rule.clone(),
        name: name.to_owned(),
        result,
    };
    let findings = findings.map_or(&[][..], Vec::as_slice);
    let mut cases: Vec<_> = findings
        .iter()
        .map(|finding| case(finding.resource.id.as_str(), of_finding(finding)))
        .collect();
    let kinds: Vec<_> = check.resource.iter().map(|kind| kind.as_str()).collect();
    let kinds = kinds.join(" or ");
    let counts = check.counts;
    match check.status {
        CheckStatus::Fail if counts.fail == 0 => {
            cases.push(case(&kinds, Result::Failure(format!("no {kinds} exists"))));
        }
        CheckStatus::Unknown if counts.unknown == 0 => {
            let why = "what it needs was not read to the end".to_owned();
            cases.push(case(&kinds, Result::Error(why)));
        }
        CheckStatus::NotRun => {
            cases.push(case(
                &kinds,
                Result::Skipped("the check was not selected".to_owned()),
            ));
        }
        CheckStatus::NotApplicable if findings.is_empty() => {
            cases.push(case(&kinds, Result::Skipped(format!("no {kinds} exists"))));
        }
        _ => {}
    }
    cases
}

fn of_finding(finding: &Finding) -> Result {
    match (finding.outcome, &finding.waiver, &finding.reason) {
        (Outcome::Pass, ..) => Result::Pass,
        (Outcome::NotApplicable, ..) => Result::Skipped("the check does not apply".to_owned()),
        (Outcome::Fail, Some(waiver), _) => Result::Skipped(format!("fails under waiver {waiver}")),
        (Outcome::Fail, None, _) => Result::Failure(observed(finding)),
        (Outcome::Unknown, _, Some(reason)) => Result::Error(text::cause(reason)),
        (Outcome::Unknown, _, None) => Result::Error("a bug of the rule".to_owned()),
    }
}

fn of_people(control: &ControlReport) -> impl Iterator<Item = Case> {
    control.attestations.iter().map(|attested| Case {
        class: "attestation".to_owned(),
        name: attested.topic.clone(),
        result: match attested.status {
            AttestationStatus::Valid | AttestationStatus::Expiring => Result::Pass,
            AttestationStatus::Negative => {
                Result::Failure("management attests that it does not operate".to_owned())
            }
            AttestationStatus::NotApplicable => {
                Result::Skipped("management attests that there is nothing to attest".to_owned())
            }
            AttestationStatus::Missing => Result::Skipped("the attestation is missing".to_owned()),
            AttestationStatus::Expired => Result::Skipped("the attestation has expired".to_owned()),
            AttestationStatus::Invalid => {
                Result::Skipped("the attestation is not valid".to_owned())
            }
        },
    })
}

/// Leaves out what is too much, passes first, and says how much that is.
fn cut(suites: &mut [(String, &'static str, Vec<Case>)]) -> usize {
    let all: usize = suites.iter().map(|(_, _, cases)| cases.len()).sum();
    let mut excess = all.saturating_sub(CASES);
    let left_out = excess;
    for passes in [true, false] {
        for (_, _, cases) in suites.iter_mut().rev() {
            cases.retain(|case| {
                let out = excess > 0 && (!passes || matches!(case.result, Result::Pass));
                excess -= usize::from(out);
                !out
            });
        }
    }
    left_out
}

fn write(report: &Report, suites: &[(String, &'static str, Vec<Case>)], left_out: usize) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = || suites.iter().flat_map(|(_, _, cases)| cases);
    xml.push_str(&format!(
        "<testsuites name=\"{}\" {}>\n",
        escaped(&report.tool.name),
        counts(all())
    ));
    for (name, status, cases) in suites {
        xml.push_str(&format!(
            "<testsuite name=\"{}\" {} skipped=\"{}\" timestamp=\"{}\">\n<properties>\n",
            escaped(name),
            counts(cases.iter()),
            cases
                .iter()
                .filter(|case| matches!(case.result, Result::Skipped(_)))
                .count(),
            report.taken_at.strftime("%Y-%m-%dT%H:%M:%S"),
        ));
        let mut property = |name: &str, value: &str| {
            let value = escaped(value);
            xml.push_str(&format!("<property name=\"{name}\" value=\"{value}\"/>\n"));
        };
        property("control.status", &words(status));
        property("snapshot.sha256", &report.digests.snapshot);
        property("rulebook.sha256", &report.digests.rulebook);
        if left_out > 0 {
            property("cases.left_out", &left_out.to_string());
        }
        xml.push_str("</properties>\n");
        for case in cases {
            write_case(&mut xml, case);
        }
        xml.push_str("</testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts<'a>(cases: impl Iterator<Item = &'a Case>) -> String {
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for case in cases {
        tests += 1;
        failures += usize::from(matches!(case.result, Result::Failure(_)));
        errors += usize::from(matches!(case.result, Result::Error(_)));
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

fn write_case(xml: &mut String, case: &Case) {
    xml.push_str(&format!(
        "<testcase classname=\"{}\" name=\"{}\"",
        escaped(&case.class),
        escaped(&case.name)
    ));
    let (tag, message) = match &case.result {
        Result::Pass => return xml.push_str("/>\n"),
        Result::Failure(message) => ("failure", message),
        Result::Error(message) => ("error", message),
        Result::Skipped(message) => ("skipped", message),
    };
    let message = escaped(message);
    xml.push_str(&format!("><{tag} message=\"{message}\"/></testcase>\n"));
}

/// Data as the value of an attribute; XML has no place for some characters at all.
fn escaped(data: &str) -> String {
    let mut escaped = String::with_capacity(data.len());
    for c in shortened(&text::clean(data), LONGEST).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
