//! Which attestation is evidence when, and for what.

use super::*;
use crate::register::attestations;

const NOW: &str = "2026-02-01T12:00:00Z";

/// Each entry is `id, topic, controls, attested_on, more`.
fn read(entries: &[(&str, &str, &str, &str, &str)]) -> Attestations {
    let mut text = "version: 1\nattestations:\n".to_owned();
    for (id, topic, controls, attested_on, more) in entries {
        let result = if more.contains("result:") {
            ""
        } else {
            ", result: operating"
        };
        text.push_str(&format!(
            "- {{id: {id}, topic: {topic}, controls: [{controls}], statement: It was done and looked at., owner: o, \
             attested_by: a, attested_on: {attested_on}{result}{more}}}\n"
        ));
    }
    let (read, errors) = attestations("a.yaml", &text).unwrap();
    let lines: Vec<_> = errors.iter().map(|error| error.one_line()).collect();
    assert_eq!(lines, [""; 0]);
    read
}

fn judged(attestations: &Attestations) -> (Vec<AttestationReport>, Attested) {
    let documents = BTreeMap::from([
        ("p.md".to_owned(), Document::Sha256("a".repeat(64))),
        (
            "gone.md".to_owned(),
            Document::Unread("there is no such file".to_owned()),
        ),
    ]);
    let against = Against {
        taken_at: NOW.parse().unwrap(),
        documents: &documents,
        audit_period: Some(AuditPeriod {
            start: "2026-01-01".parse().unwrap(),
            end: "2026-12-31".parse().unwrap(),
        }),
    };
    judge(attestations, against)
}

fn one(attested_on: &str, more: &str) -> AttestationReport {
    let read = read(&[("one", "risk_register", "CC3.2", attested_on, more)]);
    let (mut reports, attested) = judged(&read);
    let state = attested[&("CC3.2".to_owned(), "risk_register".to_owned())];
    let report = reports.remove(0);
    assert_eq!(report.state, state);
    report
}

fn state(attested_on: &str, more: &str) -> AttestationStatus {
    one(attested_on, more).state
}

use AttestationStatus::{Expired, Expiring, Invalid, Negative, NotApplicable, Valid};

#[test]
fn an_attestation_is_evidence_for_a_year_or_less() {
    assert_eq!(state("2025-10-01", ""), Valid);
    assert_eq!(
        one("2025-10-01", "").good_until.as_deref(),
        Some("2026-10-01")
    );
    assert_eq!(state("2025-02-01", ""), Expiring, "its last day");
    assert_eq!(state("2025-01-31", ""), Expired);
    assert_eq!(state("2025-10-01", ", valid_until: 2026-01-31"), Expired);
    assert_eq!(state("2025-10-01", ", valid_until: 2026-02-20"), Expiring);
    assert_eq!(state("2025-10-01", ", max_age_days: 90"), Expired);
    assert_eq!(
        state("2026-01-20", ", reviewed_on: 2024-12-01"),
        Expired,
        "the review is what ages"
    );
}

#[test]
fn what_lies_in_the_future_is_invalid() {
    assert_eq!(state("2026-02-01", ""), Valid);
    let future = one("2026-02-02", "");
    assert_eq!(future.state, Invalid);
    assert_eq!(
        future.note.as_deref(),
        Some("it is attested later than the scan")
    );
    assert_eq!(state("2026-01-01", ", reviewed_on: 2026-03-01"), Invalid);
}

#[test]
fn documents_are_the_files_that_were_meant() {
    let good = one("2026-01-01", ", documents: [{title: P, path: p.md}]");
    assert_eq!(good.state, Valid);
    assert_eq!(good.documents[0].sha256, Some("a".repeat(64)));
    let same = format!(
        ", documents: [{{title: P, path: p.md, sha256: {}}}]",
        "a".repeat(64)
    );
    assert_eq!(state("2026-01-01", &same), Valid);
    let other = format!(
        ", documents: [{{title: P, path: p.md, sha256: {}}}]",
        "b".repeat(64)
    );
    let changed = one("2026-01-01", &other);
    assert_eq!(changed.state, Invalid);
    assert_eq!(
        changed.documents[0].sha256,
        Some("a".repeat(64)),
        "as it was found"
    );
    assert!(changed.note.unwrap().contains("its SHA-256 differs"));
    let gone = one("2026-01-01", ", documents: [{title: P, path: gone.md}]");
    assert_eq!(gone.state, Invalid);
    assert_eq!(
        gone.note.as_deref(),
        Some("gone.md cannot be read: there is no such file")
    );
    assert_eq!(
        state("2026-01-01", ", documents: [{title: P, path: other.md}]"),
        Invalid
    );
    assert_eq!(
        state(
            "2026-01-01",
            ", population: {description: All, count: 1, list: gone.md}"
        ),
        Invalid
    );
}

#[test]
fn a_period_covers_the_audit_as_far_as_it_has_come() {
    let period = |start, end| {
        state(
            "2026-01-31",
            &format!(", period: {{start: {start}, end: {end}}}"),
        )
    };
    assert_eq!(period("2026-01-01", "2026-12-31"), Valid);
    assert_eq!(period("2025-06-01", "2026-02-01"), Valid);
    assert_eq!(period("2026-01-02", "2026-12-31"), Invalid);
    assert_eq!(period("2026-01-01", "2026-01-30"), Invalid);
}

