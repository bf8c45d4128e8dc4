//! Every finding, and behind them what else is open or was written down, as rows of a table (RFC 4180) that no spreadsheet
//! takes for a formula.

use super::baseline::is_known_check;
use super::records::{What, records};
use super::register::{Answers, one_line};
use super::text;
use crate::model::{BaselineState, CheckReport, Finding, Outcome, Report, Scope};

/// The columns of a finding.
pub const COLUMNS: [&str; 23] = [
    "criteria",
    "supports",
    "rule",
    "title",
    "severity",
    "kind",
    "resource",
    "account_or_cluster",
    "region_or_namespace",
    "outcome",
    "disposition",
    "waiver",
    "reason",
    "observed",
    "collected_at",
    "snapshot_sha256",
    "origin",
    "waiver_reason",
    "waiver_owner",
    "waiver_approved_by",
    "waiver_approved_on",
    "waiver_expires",
    "baseline",
];

/// Behind them what a row is: a `finding`, or the record of a `check` that is open by itself, of an `unread` list, of a
/// `waiver`, an `attestation` or a `scope_decision`, with its id, its state and all of it in a sentence. Within v1, columns are
/// only added at the end.
const RECORD: [&str; 4] = ["record", "entry", "entry_state", "entry_text"];

pub fn render(report: &Report) -> String {
    let mut table = String::new();
    line(&mut table, &[&COLUMNS[..], &RECORD].concat());
    for mut row in rows(report) {
        row.push("finding".to_owned());
        row.resize(COLUMNS.len() + RECORD.len(), String::new());
        line(&mut table, &row);
    }
    for record in records(report) {
        let outcome = record.what.outcome().map_or("", Outcome::as_str);
        let scope = record.what.scope();
        let check = match record.what {
            What::Check(check, _) => Some(check),
            _ => None,
        };
        let mut row = vec![String::new(); COLUMNS.len()];
        for (column, cell) in COLUMNS.iter().zip(&mut row) {
            *cell = match *column {
                "criteria" => record.criteria.join(" "),
                "supports" => check.map_or_else(String::new, |check| check.supporting.join(" ")),
                "rule" => check.map_or_else(String::new, |check| check.rule.clone()),
                "title" => check.map_or_else(String::new, |check| check.title.clone()),
                "severity" => check.map_or("", |check| check.severity.as_str()).to_owned(),
                "kind" => match record.what {
                    What::List(row) => row.kind.to_string(),
                    _ => check.map_or_else(String::new, text::kinds),
                },
                "account_or_cluster" => scope.map_or("", |scope| scope.owner()).to_owned(),
                "region_or_namespace" => scope.and_then(Scope::place).unwrap_or("").to_owned(),
                "outcome" => outcome.to_owned(),
                "collected_at" => report.taken_at.to_string(),
                "snapshot_sha256" => report.digests.snapshot.clone(),
                "baseline" => match (check, &report.baseline) {
                    (Some(check), Some(_)) if is_known_check(report, check) => "unchanged",
                    (Some(_), Some(_)) => "new",
                    _ => "",
                }
                .to_owned(),
                _ => continue,
            };
        }
        let record = [
            record.what.name(),
            &record.id,
            record.state,
            &record.sentence,
        ];
        row.extend(record.map(str::to_owned));
        let row: Vec<_> = row.iter().map(|cell| inert(cell)).collect();
        line(&mut table, &row);
    }
    table
}

/// The findings as cells, in the report's order.
pub fn rows(report: &Report) -> impl Iterator<Item = Vec<String>> {
    let checks = report.by_rule();
    let answers = Answers::new(report);
    report.findings.iter().map(move |finding| {
        let check = checks.get(finding.rule.as_str()).copied();
        row(report, finding, check, &answers)
    })
}

fn row(
    report: &Report,
    finding: &Finding,
    check: Option<&CheckReport>,
    answers: &Answers,
) -> Vec<String> {
    let waiver = answers.of(finding);
    let scope = &finding.resource.scope;
    let origin = finding.resource.origin.as_ref();
    let baseline = finding.baseline;
    let joined = |ids: Option<&Vec<String>>| ids.map(|ids| ids.join(" ")).unwrap_or_default();
    let cells = [
        joined(check.map(|check| &check.required)),
        joined(check.map(|check| &check.supporting)),
        finding.rule.clone(),
        check.map(|check| check.title.clone()).unwrap_or_default(),
        finding.severity.as_str().to_owned(),
        finding.resource.kind.as_str().to_owned(),
        finding.resource.id.as_str().to_owned(),
        scope.owner().to_owned(),
        scope.place().unwrap_or_default().to_owned(),
        finding.outcome.as_str().to_owned(),
        disposition(finding).to_owned(),
        finding
            .waiver
            .as_ref()
            .or(finding.waiver_expired.as_ref())
            .cloned()
            .unwrap_or_default(),
        finding.reason.as_ref().map(text::cause).unwrap_or_default(),
        observed(finding),
        report.taken_at.to_string(),
        report.digests.snapshot.clone(),
        origin.map(ToString::to_string).unwrap_or_default(),
        waiver
            .map(|waiver| one_line(&waiver.reason))
            .unwrap_or_default(),
        waiver
            .map(|waiver| waiver.owner.clone())
            .unwrap_or_default(),
        waiver
            .map(|waiver| waiver.approved_by.clone())
            .unwrap_or_default(),
        waiver
            .map(|waiver| waiver.approved_on.clone())
            .unwrap_or_default(),
        waiver
            .map(|waiver| waiver.expires.clone())
            .unwrap_or_default(),
        baseline
            .map(BaselineState::as_str)
            .unwrap_or_default()
            .to_owned(),
    ];
    cells.map(|cell| inert(&cell)).to_vec()
}

/// Every fact that the rule names, on one line.
pub fn observed(finding: &Finding) -> String {
    let facts = finding.evidence.iter();
    let facts: Vec<_> = facts
        .map(|(path, value)| format!("{path} = {}", text::value(value)))
        .collect();
    facts.join("; ")
}

/// What people decided about the outcome, which stays what it is.
pub fn disposition(finding: &Finding) -> &'static str {
    match (&finding.waiver, &finding.waiver_expired) {
        (Some(_), _) => "waived",
        (None, Some(_)) => "waiver_expired",
        (None, None) => "none",
    }
}

/// One line that a spreadsheet reads as text: a cell that would begin a formula begins with an apostrophe.
pub fn inert(cell: &str) -> String {
    let cell = text::clean(cell);
    let formula = cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    // What was a tab or an end of line is an escape now.
    if formula || cell.starts_with("\\t") || cell.starts_with("\\r") || cell.starts_with("\\n") {
        format!("'{cell}")
    } else {
        cell
    }
}

/// Adds a row; no cell may hold the end of a line.
pub fn line(table: &mut String, cells: &[impl AsRef<str>]) {
    for (index, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if index > 0 {
            table.push(',');
        }
        if cell.contains([',', '"', ';', ' ']) {
            table.push('"');
            table.push_str(&cell.replace('"', "\"\""));
            table.push('"');
        } else {
            table.push_str(cell);
        }
    }
    table.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_cell_ends_the_line() {
        for (data, cell) in [
            ("=1+1", "'=1+1"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("-2", "'-2"),
            ("\t=1", "'\\t=1"),
            ("a=1", "a=1"),
            ("two\nlines", "two\\nlines"),
        ] {
            assert_eq!(inert(data), cell);
        }
        let mut table = String::new();
        line(&mut table, &["a", "b \"c\", d"]);
        assert_eq!(table, "a,\"b \"\"c\"\", d\"\r\n");
    }
}
