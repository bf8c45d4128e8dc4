//! Waivers and attestations in every state, and every state in every format.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use soc2scan::evaluate::{Document, Options, evaluate};
use soc2scan::model::{
    AttestationStatus, Attested, Bearing, CheckStatus, ControlStatus, Outcome, Platform, Report,
    WaiverState,
};
use soc2scan::register::{Checks, attestations, waivers};
use soc2scan::render::{Format, Look};

use crate::render_files::{holds, parsed, schema};
use crate::small;

fn render(report: &Report, format: Format, look: &Look) -> String {
    String::from_utf8(soc2scan::render::render(report, format, look)).unwrap()
}

/// The small environment, read in January 2026, with waivers and attestations in every state.
pub fn report() -> Report {
    let checks: Checks = small::rulebook()
        .rules
        .iter()
        .map(|rule| {
            (
                rule.id.clone(),
                BTreeSet::from([Platform::Aws, Platform::Kubernetes]),
            )
        })
        .collect();
    let mut text = "version: 1\nwaivers:\n".to_owned();
    for (id, check, expires, more) in [
        ("W-applied", "aws.rds.private_subnet", "2026-06-30", ""),
        ("W-expiring", "aws.rds.storage_encrypted", "2026-01-31", ""),
        ("W-expired", "aws.ecr.scan_on_push", "2026-01-14", ""),
        (
            "W-pinned",
            "k8s.deploy.min_replicas",
            "2026-06-30",
            ", observed: { spec.replicas: 99 }",
        ),
        (
            "W-uncompensated",
            "aws.rds.pitr",
            "2026-06-30",
            ", compensating_control: { description: Something else, checks: [aws.kms.rotation] }",
        ),
        (
            "W-pending",
            "k8s.probes",
            "2026-06-30",
            ", not_before: 2026-02-01",
        ),
        ("W-unused", "aws.ecr.tag_immutability", "2026-06-30", ""),
        ("W-unknown", "aws.kms.rotation", "2026-06-30", ""),
        ("W-invalid", "aws.rds.pitr", "someday", ""),
    ] {
        text.push_str(&format!(
            "- {{ id: {id}, check: {check}, match: {{ resource: '*' }}, allow_broad: true, \
             reason: The reason of {id} in a sentence., owner: owner-{id}, approved_by: approver-{id}, \
             approved_on: 2026-01-01, expires: {expires}{more} }}\n"
        ));
    }
    let (waivers, errors) = waivers("waivers.yaml", &text, &checks, 365).unwrap();
    assert_eq!(errors.len(), 1);

    let mut text = "version: 1\nattestations:\n".to_owned();
    for (id, topic, control, attested_on, more) in [
        (
            "a-valid",
            "endpoint_protection",
            "CC6.8",
            "2025-12-01",
            ", documents: [{ title: Console, path: e.csv }]",
        ),
        ("a-valid-too", "change_policy", "CC6.8", "2025-12-01", ""),
        ("a-expiring", "risk_register", "CC3.2", "2025-01-20", ""),
        ("a-expired", "org_chart", "CC1.3", "2024-12-01", ""),
        (
            "a-missing-file",
            "insurance",
            "CC9.1",
            "2025-12-01",
            ", documents: [{ title: Police, path: gone.pdf }]",
        ),
        (
            "a-negative",
            "mdm",
            "CC6.7",
            "2025-12-01",
            ", result: not_operating",
        ),
        (
            "a-nothing",
            "removable_media_policy",
            "CC6.7",
            "2025-12-01",
            ", result: not_applicable",
        ),
        ("a-wrong", "board_charter", "CC1.2", "yesterday", ""),
    ] {
        let result = if more.contains("result") {
            ""
        } else {
            ", result: operating"
        };
        text.push_str(&format!(
            "- {{ id: {id}, topic: {topic}, controls: [{control}], statement: The statement of {id} in words., \
             owner: owner-{id}, attested_by: attester-{id}, attested_on: {attested_on}{result}{more} }}\n"
        ));
    }
    let (attestations, errors) = attestations("attestations.yaml", &text).unwrap();
    assert_eq!(errors.len(), 1);
    let options = Options {
        waivers,
        attestations,
        documents: BTreeMap::from([
            ("e.csv".to_owned(), Document::Sha256("e".repeat(64))),
            (
                "gone.pdf".to_owned(),
                Document::Unread("there is no such file".to_owned()),
            ),
        ]),
        ..small::options()
    };
    evaluate(&small::snapshot(), &small::rulebook(), &options)
}

