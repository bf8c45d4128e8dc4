//! `soc2scan check`: collect, evaluate, render.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::config::Config;
use super::gate::{self, Exit, FailOn};
use super::register;
use super::source::{self, Sources};
use super::terminal::Terminal;
use super::{Internal, Usage, format, severity};
use crate::collect::Plan;
use crate::evaluate::{Options, evaluate};
use crate::model::{Category, Report, Severity, criteria, criterion};
use crate::render::{Format, Look, render};
use crate::rules::Rulebook;

/// With no source named, the configuration file says what to scan; without one, AWS through the default credentials and
/// Kubernetes through the current context.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    source: source::Arguments,

    /// Save every answer, redacted, so that the scan can be replayed.
    #[arg(long, value_name = "DIR", help_heading = "Source")]
    record: Option<PathBuf>,

    /// Print the calls that would be made, and make none.
    #[arg(long, help_heading = "Source")]
    plan: bool,

    /// Only these rules; `aws.rds.*` takes all that match.
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Rules")]
    rule: Vec<String>,

    /// Only rules that bear on these criteria.
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Rules")]
    control: Vec<String>,

    /// Only rules of at least this severity.
    #[arg(long, value_parser = severity(), value_name = "SEVERITY", help_heading = "Rules")]
    severity: Option<Severity>,

    /// Add the rules in this folder; one with the id of a built-in rule replaces it.
    #[arg(long, value_name = "DIR", help_heading = "Rules")]
    rules: Option<PathBuf>,

    /// Read this file instead of soc2scan.yaml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    register: register::Arguments,

    /// The format of stdout, and of files whose name does not tell theirs.
    #[arg(long, value_parser = format(), value_name = "FORMAT", help_heading = "Output")]
    format: Option<Format>,

    /// Also write the report to this file; the extension chooses the format. Repeat for several.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,

    /// What makes the exit code other than 0.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        help_heading = "Gate"
    )]
    fail_on: Vec<FailOn>,

    /// Failing rules below this severity do not count for the exit code.
    #[arg(long, value_parser = severity(), value_name = "SEVERITY", help_heading = "Gate")]
    min_severity: Option<Severity>,
}

/// The categories that are in scope unless the configuration says otherwise: those that infrastructure bears on.
const DEFAULT_CATEGORIES: [Category; 3] = [
    Category::Security,
    Category::Availability,
    Category::Confidentiality,
];

