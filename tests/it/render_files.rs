//! The formats that programs read: golden files, and what each of their readers insists on.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::{Reader, Xlsx};
use quick_xml::events::Event;
use serde_json::Value;
use soc2scan::model::{
    ControlStatus, Finding, Origin, Outcome, Platform, Reason, Report, ResourceId, Target,
};
use soc2scan::render::{Format, Look};

use crate::python::environment;
use crate::render::{dark, full, golden, hostile, render};
use crate::small;

fn shown(report: &Report, format: Format) -> String {
    render(report, format, &Look::PLAIN)
}

fn all() -> [Report; 4] {
    [small::report(), dark(), full(), hostile(&full())]
}

/// The official schemas are large and not ours to hand on: checked where they are at hand, with SOC2SCAN_SCHEMAS.
pub fn schema(name: &str) -> Option<Value> {
    let folder = std::env::var_os("SOC2SCAN_SCHEMAS")?;
    let text = fs::read_to_string(Path::new(&folder).join(name)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

pub fn holds(schema: &Value, value: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

pub fn parsed(report: &Report, format: Format) -> Value {
    serde_json::from_str(&shown(report, format)).unwrap()
}

/// That a report with what is rare in it holds to the schemas of OCSF and OSCAL.
fn holds_where_at_hand(report: &Report) {
    if let Some(schema) = schema("oscal/oscal_complete_schema-1-2-2.json") {
        holds(&schema, &parsed(report, Format::Oscal));
    }
    if let Some(schema) = schema("ocsf/ocsf-1.8.0-compliance_finding-cloud-datetime.schema.json") {
        for line in shown(report, Format::Ocsf).lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            if event.get("cloud").is_some() {
                holds(&schema, &event);
            }
        }
    }
}

fn count(report: &Report, outcome: Outcome) -> usize {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.outcome == outcome)
        .count()
}

#[test]
fn sarif() {
    golden("report.sarif", &shown(&full(), Format::Sarif));
}

#[test]
fn sarif_holds_to_its_schema() {
    for name in [
        "sarif/sarif-schema-2.1.0.oasis.json",
        "sarif/sarif-2.1.0.schemastore.json",
    ] {
        if let Some(schema) = schema(name) {
            for report in all() {
                holds(&schema, &parsed(&report, Format::Sarif));
            }
        }
    }
}

#[test]
fn code_scanning_takes_every_result() {
    for report in all() {
        let log = parsed(&report, Format::Sarif);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
            let score: f64 = rule["properties"]["security-severity"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap();
            assert!((0.0..=10.0).contains(&score));
        }
        let results = run["results"].as_array().unwrap();
        let mut seen = BTreeSet::new();
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
            assert!(uri.starts_with("rules/") && uri.chars().all(plain), "{uri}");
            assert_eq!(place["region"]["startLine"], 1);
            let line = result["partialFingerprints"]["primaryLocationLineHash"]
                .as_str()
                .unwrap();
            assert!(seen.insert(line.to_owned()), "{line} twice");
        }
        let failing = report
            .findings
            .iter()
            .filter(|finding| finding.outcome == Outcome::Fail);
        let waived = failing.filter(|finding| finding.waiver.is_some());
        let suppressed = results
            .iter()
            .filter(|result| result["suppressions"].is_array());
        assert_eq!(suppressed.count(), waived.count());
        assert!(results.len() >= count(&report, Outcome::Fail));
    }
}