#[test]
fn every_state_comes_of_what_is_written() {
    let report = report();
    let states: BTreeMap<_, _> = report
        .waivers
        .iter()
        .map(|waiver| (waiver.id.as_str(), waiver.state))
        .collect();
    assert_eq!(
        states,
        BTreeMap::from([
            ("W-applied", WaiverState::Applied),
            ("W-expiring", WaiverState::Expiring),
            ("W-expired", WaiverState::Expired),
            ("W-pinned", WaiverState::LapsedByObservedChange),
            ("W-uncompensated", WaiverState::LapsedByCompensatingControl),
            ("W-pending", WaiverState::Pending),
            ("W-unused", WaiverState::Unused),
            ("W-unknown", WaiverState::Unused),
            ("W-invalid", WaiverState::Invalid),
        ])
    );
    let states: BTreeMap<_, _> = report
        .attestations
        .iter()
        .map(|attestation| (attestation.id.as_str(), attestation.state))
        .collect();
    use AttestationStatus::*;
    assert_eq!(
        states,
        BTreeMap::from([
            ("a-valid", Valid),
            ("a-valid-too", Valid),
            ("a-expiring", Expiring),
            ("a-expired", Expired),
            ("a-missing-file", Invalid),
            ("a-negative", Negative),
            ("a-nothing", NotApplicable),
            ("a-wrong", Invalid),
        ])
    );
}

#[test]
fn waivers_reach_findings_checks_and_controls_and_change_no_outcome() {
    let (report, plain) = (report(), small::report());
    for (with, without) in report.findings.iter().zip(&plain.findings) {
        assert_eq!(
            (with.outcome, &with.evidence),
            (without.outcome, &without.evidence)
        );
        let waived = with.outcome == Outcome::Fail
            && ["aws.rds.private_subnet", "aws.rds.storage_encrypted"]
                .contains(&with.rule.as_str());
        assert_eq!(
            with.waiver.is_some(),
            waived,
            "{} {}",
            with.rule,
            with.resource.id
        );
        let expired = with.outcome == Outcome::Fail && with.rule == "aws.ecr.scan_on_push";
        assert_eq!(with.waiver_expired.is_some(), expired);
    }
    let check = |rule: &str| {
        report
            .checks
            .iter()
            .find(|check| check.rule == rule)
            .unwrap()
            .status
    };
    assert_eq!(check("aws.rds.private_subnet"), CheckStatus::PassWithWaiver);
    assert_eq!(check("aws.ecr.scan_on_push"), CheckStatus::Fail);
    assert_eq!(check("aws.kms.rotation"), CheckStatus::Unknown);
    let control = |id: &str| {
        report
            .controls
            .iter()
            .find(|control| control.id == id)
            .unwrap()
            .status
    };
    assert_eq!(control("CC6.8"), ControlStatus::Met, "attested and passing");
    assert_eq!(
        control("CC6.7"),
        ControlStatus::Gap,
        "attested not to operate"
    );
    assert_eq!(report.summary.findings, plain.summary.findings);
    assert!(report.digests.waivers.is_some() && report.digests.attestations.is_some());
}

#[test]
fn every_waiver_and_attestation_is_in_every_format() {
    let report = report();
    for format in [Format::Table, Format::Markdown, Format::Html, Format::Json] {
        let look = Look {
            width: 200,
            ..Look::PLAIN
        };
        let text = render(&report, format, &look)
            .replace("\\_", "_")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for waiver in &report.waivers {
            for part in [
                &waiver.id,
                &waiver.reason,
                &waiver.owner,
                &waiver.approved_by,
                &waiver.expires,
            ] {
                assert!(text.contains(part.as_str()), "{format}: {part}\n{text}");
            }
            let state = match format {
                Format::Json => waiver.state.as_str().to_owned(),
                _ => waiver.state.as_str().replace('_', " "),
            };
            assert!(
                format == Format::Table || text.contains(&state),
                "{format}: {state}"
            );
        }
        for attestation in &report.attestations {
            for part in [
                &attestation.id,
                &attestation.statement,
                &attestation.owner,
                &attestation.attested_by,
            ] {
                assert!(text.contains(part.as_str()), "{format}: {part}\n{text}");
            }
        }
        assert!(
            text.contains(&"e".repeat(64)),
            "{format}: the digest of a document"
        );
        assert!(
            text.contains("no such file"),
            "{format}: why a document is not there"
        );
    }
}

