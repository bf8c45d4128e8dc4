//! The coverage ledger: how much was read, and for all that was not, why and what to do about it.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{self, counted};
use super::view::View;
use crate::model::{Coverage, Kind, Outcome, Platform, Reason, Seen, Target, Unread};

/// What was read and what was not.
pub struct Ledger {
    /// One sentence for each target, with its platform.
    pub read: Vec<(String, String)>,
    /// Platforms that were not scanned, and why.
    pub excluded: Vec<(String, String)>,
    /// What is missing, by reason and permission.
    pub missing: Vec<Missing>,
    /// Whether the scan was stopped before its end.
    pub interrupted: bool,
}

impl Ledger {
    /// The platform that refused something, AWS first.
    pub fn refused(&self) -> Option<Platform> {
        let denied = self.missing.iter();
        let denied = denied.filter(|missing| missing.reason == Reason::Denied);
        denied.filter_map(|missing| missing.platform).min()
    }
}

/// One reason for which things were not read.
pub struct Missing {
    pub reason: Reason,
    /// The permission where one is missing, else the operation.
    pub what: String,
    /// The regions or clusters; empty where there is only the one that was scanned.
    pub places: Vec<String>,
    pub platform: Option<Platform>,
    /// The kinds that could not be listed.
    pub kinds: BTreeSet<Kind>,
    /// How many verdicts are unknown for this reason.
    pub verdicts: usize,
    /// What the provider said, where all that was missing has one word for it.
    pub detail: Option<String>,
    pub advice: &'static str,
}

pub fn ledger(view: &View) -> Ledger {
    let report = view.report;
    let mut read: Vec<_> = report
        .targets
        .iter()
        .map(|target| sentence(target, &report.coverage))
        .collect();
    if read.is_empty() {
        read.push(("nothing".to_owned(), "nothing was scanned".to_owned()));
    }
    let missing = missing(view);
    Ledger {
        read,
        excluded: report
            .excluded
            .iter()
            .map(|exclusion| (exclusion.platform.to_string(), text::clean(&exclusion.why)))
            .collect(),
        interrupted: missing
            .iter()
            .any(|missing| missing.reason == Reason::Interrupted),
        missing,
    }
}

/// `read 8 of 9 kinds in 2 regions: 143 resources`.
fn sentence(target: &Target, coverage: &[Coverage]) -> (String, String) {
    let (platform, owner) = match target {
        Target::Aws { account, .. } => (Platform::Aws, account),
        Target::Kubernetes { cluster, .. } | Target::Manifests { cluster, .. } => {
            (Platform::Kubernetes, cluster)
        }
    };
    let mut kinds: BTreeMap<&Kind, bool> = BTreeMap::new();
    let mut absent = BTreeSet::new();
    let mut resources = 0;
    for row in coverage {
        if row.scope.platform() != platform || row.scope.owner() != owner {
            continue;
        }
        let complete = kinds.entry(&row.kind).or_insert(true);
        *complete &= row.is_complete();
        match row.seen {
            Seen::Complete { count } => resources = usize::saturating_add(resources, count),
            Seen::NotInstalled => {
                absent.insert(text::clean(row.kind.as_str()));
            }
            Seen::Unread(_) => {}
        }
    }
    let complete = kinds.values().filter(|complete| **complete).count();
    let place = match target {
        Target::Aws { regions, .. } => match regions.as_slice() {
            [region] => text::clean(region),
            regions => counted(regions.len(), "region"),
        },
        Target::Kubernetes { cluster, .. } => format!("cluster {}", text::clean(cluster)),
        Target::Manifests { files, .. } => counted(*files, "file"),
    };
    let mut sentence = format!(
        "read {complete} of {} in {place}: {}",
        counted(kinds.len(), "kind"),
        counted(resources, "resource")
    );
    if !absent.is_empty() {
        let absent: Vec<_> = absent.into_iter().collect();
        sentence.push_str(&format!("; not installed: {}", absent.join(", ")));
    }
    (platform.to_string(), sentence)
}

#[derive(Default)]
struct Group {
    platform: Option<Platform>,
    places: BTreeSet<String>,
    kinds: BTreeSet<Kind>,
    verdicts: usize,
    details: BTreeSet<String>,
}

fn missing(view: &View) -> Vec<Missing> {
    let mut targets = view.report.targets.iter();
    let of_manifests = targets.any(|target| matches!(target, Target::Manifests { .. }));
    let mut groups: BTreeMap<(Reason, String), Group> = BTreeMap::new();
    for row in &view.report.coverage {
        if let Seen::Unread(unread) = &row.seen {
            let group = groups.entry(key(unread)).or_default();
            group.platform = Some(row.scope.platform());
            group.places.insert(view.place(&row.scope));
            group.kinds.insert(row.kind.clone());
            group.details.insert(text::clean(&unread.detail));
        }
    }
    for finding in &view.report.findings {
        if finding.outcome != Outcome::Unknown {
            continue;
        }
        // What a rule cannot know from configuration was not left unread.
        let reason = finding.reason.as_ref();
        if let Some(unread) = reason.filter(|unread| !text::is_of_rule(unread)) {
            let group = groups.entry(key(unread)).or_default();
            group.verdicts += 1;
            group.platform = Some(finding.resource.scope.platform());
            group.places.insert(view.place(&finding.resource.scope));
            group.details.insert(text::clean(&unread.detail));
        }
    }
    groups
        .into_iter()
        .map(|((reason, what), group)| Missing {
            reason,
            what,
            platform: group.platform,
            // Files are named by the operation.
            places: if of_manifests {
                Vec::new()
            } else {
                group.places.into_iter().collect()
            },
            kinds: group.kinds,
            verdicts: group.verdicts,
            advice: advice(reason, &group.details, of_manifests),
            detail: match group.details.into_iter().collect::<Vec<_>>().as_slice() {
                [detail] if !detail.is_empty() => Some(detail.clone()),
                _ => None,
            },
        })
        .collect()
}

fn key(unread: &Unread) -> (Reason, String) {
    (unread.reason, text::missing(unread))
}

/// What to do about something that was not read.
fn advice(reason: Reason, details: &BTreeSet<String>, of_manifests: bool) -> &'static str {
    match reason {
        Reason::Denied
            if details
                .iter()
                .any(|detail| detail.contains("explicit deny")) =>
        {
            "an explicit deny refuses this permission: lift it"
        }
        Reason::Denied => "add this permission",
        Reason::Credentials => "sign in again or give valid credentials",
        Reason::Throttled => "scan again when less else asks the provider",
        Reason::Timeout => "scan again; the provider did not answer in time",
        Reason::Unreachable => "check the endpoint, the network and the proxy",
        Reason::ApiError => "see what the provider says",
        Reason::ParseError if of_manifests => "mend the file",
        Reason::ParseError => "report it: the answer is not what the provider's model says",
        Reason::DisabledRegion => "enable the region, or leave it out",
        Reason::NotRecorded => "record the tape again with these rules",
        Reason::NotSupported => "the provider does not offer it here",
        Reason::NotInManifests => "scan the cluster that they are deployed to",
        Reason::Interrupted => "let the scan run to its end",
        Reason::MissingField => {
            "the provider gave no value, and the rule does not say what that means"
        }
    }
}
