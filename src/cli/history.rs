//! `soc2scan history`: what a folder of reports and bundles says of a period.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::civil::Date;
use miette::Diagnostic;

use super::config::Config;
use super::report::ReportError;
use super::terminal::Terminal;
use super::{Exit, Usage, print, stored};
use crate::bundle::{chain_faults, links};
use crate::examine::{Cadence, Frame, History, Remark, history};
use crate::model::Report;
use crate::render::{self, clean};

/// What scans of a period noted, for each criterion: when they looked, the longest that nobody looked, what was open and
/// for how long. It says what was noted, never that a control works.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A folder of bundles and of JSON reports.
    folder: PathBuf,

    /// How often a scan is wanted: 12h, 1d, 2w. Days are days of the calendar, in UTC.
    #[arg(long, value_name = "TIME", default_value_t = Cadence::DAILY)]
    cadence: Cadence,

    /// The first day and the last, 2026-01-01..2026-06-30; else `audit_period` of the configuration.
    #[arg(long, value_name = "START..END", value_parser = period)]
    period: Option<(Date, Date)>,

    /// Only scans of this account or cluster.
    #[arg(long, value_name = "ID")]
    target: Option<String>,

    /// Read this file instead of soc2scan.yaml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// For a terminal.
    #[default]
    Table,
    /// The contract soc2scan.history/v1.
    Json,
    /// A row for each criterion.
    Csv,
    /// For an examiner: one self-contained page, on screen and on paper.
    Html,
}

pub fn run(
    arguments: &Arguments,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> miette::Result<Exit> {
    let configured = || -> miette::Result<Option<(Date, Date)>> {
        let config = Config::load(arguments.config.as_deref())?;
        Ok(config.audit_period.map(|period| (period.start, period.end)))
    };
    let period = match arguments.period {
        Some(period) => Some(period),
        None => configured()?,
    };
    if period.is_some_and(|(start, end)| end < start) {
        let help = "put the first day before the last: 2026-01-01..2026-06-30";
        return Err(Usage::new("the period ends before it begins", help).into());
    }
    let (mut reports, mut left_out) = read(&arguments.folder)?;
    if let Some(target) = &arguments.target {
        let (kept, other) = reports
            .into_iter()
            .partition(|(_, report): &Named| is_of(report, target));
        reports = kept;
        left_out.extend(other.into_iter().map(|(source, _)| Remark {
            source,
            why: format!("not of {target}"),
        }));
    }
    let frame = Frame {
        cadence: arguments.cadence,
        period,
        now: Timestamp::now(),
    };
    let mut history = history(reports, frame, left_out);
    if history.scans.is_empty() {
        return Err(nothing(&arguments.folder, &history).into());
    }
    // Who alters a bundle and its sums is found by the bundle that follows it.
    let links = links(&arguments.folder).map_err(ReportError::from)?;
    let broken = chain_faults(&links).into_iter();
    history.chain = broken
        .map(|fault| Remark {
            source: fault.of,
            why: fault.why,
        })
        .collect();
    let text = match arguments.format {
        Form::Table => render::history::table(&history, &terminal.look),
        Form::Json => render::history::json(&history),
        Form::Csv => render::history::csv(&history),
        Form::Html => render::history::html(&history),
    };
    if matches!(arguments.format, Form::Csv) {
        // A table has no place for it.
        for left in &history.left_out {
            terminal.tell(&format!("left out: {}", said(left)));
        }
        for broken in &history.chain {
            terminal.tell(&format!("chain: {}", said(broken)));
        }
    }
    print(out, text)
}

/// A report, and what it was read from.
type Named = (String, Report);

fn period(text: &str) -> Result<(Date, Date), String> {
    let refused = || "it is the first day and the last: 2026-01-01..2026-06-30".to_owned();
    let (start, end) = text.split_once("..").ok_or_else(refused)?;
    let day = |text: &str| text.parse::<Date>().map_err(|_| refused());
    Ok((day(start)?, day(end)?))
}

fn is_of(report: &Report, wanted: &str) -> bool {
    let mut targets = report.targets.iter();
    targets.any(|target| target.owner() == wanted || target.to_string() == wanted)
}

/// Everything in the folder, in the order of its names: the reports, and what is none, and why.
fn read(folder: &Path) -> miette::Result<(Vec<Named>, Vec<Remark>)> {
    let unreadable = |error: std::io::Error| {
        let message = format!("cannot read the folder {}: {error}", folder.display());
        Usage::new(message, "name a folder of reports and bundles")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    let mut reports = Vec::new();
    let mut left_out = Vec::new();
    for path in paths {
        let source = path.file_name().unwrap_or(path.as_os_str());
        let source = source.to_string_lossy().into_owned();
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let why = match path.is_dir() {
            true if !stored::is_bundle(&path) => "a folder that is no bundle".to_owned(),
            false if !is_json && !stored::is_bundle(&path) => {
                "neither a JSON report nor a bundle".to_owned()
            }
            _ => match stored::report(&path) {
                Ok(report) => {
                    reports.push((source, report));
                    continue;
                }
                Err(error) => error.to_string(),
            },
        };
        left_out.push(Remark { source, why });
    }
    Ok((reports, left_out))
}

fn said(left: &Remark) -> String {
    format!("{}: {}", clean(&left.source), clean(&left.why))
}

#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("there is no scan to tell of in {}", .folder.display())]
struct Nothing {
    folder: PathBuf,
    #[help]
    left_out: String,
}

/// No history, and what was found instead.
fn nothing(folder: &Path, history: &History) -> Nothing {
    const NAMED: usize = 5;
    let mut lines: Vec<_> = history.left_out.iter().take(NAMED).map(said).collect();
    if let Some(more) = history
        .left_out
        .len()
        .checked_sub(NAMED)
        .filter(|more| *more > 0)
    {
        lines.push(format!("and {more} more"));
    }
    if lines.is_empty() {
        lines.push("it is empty; `soc2scan check -o DIR/report.json` writes a report".to_owned());
    }
    Nothing {
        folder: folder.to_owned(),
        left_out: lines.join("\n"),
    }
}