#[test]
fn what_made_a_waiver_lapse_is_named() {
    let report = report();
    let note = |id: &str| {
        let waiver = report.waivers.iter().find(|waiver| waiver.id == id);
        waiver.unwrap().note.clone().unwrap()
    };
    assert_eq!(
        note("W-pinned"),
        "2 findings have another value than approved: spec.replicas = 1"
    );
    assert_eq!(
        note("W-uncompensated"),
        "what is to make up for the failure does not pass: aws.kms.rotation"
    );
}

/// A report with one waiver and one attestation that have everything that there is to say.
fn with_all_that_can_be_written() -> Report {
    let mut report = report();
    report.waivers = serde_json::from_value(json!([{
        "id": "w-id", "check": "w.check", "state": "applied", "match": { "region": "w-region" },
        "observed": { "w.fact": "w-value" }, "reason": "w-reason", "owner": "w-owner",
        "approved_by": "w-approver", "approved_on": "2021-01-01", "not_before": "2021-01-02",
        "expires": "2021-01-03", "ticket": "w-ticket", "risk": "medium",
        "compensating_control": {
            "description": "w-control", "evidence": "w-evidence", "checks": ["w.one", "w.two"],
        },
        "matched": 41, "applied": 40, "note": "w-note",
    }]))
    .unwrap();
    report.attestations = serde_json::from_value(json!([{
        "id": "a-id", "topic": "a-topic", "state": "valid", "controls": ["CC6.8"], "statement": "a-statement",
        "result": "operating", "owner": "a-owner", "attested_by": "a-attester", "attested_on": "2022-01-01",
        "reviewed_on": "2022-01-02", "good_until": "2022-01-03",
        "documents": [{
            "title": "a-title", "path": "a-path", "url": "https://a.example/", "version": "a-version",
            "approved_by": "a-approver", "approved_on": "2022-01-04", "sha256": "a-digest",
        }, { "title": (["a-long"; 30].join(" ")) }, { "title": "a-third", "sha256": "d".repeat(64) }],
        "period": { "start": "2022-01-05", "end": "2022-01-06" },
        "population": {
            "description": "a-population", "count": 51, "exceptions": 52, "source_system": "a-system",
            "query": "a-query", "list": "a-list", "list_sha256": "a-list-digest",
        },
        "vendor": {
            "name": "a-vendor", "report_type": "a-report", "report_period_start": "2022-01-07",
            "report_period_end": "2022-01-08", "opinion": "a-opinion", "bridge_letter": "a-letter",
            "cuecs_reviewed": false,
        },
        "note": "a-note",
    }]))
    .unwrap();
    report.not_applicable = serde_json::from_value(json!([{
        "controls": ["C1.1", "C1.2"], "reason": "d-reason", "owner": "d-owner", "approved_by": "d-approver",
        "approved_on": "2023-01-01", "note": "d-note",
    }]))
    .unwrap();
    report
}

/// The texts and numbers that a value holds, and the names of facts.
fn leaves(value: &serde_json::Value, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => fields.values().for_each(|field| leaves(field, into)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        serde_json::Value::Bool(reviewed) => {
            assert!(!reviewed);
            into.insert("user controls not reviewed".to_owned());
        }
        serde_json::Value::String(text) => {
            into.insert(text.clone());
        }
        other => {
            into.insert(other.to_string());
        }
    }
}

#[test]
fn all_that_is_written_is_in_every_format() {
    let report = with_all_that_can_be_written();
    let mut wanted = BTreeSet::from(["w.fact".to_owned()]);
    for written in [
        json!(report.waivers),
        json!(report.attestations),
        json!(report.not_applicable),
    ] {
        leaves(&written, &mut wanted);
    }
    assert!(wanted.len() > 50, "{wanted:?}");
    let sheets: Vec<String> = crate::render_files::sheets(&report)
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .collect();
    let look = Look {
        width: 1_000,
        ..Look::PLAIN
    };
    let shown = [
        Format::Table,
        Format::Markdown,
        Format::Html,
        Format::Csv,
        Format::Sarif,
        Format::Ocsf,
        Format::Asff,
    ]
    .map(|format| (format.to_string(), render(&report, format, &look)));
    for (format, text) in shown
        .into_iter()
        .chain([("xlsx".to_owned(), sheets.join("\n"))])
    {
        let text = text
            .replace("\\_", "_")
            .replace("&#58;", ":")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for part in &wanted {
            assert!(text.contains(part), "{format}: {part}");
        }
    }
}

