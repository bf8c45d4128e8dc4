//! `soc2scan verify`: whether a bundle is as it was written, and whether its report follows from its evidence.

mod follows;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::bundle::{Keys, Signature, check};
use super::source::{self, EVIDENCE, recording_in};
use super::terminal::Terminal;
use super::{Exit, Usage, print};
use crate::bundle::{
    Bundle, Fault, Link, MANIFEST, Manifest, OpenError, SUMS, chain_faults, links, sum_faults,
};
use crate::model::{Target, Tool, sha256};
use crate::render::clean;
use crate::wire::{Recording, TapeError};
use follows::Basis;

/// Exits with 0 if everything holds, 1 if something differs, 64 if there is no bundle.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// A bundle that `soc2scan check --bundle` wrote, or a folder of them to check the chain of all.
    #[arg(value_name = "BUNDLE|DIR")]
    path: PathBuf,
    #[command(flatten)]
    keys: Keys,
}

/// What came of one thing that was checked.
struct Step {
    name: &'static str,
    state: State,
    /// At least one line.
    says: Vec<String>,
}

const CHAIN: &str = "chain";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Holds,
    Differs,
    NotChecked,
    /// There is nothing to check.
    None,
}

impl Step {
    fn new(name: &'static str, state: State, says: impl Into<String>) -> Self {
        Self {
            name,
            state,
            says: vec![says.into()],
        }
    }

    /// Holds, and says so, unless there are faults.
    fn of(name: &'static str, faults: &[Fault], holds: impl FnOnce() -> String) -> Self {
        if faults.is_empty() {
            return Self::new(name, State::Holds, holds());
        }
        let faults = faults.iter();
        Self {
            name,
            state: State::Differs,
            says: faults
                .map(|fault| format!("{} {}", fault.of, fault.why))
                .collect(),
        }
    }
}

