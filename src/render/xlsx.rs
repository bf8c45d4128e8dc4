//! A workbook for people who sort and filter: summary, controls, findings, population and coverage as sheets.

mod register;

use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::csv::{COLUMNS, inert, rows};
use super::group::members;
use super::text::{self, shortened, words};
use crate::model::{CheckStatus, Outcome, Report, Seen, Target};

/// The most rows of a sheet, its head among them, and the longest text of a cell.
const ROWS: usize = 1_000_000;
const LONGEST: usize = 32_000;

/// A sheet; what is too long for one goes on in another: `population`, `population 2`.
struct Table {
    name: &'static str,
    /// The head of each, and its width in characters.
    columns: Vec<(&'static str, u16)>,
}

/// How wide the columns of a finding are.
const WIDTHS: [u16; COLUMNS.len()] = [
    16, 16, 28, 44, 10, 24, 60, 16, 16, 14, 12, 14, 30, 80, 22, 30, 40, 40, 24, 24, 14, 14, 14,
];

#[expect(
    clippy::expect_used,
    reason = "names, rows and cells are within the limits of a workbook; tests fill and read one"
)]
pub fn render(report: &Report) -> Vec<u8> {
    workbook(report).expect("a workbook within its limits")
}

fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let moment = report.taken_at.to_zoned(TimeZone::UTC);
    // Equal reports give equal bytes: the moment is that of the scan.
    let created = ExcelDateTime::from_timestamp(moment.timestamp().as_second())
        .or_else(|_| ExcelDateTime::from_timestamp(0))?;
    book.set_properties(
        &DocProperties::new()
            .set_title("SOC 2 configuration evidence")
            .set_author(inert(&report.tool.name))
            .set_creation_datetime(&created),
    );
    summary().write(&mut book, summary_rows(report).into_iter())?;
    let controls = Table {
        name: "controls",
        columns: vec![
            ("criterion", 10),
            ("title", 60),
            ("category", 18),
            ("status", 20),
            ("why", 60),
            ("required pass", 14),
            ("required", 10),
            ("attestations", 60),
            ("one is enough", 60),
        ],
    };
    controls.write(&mut book, control_rows(report).into_iter())?;
    let columns: Vec<_> = COLUMNS.into_iter().zip(WIDTHS).collect();
    let findings = Table {
        name: "findings",
        columns: columns.clone(),
    };
    let open = report
        .findings
        .iter()
        .zip(rows(report))
        .filter(|(finding, _)| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown));
    findings.write(&mut book, open.map(|(_, row)| row))?;
    let population = Table {
        name: "population",
        columns,
    };
    population.write(&mut book, rows(report))?;
    let coverage = Table {
        name: "coverage",
        columns: vec![
            ("kind", 32),
            ("account_or_cluster", 20),
            ("region_or_namespace", 20),
            ("outcome", 14),
            ("resources", 10),
            ("reason", 16),
            ("permission_or_operation", 36),
            ("detail", 80),
        ],
    };
    coverage.write(&mut book, coverage_rows(report).into_iter())?;
    for (table, rows) in [
        register::waivers(report),
        register::attestations(report),
        register::decisions(report),
    ] {
        if !rows.is_empty() {
            table.write(&mut book, rows.into_iter())?;
        }
    }
    book.save_to_buffer()
}

impl Table {
    fn write(
        &self,
        book: &mut Workbook,
        mut rows: impl Iterator<Item = Vec<String>>,
    ) -> Result<(), XlsxError> {
        let mut number = 1;
        loop {
            let mut sheet = Worksheet::new();
            if number == 1 {
                sheet.set_name(self.name)?;
            } else {
                sheet.set_name(format!("{} {number}", self.name))?;
            }
            number += 1;
            let more = self.fill(&mut sheet, &mut rows)?;
            book.push_worksheet(sheet);
            if !more {
                return Ok(());
            }
        }
    }

    /// Writes what fits, and says whether there may be more.
    fn fill(
        &self,
        sheet: &mut Worksheet,
        rows: &mut impl Iterator<Item = Vec<String>>,
    ) -> Result<bool, XlsxError> {
        let bold = Format::new().set_bold();
        let mut last = 0;
        for (column, (head, width)) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, *head, &bold)?;
            sheet.set_column_width(column, f64::from(*width))?;
            last = column;
        }
        sheet.set_freeze_panes(1, 0)?;
        let mut end = 0;
        for (row, cells) in (1_u32..).zip(rows.by_ref().take(ROWS - 1)) {
            for (column, cell) in (0_u16..).zip(cells) {
                match count(&cell) {
                    Some(number) => sheet.write_number(row, column, number)?,
                    None => sheet.write_string(row, column, shortened(&cell, LONGEST))?,
                };
            }
            end = row;
        }
        sheet.autofilter(0, 0, end, last)?;
        Ok(usize::try_from(end).is_ok_and(|end| end + 1 >= ROWS))
    }
}

