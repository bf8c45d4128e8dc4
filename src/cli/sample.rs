//! `soc2scan sample`: draws from a population by an auditor's seed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::report::{bytes, parse};
use super::{Exit, Usage, print};
use crate::examine::sample;
use crate::model::{Outcome, Report, sha256};
use crate::render::sample::Population;
use crate::render::{self, Look};

/// The columns that hold the ids of resources, unless one is named: the first of these that is there.
const COLUMNS: [&str; 3] = ["resource_id", "resource", "id"];

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

    /// Only rows that have this value in this column: outcome=pass.
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
    let (ids, what) = match &arguments.rule {
        Some(rule) => (judged(&parse(path, &bytes)?, rule)?, format!("rule {rule}")),
        None => column(path, &bytes, arguments)?,
    };
    if ids.is_empty() {
        let message = format!("there is nothing to draw from in {}", path.display());
        return Err(Usage::new(message, format!("it has no resource ({what})")).into());
    }
    let sample = sample(&ids, arguments.n, &arguments.seed);
    let population = Population {
        source: format!("{}, {what}", path.display()),
        sha256: sha256(&bytes),
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

/// The resources that a rule judges and applies to.
fn judged(report: &Report, rule: &str) -> miette::Result<Vec<String>> {
    let known: BTreeSet<&str> = report
        .checks
        .iter()
        .map(|check| check.rule.as_str())
        .collect();
    if !known.contains(rule) {
        let message = format!("the report has no rule {rule:?}");
        let help = super::check::did_you_mean(rule, known.into_iter(), "soc2scan rules list");
        return Err(Usage::new(message, help).into());
    }
    let findings = report.findings.iter();
    Ok(findings
        .filter(|finding| finding.rule == rule && finding.outcome != Outcome::NotApplicable)
        .map(|finding| finding.resource.id.to_string())
        .collect())
}

/// The ids in a column, and what that column is.
fn column(
    path: &Path,
    bytes: &[u8],
    arguments: &Arguments,
) -> miette::Result<(Vec<String>, String)> {
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
    let mut ids = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let is_wanted = wanted
            .iter()
            .all(|(column, value)| record.get(*column) == Some(value));
        if is_wanted && let Some(id) = record.get(id) {
            ids.push(id.to_owned());
        }
    }
    let mut what = format!("column {name}");
    for (column, value) in &arguments.only {
        what.push_str(&format!(", only {column}={value}"));
    }
    Ok((ids, what))
}
