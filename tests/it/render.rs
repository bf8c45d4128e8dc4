//! A report in each format: golden files, and what holds of every rendering.
//!
//! `BLESS=1 cargo test` writes the golden files anew; review them line by line.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use soc2scan::evaluate::evaluate;
use soc2scan::model::{
    CheckStatus, ControlStatus, Exclusion, Finding, Platform, Reason, Report, RuleBug, Seen,
    Snapshot, Unread,
};
use soc2scan::render::{self, Format, Look, json_schema};
use soc2scan::rules::Rulebook;

use crate::small::{self, denied, options};

/// The report in a format that is text.
pub fn render(report: &Report, format: Format, look: &Look) -> String {
    String::from_utf8(render::render(report, format, look)).unwrap()
}

pub fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/golden")
        .join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, actual)) in expected.lines().zip(text.lines()).enumerate() {
        assert_eq!(actual, expected, "{name}:{}", number + 1);
    }
    assert_eq!(text, expected, "{name}: one is longer");
}

fn plain(width: usize) -> Look {
    Look {
        width,
        ..Look::PLAIN
    }
}

fn table(report: &Report) -> String {
    render(report, Format::Table, &plain(80))
}

#[test]
fn table_at_80_columns() {
    golden("table-80.txt", &table(&small::report()));
}

#[test]
fn table_at_200_columns() {
    golden(
        "table-200.txt",
        &render(&small::report(), Format::Table, &plain(200)),
    );
}

#[test]
fn table_in_colour_with_links() {
    let look = Look {
        width: 100,
        color: true,
        hyperlinks: true,
    };
    let text = render(&small::report(), Format::Table, &look);
    golden("table-color.txt", &text.replace('\u{1b}', "␛"));
}

#[test]
fn json() {
    golden(
        "report.json",
        &render(&small::report(), Format::Json, &Look::PLAIN),
    );
}

#[test]
fn markdown() {
    golden(
        "report.md",
        &render(&small::report(), Format::Markdown, &Look::PLAIN),
    );
}

/// The environment with everything refused, as a scan with no permissions sees it.
pub fn dark() -> Report {
    let mut snapshot = small::snapshot();
    snapshot.resources.clear();
    for row in &mut snapshot.coverage {
        row.seen = Seen::Unread(denied(&format!("{}:List", row.kind)));
    }
    evaluate(&snapshot, &small::rulebook(), &options())
}

#[test]
fn table_of_what_was_denied() {
    golden("table-denied.txt", &table(&dark()));
}

#[test]
fn nothing_at_all_is_shown_as_nothing() {
    let snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
    let report = evaluate(&snapshot, &Rulebook::default(), &options());
    for format in Format::ALL {
        if format == Format::Xlsx {
            assert!(!render::render(&report, format, &plain(80)).is_empty());
            continue;
        }
        let text = render(&report, format, &plain(80));
        assert!(text.is_empty() || text.ends_with('\n'), "{format}");
    }
    let text = table(&report);
    assert!(
        text.contains("No criterion in scope has a gap or an unknown"),
        "{text}"
    );
    assert!(text.contains("nothing was scanned"), "{text}");
    assert!(
        text.contains("38 criteria in scope: 0 gap, 0 unknown, 38 manual required"),
        "{text}"
    );
}

/// A report with everything in it that the small one lacks.
pub fn full() -> Report {
    let mut report = small::report();
    report.excluded.push(Exclusion {
        platform: Platform::Kubernetes,
        why: "no kubeconfig".to_owned(),
    });
    report.rule_bugs.push(RuleBug {
        rule: "aws.rds.pitr".to_owned(),
        resource: "arn:aws:rds:us-east-1:123456789012:db:odd".to_owned(),
        message: "`>=` on a string".to_owned(),
    });
    let failing = |finding: &&mut Finding| finding.rule == "aws.rds.private_subnet";
    for finding in report.findings.iter_mut().filter(failing) {
        finding.waiver = Some("W-1".to_owned());
    }
    for finding in &mut report.findings {
        if let Some(reason) = &mut finding.reason {
            *reason = Unread {
                reason: Reason::NotSupported,
                operation: String::new(),
                permission: None,
                detail: "the rule says why".to_owned(),
            };
        }
    }
    report.coverage[0].seen = Seen::Unread(Unread {
        reason: Reason::Interrupted,
        operation: "rds:DescribeDBInstances".to_owned(),
        permission: None,
        detail: String::new(),
    });
    report
}