#[test]
fn a_manifest_is_where_its_result_is() {
    let mut report = small::report();
    let failing = |finding: &&mut Finding| finding.outcome == Outcome::Fail;
    for (finding, file) in
        report
            .findings
            .iter_mut()
            .filter(failing)
            .zip(["./k8s/api.yaml", "/tmp/x.yaml", "stdin"])
    {
        finding.resource.origin = Some(Origin {
            file: file.to_owned(),
            line: 12,
            column: 3,
        });
    }
    let text = shown(&report, Format::Sarif);
    assert_eq!(
        text.matches("\"uri\": \"k8s/api.yaml\"").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("\"startLine\": 12").count(), 1);
    assert!(!text.contains("\"uri\": \"/tmp"));
    assert!(shown(&report, Format::Csv).contains("./k8s/api.yaml:12"));
    assert!(shown(&report, Format::Html).contains("./k8s/api.yaml:12"));
    assert!(shown(&report, Format::Github).contains("line=12,title="));
    let junit = shown(&report, Format::Junit);
    assert!(
        junit.contains("<failure message=\"./k8s/api.yaml:12: "),
        "{junit}"
    );
    let ocsf = shown(&report, Format::Ocsf);
    assert!(ocsf.contains(r#""file":{"name":"api.yaml","path":"./k8s/api.yaml","type_id":1}"#));
    assert!(ocsf.contains(r#""soc2scan.origin":{"column":3,"file":"./k8s/api.yaml","line":12}"#));
    assert!(shown(&report, Format::Oscal).contains("\"value\": \"./k8s/api.yaml:12\""));
    holds_where_at_hand(&report);
}

#[test]
fn what_is_not_known_stays_open_in_code_scanning() {
    let log = parsed(&dark(), Format::Sarif);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), dark().checks.len());
    assert!(results.iter().all(|result| result["level"] == "note"));
    let text = results[0]["message"]["text"].as_str().unwrap();
    assert_eq!(text, "not known: what it needs was not read to the end");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(
        notes.contains("not read: aws.rds.DBInstance:List"),
        "{notes}"
    );
    assert!(notes.contains("aws.rds.pitr is unknown"), "{notes}");
}

/// Else an alert would close as mended when a permission is taken away.
#[test]
fn a_resource_that_is_no_longer_known_keeps_its_alert() {
    let mut report = small::report();
    let places = |report: &Report| -> BTreeSet<String> {
        let results = parsed(report, Format::Sarif)["runs"][0]["results"].take();
        let results = results.as_array().unwrap().clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"].to_string())
            .collect()
    };
    let before = places(&report);
    for finding in &mut report.findings {
        if finding.outcome == Outcome::Fail {
            finding.outcome = Outcome::Unknown;
        }
    }
    assert!(before.is_subset(&places(&report)));
    // Of manifests nothing that is done to the files would close it.
    let failing = before.len();
    for finding in &mut report.findings {
        if finding.outcome == Outcome::Unknown {
            finding.reason = Some(small::denied("get pods"));
            finding.reason.as_mut().unwrap().reason = Reason::NotInManifests;
        }
    }
    assert!(places(&report).len() < failing);
}

/// A scan that was refused everything is no empty table.
#[test]
fn what_was_not_read_is_in_every_list_of_records() {
    let report = dark();
    for format in [Format::Csv, Format::Jsonl, Format::Ocsf] {
        let text = shown(&report, format);
        for check in &report.checks {
            assert!(text.contains(&check.rule), "{format}: {}", check.rule);
        }
        assert!(
            text.contains("what it needs was not read to the end"),
            "{format}"
        );
        for row in &report.coverage {
            assert!(text.contains(row.kind.as_str()), "{format}: {}", row.kind);
        }
    }
}

#[test]
fn a_finding_is_recognised_in_the_next_scan_whatever_it_says_by_then() {
    let lines = |report: &Report| -> Vec<String> {
        let results = parsed(report, Format::Sarif)["runs"][0]["results"].take();
        let results = results.as_array().unwrap().clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"].to_string())
            .collect()
    };
    let mut later = small::report();
    later.taken_at = "2026-02-01T00:00:00Z".parse().unwrap();
    later.digests.snapshot = "0".repeat(64);
    for finding in &mut later.findings {
        finding.evidence.clear();
    }
    assert_eq!(lines(&later), lines(&small::report()));
    later.findings.iter_mut().for_each(|finding| {
        finding.resource.id = ResourceId::new(format!("{}-new", finding.resource.id));
    });
    assert_ne!(lines(&later), lines(&small::report()));
}

#[test]
fn code_scanning_gets_no_more_results_than_it_takes() {
    let mut report = small::report();
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.outcome == Outcome::Fail);
    let finding = finding.unwrap().clone();
    for number in 0..30_000 {
        let mut finding = finding.clone();
        finding.resource.id = ResourceId::new(format!("n-{number}"));
        report.findings.push(finding);
    }
    let log = parsed(&report, Format::Sarif);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 25_000);
    assert!(log.to_string().contains("results are left out"));
}

#[test]
fn junit() {
    golden("report.junit.xml", &shown(&full(), Format::Junit));
}

/// The schema is XSD, which no crate reads: Python does.
#[test]
fn junit_holds_to_its_schema() {
    let Some(folder) = std::env::var_os("SOC2SCAN_SCHEMAS") else {
        return;
    };
    let xsd = Path::new(&folder).join("junit/junit-10.jenkins-xunit.xsd");
    let python = environment("xmlschema-4.3.2", &["xmlschema==4.3.2"]);
    let valid = |text: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let script = "import sys, xmlschema; xmlschema.validate(sys.argv[2], sys.argv[1])";
        let mut command = Command::new(&python);
        let output = command
            .args(["-c", script])
            .arg(&xsd)
            .arg(file.path())
            .output();
        let output = output.unwrap();
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    };
    for report in all().into_iter().chain([crate::waiver_states::report()]) {
        let text = shown(&report, Format::Junit);
        assert_eq!(valid(&text), Ok(()));
        let broken = text.replacen(" name=", " nmae=", 3);
        assert!(valid(&broken).is_err(), "anything is valid");
    }
}