#[test]
fn what_does_not_operate_is_negative_however_old_or_incomplete() {
    assert_eq!(state("2026-01-01", ", result: not_operating"), Negative);
    assert_eq!(state("2020-01-01", ", result: not_operating"), Negative);
    assert_eq!(
        state(
            "2026-01-01",
            ", result: not_operating, documents: [{title: P, path: gone.md}]"
        ),
        Negative
    );
}

#[test]
fn what_does_not_apply_has_to_be_said_again_every_year() {
    assert_eq!(
        state("2026-01-01", ", result: not_applicable"),
        NotApplicable
    );
    assert_eq!(state("2024-01-01", ", result: not_applicable"), Expired);
}

#[test]
fn a_vendors_report_ages_a_year_unless_a_letter_bridges() {
    let vendor = |kind: &str, end: &str, more: &str| {
        let more =
            format!(", vendor: {{name: AWS, report_type: {kind}, report_period_end: {end}{more}}}");
        let read = read(&[(
            "aws",
            "csp_soc2_report_review",
            "CC6.4",
            "2026-01-20",
            &more,
        )]);
        judged(&read).0.remove(0)
    };
    assert_eq!(vendor("SOC 2 Type II", "2025-09-30", "").state, Valid);
    assert_eq!(vendor("SOC 2 Type II", "2025-02-10", "").state, Expiring);
    assert_eq!(vendor("SOC 2 Type II", "2025-02-01", "").state, Expiring);
    let old = vendor("SOC 2 Type II", "2025-01-31", "");
    assert_eq!(old.state, Expired);
    assert!(old.note.unwrap().contains("no bridge letter"));
    assert_eq!(
        vendor("SOC 2 Type I", "2025-01-31", ", bridge_letter: b.pdf").state,
        Valid
    );
    assert_eq!(vendor("ISO 27001", "2024-01-31", "").state, Valid);
    let qualified = vendor("SOC 2 Type II", "2025-09-30", ", opinion: qualified");
    assert!(
        qualified
            .note
            .unwrap()
            .contains("the opinion on AWS is qualified")
    );
}

#[test]
fn the_newest_of_each_vendor_counts_and_of_those_the_worst() {
    let vendor = |name: &str, end: &str| {
        format!(", vendor: {{name: {name}, report_type: SOC 2 Type II, report_period_end: {end}}}")
    };
    let topic = "csp_soc2_report_review";
    let key = ("CC6.4".to_owned(), topic.to_owned());
    let entries = read(&[
        (
            "aws-1",
            topic,
            "CC6.4",
            "2024-05-01",
            &vendor("AWS", "2024-03-31"),
        ),
        (
            "aws-2",
            topic,
            "CC6.4",
            "2025-12-01",
            &vendor("aws", "2025-09-30"),
        ),
    ]);
    let (reports, attested) = judged(&entries);
    assert_eq!(attested[&key], Valid);
    let superseded: Vec<_> = reports.iter().map(|report| report.superseded).collect();
    assert_eq!(superseded, [true, false]);
    assert_eq!(reports[0].state, Expired, "listed with its own state");

    let entries = read(&[
        (
            "aws-2",
            topic,
            "CC6.4",
            "2025-12-01",
            &vendor("AWS", "2025-09-30"),
        ),
        (
            "cdn-1",
            topic,
            "CC6.4",
            "2024-05-01",
            &vendor("CDN", "2024-03-31"),
        ),
    ]);
    assert_eq!(judged(&entries).1[&key], Expired);
    let mut turned = entries.clone();
    turned.entries.reverse();
    assert_eq!(judged(&turned), judged(&entries));
}

#[test]
fn of_two_on_one_day_the_worst_counts() {
    let entries = read(&[
        ("a-yes", "risk_register", "CC3.2", "2026-01-01", ""),
        (
            "b-no",
            "risk_register",
            "CC3.2",
            "2026-01-01",
            ", result: not_operating",
        ),
    ]);
    let (reports, attested) = judged(&entries);
    assert_eq!(attested.values().copied().collect::<Vec<_>>(), [Negative]);
    assert!(reports.iter().all(|report| !report.superseded));
}

#[test]
fn only_the_criteria_that_it_names_are_attested_and_the_others_are_told() {
    let entries = read(&[("plan", "incident_response_plan", "CC7.4", "2026-01-01", "")]);
    let (reports, attested) = judged(&entries);
    assert_eq!(attested.len(), 1);
    assert_eq!(
        reports[0].note.as_deref(),
        Some("also asked for by CC7.3, P6.5")
    );
}

#[test]
fn a_wrong_entry_that_is_ignored_still_spoils_its_topic() {
    let text = "version: 1\nattestations:\n- {id: bad, topic: risk_register, controls: [CC3.2], result: operating}\n";
    let (mut entries, _) = attestations("a.yaml", text).unwrap();
    let good = read(&[("good", "risk_register", "CC3.2", "2026-01-01", "")]);
    entries.entries.extend(good.entries);
    let (reports, attested) = judged(&entries);
    assert_eq!(attested.values().copied().collect::<Vec<_>>(), [Invalid]);
    assert_eq!(reports.len(), 2);
}