#[test]
fn what_is_rare_is_shown_too() {
    for format in [Format::Table, Format::Markdown] {
        let text = render(&full(), format, &plain(160));
        for expected in [
            "no kubeconfig",
            "Rules to mend",
            "on a string",
            "Failing under a waiver",
            "W-1",
            "(the rule says why): 2222 (us-east-1)",
            "The scan was stopped before its end",
            "let the scan run to its end",
        ] {
            assert!(text.contains(expected), "{format}: {expected}\n{text}");
        }
    }
}

#[test]
fn the_headline_counts_and_never_judges_the_whole() {
    for report in [small::report(), dark(), full()] {
        for format in [Format::Table, Format::Markdown] {
            let text = render(&report, format, &plain(80)).to_lowercase();
            for word in ["compliant", "certified", "%"] {
                assert!(!text.contains(word), "{format}: {word}");
            }
        }
    }
}

#[test]
fn a_failing_resource_is_shown_once() {
    let text = table(&small::report());
    let shown = text.matches("tenant-1 (us-east-1)").count();
    assert_eq!(shown, 1, "{text}");
    assert!(text.contains("see CC6.1: aws.rds.storage_encrypted"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for report in [small::report(), dark(), full(), hostile(&full())] {
        for width in (60..=240).step_by(7) {
            for line in render(&report, Format::Table, &plain(width)).lines() {
                let length = line.chars().count();
                assert!(length <= width, "{length} of {width}: {line}");
            }
        }
    }
}

#[test]
fn the_marks_of_colour_do_not_move_a_character() {
    let look = Look {
        width: 100,
        color: true,
        hyperlinks: true,
    };
    let painted = render(&full(), Format::Table, &look);
    let escape = regex::Regex::new("\u{1b}\\[[0-9;]*m|\u{1b}\\]8;;[^\u{1b}]*\u{1b}\\\\").unwrap();
    assert_eq!(
        escape.replace_all(&painted, ""),
        render(&full(), Format::Table, &plain(100))
    );
}

/// What no text of a report may do to a terminal or a page.
const HOSTILE: &str = "\u{1b}[2J\u{9b}31m\u{202e}\u{2060}\r\n| x | @octocat <img src=x> `code` [a](b) ![c](d) https://evil.example\u{7}";

/// The report with that in every text that is not one of the contract's own words.
pub fn hostile(report: &Report) -> Report {
    fn spoil(value: &mut Value, key: &str) {
        const WORDS: [&str; 13] = [
            "schema",
            "platform",
            "taken_at",
            "category",
            "categories",
            "status",
            "state",
            "bearing",
            "severity",
            "coverage",
            "outcome",
            "reason",
            "kind",
        ];
        match value {
            Value::String(text) if !WORDS.contains(&key) => text.push_str(HOSTILE),
            Value::Array(items) => {
                for item in items {
                    spoil(item, key);
                }
            }
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    spoil(value, key);
                }
                if let Some(value) = map.remove("BackupRetentionPeriod") {
                    map.insert(format!("BackupRetentionPeriod{HOSTILE}"), value);
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report).unwrap();
    spoil(&mut value, "");
    serde_json::from_value(value).unwrap()
}

#[test]
fn no_text_of_a_report_reaches_the_terminal_as_a_command() {
    let report = hostile(&full());
    let text = table(&report);
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(bad, None);
    assert!(text.contains("\\u{1b}[2J") && !text.contains('\u{202e}'));

    let look = Look {
        width: 100,
        color: true,
        hyperlinks: true,
    };
    let painted = render(&report, Format::Table, &look);
    let escape = regex::Regex::new("\u{1b}\\[[0-9;]*m|\u{1b}\\]8;;[^\u{1b}]*\u{1b}\\\\").unwrap();
    let rest = escape.replace_all(&painted, "");
    let bad = rest.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(bad, None);
    assert!(
        !painted.contains("\u{1b}]8;;https://example.com"),
        "a spoilt link is no link"
    );
}

#[test]
fn no_text_of_a_report_is_markup_on_a_page() {
    let text = render(&hostile(&full()), Format::Markdown, &Look::PLAIN);
    for bad in [
        "<img",
        "@octocat",
        " [a](b)",
        "![c]",
        " `code`",
        "https://evil",
        "\u{1b}",
        "\u{202e}",
        "\r",
    ] {
        assert!(!text.contains(bad), "{bad}");
    }
    let mut cells = None;
    for line in text.lines() {
        let bars = line.matches('|').count();
        match (line.starts_with('|'), cells) {
            (true, Some(expected)) => assert_eq!(bars, expected, "{line}"),
            (true, None) => cells = Some(bars),
            (false, _) => {
                cells = None;
                assert_eq!(bars, 0, "{line}");
            }
        }
    }
}

#[test]
fn a_page_never_grows_beyond_what_github_takes() {
    let mut report = small::report();
    let check = report.checks[0].clone();
    let finding = report.findings[0].clone();
    let control = report
        .controls
        .iter_mut()
        .find(|control| control.status == ControlStatus::Gap)
        .unwrap();
    let line = control.checks[0].clone();
    for number in 0..2_000 {
        let rule = format!("aws.many.rule_{number:04}");
        let mut check = check.clone();
        check.rule.clone_from(&rule);
        check.status = CheckStatus::Fail;
        check.required = vec![control.id.clone()];
        let mut line = line.clone();
        line.rule.clone_from(&rule);
        line.status = CheckStatus::Fail;
        control.checks.push(line);
        for _ in 0..20 {
            let mut finding = finding.clone();
            finding.rule.clone_from(&rule);
            report.findings.push(finding);
        }
        report.checks.push(check);
    }
    let text = render(&report, Format::Markdown, &Look::PLAIN);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(text.contains("> Cut to fit: "));
    for section in [
        "## Fix first",
        "## Coverage",
        "## All criteria",
        "</details>",
    ] {
        assert!(text.contains(section), "{section}");
    }
}

/// A waiver for each of so many, which all say something.
pub fn many_waivers(count: usize) -> Report {
    let mut report = full();
    let waivers = (0..count).map(|number| {
        serde_json::from_value(serde_json::json!({
            "id": format!("W-{number}"), "check": "aws.rds.private_subnet", "state": "applied",
            "match": { "resource": format!("*-{number}") }, "owner": "platform@example.com",
            "reason": "It is being moved to another network and stays as it is until then.",
            "approved_by": "ciso@example.com", "approved_on": "2026-01-01", "expires": "2026-06-30",
            "matched": 1, "applied": 1,
        }))
        .unwrap()
    });
    report.waivers = waivers.collect();
    report
}

#[test]
fn however_much_is_cut_is_said_and_the_criteria_are_there() {
    let text = render(&many_waivers(6_000), Format::Markdown, &Look::PLAIN);
    assert!(text.len() < 1_000_000, "{}", text.len());
    let (before, after) = text.split_once("\n> Cut to fit: ").unwrap();
    assert!(before.contains("<code>W-0</code>") && before.contains("## Rules to mend"));
    assert!(after.contains("lines left out here"));
    assert!(after.contains("## All criteria"));
    let rows = after.lines().filter(|line| line.starts_with("| "));
    assert_eq!(rows.count(), 61 + 2, "every criterion");
    let text = render(&many_waivers(10), Format::Markdown, &Look::PLAIN);
    assert!(!text.contains("Cut to fit") && text.contains("<code>W-9</code>"));
}

#[test]
fn json_comes_back_as_the_same_report() {
    for report in [small::report(), dark(), full(), hostile(&full())] {
        let text = render(&report, Format::Json, &Look::PLAIN);
        let again: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(again, report);
        assert_eq!(render(&again, Format::Json, &Look::PLAIN), text);
    }
}

#[test]
fn reports_hold_to_their_schema_and_other_things_do_not() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [small::report(), dark(), full(), hostile(&full())] {
        let value = serde_json::to_value(&report).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let good = serde_json::to_value(small::report()).unwrap();
    let broken: [(&str, Value); 4] = [
        ("/schema", json!("soc2scan.report/v2")),
        ("/controls/0/status", json!("compliant")),
        ("/findings/0/outcome", json!("maybe")),
        ("/checks/0/counts", json!({"pass": -1})),
    ];
    for (pointer, value) in broken {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn the_schema_says_what_every_property_is() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    for property in [
        "tool", "summary", "digests", "controls", "checks", "findings", "coverage", "excluded",
    ] {
        let described = &schema["properties"][property]["description"];
        assert!(described.is_string(), "{property}: {described}");
    }
}
