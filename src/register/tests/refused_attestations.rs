//! Every refusal of an attestation, where it stands.

use super::*;

#[track_caller]
fn refused(changes: &[(&str, &str)], expected: &[&str]) {
    let (read, errors) = read_attestations(&attestation(changes));
    assert_eq!(errors, expected);
    assert!(read.entries.is_empty());
    assert_eq!(read.invalid.len(), 1);
}

#[test]
fn every_missing_field_is_told_at_once() {
    let (_, errors) = read_attestations("version: 1\nattestations:\n- max_age_days: 9\n");
    assert_eq!(errors.len(), 8, "{errors:?}");
}

#[test]
fn topics_and_criteria_are_known_ones() {
    refused(
        &[("topic", "infosec_policy")],
        &["a.yaml:4:10: there is no topic `infosec_policy` (`soc2scan init` writes all topics)"],
    );
    refused(
        &[("topic", "information_security_polcy")],
        &[
            "a.yaml:4:10: there is no topic `information_security_polcy` (did you mean `information_security_policy`?)",
        ],
    );
    refused(
        &[("controls", "[CC5.3, CC5.9]")],
        &["a.yaml:5:21: there is no criterion `CC5.9` (did you mean `CC5.1`?)"],
    );
    refused(
        &[("controls", "[]")],
        &["a.yaml:5:3: `controls` is empty (name at least one)"],
    );
}

#[test]
fn results_days_and_ages_are_possible_ones() {
    refused(
        &[("result", "ok")],
        &[
            "a.yaml:7:11: `result` cannot be `ok` (it is one of: operating, not_operating, not_applicable)",
        ],
    );
    refused(
        &[("attested_on", "2026-02-29")],
        &[
            "a.yaml:10:16: `attested_on` is a day that does not exist: 2026-02-29 (write a date such as \"2026-12-31\")",
        ],
    );
    for age in ["0", "401"] {
        refused(
            &[("max_age_days", age)],
            &[
                "a.yaml:11:17: `max_age_days` is 1 to 400 (something that is looked at less than once a year is no evidence)",
            ],
        );
    }
    refused(
        &[("statement", "It is fine.")],
        &[
            "a.yaml:6:14: `statement` has 11 characters, not 20 (say it so that somebody who was not there understands it)",
        ],
    );
}

#[test]
fn a_document_is_somewhere_and_its_digest_is_one() {
    refused(
        &[("documents", "[{title: Policy}]")],
        &[
            "a.yaml:11:16: the document is nowhere (add `path:` (a file, which is hashed) or `url:`)",
        ],
    );
    refused(
        &[("documents", "[{title: P, path: /etc/passwd}]")],
        &[
            "a.yaml:11:32: `path` is not a relative path (name the file from the folder of the attestations, so that others find it too)",
        ],
    );
    refused(
        &[("documents", "[{title: P, path: p, sha256: ABC}]")],
        &[
            "a.yaml:11:43: `sha256` is no SHA-256 (write the 64 lower-case digits that `sha256sum FILE` prints)",
        ],
    );
    refused(
        &[("documents", "[{title: P, url: wiki}]")],
        &["a.yaml:11:31: `wiki` is no address (write it in full: https://...)"],
    );
}

#[test]
fn periods_and_populations_add_up() {
    refused(
        &[("period", "{start: 2026-06-01, end: 2026-05-01}")],
        &["a.yaml:11:36: the period ends before it begins (put `end` after `start`)"],
    );
    refused(
        &[(
            "population",
            "{description: Leavers, count: 3, exceptions: 4}",
        )],
        &[
            "a.yaml:11:60: there are more exceptions than members of the population (`count` is of all that were looked at)",
        ],
    );
    refused(
        &[("population", "{description: Leavers, count: -1}")],
        &["a.yaml:11:45: `count` cannot be less than nothing (write a whole number)"],
    );
}

#[test]
fn a_vendors_report_is_named_and_older_than_its_reading() {
    refused(
        &[("topic", "csp_soc2_report_review")],
        &[
            "a.yaml:3:3: the topic `csp_soc2_report_review` needs the vendor's report (add `vendor: { name: ..., report_type: SOC 2 Type II, report_period_end: \"2026-03-31\" }`)",
        ],
    );
    refused(
        &[(
            "vendor",
            "{name: AWS, report_type: SOC 2 Type II, report_period_end: 2026-09-03}",
        )],
        &[
            "a.yaml:11:70: the report's period ends after it was read (a SOC 2 report is written after its period)",
        ],
    );
    refused(
        &[(
            "vendor",
            "{name: AWS, report_type: SOC2, report_period_end: 2026-03-31}",
        )],
        &[
            "a.yaml:11:36: `report_type` cannot be `SOC2` (it is one of: SOC 2 Type II, SOC 2 Type I, SOC 3, ISO 27001, other)",
        ],
    );
}
