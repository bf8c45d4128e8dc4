//! What management decides about the scope, and what is enough in place of a check, in every format that speaks of criteria.

use std::fs;

use serde_json::Value;
use soc2scan::evaluate::{Options, evaluate};
use soc2scan::model::{CheckStatus, ControlStatus, GroupStatus, Report};
use soc2scan::register::{attestations, scope_decisions};
use soc2scan::render::{Format, Look};

use crate::cli::soc2scan;
use crate::render::{hostile, render};
use crate::render_files::sheets;
use crate::small;
use crate::waivers::{folder, refused};

const DECISIONS: &str = "\
not_applicable:
  - controls: [C1.2, P1.1]
    reason: Nothing confidential is ever deleted; all of it is public.
    owner: data-owner
    approved_by: security-officer
    approved_on: 2026-01-10
";

fn report() -> Report {
    let options = Options {
        not_applicable: scope_decisions("soc2scan.yaml", DECISIONS).unwrap(),
        ..small::options()
    };
    evaluate(&small::snapshot(), &small::rulebook(), &options)
}

#[test]
fn a_scope_decision_is_in_every_format_that_speaks_of_criteria() {
    let report = report();
    let c12 = report.controls.iter().find(|control| control.id == "C1.2");
    assert_eq!(c12.unwrap().status, ControlStatus::NotApplicable);
    for format in Format::ALL {
        if let Format::Csv | Format::Jsonl | Format::Ocsf | Format::Asff | Format::Xlsx = format {
            continue;
        }
        let look = Look {
            width: 200,
            ..Look::PLAIN
        };
        let text = render(&report, format, &look);
        let text: Vec<_> = text.split_whitespace().collect();
        let text = text.join(" ").replace("\\_", "_");
        for part in [
            "Nothing confidential is ever deleted",
            "data-owner",
            "security-officer",
            "2026-01-10",
        ] {
            assert!(text.contains(part), "{format}: {part}\n{text}");
        }
        let word = match format {
            Format::Json => "not_applicable",
            _ => "not applicable",
        };
        assert!(text.contains(word), "{format}: {word}");
        let told = text.contains("not in scope anyway: P1.1");
        assert_eq!(told, format != Format::Junit, "{format}: the note");
    }
    let hostile = hostile(&report);
    for format in Format::ALL {
        soc2scan::render::render(&hostile, format, &Look::PLAIN);
    }
}

#[test]
fn a_workbook_has_a_sheet_of_scope_decisions() {
    use calamine::Reader as _;
    let bytes = soc2scan::render::render(&report(), Format::Xlsx, &Look::PLAIN);
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("scope decisions").unwrap();
    assert!(sheet.rows().any(|row| row[0] == *"C1.2, P1.1"));
}

#[test]
fn the_cover_of_the_page_names_what_the_scope_leaves_out() {
    let page = render(&report(), Format::Html, &Look::PLAIN);
    let (cover, _) = page.split_once("</header>").unwrap();
    assert!(cover.contains("<dt>Scope decisions</dt><dd>C1.2, P1.1 declared not applicable"));
}

#[test]
fn the_configuration_is_where_scope_decisions_are_read_from() {
    let folder = folder(&[]);
    let path = folder.path().join("soc2scan.yaml");
    let check = |text: &str| {
        fs::write(&path, text).unwrap();
        let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n";
        fs::write(folder.path().join("a.yaml"), manifest).unwrap();
        let arguments = [
            "check",
            "--manifests",
            "a.yaml",
            "--format",
            "json",
            "--fail-on",
            "never",
        ];
        soc2scan(folder.path(), &[], &arguments)
    };
    let dated = DECISIONS.replace("2026-01-10", "2020-01-10");
    let ran = check(&dated);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let decision = report.pointer("/not_applicable/0/controls/0");
    assert_eq!(decision, Some(&Value::from("C1.2")));
    refused(
        &check(&dated.replace("C1.2", "CC1.2")),
        &[
            "soc2scan.yaml:2:16",
            "CC1.2 is a common criterion: it always applies",
        ],
    );
    assert_eq!(
        check(&format!(
            "{}allow_cc_na: true\n",
            dated.replace("C1.2", "CC1.2")
        ))
        .code,
        0
    );
}

/// CC7.2 takes another check in place of the logs' retention, and A1.2 an attestation in place of restoring; CC7.5 does not.
fn grouped() -> Report {
    let mut rulebook = small::rulebook();
    for rule in &mut rulebook.rules {
        match rule.id.as_str() {
            "aws.logs.retention_365" => rule.any_of.push("aws.ecr.tag_immutability".to_owned()),
            "aws.rds.pitr" => rule.attestable = Some("backup_restore_test".to_owned()),
            _ => {}
        }
    }
    let text = "version: 1\nattestations: [{id: restored, topic: backup_restore_test, controls: [A1.2], result: operating, \
                owner: o, attested_by: a, attested_on: 2026-01-15, statement: It was restored and compared.}]";
    let options = Options {
        attestations: attestations("attestations.yaml", text).unwrap().0,
        ..small::options()
    };
    evaluate(&small::snapshot(), &rulebook, &options)
}

