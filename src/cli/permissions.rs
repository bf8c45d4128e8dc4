//! `soc2scan permissions`: exactly what a scan must be allowed to read, and nothing else.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Exit;
use super::check::{matching, plan};
use crate::collect::{aws, kubernetes};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    #[command(subcommand)]
    platform: Platform,
}

#[derive(Debug, Subcommand)]
enum Platform {
    /// An IAM policy, as JSON.
    Aws {
        /// Allow what `check --all-regions` needs.
        #[arg(long)]
        all_regions: bool,
        #[command(flatten)]
        rules: Selection,
    },
    /// A ClusterRole, as YAML.
    Kubernetes {
        #[command(flatten)]
        rules: Selection,
    },
}

#[derive(Debug, Args)]
#[group(skip)]
struct Selection {
    /// Only for these rules; `aws.rds.*` takes all that match.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Also for the rules in this folder.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, out: &mut dyn Write) -> miette::Result<Exit> {
    let (Platform::Aws {
        rules: selection, ..
    }
    | Platform::Kubernetes { rules: selection }) = &arguments.platform;
    let folders: Vec<PathBuf> = selection.rules.clone().into_iter().collect();
    let rulebook = super::rules::rulebook(&folders)?;
    let chosen: BTreeSet<String> = matching(&rulebook, &selection.rule)?;
    // What samples is asked for by name: here, or by the parameter that a configuration sets.
    let plan = plan(rulebook.rules.iter().filter(|rule| {
        chosen.contains(&rule.id) || selection.rule.is_empty() && rule.is_opted_in()
    }));
    let text = match &arguments.platform {
        Platform::Aws { all_regions, .. } => format!("{:#}\n", aws::policy(&plan, *all_regions)),
        Platform::Kubernetes { .. } => kubernetes::cluster_role(&plan),
    };
    super::print(out, text)
}
