//! The tables that go with a report as evidence: the population of each check, the criteria, and what was left out.

use std::collections::BTreeMap;

use super::csv::{COLUMNS, inert, line, rows};
use super::register::decisions;
use super::text;
use crate::model::{CheckStatus, Report, Subject};

/// For each rule the table of every resource that it judged, with the columns of the format CSV and, behind them, where
/// the resource's document is.
pub fn populations(
    report: &Report,
    document: &dyn Fn(&Subject) -> String,
) -> BTreeMap<String, String> {
    let mut head = COLUMNS.map(str::to_owned).to_vec();
    head.push("document".to_owned());
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for check in &report.checks {
        line(tables.entry(check.rule.clone()).or_default(), &head);
    }
    for (finding, mut row) in report.findings.iter().zip(rows(report)) {
        row.push(inert(&document(&finding.resource)));
        line(tables.entry(finding.rule.clone()).or_default(), &row);
    }
    tables
}

/// A row for each of the 61 criteria: its state, and why.
pub fn controls(report: &Report) -> String {
    let rows = report.controls.iter().map(|control| {
        let checks: Vec<_> = control
            .checks
            .iter()
            .map(|check| format!("{} {}", check.rule, check.status))
            .collect();
        let topics: Vec<_> = control
            .attestations
            .iter()
            .map(|attested| format!("{} {}", attested.topic, attested.state()))
            .collect();
        [
            control.id.clone(),
            control.title.clone(),
            control.category.to_string(),
            control.status.to_string(),
            control.why.clone(),
            checks.join("; "),
            topics.join("; "),
        ]
    });
    table(
        [
            "criterion",
            "title",
            "category",
            "status",
            "why",
            "checks",
            "attestations",
        ],
        rows,
    )
}

/// What the report does not speak of: platforms, rules, resources that others speak for, and criteria, each with the reason.
pub fn exclusions(report: &Report) -> String {
    let platforms = report.excluded.iter().map(|exclusion| {
        [
            "platform".to_owned(),
            exclusion.platform.to_string(),
            exclusion.why.clone(),
        ]
    });
    let not_run = report
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::NotRun);
    let rules = not_run.map(|check| {
        let why = text::not_run(check);
        ["rule".to_owned(), check.rule.clone(), why]
    });
    let spoken_for = report.checks.iter().filter(|check| check.spoken_for > 0);
    let resources = spoken_for.map(|check| {
        let why = text::spoken_for(check);
        ["resources".to_owned(), check.rule.clone(), why]
    });
    let criteria = decisions(report).map(|line| {
        let what = "criteria".to_owned();
        [what, line.controls.clone(), line.sentence()]
    });
    let rows = platforms.chain(rules).chain(resources).chain(criteria);
    table(["what", "name", "why"], rows)
}

fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = String::new();
    line(&mut table, head.map(str::to_owned).as_slice());
    for row in rows {
        line(&mut table, row.map(|cell| inert(&cell)).as_slice());
    }
    table
}
