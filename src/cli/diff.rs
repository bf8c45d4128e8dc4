//! `soc2scan diff`: what changed from one report to another.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::stored::{self, Stored};
use super::{Exit, Usage, print};
use crate::examine::{Diff, diff, diff_snapshots};
use crate::render::{self, Look};

/// What changed from one report, snapshot or bundle to another. Exits with 0 whatever changed, unless told otherwise.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The earlier one: a JSON report, a snapshot, or a bundle.
    before: PathBuf,

    /// The later one, of the same sort.
    after: PathBuf,

    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,

    /// Exit with 1 where something fails that did not, and with 2 where something is unknown that was known.
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// For a terminal.
    #[default]
    Table,
    /// The contract soc2scan.diff/v1.
    Json,
    /// For a pull request or the summary of a CI step.
    Markdown,
}

pub fn run(arguments: &Arguments, look: &Look, out: &mut dyn Write) -> miette::Result<Exit> {
    let before = stored::open(&arguments.before)?;
    let after = stored::open(&arguments.after)?;
    let diff = match (&before, &after) {
        (Stored::Report(before), Stored::Report(after)) => diff(before, after),
        (Stored::Snapshot(before), Stored::Snapshot(after)) => diff_snapshots(before, after),
        _ => {
            let help = "name two reports, or two snapshots";
            return Err(Usage::new("a report cannot be compared with a snapshot", help).into());
        }
    };
    let text = match arguments.format {
        Form::Table => render::diff::table(&diff, look),
        Form::Json => render::diff::json(&diff),
        Form::Markdown => render::diff::markdown(&diff),
    };
    print(out, text)?;
    Ok(match arguments.exit_code {
        true => exit(&diff),
        false => Exit::Clean,
    })
}

fn exit(diff: &Diff) -> Exit {
    if diff.has_new_gap() {
        Exit::Gap
    } else if diff.has_new_unknown() {
        Exit::Unknown
    } else {
        Exit::Clean
    }
}