#[test]
fn junit_counts_what_it_lists() {
    for report in all() {
        let text = shown(&report, Format::Junit);
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut cases, mut failures, mut errors) = (0, 0, 0);
        let mut totals = None;
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    for attribute in tag.attributes() {
                        attribute.unwrap();
                    }
                    let named = |name: &str| -> usize {
                        let found = tag.try_get_attribute(name).unwrap().unwrap();
                        found.value.parse().unwrap()
                    };
                    match tag.name().as_ref() {
                        "testsuites" => {
                            totals = Some((named("tests"), named("failures"), named("errors")));
                        }
                        "testcase" => cases += 1,
                        "failure" => failures += 1,
                        "error" => errors += 1,
                        _ => {}
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(totals, Some((cases, failures, errors)));
        let active = report
            .findings
            .iter()
            .filter(|finding| finding.waiver.is_none());
        let active = active.filter(|finding| finding.outcome == Outcome::Fail);
        assert!(failures >= active.count());
        assert!(errors >= count(&report, Outcome::Unknown));
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }
}

#[test]
fn junit_leaves_out_passes_before_anything_else() {
    let mut report = small::report();
    let sample = |outcome| {
        let found = report
            .findings
            .iter()
            .find(|finding| finding.outcome == outcome);
        found.unwrap().clone()
    };
    let (pass, fail) = (sample(Outcome::Pass), sample(Outcome::Fail));
    for number in 0..19_000 {
        for finding in [&pass, &fail] {
            let mut finding = finding.clone();
            finding.resource.id = ResourceId::new(format!("n-{number}"));
            report.findings.push(finding);
        }
    }
    let text = shown(&report, Format::Junit);
    assert_eq!(text.matches("<testcase ").count(), 20_000);
    assert!(text.matches("<failure ").count() >= 19_000);
    assert!(text.contains("cases.left_out"));
}

#[test]
fn csv() {
    golden("report.csv", &shown(&full(), Format::Csv));
}

/// How many things a report says beside its findings, of the platforms that are wanted.
fn beside(report: &Report, wanted: &[Platform]) -> usize {
    let checks = report.checks.iter();
    let checks = checks.filter(|check| {
        wanted.contains(&check.resource[0].platform()) && report.open_by_itself(check).is_some()
    });
    let lists = report.coverage.iter();
    let lists = lists.filter(|row| wanted.contains(&row.scope.platform()) && !row.is_complete());
    let written = report.waivers.len() + report.attestations.len() + report.not_applicable.len();
    checks.count() + lists.count() + written
}

const BOTH: &[Platform] = &[Platform::Aws, Platform::Kubernetes];

/// The cells of a table as RFC 4180 has them.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
        let mut row = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => {
                    if !quoted && line.contains("\"\"") && !row.last().unwrap().is_empty() {
                        row.last_mut().unwrap().push('"');
                    }
                    quoted = !quoted;
                }
                ',' if !quoted => row.push(String::new()),
                c => row.last_mut().unwrap().push(c),
            }
        }
        assert!(!quoted, "{line}");
        rows.push(row);
    }
    rows
}

#[test]
fn every_finding_is_a_row_and_no_cell_is_a_formula() {
    for mut report in all() {
        for finding in &mut report.findings {
            let id = finding.resource.id.as_str().to_owned();
            finding.resource.id = ResourceId::new(format!("=cmd|' /C calc'!A0,\"{id}"));
        }
        let rows = cells(&shown(&report, Format::Csv));
        assert_eq!(
            rows.len(),
            report.findings.len() + beside(&report, BOTH) + 1
        );
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{row:?}");
            for cell in row {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell}"
                );
            }
        }
    }
}

#[test]
fn json_lines() {
    golden("report.jsonl", &shown(&full(), Format::Jsonl));
    let report = full();
    let text = shown(&report, Format::Jsonl);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), report.findings.len() + beside(&report, BOTH));
    for (line, finding) in lines.iter().zip(&report.findings) {
        assert_eq!(line["record"], "finding");
        assert_eq!(line["rule"], finding.rule.as_str());
        assert_eq!(line["disposition"] == "waived", finding.waiver.is_some());
        assert_eq!(line.get("reason").is_some(), finding.reason.is_some());
    }
}

