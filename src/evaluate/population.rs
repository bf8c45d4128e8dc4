//! The population of a snapshot: whom a rule judges, whom it may relate them to, and how much of both was read.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use serde_json::Value;

use crate::model::{
    CheckCoverage, Coverage, Fact, Kind, Platform, Reason, Resource, Scope, Seen, Snapshot, Target,
    Unread,
};

/// What controllers make from a template, and which, so that they speak for it: none but these, whatever an object says
/// of its owner. No kind is above itself.
const MADE: [(&str, &[&str]); 3] = [
    (
        "k8s.Pod",
        &[
            "k8s.DaemonSet",
            "k8s.Job",
            "k8s.ReplicaSet",
            "k8s.StatefulSet",
        ],
    ),
    ("k8s.ReplicaSet", &["k8s.Deployment"]),
    ("k8s.Job", &["k8s.CronJob"]),
];

/// A snapshot, indexed once for all rules.
pub struct Population<'a> {
    snapshot: &'a Snapshot,
    kinds: BTreeMap<&'a Kind, BTreeMap<&'a Scope, Vec<&'a Resource>>>,
    coverage: BTreeMap<&'a Kind, Vec<&'a Coverage>>,
    excluded: BTreeSet<Platform>,
    /// The kinds that manifests do not hold.
    beyond: BTreeSet<&'a Kind>,
    controllers: Controllers<'a>,
}