/// Who answers for a failure, for what reason and until when, wherever the failure itself is told.
#[test]
fn every_waived_failure_says_who_answers_for_it() {
    let report = report();
    for format in Format::ALL {
        if let Format::Table | Format::Markdown | Format::Html | Format::Json | Format::Xlsx =
            format
        {
            continue;
        }
        let text = render(&report, format, &Look::PLAIN);
        for id in ["W-applied", "W-expired"] {
            for part in [
                format!("The reason of {id} in a sentence."),
                format!("owner-{id}"),
                format!("approver-{id}"),
            ] {
                assert!(text.contains(&part), "{format}: {part}\n{text}");
            }
        }
        assert!(
            text.contains("2026-06-30") && text.contains("2026-01-14"),
            "{format}"
        );
    }
}

#[test]
fn what_is_not_in_force_is_listed_in_every_format() {
    let report = report();
    for format in [
        Format::Sarif,
        Format::Junit,
        Format::Oscal,
        Format::Csv,
        Format::Ocsf,
        Format::Asff,
    ] {
        let text = render(&report, format, &Look::PLAIN);
        for waiver in &report.waivers {
            let state = waiver.state.as_str().replace('_', " ");
            let part = match waiver.state {
                WaiverState::Applied | WaiverState::Expiring if format == Format::Oscal => {
                    format!("under waiver {}", waiver.id)
                }
                _ => format!("waiver {} ({state})", waiver.id),
            };
            assert!(text.contains(&part), "{format}: {part}\n{text}");
        }
        for attestation in &report.attestations {
            let state = attestation.state.as_str().replace('_', " ");
            let part = format!("attestation {} ({state})", attestation.id);
            assert!(text.contains(&part), "{format}: {part}\n{text}");
            assert!(text.contains(&attestation.statement), "{format}");
        }
    }
    let lines = render(&report, Format::Jsonl, &Look::PLAIN);
    let records: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for waiver in &report.waivers {
        let told = |record: &serde_json::Value| {
            record["record"] == "waiver"
                && record["id"] == waiver.id.as_str()
                && record["state"] == waiver.state.as_str()
                && record["reason"] == waiver.reason.as_str()
        };
        assert!(records.iter().any(told), "{}: {lines}", waiver.id);
    }
    for attestation in &report.attestations {
        let told = |record: &serde_json::Value| {
            record["record"] == "attestation"
                && record["id"] == attestation.id.as_str()
                && record["statement"] == attestation.statement.as_str()
        };
        assert!(records.iter().any(told), "{}: {lines}", attestation.id);
    }
    let text = render(&report, Format::Github, &Look::PLAIN);
    assert!(
        text.contains("::notice title=waiver::waiver W-invalid (invalid)"),
        "{text}"
    );
    assert!(text.contains("waiver W-expired (expired)"), "{text}");
    let notices = text.matches("::notice ").count();
    assert_eq!(notices, 10, "no more than are shown");
    assert!(
        text.contains("::9 more waivers, attestations or scope decisions are in the other formats"),
        "{text}"
    );
}