/// A cell that is a small number. An account's twelve digits are a name.
fn count(cell: &str) -> Option<u32> {
    let plain =
        !cell.is_empty() && cell.len() <= 9 && cell.bytes().all(|byte| byte.is_ascii_digit());
    let padded = cell.len() > 1 && cell.starts_with('0');
    if plain && !padded {
        cell.parse().ok()
    } else {
        None
    }
}

fn summary() -> Table {
    Table {
        name: "summary",
        columns: vec![("what", 34), ("value", 100)],
    }
}

fn summary_rows(report: &Report) -> Vec<Vec<String>> {
    let mut rows: Vec<(String, String)> = vec![
        (
            "configuration as read at".to_owned(),
            report.taken_at.to_string(),
        ),
        (
            "read by".to_owned(),
            format!("{} {}", report.tool.name, report.tool.version),
        ),
        (
            "rulebook SHA-256".to_owned(),
            report.digests.rulebook.clone(),
        ),
        (
            "snapshot SHA-256".to_owned(),
            report.digests.snapshot.clone(),
        ),
        (
            "what this is".to_owned(),
            "information provided by management about one moment; not an opinion".to_owned(),
        ),
    ];
    let name = |identity: &Option<String>| {
        let unknown = || "an identity that could not be read".to_owned();
        identity.clone().unwrap_or_else(unknown)
    };
    for target in &report.targets {
        rows.push(match target {
            Target::Aws {
                account,
                identity,
                regions,
            } => (
                format!("AWS account {account}"),
                format!("{}; read as {}", regions.join(", "), name(identity)),
            ),
            Target::Manifests { paths, files, .. } => (
                format!("{} of manifests", text::counted(*files, "file")),
                paths.join(", "),
            ),
            Target::Kubernetes {
                cluster,
                identity,
                version,
            } => (
                format!("Kubernetes cluster {cluster}"),
                format!(
                    "{}; read as {}",
                    version.as_deref().unwrap_or("of unknown version"),
                    name(identity)
                ),
            ),
        });
    }
    for exclusion in &report.excluded {
        rows.push((
            format!("{} not scanned", exclusion.platform),
            exclusion.why.clone(),
        ));
    }
    for (status, count) in &report.summary.controls {
        rows.push((
            format!("criteria: {}", words(status.as_str())),
            count.to_string(),
        ));
    }
    for (status, count) in &report.summary.checks {
        rows.push((
            format!("checks: {}", words(status.as_str())),
            count.to_string(),
        ));
    }
    for bug in &report.rule_bugs {
        let what = format!("rule to mend: {}", bug.rule);
        rows.push((what, format!("{} ({})", bug.message, bug.resource)));
    }
    rows.into_iter()
        .map(|(what, value)| vec![inert(&what), inert(&value)])
        .collect()
}

fn control_rows(report: &Report) -> Vec<Vec<String>> {
    let rows = report.controls.iter().map(|control| {
        let required = || {
            let checks = control.checks.iter();
            checks.filter(|check| check.bearing == crate::model::Bearing::Required)
        };
        let passes = required().filter(|check| {
            matches!(
                check.status,
                CheckStatus::Pass | CheckStatus::PassWithWaiver
            )
        });
        let attestations = control.attestations.iter();
        let attestations: Vec<_> = attestations
            .map(|attested| format!("{}: {}", attested.topic, attested.state()))
            .collect();
        let groups: Vec<_> = control.groups.iter().map(members).collect();
        vec![
            inert(&control.id),
            inert(&control.title),
            words(control.category.as_str()),
            words(control.status.as_str()),
            inert(&control.why),
            passes.count().to_string(),
            required().count().to_string(),
            inert(&attestations.join("; ")),
            inert(&groups.join("; ")),
        ]
    });
    rows.collect()
}

fn coverage_rows(report: &Report) -> Vec<Vec<String>> {
    let rows = report.coverage.iter().map(|row| {
        let mut cells = vec![
            inert(row.kind.as_str()),
            inert(row.scope.owner()),
            inert(row.scope.place().unwrap_or_default()),
        ];
        let (outcome, count, unread) = match &row.seen {
            Seen::Complete { count } => ("complete", count.to_string(), None),
            Seen::NotInstalled => ("not installed", String::new(), None),
            Seen::Unread(unread) => ("unread", String::new(), Some(unread)),
        };
        cells.extend([outcome.to_owned(), count]);
        cells.extend(match unread {
            Some(unread) => [
                words(unread.reason.as_str()),
                inert(&text::missing(unread)),
                inert(&unread.detail),
            ],
            None => Default::default(),
        });
        cells
    });
    rows.collect()
}
