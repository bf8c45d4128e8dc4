//! The command line: reads arguments, configuration, clock and environment, and turns what happened into an exit code.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one module that reads the clock and the environment"
)]

mod bundle;
mod check;
mod config;
mod controls;
mod diff;
mod gate;
mod history;
mod init;
mod output;
mod permissions;
mod register;
mod report;
mod resources;
mod rules;
mod sample;
mod scope;
mod source;
mod stored;
mod terminal;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, Parser, Subcommand};
use miette::Diagnostic;
use thiserror::Error;

pub use gate::{Exit, FailOn};
use terminal::Terminal;

use crate::model::Severity;
use crate::render::Format;

/// Says for every SOC 2 criterion what your AWS accounts and Kubernetes clusters evidence, where the gaps are, and what
/// could not be read. What was not read is unknown: never a pass.
#[derive(Debug, Parser)]
#[command(
    name = "soc2scan",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Arguments {
    /// When to use color.
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    color: terminal::When,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Scan accounts and clusters, or replay a recording, and report.
    Check(Box<check::Arguments>),
    /// Show a stored JSON report in another format, or the JSON Schema of reports.
    Report(report::ReportArgs),
    /// Check a bundle, or a folder of them: sums, chain, and whether the report follows from the evidence.
    Verify(verify::Arguments),
    /// Say what changed from one report to another.
    Diff(diff::Arguments),
    /// Say what a folder of reports noted over a period, for each criterion.
    History(history::Arguments),
    /// Draw a sample of a population by an auditor's seed.
    Sample(sample::Arguments),
    /// List, show, test and write rules.
    Rules(rules::RulesArgs),
    /// List and show the 61 criteria and what bears on each.
    Controls(controls::ControlsArgs),
    /// List and show the kinds of resources that rules can speak of.
    Resources(resources::ResourcesArgs),
    /// Print the exact permissions that a scan needs.
    Permissions(permissions::Arguments),
    /// Write files to start from: configuration, waivers, attestations.
    Init(init::Arguments),
    /// Print a completion script for a shell.
    Completions { shell: clap_complete::Shell },
    /// Print the manual page.
    Man,
}

/// A mistake of ours, not of the user's: it ends with exit code 70.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(help(
    "this is a bug of soc2scan or of a rule; please report it with the command that shows it"
))]
pub(crate) struct Internal {
    pub message: String,
}

/// A mistake in what was given: it ends with exit code 64.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub(crate) struct Usage {
    pub message: String,
    #[help]
    pub help: Option<String>,
}

impl Usage {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// Runs the command line and says how it ended. The report goes to stdout or files, everything else to stderr.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let line: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&line) {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = !error.use_stderr();
            // Nothing is left to do where even the usage cannot be printed.
            let _ = error.print();
            return if help { Exit::Clean } else { Exit::Usage };
        }
    };
    let terminal = Terminal::detect(arguments.color);
    let mut out = io::stdout().lock();
    let ended = dispatch(arguments.command, &line, &terminal, &mut out)
        .and_then(|exit| out.flush().map(|()| exit).map_err(write_failed));
    match ended {
        Ok(exit) => exit,
        Err(report) if report.downcast_ref::<ReaderGone>().is_some() => Exit::Clean,
        Err(report) => {
            terminal.complain(&report);
            if report.downcast_ref::<Internal>().is_some() {
                Exit::Internal
            } else {
                Exit::Usage
            }
        }
    }
}

fn dispatch(
    command: Command,
    line: &[OsString],
    terminal: &Terminal,
    out: &mut dyn Write,
) -> miette::Result<Exit> {
    match command {
        Command::Check(arguments) => check::run(&arguments, line, terminal, out),
        Command::Verify(arguments) => verify::run(&arguments, terminal, out),
        Command::Report(arguments) => report::run(arguments, &terminal.look, out),
        Command::Diff(arguments) => diff::run(&arguments, &terminal.look, out),
        Command::History(arguments) => history::run(&arguments, terminal, out),
        Command::Sample(arguments) => sample::run(&arguments, &terminal.look, out),
        Command::Rules(arguments) => rules::run(arguments, out),
        Command::Controls(arguments) => controls::run(arguments, out),
        Command::Resources(arguments) => resources::run(arguments, out),
        Command::Permissions(arguments) => permissions::run(&arguments, out),
        Command::Init(arguments) => init::run(&arguments, out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "soc2scan", &mut script);
            print(out, &script)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .map_err(write_failed)?;
            print(out, &page)
        }
    }
}

/// Parses the name of a severity.
pub(crate) fn severity() -> impl TypedValueParser<Value = Severity> {
    one_of(Severity::ALL.map(|severity| (severity.as_str(), severity)))
}

/// Parses the name of a report format.
pub(crate) fn format() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL.map(|format| (format.as_str(), format)))
}

/// Parses one of these names. The core's types do not know clap, so their names are given to it here.
fn one_of<T, const N: usize>(all: [(&'static str, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let names = all.map(|(name, _)| name);
    PossibleValuesParser::new(names).try_map(move |name| {
        let found = all.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).ok_or("not one of the names")
    })
}

/// Writes to stdout, and ends the command cleanly.
pub(crate) fn print(out: &mut dyn Write, bytes: impl AsRef<[u8]>) -> miette::Result<Exit> {
    out.write_all(bytes.as_ref()).map_err(write_failed)?;
    Ok(Exit::Clean)
}

/// Whoever read our output has seen enough (`| head`): no error of anyone's.
#[derive(Debug, Error, Diagnostic)]
#[error("the reader of the output has gone")]
struct ReaderGone;

pub(crate) fn write_failed(error: io::Error) -> miette::Report {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return ReaderGone.into();
    }
    Usage {
        message: format!("cannot write the output: {error}"),
        help: None,
    }
    .into()
}