#[test]
fn one_of_several_is_enough_where_the_rules_say_so() {
    let report = grouped();
    let find = |id: &str| {
        report
            .controls
            .iter()
            .find(|control| control.id == id)
            .unwrap()
    };
    let status = |rule: &str| {
        report
            .checks
            .iter()
            .find(|check| check.rule == rule)
            .unwrap()
            .status
    };
    assert_eq!(
        status("aws.logs.retention_365"),
        CheckStatus::Fail,
        "it stays what it is"
    );
    assert_eq!(
        find("CC7.2").status,
        ControlStatus::Unknown,
        "only another check is open"
    );
    assert_eq!(find("CC7.2").groups[0].status, GroupStatus::Pass);
    assert_eq!(find("A1.2").groups[0].status, GroupStatus::Attested);
    assert_eq!(find("CC7.5").groups[0].status, GroupStatus::Fail);
    assert_eq!(
        report.made_up(),
        ["aws.logs.retention_365"].into(),
        "pitr still decides CC7.5"
    );
    let plain = small::report();
    assert_eq!(report.findings, plain.findings);
}

#[test]
fn a_group_is_in_every_format_that_speaks_of_criteria() {
    let report = grouped();
    let members = "aws.ecr.tag_immutability (pass) or aws.logs.retention_365 (fail)";
    for format in [Format::Table, Format::Markdown, Format::Oscal, Format::Xlsx] {
        let text = match format {
            Format::Xlsx => sheets(&report)
                .into_iter()
                .flat_map(|(_, rows)| rows)
                .collect(),
            _ => {
                let look = Look {
                    width: 200,
                    ..Look::PLAIN
                };
                let text = render(&report, format, &look).replace("\\_", "_");
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        };
        assert!(text.contains(members), "{format}: {members}\n{text}");
        let failing = "aws.rds.pitr (fail) or the attestation of backup_restore_test (missing)";
        assert!(text.contains(failing), "{format}: {failing}\n{text}");
    }
    let junit = render(&report, Format::Junit, &Look::PLAIN);
    assert!(junit.contains("name=\"aws.logs.retention_365\"><system-out>aws.ecr"));
    assert!(junit.contains("<testcase classname=\"one is enough\" name=\"aws.rds.pitr\"><failure message=\"aws.rds.pitr"));
    let page = render(&report, Format::Html, &Look::PLAIN);
    assert_eq!(page.matches("One of these is enough").count(), 3);
    assert!(page.contains("<dt>Enough in its place</dt><dd>aws.ecr.tag_immutability</dd>"));
    assert!(page.contains("or the attestation of backup restore test "));
}

#[test]
fn what_is_made_up_for_is_no_gap_for_the_exit_code() {
    let folder = folder(&[]);
    let rule = |id: &str, more: &str, assert: &str| {
        let path = format!("rules/{}.yaml", id.replace('.', "/"));
        let text = format!(
            "id: {id}\ntitle: Namespaces are well\nresource: k8s.Namespace\nseverity: high\n\
             controls: {{ required: [CC6.1] }}\n{more}when_empty: not_applicable\nassert: {assert}\nwhy: Because.\n\
             fix: {{ kubectl: kubectl label }}\nreferences: [\"https://example.com/\"]\ntests:\n\
             - {{ name: yes, resource: {{ metadata: {{ name: a, namespace: b }} }}, expect: pass }}\n\
             - {{ name: no, resource: {{ metadata: {{ }} }}, expect: fail }}\n"
        );
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n";
    fs::write(folder.path().join("a.yaml"), manifest).unwrap();
    let check = || {
        let arguments = [
            "check",
            "--manifests",
            "a.yaml",
            "--rules",
            "rules",
            "--rule",
            "k8s.mine.*",
            "--fail-on",
            "gap",
        ];
        soc2scan(folder.path(), &[], &arguments)
    };
    rule("k8s.mine.other", "", "resource.metadata.name != null");
    rule("k8s.mine.one", "", "resource.metadata.namespace != null");
    assert_eq!(check().code, 1);
    rule(
        "k8s.mine.one",
        "any_of: k8s.mine.other\n",
        "resource.metadata.namespace != null",
    );
    let ran = check();
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    assert!(
        ran.out
            .contains("made up for in CC6.1: one of k8s.mine.one"),
        "{}",
        ran.out
    );
}