/// An attestation that the criterion does not ask for is no demand, and nothing that is missing.
#[test]
fn what_a_criterion_does_not_ask_for_is_shown_as_that() {
    let mut report = report();
    let control = report
        .controls
        .iter_mut()
        .find(|control| control.id == "CC1.3")
        .unwrap();
    assert!(control.checks.is_empty());
    let beyond = Attested {
        topic: "parking_permits".to_owned(),
        status: AttestationStatus::Expired,
        bearing: Bearing::Supporting,
    };
    control.attestations.push(beyond);
    let page = render(&report, Format::Html, &Look::PLAIN);
    let section = |page: &str, from: &str, to: &str| -> String {
        let (_, rest) = page.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    let criterion = section(&page, "id=\"criterion-CC1.3\"", "</section>");
    let (must, beyond) = criterion
        .split_once("Attested beyond what the criterion asks for")
        .unwrap();
    assert!(must.contains("People must attest") && must.contains("org chart"));
    assert!(beyond.contains("parking permits") && !must.contains("parking permits"));
    let people = section(&page, "What must be attested", "</table>");
    assert!(people.contains("org chart") && !people.contains("parking permits"));

    let junit = render(&report, Format::Junit, &Look::PLAIN);
    assert!(junit.contains("name=\"org_chart\"") && !junit.contains("parking_permits"));
    let oscal = render(&report, Format::Oscal, &Look::PLAIN);
    assert!(oscal.contains("parking_permits: expired (supporting)"));
    let annex = soc2scan::render::controls(&report);
    assert!(annex.contains("parking_permits expired (supporting)"));
    let control = report
        .controls
        .iter_mut()
        .find(|control| control.id == "CC1.3");
    let beyond = control.unwrap().attestations.last_mut().unwrap();
    beyond.status = AttestationStatus::Negative;
    let junit = render(&report, Format::Junit, &Look::PLAIN);
    assert!(
        junit.contains("parking_permits"),
        "it is a gap all the same"
    );
}

#[test]
fn what_came_of_the_written_holds_to_the_schemas() {
    for (format, names) in [
        (Format::Sarif, &["sarif/sarif-schema-2.1.0.oasis.json"][..]),
        (
            Format::Oscal,
            &[
                "oscal/oscal_complete_schema-1-2-2.json",
                "oscal/oscal_complete_schema-1-1-3.json",
            ],
        ),
    ] {
        for schema in names.iter().filter_map(|name| schema(name)) {
            holds(&schema, &parsed(&report(), format));
        }
    }
    for (format, name) in [
        (
            Format::Ocsf,
            "ocsf/ocsf-1.8.0-compliance_finding-cloud-datetime.schema.json",
        ),
        (
            Format::Ocsf,
            "ocsf/ocsf-1.8.0-compliance_finding-datetime.schema.json",
        ),
        (Format::Asff, "asff/asff-2018-10-08.derived.schema.json"),
    ] {
        let Some(schema) = schema(name) else { continue };
        for line in render(&report(), format, &Look::PLAIN).lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            if format == Format::Asff || value.get("cloud").is_some() == name.contains("cloud") {
                holds(&schema, &value);
            }
        }
    }
}

#[test]
fn the_terminal_shows_what_to_mend_first() {
    let look = Look {
        width: 120,
        ..Look::PLAIN
    };
    let text = render(&report(), Format::Table, &look);
    let (_, register) = text.split_once("\nWaivers\n").unwrap();
    let order: Vec<_> = register
        .split_whitespace()
        .filter(|word| word.starts_with("W-") && word.ends_with(':'))
        .collect();
    assert_eq!(
        order,
        [
            "W-invalid:",
            "W-expired:",
            "W-pinned:",
            "W-uncompensated:",
            "W-expiring:",
            "W-applied:",
            "W-pending:",
            "W-unknown:",
            "W-unused:"
        ]
    );
    assert!(
        register.contains("applies to 0 of 1 failing finding"),
        "{register}"
    );
    assert!(
        register.contains("what is unknown cannot be waived"),
        "{register}"
    );
}

#[test]
fn every_row_says_what_people_decided() {
    let text = render(&report(), Format::Csv, &Look::PLAIN);
    assert!(text.contains(",fail,waived,W-applied,"), "{text}");
    assert!(text.contains(",fail,waiver_expired,W-expired,"), "{text}");
    let lines = render(&report(), Format::Jsonl, &Look::PLAIN);
    assert!(lines.contains(r#""waiver_expired":"W-expired""#), "{lines}");
}

#[test]
fn a_workbook_has_a_sheet_of_each() {
    use calamine::Reader as _;
    let bytes = soc2scan::render::render(&report(), Format::Xlsx, &Look::PLAIN);
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    for (name, id, state) in [
        ("waivers", "W-expired", "expired"),
        ("attestations", "a-negative", "negative"),
    ] {
        let sheet = book.worksheet_range(name).unwrap();
        let mut rows = sheet.rows();
        assert!(rows.any(|row| row[0] == *id && row[1] == *state), "{name}");
    }
}
