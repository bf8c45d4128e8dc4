//! JUnit XML: a suite for each criterion in scope, a case for each check and resource and for each attestation.

use std::collections::BTreeMap;

use super::baseline;
use super::csv::observed;
use super::group::members;
use super::register::{Answers, attestations, waivers};
use super::text::{self, shortened, words};
use super::view::homes;
use crate::model::{
    AttestationStatus, CheckReport, CheckStatus, ControlReport, ControlStatus, Finding, Group,
    GroupStatus, Origin, Outcome, Report,
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

impl Result {
    /// The same, said to be of a place in a file.
    fn at(self, origin: &Origin) -> Self {
        let placed = |message: String| format!("{origin}: {message}");
        match self {
            Result::Pass => Result::Pass,
            Result::Failure(message) => Result::Failure(placed(message)),
            Result::Error(message) => Result::Error(placed(message)),
            Result::Skipped(message) => Result::Skipped(placed(message)),
        }
    }
}

struct Case {
    class: String,
    name: String,
    result: Result,
    /// What is said of a case that passes.
    note: Option<String>,
}

impl Case {
    fn new(class: &str, name: &str, result: Result) -> Self {
        Self {
            class: class.to_owned(),
            name: name.to_owned(),
            result,
            note: None,
        }
    }
}

pub fn render(report: &Report) -> String {
    let homes = homes(report);
    let answers = Answers::new(report);
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
                let findings = by_rule.get(check.rule.as_str());
                cases.extend(of_check(report, check, findings, &answers));
            }
        }
        if control.status == ControlStatus::NotApplicable {
            let result = Result::Skipped(control.why.clone());
            cases.push(Case::new("scope", &control.id, result));
        } else {
            cases.extend(of_people(control));
            cases.extend(control.groups.iter().map(of_group));
        }
        let name = format!("{} {}", control.id, control.title);
        suites.push((name, control.status.as_str(), cases));
    }
    let homeless = report.checks.iter();
    let homeless: Vec<Case> = homeless
        .filter(|check| !homes.contains_key(check.rule.as_str()))
        .flat_map(|check| of_check(report, check, by_rule.get(check.rule.as_str()), &answers))
        .collect();
    if !homeless.is_empty() {
        suites.push(("no criterion in scope".to_owned(), "out_of_scope", homeless));
    }
    let written = of_register(report);
    if !written.is_empty() {
        suites.push(("waivers and attestations".to_owned(), "", written));
    }
    let left_out = cut(&mut suites);
    write(report, &suites, left_out)
}

/// What people wrote down, whatever came of it: what holds passes, everything else is skipped.
fn of_register(report: &Report) -> Vec<Case> {
    let case = |class, id, holds, sentence| match holds {
        true => Case {
            note: Some(sentence),
            ..Case::new(class, id, Result::Pass)
        },
        false => Case::new(class, id, Result::Skipped(sentence)),
    };
    let mut cases = Vec::new();
    for line in waivers(report) {
        let holds = line.is_in_force();
        cases.push(case("waiver", &line.waiver.id, holds, line.sentence()));
    }
    for line in attestations(report) {
        let attestation = line.attestation;
        let holds = !attestation.superseded
            && matches!(
                attestation.state,
                AttestationStatus::Valid | AttestationStatus::Expiring
            );
        let id = &attestation.id;
        cases.push(case("written attestation", id, holds, line.sentence()));
    }
    cases
}