pub fn run(
    arguments: &Arguments,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> miette::Result<Exit> {
    let config = Config::load(arguments.config.as_deref())?;
    let files = output_files(&arguments.output, arguments.format)?;
    let folders: Vec<PathBuf> = arguments
        .rules
        .clone()
        .or_else(|| config.rules.clone())
        .into_iter()
        .collect();
    let mut rulebook = super::rules::rulebook(&folders)?;
    set_params(&mut rulebook, &config.params)?;
    let selected = select(&rulebook, arguments)?;
    let written = register::read(
        &arguments.register,
        &config,
        arguments.config.as_deref(),
        &rulebook,
        terminal,
    )?;
    let plan = plan(&rulebook, selected.as_ref());
    let sources = Sources::choose(&arguments.source, &config)?;
    if arguments.plan {
        return super::print(out, sources.planned_calls(&plan));
    }
    let snapshot = sources.read(
        plan,
        &rulebook.digest,
        arguments.record.as_deref(),
        terminal,
    )?;
    let mut categories = config
        .categories
        .unwrap_or_else(|| DEFAULT_CATEGORIES.into_iter().collect());
    categories.insert(Category::Security);
    let options = Options {
        categories,
        selected,
        waivers: written.waivers,
        attestations: written.attestations,
        documents: written.documents,
        audit_period: config.audit_period.map(|period| (period.start, period.end)),
    };
    let report = evaluate(&snapshot, &rulebook, &options);
    for (path, format) in files {
        write_file(&path, &report, format)?;
    }
    let format = arguments.format.unwrap_or(Format::Table);
    super::print(out, render(&report, format, &terminal.look))?;
    for bug in &report.rule_bugs {
        let message = format!(
            "the rule {} is wrong for {}: {}",
            bug.rule, bug.resource, bug.message
        );
        terminal.complain(&Internal { message }.into());
    }
    let fail_on = if arguments.fail_on.is_empty() {
        config
            .fail_on
            .unwrap_or_else(|| BTreeSet::from([FailOn::Gap, FailOn::Unknown]))
    } else {
        arguments.fail_on.iter().copied().collect()
    };
    let min_severity = arguments.min_severity.or(config.min_severity);
    Ok(gate::exit(
        &report,
        &fail_on,
        min_severity.unwrap_or(Severity::Low),
    ))
}

fn set_params(
    rulebook: &mut Rulebook,
    params: &BTreeMap<String, BTreeMap<String, serde_json::Value>>,
) -> miette::Result<()> {
    for (rule, values) in params {
        for (param, value) in values {
            rulebook.set_param(rule, param, value.clone())?;
        }
    }
    Ok(())
}

/// The ids of the rules that the arguments choose; `None` for all of them.
fn select(rulebook: &Rulebook, arguments: &Arguments) -> miette::Result<Option<BTreeSet<String>>> {
    let named = matching(rulebook, &arguments.rule)?;
    for wanted in &arguments.control {
        if criterion(wanted).is_none() {
            let ids = criteria().iter().map(|criterion| criterion.id.as_str());
            let message = format!("there is no criterion {wanted:?}");
            return Err(
                Usage::new(message, did_you_mean(wanted, ids, "soc2scan controls list")).into(),
            );
        }
    }
    if arguments.rule.is_empty() && arguments.control.is_empty() && arguments.severity.is_none() {
        return Ok(None);
    }
    let chosen = rulebook.rules.iter().filter(|rule| {
        let by_id = arguments.rule.is_empty() || named.contains(&rule.id);
        let mut bears_on = rule.required.iter().chain(&rule.supporting);
        let by_control =
            arguments.control.is_empty() || bears_on.any(|id| arguments.control.contains(id));
        by_id
            && by_control
            && arguments
                .severity
                .is_none_or(|least| rule.severity >= least)
    });
    let chosen: BTreeSet<String> = chosen.map(|rule| rule.id.clone()).collect();
    if chosen.is_empty() {
        let help = "`soc2scan rules list` shows each rule's severity and criteria";
        return Err(Usage::new(
            "no rule is left by --rule, --control and --severity together",
            help,
        )
        .into());
    }
    Ok(Some(chosen))
}

/// The ids of the rules that are meant by these names; each name must mean one.
pub(crate) fn matching(rulebook: &Rulebook, names: &[String]) -> miette::Result<BTreeSet<String>> {
    let known = || rulebook.rules.iter().map(|rule| rule.id.as_str());
    let mut found = BTreeSet::new();
    for wanted in names {
        let meant: Vec<&str> = known().filter(|id| matches(wanted, id)).collect();
        if meant.is_empty() {
            let message = format!("there is no rule {wanted:?}");
            return Err(Usage::new(
                message,
                did_you_mean(wanted, known(), "soc2scan rules list"),
            )
            .into());
        }
        found.extend(meant.into_iter().map(str::to_owned));
    }
    Ok(found)
}

/// Whether an id is meant: itself, or by a prefix ending in `*`.
fn matches(wanted: &str, id: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => wanted == id,
    }
}

/// A suggestion for a name that does not exist.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    known: impl Iterator<Item = &'a str>,
    list: &str,
) -> String {
    let near = known
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((likeness, name)) if likeness > 0.8 => {
            format!("did you mean {name:?}? `{list}` shows all of them")
        }
        _ => format!("`{list}` shows all of them"),
    }
}

/// What the selected rules read, each kind once.
pub(crate) fn plan(rulebook: &Rulebook, selected: Option<&BTreeSet<String>>) -> Plan {
    let mut plan = Plan::default();
    for rule in &rulebook.rules {
        if selected.is_none_or(|ids| ids.contains(&rule.id)) {
            for (kind, fields) in rule.plan() {
                plan.kinds.entry(kind).or_default().extend(fields);
            }
        }
    }
    plan
}

/// The files to write, each with its format; a name that tells none takes `--format`.
fn output_files(
    paths: &[PathBuf],
    format: Option<Format>,
) -> miette::Result<Vec<(PathBuf, Format)>> {
    let mut files = Vec::new();
    for path in paths {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let format = extension
            .and_then(Format::from_extension)
            .or(format)
            .ok_or_else(|| {
                Usage::new(
                    format!(
                        "the name {} does not tell the report's format",
                        path.display()
                    ),
                    "use an extension such as .json or .md, or add --format",
                )
            })?;
        files.push((path.clone(), format));
    }
    Ok(files)
}

fn write_file(path: &Path, report: &Report, format: Format) -> miette::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, render(report, format, &Look::PLAIN)))
        .map_err(|error| {
            let message = format!("cannot write the report to {}: {error}", path.display());
            Usage::new(message, "name a file in a folder that you may write to").into()
        })
}
