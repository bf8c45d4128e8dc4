//! Scans over the network, and replays of them: sessions opened, both platforms read at once, interrupts taken.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use futures::future::OptionFuture;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::tape::refused;
use super::{Asked, Evidence, Keep, Scan, now};
use crate::cli::terminal::Terminal;
use crate::cli::{Internal, Usage};
use crate::collect::{self, Observer, Plan, Progress, Scan as Asking, Stop};
use crate::model::{Exclusion, Platform, Snapshot};
use crate::wire::{Manifest, Recording, TapeError, Wire};

/// The exit code of a program that an interrupt ended, as shells have it.
const INTERRUPTED: i32 = 130;

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
    // What cannot be kept is said before the scan, not after it.
    if let Some(folder) = keep.record {
        std::fs::create_dir_all(folder).map_err(|source| {
            refused(TapeError::Write {
                path: folder.to_owned(),
                source,
            })
        })?;
    }
    let taken_at = now();
    let kept = keep.record.is_some() || keep.evidence;
    let wire = Arc::new(if kept { Wire::record() } else { Wire::live() });
    let stopper = watch::Sender::new(false);
    let runtime = lasting()?;
    runtime.spawn(interrupts(stopper.clone()));
    let scan = scan(
        asked,
        named,
        plan,
        taken_at,
        Arc::clone(&wire),
        &stopper,
        terminal,
    );
    let (snapshot, resolved) = runtime.block_on(scan)?;
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

pub fn replay(recording: &Recording, plan: Plan, terminal: &Terminal) -> miette::Result<Snapshot> {
    let tape = recording.tape().map_err(refused)?;
    let manifest = &recording.manifest;
    let asked: Asked = serde_json::from_value(manifest.sources.clone()).map_err(|error| {
        let message = format!("the tape's manifest names no sources: {error}");
        Usage::new(message, "record the tape again with this version")
    })?;
    let wire = Arc::new(Wire::replay(tape));
    let never = watch::Sender::new(false);
    let scan = scan(
        &asked,
        true,
        plan,
        manifest.taken_at,
        wire,
        &never,
        terminal,
    );
    let (snapshot, _) = runtime()?.block_on(scan)?;
    Ok(snapshot)
}

/// A runtime that is never shut down: it takes interrupts as long as the program runs, and its end would wait for a
/// credential plugin that hangs.
fn lasting() -> miette::Result<ManuallyDrop<Runtime>> {
    runtime().map(ManuallyDrop::new)
}

/// The first interrupt stops the lists that are being read. Where none are, and a second time, the program ends, as it
/// would have without us.
async fn interrupts(stopper: watch::Sender<bool>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if !stops(&stopper) {
            std::process::exit(INTERRUPTED);
        }
    }
}

/// Whether there is something to stop, which this stops.
fn stops(stopper: &watch::Sender<bool>) -> bool {
    !*stopper.borrow() && stopper.send(true).is_ok()
}

fn runtime() -> miette::Result<Runtime> {
    Runtime::new().map_err(|error| {
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
    stopper: &watch::Sender<bool>,
    terminal: &Terminal,
) -> miette::Result<(Snapshot, Asked)> {
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
    let (bar, progress) = progress(terminal, wire.is_replay());
    let scan = Asking {
        plan,
        taken_at,
        wire: Arc::clone(&wire),
        stop: Stop::new(stopper.subscribe()),
        progress,
    };
    #[cfg(feature = "aws")]
    let aws = OptionFuture::from(aws.as_ref().map(|session| session.collect(&scan)));
    #[cfg(not(feature = "aws"))]
    let aws = std::future::ready(None::<Snapshot>);
    #[cfg(feature = "kubernetes")]
    let kubernetes = OptionFuture::from(kubernetes.as_ref().map(|session| session.collect(&scan)));
    #[cfg(not(feature = "kubernetes"))]
    let kubernetes = std::future::ready(None::<Snapshot>);
    let (aws, kubernetes) = futures::future::join(aws, kubernetes).await;
    for seen in [aws, kubernetes].into_iter().flatten() {
        snapshot.merge(seen);
    }
    bar.finish_and_clear();
    snapshot.excluded.clone_from(&resolved.excluded);
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
        Err(OpenError::NoRegion {
            has_credentials, ..
        }) => *has_credentials,
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_hangs_in_the_background_is_not_waited_for() {
        let began = Instant::now();
        {
            let runtime = lasting().unwrap();
            runtime.spawn_blocking(|| std::thread::sleep(Duration::from_secs(10)));
            runtime.block_on(async {});
        }
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn an_interrupt_stops_a_scan_that_reads_and_once_only() {
        let stopper = watch::Sender::new(false);
        assert!(!stops(&stopper), "nothing is read yet");
        let scan = stopper.subscribe();
        assert!(stops(&stopper) && *scan.borrow());
        assert!(!stops(&stopper));
        let stopper = watch::Sender::new(false);
        drop(stopper.subscribe());
        assert!(!stops(&stopper), "all is read");
    }
}