fn of_check(
    report: &Report,
    check: &CheckReport,
    findings: Option<&Vec<&Finding>>,
    answers: &Answers,
) -> Vec<Case> {
    let case = |name: &str, result| Case::new(&check.rule, name, result);
    let findings = findings.map_or(&[][..], Vec::as_slice);
    let mut cases: Vec<_> = findings
        .iter()
        .map(|finding| {
            let result = of_finding(finding, answers);
            let origin = finding.resource.origin.as_ref();
            match (result, origin) {
                (Result::Pass, origin) => Case {
                    note: origin.map(ToString::to_string),
                    ..case(finding.resource.id.as_str(), Result::Pass)
                },
                (result, Some(origin)) => case(finding.resource.id.as_str(), result.at(origin)),
                (result, None) => case(finding.resource.id.as_str(), result),
            }
        })
        .collect();
    let kinds = text::kinds(check);
    if report.open_by_itself(check).is_some() {
        let result = match text::absent(report, check) {
            Some(absent) => Result::Failure(absent),
            None => Result::Error("what it needs was not read to the end".to_owned()),
        };
        let result = known(result, baseline::is_known_check(report, check));
        cases.push(case(&kinds, result));
    }
    match check.status {
        CheckStatus::NotRun => {
            cases.push(case(
                &kinds,
                Result::Skipped(format!("the check was not run: {}", text::not_run(check))),
            ));
        }
        CheckStatus::NotApplicable if findings.is_empty() => {
            cases.push(case(&kinds, Result::Skipped(format!("no {kinds} exists"))));
        }
        _ => {}
    }
    cases
}

fn of_finding(finding: &Finding, answers: &Answers) -> Result {
    let answer = answers.sentence(finding);
    let result = match (finding.outcome, &finding.waiver, &finding.reason) {
        (Outcome::Pass, ..) => Result::Pass,
        (Outcome::NotApplicable, ..) => Result::Skipped("the check does not apply".to_owned()),
        (Outcome::Fail, Some(_), _) => {
            Result::Skipped(format!("fails under {}", answer.unwrap_or_default()))
        }
        (Outcome::Fail, None, _) => Result::Failure(match answer {
            Some(expired) => format!("{} ({expired})", observed(finding)),
            None => observed(finding),
        }),
        (Outcome::Unknown, _, Some(reason)) => Result::Error(text::cause(reason)),
        (Outcome::Unknown, _, None) => Result::Error("a bug of the rule".to_owned()),
    };
    known(result, baseline::is_known(finding))
}

/// What the baseline has already does not fail a build again.
fn known(result: Result, known: bool) -> Result {
    match result {
        Result::Failure(message) if known => {
            Result::Skipped(format!("fails as in the baseline: {message}"))
        }
        Result::Error(message) if known => {
            Result::Skipped(format!("unknown as in the baseline: {message}"))
        }
        result => result,
    }
}

/// What the criterion asks people for, and what it does not ask for where that says that something does not operate.
fn of_people(control: &ControlReport) -> impl Iterator<Item = Case> {
    let bears = control
        .attestations
        .iter()
        .filter(|attested| attested.is_asked() || attested.status == AttestationStatus::Negative);
    bears.map(|attested| {
        let result = match attested.status {
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
        };
        Case::new("attestation", &attested.topic, result)
    })
}

fn of_group(group: &Group) -> Case {
    let members = members(group);
    let result = match group.status {
        GroupStatus::Pass | GroupStatus::Attested => Result::Pass,
        GroupStatus::Fail => Result::Failure(members.clone()),
        GroupStatus::Unknown => Result::Error(members.clone()),
        GroupStatus::NotRun
        | GroupStatus::ManualRequired
        | GroupStatus::PassWithWaiver
        | GroupStatus::NotApplicable => Result::Skipped(members.clone()),
    };
    Case {
        note: Some(members),
        ..Case::new("one is enough", &group.stands_for.join(", "), result)
    }
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
        if !status.is_empty() {
            property("control.status", &words(status));
        }
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
        Result::Pass => {
            return xml.push_str(&match &case.note {
                Some(note) => {
                    let note = escaped(note);
                    format!("><system-out>{note}</system-out></testcase>\n")
                }
                None => "/>\n".to_owned(),
            });
        }
        Result::Failure(message) => ("failure", message),
        Result::Error(message) => ("error", message),
        Result::Skipped(message) => ("skipped", message),
    };
    let message = escaped(message);
    xml.push_str(&format!("><{tag} message=\"{message}\"/></testcase>\n"));
}

/// Data as text or the value of an attribute; XML has no place for some characters at all.
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