impl<'a> Population<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut kinds: BTreeMap<&Kind, BTreeMap<&Scope, Vec<&Resource>>> = BTreeMap::new();
        for resource in &snapshot.resources {
            let scopes = kinds.entry(&resource.kind).or_default();
            scopes.entry(&resource.scope).or_default().push(resource);
        }
        let mut coverage: BTreeMap<&Kind, Vec<&Coverage>> = BTreeMap::new();
        for row in &snapshot.coverage {
            coverage.entry(&row.kind).or_default().push(row);
        }
        let beyond = coverage.iter().filter(|(_, rows)| {
            let mut rows = rows.iter();
            rows.all(|row| matches!(&row.seen, Seen::Unread(unread) if unread.reason == Reason::NotInManifests))
        });
        Self {
            snapshot,
            kinds,
            beyond: beyond.map(|(kind, _)| *kind).collect(),
            coverage,
            excluded: snapshot
                .excluded
                .iter()
                .map(|exclusion| exclusion.platform)
                .collect(),
            controllers: Controllers::new(snapshot),
        }
    }

    /// Whether a rule about these kinds has something to run on: a platform that was scanned, and a kind that what was
    /// scanned can hold.
    pub fn can_hold_any(&self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.can_hold(kind))
    }

    /// Whether every one of these platforms was scanned.
    pub fn has_scanned(&self, platforms: &BTreeSet<Platform>) -> bool {
        platforms.is_disjoint(&self.excluded)
    }

    fn can_hold(&self, kind: &Kind) -> bool {
        !self.excluded.contains(&kind.platform()) && !self.beyond.contains(kind)
    }

    /// The accounts or clusters of a platform that were scanned.
    pub fn owners(&self, platform: Platform) -> BTreeSet<&'a str> {
        let targets = self.snapshot.targets.iter();
        let owners = targets.map(|target| match target {
            Target::Aws { account, .. } => (Platform::Aws, account),
            Target::Kubernetes { cluster, .. } | Target::Manifests { cluster, .. } => {
                (Platform::Kubernetes, cluster)
            }
        });
        let owners = owners.filter(|(theirs, _)| *theirs == platform);
        owners.map(|(_, owner)| owner.as_str()).collect()
    }

    /// Whether manifests were read, so that what is not in them may well exist.
    pub fn is_of_manifests(&self) -> bool {
        let mut targets = self.snapshot.targets.iter();
        targets.any(|target| matches!(target, Target::Manifests { .. }))
    }

    /// Whether nothing of these kinds was seen.
    pub fn is_empty(&self, kinds: &[Kind]) -> bool {
        !kinds.iter().any(|kind| self.kinds.contains_key(kind))
    }

    /// Every resource of a kind.
    fn of_kind(&self, kind: &Kind) -> impl Iterator<Item = &'a Resource> {
        let scopes = self.kinds.get(kind).into_iter().flat_map(BTreeMap::values);
        scopes.flatten().copied()
    }

    /// How many resources of these kinds there are.
    pub fn count(&self, kinds: &[Kind]) -> usize {
        let distinct: BTreeSet<&Kind> = kinds.iter().collect();
        let of_kind = |kind| self.of_kind(kind).count();
        distinct.into_iter().map(of_kind).sum()
    }

    /// The resources of a kind that a rule about `kinds` judges, by id: all but those whose controller it judges too.
    pub fn subjects(&self, kind: &Kind, kinds: &[Kind]) -> Vec<&'a Resource> {
        let mut subjects: Vec<_> = self
            .of_kind(kind)
            .filter(|resource| !self.controllers.speak_for(resource, kinds))
            .collect();
        subjects.sort_by(|a, b| a.key().cmp(&b.key()));
        subjects
    }

    /// What a rule about something in `scope` sees of another kind: of the other platform, everything that was scanned.
    /// Unread if any list that could hold one is.
    pub fn related(&self, scope: &Scope, kind: &Kind) -> Fact<Vec<&'a Value>> {
        let mut asked = false;
        for row in self.coverage.get(kind).into_iter().flatten() {
            if reaches(scope, &row.scope) {
                asked = true;
                if let Seen::Unread(unread) = &row.seen {
                    return Fact::Unread(unread.clone());
                }
            }
        }
        if !asked {
            return Fact::Unread(Unread {
                reason: Reason::NotRecorded,
                operation: format!("list {kind}"),
                permission: None,
                detail: format!("{kind} was not asked for in {scope}"),
            });
        }
        let Some(scopes) = self.kinds.get(kind) else {
            return Fact::Known(Vec::new());
        };
        let groups: Vec<_> = match scope.place() {
            Some(_) if kind.platform() == scope.platform() => [scope, &spanning(scope)]
                .into_iter()
                .filter_map(|scope| scopes.get(scope))
                .collect(),
            _ => scopes
                .iter()
                .filter(|(theirs, _)| reaches(scope, theirs))
                .map(|(_, group)| group)
                .collect(),
        };
        let documents = groups.into_iter().flatten();
        Fact::Known(documents.map(|resource| &resource.document).collect())
    }

    /// How much of what a rule about these kinds judges was read. A kind or a place that nobody asked for was not.
    pub fn coverage(&self, kinds: &[Kind]) -> CheckCoverage {
        self.coverage_of(kinds, None)
    }

    /// The same, of one account or cluster.
    pub fn coverage_of(&self, kinds: &[Kind], owner: Option<&str>) -> CheckCoverage {
        let (mut read, mut unread) = (false, false);
        for kind in kinds {
            if !self.can_hold(kind) {
                continue;
            }
            let rows = self.coverage.get(kind).into_iter().flatten();
            let rows: Vec<_> = rows
                .filter(|row| owner.is_none_or(|owner| row.scope.owner() == owner))
                .copied()
                .collect();
            for row in &rows {
                if row.is_complete() {
                    read = true;
                } else {
                    unread = true;
                }
            }
            unread |= rows.is_empty() || !self.is_asked_everywhere(kind, &rows, owner);
        }
        match (read, unread) {
            (true, false) => CheckCoverage::Complete,
            (true, true) => CheckCoverage::Partial,
            (false, _) => CheckCoverage::None,
        }
    }

    /// Whether a kind was asked for in every place of every target of its platform.
    fn is_asked_everywhere(&self, kind: &Kind, rows: &[&Coverage], owner: Option<&str>) -> bool {
        let asked = |scope: Scope| {
            owner.is_some_and(|owner| scope.owner() != owner)
                || rows.iter().any(|row| scope.meets(&row.scope))
        };
        self.snapshot.targets.iter().all(|target| match target {
            Target::Aws {
                account, regions, ..
            } => {
                kind.platform() != Platform::Aws
                    || regions
                        .iter()
                        .all(|region| asked(Scope::aws(account, Some(region))))
            }
            Target::Kubernetes { cluster, .. } | Target::Manifests { cluster, .. } => {
                kind.platform() != Platform::Kubernetes || asked(Scope::kubernetes(cluster, None))
            }
        })
    }
}