pub fn run(
    arguments: &Arguments,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> miette::Result<Exit> {
    let path = &arguments.path;
    let mut good = true;
    if !path.is_dir() || Bundle::is_at(path) {
        let (mut steps, manifest) = verify(path, &arguments.keys, terminal)?;
        let chain = manifest.map_or_else(
            || Step::new(CHAIN, State::NotChecked, "nothing says what it follows"),
            |manifest| before(path, &manifest),
        );
        steps.insert(steps.len().min(2), chain);
        good &= show(&path.display().to_string(), &steps, out)?;
    } else {
        let links = links(path).map_err(|error| refused(&error))?;
        if links.is_empty() {
            let message = format!("there is no bundle in {}", path.display());
            let help =
                "name a bundle that `soc2scan check --bundle` wrote, or the folder that it is in";
            return Err(Usage::new(message, help).into());
        }
        for link in &links {
            let verified = verify(&link.path, &arguments.keys, terminal);
            let steps = verified.map_or_else(
                |error| vec![Step::new("bundle", State::Differs, error.to_string())],
                |(steps, _)| steps,
            );
            good &= show(&link.path.display().to_string(), &steps, out)?;
        }
        let faults = chain_faults(&links);
        let chain = Step::of(CHAIN, &faults, || match links.len() {
            1 => "one bundle, the first".to_owned(),
            count => format!("{count} bundles, each follows the one before it"),
        });
        good &= show(&path.display().to_string(), &[chain], out)?;
    }
    let verdict = if good { "verified" } else { "does not hold" };
    print(out, format!("{verdict}\n"))?;
    Ok(if good { Exit::Clean } else { Exit::Gap })
}

/// Prints what was checked, and says whether nothing differs.
fn show(name: &str, steps: &[Step], out: &mut dyn Write) -> miette::Result<bool> {
    let mut text = format!("{}\n", clean(name));
    for step in steps {
        let state = match step.state {
            State::Holds => "ok",
            State::Differs => "differs",
            State::NotChecked => "not checked",
            State::None => "none",
        };
        let mut head = format!("  {:<10} {state:<12}", step.name);
        for line in &step.says {
            text.push_str(&format!("{head} {}\n", clean(line)));
            head = " ".repeat(head.len());
        }
    }
    print(out, text)?;
    Ok(steps.iter().all(|step| step.state != State::Differs))
}

fn refused(error: &OpenError) -> miette::Report {
    let help = match error {
        OpenError::NotABundle { .. } => {
            "name a bundle that `soc2scan check --bundle` wrote, or a folder of them; \
             a tape of --record is checked by `soc2scan check --replay`"
        }
        _ => "take the bundle again from where it was written",
    };
    Usage::new(error.to_string(), help).into()
}

/// Checks one bundle but for its place in a chain.
fn verify(
    path: &Path,
    keys: &Keys,
    terminal: &Terminal,
) -> miette::Result<(Vec<Step>, Option<Manifest>)> {
    let bundle = match Bundle::open(path) {
        Ok(bundle) => bundle,
        Err(OpenError::Damaged { why, .. }) => {
            let why = format!("{} is damaged: {why}", path.display());
            return Ok((vec![Step::new("archive", State::Differs, why)], None));
        }
        Err(error) => return Err(refused(&error)),
    };
    let faults = sum_faults(&bundle);
    let mut steps = vec![Step::of("sums", &faults, || {
        let count = bundle.text(SUMS).unwrap_or_default().lines().count();
        format!("{count} files are what SHA256SUMS says")
    })];
    let bytes = bundle.files.get(MANIFEST).map(Vec::as_slice);
    let manifest = Manifest::parse(bytes.unwrap_or_default());
    steps.push(match &manifest {
        Ok(manifest) => Step::of("manifest", &manifest_faults(&bundle, manifest), || {
            format!(
                "canonical, lists every file; {} of {}",
                manifest.scan.mode, manifest.scan.started_at
            )
        }),
        Err(why) => Step::new("manifest", State::Differs, why.clone()),
    });
    for (file, signature) in check(&bundle, keys) {
        let (state, says) = match signature {
            Signature::Good(says) => (State::Holds, says),
            Signature::Bad(says) => (State::Differs, says),
            Signature::Unchecked(says) => (State::NotChecked, says),
        };
        steps.push(Step::new("signature", state, format!("{file} {says}")));
    }
    if steps.iter().all(|step| step.name != "signature") {
        steps.push(Step::new("signature", State::None, "nobody signed it"));
    }
    let recording = recording_in(&bundle, path);
    match Basis::read(&bundle) {
        Ok(basis) => {
            steps.push(snapshot(&basis, recording.as_ref(), terminal));
            let faults = basis.faults(&bundle, recording.as_ref().ok());
            let mut step = Step::of("report", &faults, || basis.says());
            if step.state == State::Differs {
                step.says.extend(another(&bundle, manifest.as_ref().ok()));
            }
            steps.push(step);
        }
        Err(fault) => {
            let why = "what the bundle holds cannot be evaluated again";
            steps.push(Step::new("snapshot", State::NotChecked, why));
            steps.push(Step::of("report", &[fault], String::new));
        }
    }
    Ok((steps, manifest.ok()))
}

/// What the manifest says and the files do not.
fn manifest_faults(bundle: &Bundle, manifest: &Manifest) -> Vec<Fault> {
    let Ok(report) = bundle.report() else {
        // Told where the report is.
        return Vec::new();
    };
    let (tool, scan) = (manifest.tool.clone(), manifest.scan.clone());
    let made = Manifest::of(tool, scan, &report, &bundle.files);
    let parts = [
        ("the list of files", made.files == manifest.files),
        ("`bundle_id`", made.bundle_id == manifest.bundle_id),
        ("`tool`", made.tool == manifest.tool),
        ("`scan`", made.scan == manifest.scan),
        ("`counts`", made.counts == manifest.counts),
        ("`coverage`", made.coverage == manifest.coverage),
    ];
    let wrong = parts.iter().filter(|(_, equal)| !equal);
    let wrong: Vec<&str> = wrong.map(|(part, _)| *part).collect();
    match wrong.is_empty() {
        true => Vec::new(),
        false => {
            let why = format!(
                "is not of these files: {} would be another",
                wrong.join(", ")
            );
            vec![Fault::new(MANIFEST, why)]
        }
    }
}

/// Whether the evidence gives the snapshot.
fn snapshot(basis: &Basis, recording: Result<&Recording, &TapeError>, terminal: &Terminal) -> Step {
    const NAME: &str = "snapshot";
    let targets = &basis.snapshot.targets;
    let files = |target: &Target| matches!(target, Target::Manifests { .. });
    if !targets.is_empty() && targets.iter().all(files) {
        let says = "files were read, and none are kept: snapshot.jsonl stands for them, \
                    evidence/files.sha256 names them";
        return Step::new(NAME, State::NotChecked, says);
    }
    let recording = match recording {
        Ok(recording) => recording,
        Err(error) => return Step::new(NAME, State::Differs, error.to_string()),
    };
    if let Some(feature) = source::lacking(recording) {
        let says = format!(
            "this build of soc2scan cannot replay {EVIDENCE}/: it lacks the feature {feature}"
        );
        return Step::new(NAME, State::NotChecked, says);
    }
    match source::replay(recording, basis.plan(), terminal) {
        Ok(replayed) => Step::of(NAME, &basis.snapshot_faults(replayed), || {
            let count = basis.snapshot.resources.len();
            format!("{EVIDENCE}/, replayed, gives it: {count} resources")
        }),
        Err(error) => Step::new(NAME, State::Differs, format!("{EVIDENCE}/: {error}")),
    }
}

/// What may explain a difference: another soc2scan judges otherwise.
fn another(bundle: &Bundle, manifest: Option<&Manifest>) -> Option<String> {
    let (wrote, this) = (&manifest?.tool, Tool::this());
    let mapping = follows::mapping();
    let same = wrote.version == this.version && wrote.mapping_sha256 == sha256(mapping.as_bytes());
    (!same && bundle.report().is_ok()).then(|| {
        format!(
            "it was written by soc2scan {} (SHA-256 {}): verify it with that one; this is {}",
            wrote.version, wrote.binary_sha256, this.version
        )
    })
}

/// Whether the bundle before this one is still there.
fn before(path: &Path, manifest: &Manifest) -> Step {
    let Some(previous) = &manifest.previous_manifest_sha256 else {
        return Step::new(CHAIN, State::Holds, "follows none: the first of its folder");
    };
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let beside: Vec<Link> = real
        .parent()
        .and_then(|folder| links(folder).ok())
        .unwrap_or_default();
    match beside.iter().find(|link| link.digest == *previous) {
        Some(link) => Step::new(CHAIN, State::Holds, format!("follows {}", link.name)),
        None => {
            let says = format!(
                "the bundle before it is not beside it as it was: its manifest had the SHA-256 {previous}"
            );
            Step::new(CHAIN, State::NotChecked, says)
        }
    }
}