#[test]
fn github() {
    golden("report.github.txt", &shown(&full(), Format::Github));
}

#[test]
fn every_annotation_is_one_command_with_a_title() {
    for report in all() {
        let text = shown(&report, Format::Github);
        for line in text.lines() {
            let (level, rest) = line
                .strip_prefix("::")
                .unwrap()
                .split_once(" title=")
                .unwrap();
            assert!(["error", "warning", "notice"].contains(&level), "{line}");
            let (title, message) = rest.split_once("::").unwrap();
            assert!(!title.contains([':', ',']), "{line}");
            assert!(
                !message.is_empty() && message.chars().count() <= 1_100,
                "{line}"
            );
        }
        for level in ["::error ", "::warning "] {
            assert!(text.matches(level).count() <= 10);
        }
    }
}

#[test]
fn ocsf() {
    golden("report.ocsf.jsonl", &shown(&full(), Format::Ocsf));
}

#[test]
fn every_finding_is_a_compliance_event() {
    for report in all() {
        let text = shown(&report, Format::Ocsf);
        let events: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let known: BTreeSet<_> = report
            .checks
            .iter()
            .map(|check| check.rule.as_str())
            .collect();
        let findings: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| known.contains(finding.rule.as_str()))
            .collect();
        assert_eq!(events.len(), findings.len() + beside(&report, BOTH));
        for (event, finding) in events.iter().zip(findings) {
            let status = match finding.outcome {
                Outcome::Pass => 1,
                Outcome::Unknown => 2,
                Outcome::Fail => 3,
                Outcome::NotApplicable => 99,
            };
            assert_eq!(event["class_uid"], 2003);
            assert_eq!(event["compliance"]["status_id"], status);
            assert_eq!(event["status_id"] == 3, finding.waiver.is_some());
            assert_eq!(event["time"], report.taken_at.as_millisecond());
            let kubernetes = finding.resource.kind.as_str().starts_with("k8s");
            assert_eq!(event.get("cloud").is_none(), kubernetes);
        }
        for (name, cloud) in [
            (
                "ocsf/ocsf-1.8.0-compliance_finding-cloud-datetime.schema.json",
                true,
            ),
            (
                "ocsf/ocsf-1.8.0-compliance_finding-datetime.schema.json",
                false,
            ),
        ] {
            if let Some(schema) = schema(name) {
                for event in events
                    .iter()
                    .filter(|event| event.get("cloud").is_some() == cloud)
                {
                    holds(&schema, event);
                }
            }
        }
    }
}

#[test]
fn oscal() {
    golden("report.oscal.json", &shown(&full(), Format::Oscal));
}

#[test]
fn oscal_holds_to_its_schemas() {
    for name in [
        "oscal/oscal_complete_schema-1-2-2.json",
        "oscal/oscal_assessment-results_schema-1.2.1.json",
        "oscal/oscal_complete_schema-1-1-3.json",
    ] {
        if let Some(schema) = schema(name) {
            for report in all() {
                holds(&schema, &parsed(&report, Format::Oscal));
            }
        }
    }
}

#[test]
fn only_what_is_shown_is_satisfied_and_every_reference_is_to_something() {
    fn walk(value: &Value, name: &str, uuids: &mut Vec<String>, used: &mut Vec<String>) {
        match value {
            Value::String(text) if name == "uuid" => uuids.push(text.clone()),
            Value::String(text) if name.ends_with("-uuid") => used.push(text.clone()),
            Value::Array(items) => {
                assert!(!items.is_empty(), "{name} is empty");
                items.iter().for_each(|item| walk(item, name, uuids, used));
            }
            Value::Object(map) => map
                .iter()
                .for_each(|(name, value)| walk(value, name, uuids, used)),
            _ => {}
        }
    }
    for report in all() {
        let document = parsed(&report, Format::Oscal);
        let (mut uuids, mut used) = (Vec::new(), Vec::new());
        walk(&document, "", &mut uuids, &mut used);
        let known: BTreeSet<_> = uuids.iter().collect();
        assert_eq!(known.len(), uuids.len(), "a uuid names two things");
        for uuid in &used {
            assert!(known.contains(uuid), "{uuid}");
        }
        let result = &document["assessment-results"]["results"][0];
        let findings = result["findings"].as_array().unwrap();
        let within: Vec<_> = report
            .controls
            .iter()
            .filter(|control| {
                !matches!(
                    control.status,
                    ControlStatus::OutOfScope | ControlStatus::NotApplicable
                )
            })
            .collect();
        assert_eq!(findings.len(), within.len());
        for (finding, control) in findings.iter().zip(within) {
            let good = matches!(
                control.status,
                ControlStatus::Met | ControlStatus::MetWithExceptions | ControlStatus::Attested
            );
            assert_eq!(finding["target"]["status"]["state"] == "satisfied", good);
        }
    }
}

