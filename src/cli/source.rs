//! Sources: which accounts and clusters a scan reads, live or from a tape, and the reading of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Usage;
use super::config::Config;
use super::terminal::Terminal;
use crate::bundle::Bundle;
use crate::collect::{self, Plan};
use crate::model::{Exclusion, Platform, Snapshot};
use crate::wire::{Manifest, Recording, TapeError};

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
                lines.extend(collect::aws::planned_calls(plan, &options.regions.names()));
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
pub use network::{live, replay};

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

/// A feature that this build lacks and that a recording needs.
pub fn lacking(recording: &Recording) -> Option<&'static str> {
    let asked = &recording.manifest.sources;
    let needs = |platform: &str| asked.get(platform).is_some_and(|asked| !asked.is_null());
    if needs("aws") && !cfg!(feature = "aws") {
        return Some("aws");
    }
    (needs("kubernetes") && !cfg!(feature = "kubernetes")).then_some("kubernetes")
}

/// The recording at a path: a folder that `--record` wrote, one that holds it, or a bundle.
pub fn recording(path: &Path) -> miette::Result<Recording> {
    let read = if path.is_file() {
        let bundle = Bundle::open(path)
            .map_err(|error| Usage::new(error.to_string(), "name a tape's folder, or a bundle"))?;
        recording_in(&bundle, path)
    } else {
        Recording::read(&within(path))
    };
    read.map_err(refused)
}

/// The recording in a bundle; `path` is the bundle's, for messages.
pub fn recording_in(bundle: &Bundle, path: &Path) -> Result<Recording, TapeError> {
    let root = path.join(EVIDENCE);
    Recording::fetch(&root, |name| {
        let text = bundle.text(&format!("{EVIDENCE}/{name}"));
        text.map(str::to_owned).ok_or_else(|| match name {
            Manifest::FILE => TapeError::Missing(root.clone()),
            _ => TapeError::Read {
                path: root.join(name),
                source: std::io::ErrorKind::NotFound.into(),
            },
        })
    })
}

/// The tape's own folder: the one named, or the one in it, as in fixtures and bundles.
fn within(folder: &Path) -> PathBuf {
    let inside = ["tape", EVIDENCE].map(|name| folder.join(name));
    let mut inside = inside.into_iter().filter(|inside| Manifest::is_in(inside));
    inside.next().unwrap_or_else(|| folder.to_owned())
}

