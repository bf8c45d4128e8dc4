//! Sources: which accounts and clusters a scan reads, live or from a tape, and the reading of them.

#[cfg(feature = "live")]
mod live;
mod tape;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Usage;
use super::config::Config;
use super::terminal::Terminal;
use crate::collect::{self, Plan};
use crate::model::{Exclusion, Platform, Snapshot};
use crate::wire::Recording;
pub use tape::{lacking, recording, recording_in};

/// The folder of a bundle that holds the tape.
pub const EVIDENCE: &str = "evidence";

/// The part of the command line that names sources.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Scan AWS with the default credentials and region, unless said otherwise.
    #[arg(long, help_heading = "Source")]
    aws: bool,

    /// A profile of the shared AWS configuration.
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    profile: Option<String>,

    /// The AWS regions to scan.
    #[arg(
        long,
        value_name = "REGION",
        value_delimiter = ',',
        help_heading = "Source"
    )]
    region: Vec<String>,

    /// Scan every AWS region that is enabled for the account.
    #[arg(long, conflicts_with = "region", help_heading = "Source")]
    all_regions: bool,

    /// Scan the Kubernetes cluster of the current context, unless said otherwise.
    #[arg(long, help_heading = "Source")]
    kubernetes: bool,

    /// A context of the kubeconfig.
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    context: Option<String>,

    /// Read this kubeconfig.
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    kubeconfig: Option<PathBuf>,

    /// Read a recording, or the one in a bundle, instead of any account or cluster.
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Source",
        conflicts_with_all = ["aws", "profile", "region", "all_regions", "kubernetes", "context", "kubeconfig", "record", "plan"]
    )]
    replay: Option<PathBuf>,

    /// Read these files and folders of Kubernetes manifests instead of any account or cluster; - is standard input.
    #[arg(
        long,
        value_name = "PATH",
        num_args = 1..,
        help_heading = "Source",
        conflicts_with_all = ["aws", "profile", "region", "all_regions", "kubernetes", "context", "kubeconfig", "record", "replay"]
    )]
    manifests: Vec<PathBuf>,
}

/// What to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Sources {
    /// Accounts and clusters, over the network.
    Live {
        asked: Asked,
        /// Whether someone named them; otherwise what is not configured on this machine is out of scope.
        named: bool,
    },
    /// A recording.
    Tape(PathBuf),
    /// Files and folders of manifests.
    Manifests(Vec<PathBuf>),
}

/// The options of each platform that is asked. A tape's manifest holds them, so that a replay asks for the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<collect::aws::Options>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<collect::kubernetes::Options>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Exclusion>,
}

/// What was seen, and what bears it out.
#[derive(Debug)]
pub struct Scan {
    pub snapshot: Snapshot,
    pub evidence: Evidence,
}

/// What bears a snapshot out.
#[derive(Debug)]
pub enum Evidence {
    /// Every answer; live, only where it is kept.
    Recording(Box<Recording>),
    /// The SHA-256 of every file that was read, by name.
    Files(BTreeMap<String, String>),
    #[cfg_attr(
        not(feature = "live"),
        expect(dead_code, reason = "only a live scan may keep nothing")
    )]
    NotKept,
}

/// What becomes of the answers of a live scan.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(
    not(feature = "live"),
    expect(dead_code, reason = "only a live scan has answers to keep")
)]
pub struct Keep<'a> {
    /// The folder to record into.
    pub record: Option<&'a Path>,
    /// Whether the scan hands them back, as [`Evidence::Recording`].
    pub evidence: bool,
}

impl Sources {
    /// What the command line names, else what the configuration names, else both platforms.
    pub fn choose(arguments: &Arguments, config: &Config) -> miette::Result<Self> {
        if let Some(folder) = &arguments.replay {
            return Ok(Sources::Tape(folder.clone()));
        }
        if !arguments.manifests.is_empty() {
            return Ok(Sources::Manifests(arguments.manifests.clone()));
        }
        let wants_aws = arguments.aws
            || arguments.profile.is_some()
            || !arguments.region.is_empty()
            || arguments.all_regions;
        let wants_kubernetes =
            arguments.kubernetes || arguments.context.is_some() || arguments.kubeconfig.is_some();
        let by_arguments = wants_aws || wants_kubernetes;
        let by_config = config.aws.is_some() || config.kubernetes.is_some();
        let named = by_arguments || by_config;
        let (aws, kubernetes) = match (by_arguments, by_config) {
            (true, _) => (wants_aws, wants_kubernetes),
            (false, true) => (config.aws.is_some(), config.kubernetes.is_some()),
            (false, false) => (true, true),
        };
        let exclude = |platform, asked: bool| {
            let why = "not asked for".to_owned();
            (!asked).then_some(Exclusion { platform, why })
        };
        let excluded = exclude(Platform::Aws, aws)
            .into_iter()
            .chain(exclude(Platform::Kubernetes, kubernetes))
            .collect();
        let asked = Asked {
            aws: if aws {
                Some(aws_options(arguments, config)?)
            } else {
                None
            },
            kubernetes: kubernetes.then(|| kubernetes_options(arguments, config)),
            excluded,
        };
        Ok(Sources::Live { asked, named })
    }

