//! `soc2scan sample`: draws from a population by an auditor's seed.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::report::{bytes, parse};
use super::{Exit, Usage, print};
use crate::examine::sample;
use crate::model::{CheckCoverage, CheckReport, CheckStatus, Outcome, Report, Seen, sha256};
use crate::render::sample::{Population, not_read};
use crate::render::{self, Look, cause};

/// The columns that hold the ids of resources, unless one is named: the first of these that is there.
const COLUMNS: [&str; 3] = ["resource_id", "resource", "id"];

/// The column of a population of ours that says whether the rule applies, and what it says where it does not.
const OUTCOME: &str = "outcome";
const NOT_APPLICABLE: &str = "not_applicable";

/// Draw a sample of a population. Whoever has the seed and the population draws the same; the auditor chooses the seed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The population: a CSV file with a header, such as population/RULE.csv of a bundle.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "report",
        conflicts_with = "report"
    )]
    population: Option<PathBuf>,

    /// The column that holds the ids [default: resource_id, resource or id].
    #[arg(long, value_name = "NAME", requires = "population")]
    column: Option<String>,

    /// Only rows that have this value in this column: outcome=pass. Rows with the outcome not_applicable are left out
    /// unless they are asked for.
    #[arg(long, value_name = "COLUMN=VALUE", requires = "population", value_parser = only)]
    only: Vec<(String, String)>,

    /// Take the population from a JSON report: the resources that --rule judges and applies to.
    #[arg(long, value_name = "FILE", requires = "rule")]
    report: Option<PathBuf>,

    /// The rule whose population it is.
    #[arg(long, value_name = "ID", conflicts_with = "population")]
    rule: Option<String>,

    /// How many to draw.
    #[arg(short, long, value_name = "COUNT")]
    n: usize,

    /// Any text, chosen by the auditor.
    #[arg(long, value_name = "TEXT")]
    seed: String,

    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// For a terminal.
    #[default]
    Table,
    /// A row for each of the sample, with how it was drawn.
    Csv,
    /// The contract soc2scan.sample/v1.
    Json,
}

pub fn run(arguments: &Arguments, look: &Look, out: &mut dyn Write) -> miette::Result<Exit> {
    let path = arguments
        .population
        .as_deref()
        .or(arguments.report.as_deref());
    let path = path.unwrap_or(Path::new(""));
    let bytes = bytes(path)?;
    let Items {
        ids,
        what,
        not_applicable,
        unread,
    } = match &arguments.rule {
        Some(rule) => judged(&parse(path, &bytes)?, rule)?,
        None => column(path, &bytes, arguments)?,
    };
    if ids.is_empty() {
        let message = format!("there is nothing to draw from in {}", path.display());
        let help = match unread {
            Some(unread) if !unread.is_empty() => not_read(&unread),
            _ if not_applicable > 0 => format!("the rule applies to no resource ({what})"),
            _ => format!("it has no resource ({what})"),
        };
        return Err(Usage::new(message, help).into());
    }
    let sample = sample(&ids, arguments.n, &arguments.seed);
    let population = Population {
        source: format!("{}, {what}", path.display()),
        sha256: sha256(&bytes),
        not_applicable,
        unread,
    };
    let text = match arguments.format {
        Form::Table => render::sample::table(&sample, &population, look),
        Form::Csv => render::sample::csv(&sample, &population),
        Form::Json => render::sample::json(&sample, &population),
    };
    print(out, text)
}

fn only(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("write it COLUMN=VALUE")?;
    Ok((column.to_owned(), value.to_owned()))
}

/// What to draw from.
struct Items {
    ids: Vec<String>,
    /// The column or the rule.
    what: String,
    not_applicable: usize,
    unread: Option<Vec<String>>,
}