/// Whether a rule about something in one scope may see the other. Which account a cluster runs in, neither of them tells:
/// a rule has to match by what only one can have, an ARN or an address.
fn reaches(mine: &Scope, theirs: &Scope) -> bool {
    mine.platform() != theirs.platform() || mine.meets(theirs)
}

/// The whole account or cluster that a scope is part of.
fn spanning(scope: &Scope) -> Scope {
    match scope {
        Scope::Aws { account, .. } => Scope::aws(account, None),
        Scope::Kubernetes { cluster, .. } => Scope::kubernetes(cluster, None),
    }
}

/// Who controls whom among the workloads of a snapshot.
struct Controllers<'a> {
    by_uid: BTreeMap<(&'a str, &'a str), &'a Resource>,
    by_name: BTreeMap<Name<'a>, &'a Resource>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name<'a> {
    cluster: &'a str,
    namespace: Option<&'a str>,
    api_version: &'a str,
    kind: &'a str,
    name: &'a str,
}

impl<'a> Controllers<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let mut by_uid = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for resource in &snapshot.resources {
            if resource.kind.platform() != Platform::Kubernetes {
                continue;
            }
            if let Some(uid) = text(&resource.document, "/metadata/uid") {
                by_uid.insert((resource.scope.owner(), uid), resource);
            }
            if let Some(name) = text(&resource.document, "/metadata/name")
                && let Some(api_version) = text(&resource.document, "/apiVersion")
                && let Some(kind) = resource.kind.as_str().strip_prefix("k8s.")
            {
                let name = Name {
                    cluster: resource.scope.owner(),
                    namespace: resource.scope.place(),
                    api_version,
                    kind,
                    name,
                };
                by_name.insert(name, resource);
            }
        }
        Self { by_uid, by_name }
    }

    /// Whether a controller of the resource, near or far, is in the snapshot and of one of these kinds.
    fn speak_for(&self, resource: &'a Resource, kinds: &[Kind]) -> bool {
        let mut above = successors(self.of(resource), |controller| self.of(controller));
        above.any(|controller| kinds.contains(&controller.kind))
    }

    /// What made the resource, if that is there and makes such.
    fn of(&self, resource: &'a Resource) -> Option<&'a Resource> {
        let (_, makers) = MADE
            .iter()
            .find(|(made, _)| *made == resource.kind.as_str())?;
        self.named_by(resource)
            .filter(|controller| makers.contains(&controller.kind.as_str()))
    }

    /// What the resource says that controls it.
    fn named_by(&self, resource: &'a Resource) -> Option<&'a Resource> {
        let references = resource
            .document
            .pointer("/metadata/ownerReferences")?
            .as_array()?;
        let owner = references
            .iter()
            .find(|reference| reference.get("controller") == Some(&Value::Bool(true)))?;
        let uid = text(owner, "/uid");
        if let Some(uid) = uid
            && let Some(controller) = self.by_uid.get(&(resource.scope.owner(), uid))
        {
            return Some(controller);
        }
        let controller = *self.by_name.get(&Name {
            cluster: resource.scope.owner(),
            namespace: resource.scope.place(),
            api_version: text(owner, "/apiVersion")?,
            kind: text(owner, "/kind")?,
            name: text(owner, "/name")?,
        })?;
        // A controller made anew under the same name does not own what its predecessor made. Files may have no uids, and
        // a cluster takes no object that names its owner without one.
        (uid == text(&controller.document, "/metadata/uid")).then_some(controller)
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests;