    /// The calls that a plan takes, a line each.
    pub fn planned_calls(&self, plan: &Plan) -> String {
        let mut lines = Vec::new();
        if let Sources::Manifests(paths) = self {
            lines.extend(paths.iter().map(|path| format!("read {}", path.display())));
        }
        if let Sources::Live { asked, .. } = self {
            if let Some(options) = &asked.aws {
                lines.extend(collect::aws::planned_calls(plan, &options.regions));
            }
            if asked.kubernetes.is_some() {
                lines.extend(collect::kubernetes::planned_calls(plan));
            }
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// Reads everything that the plan needs. What cannot be read is part of the snapshot; an error means that there was
    /// nothing to read, or that what was named does not exist.
    pub fn read(
        &self,
        plan: Plan,
        rulebook: &str,
        keep: Keep<'_>,
        terminal: &Terminal,
    ) -> miette::Result<Scan> {
        match self {
            Sources::Manifests(paths) => read_manifests(paths, &plan, terminal),
            Sources::Tape(path) => {
                let recording = recording(path)?;
                Ok(Scan {
                    snapshot: replay(&recording, plan, terminal)?,
                    evidence: Evidence::Recording(Box::new(recording)),
                })
            }
            Sources::Live { asked, named } => live(asked, *named, plan, rulebook, keep, terminal),
        }
    }
}

/// What a recording gives again, and what the network gives.
#[cfg(feature = "live")]
pub use live::{live, replay};

/// A build without network ends has only files to read from.
#[cfg(not(feature = "live"))]
pub fn replay(_: &Recording, _: Plan, _: &Terminal) -> miette::Result<Snapshot> {
    Err(not_built())
}

#[cfg(not(feature = "live"))]
fn live(_: &Asked, _: bool, _: Plan, _: &str, _: Keep<'_>, _: &Terminal) -> miette::Result<Scan> {
    Err(not_built())
}

#[cfg(not(feature = "live"))]
fn not_built() -> miette::Report {
    let help = "build it with the features aws and kubernetes, which are on by default";
    Usage::new("this build of soc2scan cannot scan or replay", help).into()
}

fn read_manifests(paths: &[PathBuf], plan: &Plan, terminal: &Terminal) -> miette::Result<Scan> {
    let stdin = &mut std::io::stdin().lock();
    let read = collect::manifests::read(paths, stdin, plan, now()).map_err(|error| {
        let help = "name files or folders of YAML or JSON, or - for standard input";
        Usage::new(error.to_string(), help)
    })?;
    if read.objects == 0 && read.unread == 0 {
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let message = format!("there is no Kubernetes object in {}", names.join(", "));
        let help = "name files or folders that hold what `kubectl apply -f` would take; a chart or a kustomization \
                    must be rendered first: `helm template CHART | soc2scan check --manifests -`";
        return Err(Usage::new(message, help).into());
    }
    if let Some(note) = read.note() {
        terminal.tell(&crate::render::clean(&note));
    }
    Ok(Scan {
        snapshot: read.snapshot,
        evidence: Evidence::Files(read.files),
    })
}

/// The present, to the second: what a report's reader needs, and what survives a round trip through every format.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn aws_options(arguments: &Arguments, config: &Config) -> miette::Result<collect::aws::Options> {
    use collect::aws::Regions;
    let configured = config.aws.as_ref();
    let listed = if arguments.region.is_empty() {
        configured
            .map(|aws| aws.regions.clone())
            .unwrap_or_default()
    } else {
        arguments.region.clone()
    };
    for region in &listed {
        collect::aws::regions::check(region)
            .map_err(|error| Usage::new(error.to_string(), error.hint()))?;
    }
    let all = arguments.all_regions
        || (arguments.region.is_empty() && configured.is_some_and(|aws| aws.all_regions));
    Ok(collect::aws::Options {
        profile: arguments
            .profile
            .clone()
            .or_else(|| configured.and_then(|aws| aws.profile.clone())),
        regions: if all {
            Regions::All
        } else if listed.is_empty() {
            Regions::Home
        } else {
            Regions::Named(listed)
        },
        ..Default::default()
    })
}

fn kubernetes_options(arguments: &Arguments, config: &Config) -> collect::kubernetes::Options {
    let configured = config.kubernetes.as_ref();
    collect::kubernetes::Options {
        kubeconfig: arguments
            .kubeconfig
            .clone()
            .or_else(|| configured.and_then(|kubernetes| kubernetes.kubeconfig.clone())),
        context: arguments
            .context
            .clone()
            .or_else(|| configured.and_then(|kubernetes| kubernetes.context.clone())),
        ..Default::default()
    }
}
