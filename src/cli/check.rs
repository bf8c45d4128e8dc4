//! `soc2scan check`: collect, evaluate, render.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::bundle::{self, Making};
use super::config::Config;
use super::gate::{self, Exit, FailOn};
use super::output::outputs;
use super::register;
use super::scope::{Scope, set_params};
use super::source::{self, Keep, Sources};
use super::terminal::Terminal;
use super::{Internal, Usage, format, severity, stored};
use crate::collect::Plan;
use crate::evaluate::evaluate;
use crate::examine::compare;
use crate::glob::glob;
use crate::model::{Category, Report, Severity, criteria, criterion};
use crate::render::{Format, render};
use crate::rules::{Rule, Rulebook};
use crate::suggest::nearest;

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

    /// Also write the report to this file; its name chooses the format. Repeat for several.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,

    #[command(flatten)]
    bundle: bundle::Arguments,

    /// What makes the exit code other than 0.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        help_heading = "Gate"
    )]
    fail_on: Vec<FailOn>,

    /// Count only what is not in this earlier report; what is in it stays listed.
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    baseline: Option<PathBuf>,

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
    line: &[OsString],
    terminal: &Terminal,
    out: &mut dyn Write,
) -> miette::Result<Exit> {
    let config = Config::load(arguments.config.as_deref())?;
    let files = outputs(&arguments.output, arguments.format)?;
    let target = arguments.bundle.target()?;
    let folders: Vec<PathBuf> = arguments
        .rules
        .clone()
        .or_else(|| Some(arguments.folder().join(config.rules.as_ref()?)))
        .into_iter()
        .collect();
    let mut rulebook = super::rules::rulebook(&folders)?;
    set_params(&config.params, &mut rulebook)?;
    let selected = select(&rulebook, arguments)?;
    let mut written = register::read(
        &arguments.register,
        &config,
        arguments.config.as_deref(),
        &rulebook,
        terminal,
    )?;
    let name = |file: &Option<register::File>| file.as_ref().map(register::File::name);
    let mut scope = Scope {
        categories: config
            .categories
            .clone()
            .unwrap_or_else(|| DEFAULT_CATEGORIES.into_iter().collect()),
        not_applicable: config.decisions.clone(),
        selected,
        params: config.params.clone(),
        audit_period: config.audit_period,
        max_waiver_days: written.max_waiver_days,
        waivers: name(&written.waivers_file),
        attestations: name(&written.attestations_file),
        documents: written.documents.clone(),
    };
    scope.categories.insert(Category::Security);
    let plan = scope.plan(&rulebook);
    // Before anything is scanned: one that cannot be read is an error, never no baseline.
    let baseline = baseline(arguments, &config)?;
    let sources = Sources::choose(&arguments.source, &config)?;
    if arguments.plan {
        return super::print(out, sources.planned_calls(&plan));
    }
    for file in &files {
        file.try_place()?;
    }
    let keep = Keep {
        record: arguments.record.as_deref(),
        evidence: target.is_some(),
    };
    let scan = sources.read(plan, &rulebook.digest, keep, terminal)?;
    let options = scope.options(
        std::mem::take(&mut written.waivers),
        std::mem::take(&mut written.attestations),
    );
    let mut report = evaluate(&scan.snapshot, &rulebook, &options);
    // One place that cannot be written to takes nothing from the others.
    let mut failed = Vec::new();
    if let Some(target) = target {
        let formats = files.iter().map(|file| file.format);
        let making = Making {
            rulebook: &rulebook,
            register: &written,
            scope: &scope,
            scan: &scan,
            live: !matches!(sources, Sources::Tape(_)),
            report: &report,
            config: config.text.as_deref(),
            formats: formats.chain(arguments.format).collect(),
            line,
            ended_at: source::now(),
        };
        match target.write(&making) {
            Ok(path) => terminal.tell(&format!("the bundle is {}", path.display())),
            Err(error) => failed.push(error),
        }
    }
    // What is new is a matter of the gate, not of the evidence.
    if let Some(baseline) = &baseline {
        failed.extend(compare_with(&mut report, baseline).err());
    }
    for file in &files {
        failed.extend(file.write(&report, &files).err());
    }
    let format = arguments.format.unwrap_or(Format::Table);
    let printed = super::print(out, render(&report, format, &terminal.look));
    for bug in &report.rule_bugs {
        let message = format!(
            "the rule {} is wrong for {}: {}",
            bug.rule, bug.resource, bug.message
        );
        terminal.complain(&Internal { message }.into());
    }
    let last = failed.pop();
    for error in &failed {
        terminal.complain(error);
    }
    last.map_or(Ok(()), Err)?;
    printed?;
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

impl Arguments {
    /// The folder of the configuration, which its paths start from.
    fn folder(&self) -> &Path {
        let folder = self.config.as_deref().and_then(Path::parent);
        folder.unwrap_or(Path::new(""))
    }
}

/// Marks what is new in a report, where the baseline is of the same.
pub(crate) fn compare_with(report: &mut Report, baseline: &Report) -> miette::Result<()> {
    let help = "name a report of the same account, cluster or manifests with --baseline";
    compare(report, baseline).map_err(|error| Usage::new(error.to_string(), help).into())
}

/// The report that `--baseline` or the configuration names, from the folder of the configuration.
fn baseline(arguments: &Arguments, config: &Config) -> miette::Result<Option<Report>> {
    let configured = config.baseline.as_ref();
    let path = arguments
        .baseline
        .clone()
        .or_else(|| configured.map(|path| arguments.folder().join(path)));
    match path {
        Some(path) => Ok(Some(stored::report(&path)?)),
        None => Ok(None),
    }
}

/// The ids of the rules that the arguments choose; `None` for all of them.
fn select(rulebook: &Rulebook, arguments: &Arguments) -> miette::Result<Option<BTreeSet<String>>> {
    let named = matching(rulebook, &arguments.rule)?;
    for rule in &rulebook.rules {
        if let (false, Some(param)) = (rule.is_opted_in(), &rule.opt_in)
            && arguments.rule.contains(&rule.id)
        {
            let message = format!(
                "{} reads samples of content, and nothing says of what",
                rule.id
            );
            let help = format!(
                "name it in soc2scan.yaml: params: {{ {}: {{ {param}: [...] }} }}; `soc2scan rules show {}` says what it keeps",
                rule.id, rule.id
            );
            return Err(Usage::new(message, help).into());
        }
    }
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
    let mut chosen: BTreeSet<String> = chosen.map(|rule| rule.id.clone()).collect();
    if arguments.rule.is_empty() {
        // What is enough in place of a rule is asked with it.
        let rules = rulebook.rules.iter();
        let asked = rules.filter(|rule| chosen.contains(&rule.id));
        let instead: Vec<_> = asked.flat_map(|rule| rule.any_of.clone()).collect();
        chosen.extend(instead);
    }
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
        let meant: Vec<&str> = known().filter(|id| glob(wanted, id)).collect();
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

/// A suggestion for a name that does not exist.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    known: impl Iterator<Item = &'a str>,
    list: &str,
) -> String {
    match nearest(wanted, known) {
        Some(name) => format!("did you mean {name:?}? `{list}` shows all of them"),
        None => format!("`{list}` shows all of them"),
    }
}

/// What the rules read, each kind once.
pub(crate) fn plan<'a>(rules: impl Iterator<Item = &'a Rule>) -> Plan {
    let mut plan = Plan::default();
    for rule in rules {
        for (kind, fields) in rule.plan() {
            plan.kinds.entry(kind).or_default().extend(fields);
        }
        for pattern in rule.samples().into_iter().flatten() {
            for kind in &rule.resource {
                let samples = plan.samples.entry(kind.clone()).or_default();
                samples.insert(pattern.clone());
            }
        }
    }
    plan
}