fn refused(error: TapeError) -> miette::Report {
    let help = match &error {
        TapeError::Missing(_) => {
            "name a folder that `soc2scan check --record` wrote, or a bundle of such a scan"
        }
        TapeError::Exists(_) => "name another folder, or remove this one",
        TapeError::Altered { .. } => {
            "take the tape again from where it was recorded: no report follows from this one"
        }
        _ => "record the tape again with `soc2scan check --record`",
    };
    Usage::new(error.to_string(), help).into()
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

#[cfg(feature = "live")]
mod network {
    use std::sync::Arc;

    use indicatif::{ProgressBar, ProgressStyle};
    use tokio::sync::watch;

    use super::super::Internal;
    use super::*;
    use crate::collect::{Observer, Progress, Scan as Asking, Stop};
    use crate::wire::Wire;

    pub fn live(
        asked: &Asked,
        named: bool,
        plan: Plan,
        rulebook: &str,
        keep: Keep<'_>,
        terminal: &Terminal,
    ) -> miette::Result<Scan> {
        if let Some(folder) = keep.record.filter(|folder| Manifest::is_in(folder)) {
            return Err(refused(TapeError::Exists(folder.to_owned())));
        }
        let taken_at = now();
        let kept = keep.record.is_some() || keep.evidence;
        let wire = Arc::new(if kept { Wire::record() } else { Wire::live() });
        let scan = scan(asked, named, plan, taken_at, Arc::clone(&wire), terminal);
        let (snapshot, resolved) = runtime()?.block_on(scan)?;
        if !kept {
            let evidence = Evidence::NotKept;
            return Ok(Scan { snapshot, evidence });
        }
        let manifest = Manifest::new(taken_at, rulebook, serde_json::json!(resolved));
        let recording = wire.tape().record(manifest);
        if let Some(folder) = keep.record {
            recording.write(folder).map_err(refused)?;
        }
        Ok(Scan {
            snapshot,
            evidence: Evidence::Recording(Box::new(recording)),
        })
    }

    pub fn replay(
        recording: &Recording,
        plan: Plan,
        terminal: &Terminal,
    ) -> miette::Result<Snapshot> {
        let tape = recording.tape().map_err(refused)?;
        let manifest = &recording.manifest;
        let asked: Asked = serde_json::from_value(manifest.sources.clone()).map_err(|error| {
            let message = format!("the tape's manifest names no sources: {error}");
            Usage::new(message, "record the tape again with this version")
        })?;
        let wire = Arc::new(Wire::replay(tape));
        let scan = scan(&asked, true, plan, manifest.taken_at, wire, terminal);
        let (snapshot, _) = runtime()?.block_on(scan)?;
        Ok(snapshot)
    }

    fn runtime() -> miette::Result<tokio::runtime::Runtime> {
        tokio::runtime::Runtime::new().map_err(|error| {
            let message = format!("cannot start the asynchronous runtime: {error}");
            Internal { message }.into()
        })
    }

    /// Reads both platforms at once, and says what was asked in the end.
    async fn scan(
        asked: &Asked,
        named: bool,
        plan: Plan,
        taken_at: Timestamp,
        wire: Arc<Wire>,
        terminal: &Terminal,
    ) -> miette::Result<(Snapshot, Asked)> {
        let (stopper, stop) = watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                let _ = stopper.send(true);
            }
            // Kept so that a scan without an interrupt never sees the channel closed.
            std::future::pending::<()>().await;
        });
        let (bar, progress) = progress(terminal, wire.is_replay());
        let scan = Asking {
            plan,
            taken_at,
            wire: Arc::clone(&wire),
            stop: Stop::new(stop),
            progress,
        };
        let mut resolved = asked.clone();
        let mut snapshot = Snapshot::empty(taken_at);

        #[cfg(feature = "aws")]
        let aws = open_aws(&mut resolved, named, &wire).await?;
        #[cfg(not(feature = "aws"))]
        if resolved.aws.is_some() {
            return Err(not_built("aws"));
        }
        #[cfg(feature = "kubernetes")]
        let kubernetes = open_kubernetes(&mut resolved, named, &wire).await?;
        #[cfg(not(feature = "kubernetes"))]
        if resolved.kubernetes.is_some() {
            return Err(not_built("kubernetes"));
        }
        if resolved.aws.is_none() && resolved.kubernetes.is_none() {
            let help = "configure AWS credentials (`aws configure`) or a kubeconfig, or try \
                        `soc2scan check --replay fixtures/streampulse-gap`";
            return Err(Usage::new(
                "there is nothing to scan: neither AWS credentials nor a Kubernetes cluster",
                help,
            )
            .into());
        }
        if !named {
            terminal.tell(&announcement(&resolved));
        }
        #[cfg(feature = "aws")]
        let aws = async {
            match &aws {
                Some(session) => Some(session.collect(&scan).await),
                None => None,
            }
        };
        #[cfg(not(feature = "aws"))]
        let aws = std::future::ready(None::<Snapshot>);
        #[cfg(feature = "kubernetes")]
        let kubernetes = async {
            match &kubernetes {
                Some(session) => Some(session.collect(&scan).await),
                None => None,
            }
        };
        #[cfg(not(feature = "kubernetes"))]
        let kubernetes = std::future::ready(None::<Snapshot>);
        let (aws, kubernetes) = futures::future::join(aws, kubernetes).await;
        for seen in [aws, kubernetes].into_iter().flatten() {
            snapshot.merge(seen);
        }
        bar.finish_and_clear();
        snapshot.excluded.clone_from(&resolved.excluded);
        snapshot.calls = wire.calls();
        snapshot.sort();
        Ok((snapshot, resolved))
    }

    #[cfg(feature = "aws")]
    async fn open_aws(
        asked: &mut Asked,
        named: bool,
        wire: &Arc<Wire>,
    ) -> miette::Result<Option<collect::aws::Session>> {
        use collect::aws::OpenError;
        let Some(options) = &asked.aws else {
            return Ok(None);
        };
        let opened = collect::aws::Session::open(options, Arc::clone(wire)).await;
        let configured = match &opened {
            Ok(session) => session.has_credentials(),
            Err(OpenError::NoRegion { has_credentials }) => *has_credentials,
            Err(_) => true,
        };
        if !named && !configured {
            asked.aws = None;
            let why = "no AWS credentials are configured".to_owned();
            asked.excluded.push(Exclusion {
                platform: Platform::Aws,
                why,
            });
            return Ok(None);
        }
        let session = opened.map_err(|error| Usage::new(error.to_string(), error.hint()))?;
        asked.aws = Some(session.options());
        Ok(Some(session))
    }

    #[cfg(feature = "kubernetes")]
    async fn open_kubernetes(
        asked: &mut Asked,
        named: bool,
        wire: &Arc<Wire>,
    ) -> miette::Result<Option<collect::kubernetes::Session>> {
        use collect::kubernetes::{OpenError, Session};
        let Some(options) = &asked.kubernetes else {
            return Ok(None);
        };
        match Session::open(options, Arc::clone(wire)).await {
            Ok(session) => {
                asked.kubernetes = Some(session.options().clone());
                Ok(Some(session))
            }
            Err(OpenError::NotConfigured) if !named => {
                asked.kubernetes = None;
                let why = "no kubeconfig, and not in a cluster".to_owned();
                asked.excluded.push(Exclusion {
                    platform: Platform::Kubernetes,
                    why,
                });
                Ok(None)
            }
            Err(error) => Err(Usage::new(error.to_string(), error.hint()).into()),
        }
    }

    #[cfg(not(all(feature = "aws", feature = "kubernetes")))]
    fn not_built(feature: &str) -> miette::Report {
        let message = format!("this build of soc2scan lacks the feature {feature}");
        Usage::new(message, "build it with its default features").into()
    }

    /// What is scanned when nobody named it.
    fn announcement(asked: &Asked) -> String {
        let scanned = [
            asked
                .aws
                .as_ref()
                .map(|_| "AWS through the default credentials".to_owned()),
            asked.kubernetes.as_ref().map(|options| {
                format!(
                    "the Kubernetes cluster {}",
                    options
                        .cluster
                        .as_deref()
                        .unwrap_or("of the current context")
                )
            }),
        ];
        let scanned: Vec<String> = scanned.into_iter().flatten().collect();
        let mut text = format!("scanning {}", scanned.join(" and "));
        for exclusion in &asked.excluded {
            text.push_str(&format!(
                "; {} is out of scope: {}",
                exclusion.platform, exclusion.why
            ));
        }
        text
    }

    /// A line on stderr that says what is being read, where someone watches.
    fn progress(terminal: &Terminal, replay: bool) -> (ProgressBar, Observer) {
        if !terminal.interactive || replay {
            return (ProgressBar::hidden(), Arc::new(|_| ()));
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} lists read, {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        let shown = bar.clone();
        let tell = move |progress: Progress<'_>| match progress {
            Progress::Started { kind, scope } => {
                shown.set_message(format!("reading {kind} in {scope}"))
            }
            Progress::Finished(_) => shown.inc(1),
        };
        (bar, Arc::new(tell))
    }
}