#[test]
fn asff() {
    golden("report.asff.jsonl", &shown(&full(), Format::Asff));
}

#[test]
fn security_hub_gets_batches_that_it_takes() {
    let mut large = full();
    for number in 0..250 {
        let mut finding = large.findings[0].clone();
        finding.resource.id = ResourceId::new(format!("{}-{number}", finding.resource.id));
        large.findings.push(finding);
    }
    for report in all().into_iter().chain([large]) {
        let text = shown(&report, Format::Asff);
        let aws = report.findings.iter().filter(|finding| {
            let account = finding.resource.scope.owner();
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
        });
        let mut sent = 0;
        for line in text.lines() {
            assert!(line.len() < 6 << 20);
            let batch: Value = serde_json::from_str(line).unwrap();
            let findings = batch.as_array().unwrap();
            assert!(findings.len() <= 100);
            sent += findings.len();
            let mut places = BTreeSet::new();
            for finding in findings {
                assert!(finding.to_string().len() < 240 << 10);
                places.insert(finding["ProductArn"].as_str().unwrap().to_owned());
                for (field, most) in [("Title", 256), ("Description", 1024), ("Id", 512)] {
                    let length = finding[field].as_str().unwrap().chars().count();
                    assert!((1..=most).contains(&length), "{field}: {length}");
                }
            }
            assert_eq!(places.len(), 1, "one account and region a call");
            if let Some(schema) = schema("asff/asff-2018-10-08.derived.schema.json") {
                holds(&schema, &batch);
            }
        }
        let target =
            |target: &Target| matches!(target, Target::Aws { account, .. } if account.len() == 12);
        let beside = match report.targets.iter().any(target) {
            true => beside(&report, &[Platform::Aws]),
            false => 0,
        };
        assert_eq!(sent, aws.count() + beside);
    }
}

/// A workbook as text: each sheet's name, then its rows. A formula is an error.
pub fn sheets(report: &Report) -> Vec<(String, Vec<String>)> {
    let bytes = soc2scan::render::render(report, Format::Xlsx, &Look::PLAIN);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let sheets = names.into_iter().map(|name| {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(
            formulas
                .used_cells()
                .all(|(_, _, formula)| formula.is_empty()),
            "{name}"
        );
        let range = book.worksheet_range(&name).unwrap();
        let rows = range.rows().map(|row| {
            let cells: Vec<_> = row.iter().map(ToString::to_string).collect();
            cells.join(" | ")
        });
        (name, rows.collect())
    });
    sheets.collect()
}

#[test]
fn xlsx() {
    let mut text = String::new();
    for (name, rows) in sheets(&full()) {
        text.push_str(&format!("[{name}]\n"));
        for row in rows {
            text.push_str(row.trim_end());
            text.push('\n');
        }
    }
    golden("report.xlsx.txt", &text);
}

#[test]
fn a_workbook_has_a_row_for_everything_and_no_formula() {
    for mut report in all() {
        for finding in &mut report.findings {
            let id = finding.resource.id.as_str().to_owned();
            finding.resource.id = ResourceId::new(format!("=HYPERLINK(\"https://evil\"){id}"));
        }
        let sheets = sheets(&report);
        let rows = |name: &str| {
            let sheet = sheets.iter().find(|(known, _)| known == name).unwrap();
            sheet.1.len() - 1
        };
        assert_eq!(rows("controls"), 61);
        assert_eq!(rows("population"), report.findings.len());
        let open = count(&report, Outcome::Fail) + count(&report, Outcome::Unknown);
        assert_eq!(rows("findings"), open);
        assert_eq!(rows("coverage"), report.coverage.len());
    }
    let bytes = || soc2scan::render::render(&full(), Format::Xlsx, &Look::PLAIN);
    assert_eq!(bytes(), bytes());
}

#[test]
fn the_page_of_formats_names_every_format_and_its_extension() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md"));
    let page = page.unwrap();
    for format in Format::ALL {
        let start = format!("| `{format}` | ");
        let row = page.lines().find(|line| line.starts_with(&start));
        let extension = row
            .unwrap_or_else(|| panic!("{format} is not listed"))
            .split('|')
            .nth(2)
            .unwrap()
            .trim()
            .trim_matches(['`', '.']);
        let expected = (!extension.is_empty()).then_some(format);
        assert_eq!(Format::of_file(&format!("r.{extension}")), expected);
    }
}