/// The resources that a rule judges and applies to.
fn judged(report: &Report, rule: &str) -> miette::Result<Items> {
    let checks = report.by_rule();
    let Some(check) = checks.get(rule) else {
        let message = format!("the report has no rule {rule:?}");
        let help = super::check::did_you_mean(rule, checks.into_keys(), "soc2scan rules list");
        return Err(Usage::new(message, help).into());
    };
    let findings = report.findings.iter();
    let (not_applicable, judged): (Vec<_>, Vec<_>) = findings
        .filter(|finding| finding.rule == rule)
        .partition(|finding| finding.outcome == Outcome::NotApplicable);
    let judged = judged.iter();
    Ok(Items {
        ids: judged
            .map(|finding| finding.resource.id.to_string())
            .collect(),
        what: format!("rule {rule}"),
        not_applicable: not_applicable.len(),
        unread: Some(unread(report, check)),
    })
}

/// The lists that may hold more of what a rule judges: each kind and place, and why it was not read.
fn unread(report: &Report, check: &CheckReport) -> Vec<String> {
    if check.status == CheckStatus::NotRun {
        return vec!["the rule was not run".to_owned()];
    }
    if check.coverage == CheckCoverage::Complete {
        return Vec::new();
    }
    let rows = report.coverage.iter();
    let mut unread: Vec<String> = rows
        .filter(|row| check.resource.contains(&row.kind))
        .filter_map(|row| match &row.seen {
            Seen::Unread(unread) => {
                Some(format!("{} in {}: {}", row.kind, row.scope, cause(unread)))
            }
            Seen::Complete { .. } | Seen::NotInstalled => None,
        })
        .collect();
    if unread.is_empty() {
        unread.push("not every place was asked".to_owned());
    }
    unread
}

/// The ids in a column. What a rule does not apply to is no part of its population.
fn column(path: &Path, bytes: &[u8], arguments: &Arguments) -> miette::Result<Items> {
    let broken = |error: csv::Error| {
        let message = format!("{} is not a table: {error}", path.display());
        Usage::new(message, "a population is CSV with a header, UTF-8")
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let heads = reader.headers().map_err(broken)?.clone();
    let position = |name: &str| heads.iter().position(|head| head == name);
    let found = |name: &str| {
        position(name).ok_or_else(|| {
            let heads: Vec<_> = heads.iter().collect();
            let message = format!("{} has no column {name:?}", path.display());
            Usage::new(message, format!("it has: {}", heads.join(", ")))
        })
    };
    let name = match &arguments.column {
        Some(name) => name.as_str(),
        None => {
            let usual = COLUMNS.into_iter().find(|name| position(name).is_some());
            usual.ok_or_else(|| {
                let heads: Vec<_> = heads.iter().collect();
                let message = format!("{} has no column of ids", path.display());
                let help = format!("name one with --column; it has: {}", heads.join(", "));
                Usage::new(message, help)
            })?
        }
    };
    let id = found(name)?;
    let mut wanted = Vec::new();
    for (column, value) in &arguments.only {
        wanted.push((found(column)?, value.as_str()));
    }
    let named = |(column, _): &(String, String)| column == OUTCOME;
    let outcome = position(OUTCOME).filter(|_| !arguments.only.iter().any(named));
    let mut ids = Vec::new();
    let mut not_applicable = 0;
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let is_wanted = wanted
            .iter()
            .all(|(column, value)| record.get(*column) == Some(value));
        if is_wanted && outcome.and_then(|at| record.get(at)) == Some(NOT_APPLICABLE) {
            not_applicable += 1;
        } else if is_wanted && let Some(id) = record.get(id) {
            if id.trim().is_empty() {
                let line = record.position().map_or(0, csv::Position::line);
                let message = format!("{}:{line} has nothing in column {name}", path.display());
                let help = "every row is an item of the population: leave others out with --only COLUMN=VALUE";
                return Err(Usage::new(message, help).into());
            }
            ids.push(id.to_owned());
        }
    }
    let mut what = format!("column {name}");
    for (column, value) in &arguments.only {
        what.push_str(&format!(", only {column}={value}"));
    }
    Ok(Items {
        ids,
        what,
        not_applicable,
        unread: None,
    })
}
