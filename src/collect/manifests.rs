//! Manifests as a source: what files and folders of YAML and JSON would make of a cluster, read without one.

mod files;
mod objects;
mod stream;
mod tree;
mod typing;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;

pub use files::MissingPath;

use super::{Plan, kubernetes};
use crate::model::{
    Coverage, Exclusion, Kind, Platform, Resource, ResourceId, Scope, Seen, Snapshot, Target,
    Unread,
};
use files::File;
use objects::{CLUSTER, Found};
use tree::{Fault, Place};

/// Kinds that a cluster makes and nobody writes, or whose files say nothing of how many there are.
const BEYOND: [&str; 3] = ["k8s.Node", "k8s.PersistentVolume", "k8s.PodLog"];

/// What objects live in whether or not a file makes it.
const NAMESPACE: &str = "k8s.Namespace";

/// More places than this that cannot be read are counted.
const FAULTS: usize = 100;

/// What manifests hold.
#[derive(Debug)]
pub struct Manifests {
    pub snapshot: Snapshot,
    /// How many objects of the Kubernetes API there are, of whatever kind.
    pub objects: usize,
    /// How many files and documents could not be read.
    pub unread: usize,
    /// The SHA-256 of every file that was read, by name as in origins.
    pub files: BTreeMap<String, String>,
    /// How many objects there are of each kind that no rule can speak of.
    others: BTreeMap<String, usize>,
}

impl Manifests {
    /// What was seen and left out, in a line.
    pub fn note(&self) -> Option<String> {
        const NAMED: usize = 8;
        if self.others.contains_key("Kustomization") {
            let note = "note: a kustomization is not rendered here: \
                        kustomize build FOLDER | soc2scan check --manifests -";
            return Some(note.to_owned());
        }
        let count: usize = self.others.values().sum();
        let named = self.others.iter().take(NAMED);
        let mut kinds: Vec<String> = named
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        if self.others.len() > NAMED {
            kinds.push("…".to_owned());
        }
        let kinds = kinds.join(", ");
        (count > 0).then(|| {
            format!(
                "note: no rule speaks of {count} of {} objects: {kinds}",
                self.objects
            )
        })
    }
}

/// Reads every file that the paths name; `-` is standard input.
///
/// What cannot be read makes every kind unread that it could hold.
pub fn read(
    paths: &[PathBuf],
    stdin: &mut dyn Read,
    plan: &Plan,
    taken_at: Timestamp,
) -> Result<Manifests, MissingPath> {
    let files = files::files(paths, stdin)?;
    let mut contents = Contents::default();
    let schema = kubernetes::schema();
    for File { name, text, .. } in &files {
        let text = match text {
            Ok(text) => text,
            Err(why) => {
                let place = Place { line: 1, column: 1 };
                contents.fault(
                    name,
                    Fault {
                        place,
                        why: why.clone(),
                    },
                );
                continue;
            }
        };
        for document in stream::documents(text) {
            match document {
                Ok(node) => contents.extend(objects::objects(name, &node, &schema)),
                Err(fault) => contents.fault(name, fault),
            }
        }
    }
    let mut snapshot = Snapshot::empty(taken_at);
    snapshot.targets.push(Target::Manifests {
        cluster: CLUSTER.to_owned(),
        paths: paths.iter().map(|path| files::name(path)).collect(),
        files: files.len(),
    });
    snapshot.excluded.push(Exclusion {
        platform: Platform::Aws,
        why: "only manifests were given".to_owned(),
    });
    for kind in plan
        .kinds
        .keys()
        .filter(|kind| kind.platform() == Platform::Kubernetes)
    {
        let seen = contents.seen(kind).into_iter();
        let scope = || Scope::kubernetes(CLUSTER, None);
        snapshot.coverage.extend(seen.map(|seen| Coverage {
            kind: kind.clone(),
            scope: scope(),
            asked: Vec::new(),
            seen,
        }));
    }
    let (objects, unread) = (contents.objects, contents.faults.len());
    let others = std::mem::take(&mut contents.others);
    snapshot.resources = contents.resources(plan);
    snapshot.sort();
    Ok(Manifests {
        snapshot,
        objects,
        unread,
        files: files
            .into_iter()
            .filter_map(|file| Some((file.name, file.digest?)))
            .collect(),
        others,
    })
}

#[derive(Default)]
struct Contents {
    objects: usize,
    resources: Vec<Resource>,
    others: BTreeMap<String, usize>,
    /// What could be of any kind.
    faults: Vec<Unread>,
    refused: Vec<(Kind, Unread)>,
}

impl Contents {
    fn fault(&mut self, file: &str, Fault { place, why }: Fault) {
        self.faults
            .push(objects::unread(&objects::origin(file, place), why));
    }

    fn extend(&mut self, found: Vec<Found>) {
        for found in found {
            self.objects += 1;
            match found {
                Found::Kindless(unread) => self.faults.push(unread),
                Found::Resource(resource) => self.resources.push(*resource),
                Found::Refused { kind, origin, why } => {
                    self.refused.push((kind, objects::unread(&origin, why)));
                }
                Found::Other(kind) => *self.others.entry(kind).or_default() += 1,
            }
        }
    }

    /// What there is to say of a kind's coverage: that all of it was read, or each reason why not.
    fn seen(&self, kind: &Kind) -> Vec<Seen> {
        if BEYOND.contains(&kind.as_str()) {
            return vec![Seen::Unread(objects::beyond(
                "what only a running cluster has",
            ))];
        }
        let refused = self.refused.iter().filter(|(of, _)| of == kind);
        let refused = refused.map(|(_, unread)| unread);
        let mut unread: Vec<Unread> = self.faults.iter().chain(refused).cloned().collect();
        if unread.is_empty() {
            let mine = self
                .resources
                .iter()
                .filter(|resource| resource.kind == *kind);
            let count = mine.count();
            let elsewhere = match kind.as_str() {
                NAMESPACE => self.made_elsewhere(),
                _ => None,
            };
            let complete = (count > 0 || elsewhere.is_none()).then_some(Seen::Complete { count });
            return complete.into_iter().chain(elsewhere).collect();
        }
        let more = unread.len().saturating_sub(FAULTS);
        unread.truncate(FAULTS);
        if more > 0
            && let Some(first) = unread.first()
        {
            let operation = format!("read {more} more places");
            unread.push(Unread {
                operation,
                detail: String::new(),
                ..first.clone()
            });
        }
        unread.into_iter().map(Seen::Unread).collect()
    }

    /// That objects live in namespaces that no file makes, if they do.
    fn made_elsewhere(&self) -> Option<Seen> {
        let made = self.resources.iter();
        let made: BTreeSet<&str> = made
            .filter(|resource| resource.kind.as_str() == NAMESPACE)
            .filter_map(|resource| resource.document.pointer("/metadata/name")?.as_str())
            .collect();
        let used = self.resources.iter();
        let used: BTreeSet<&str> = used.filter_map(|resource| resource.scope.place()).collect();
        let missing: Vec<&str> = used.difference(&made).copied().collect();
        (!missing.is_empty()).then(|| {
            let what = format!("the Namespace object of {}", missing.join(", "));
            Seen::Unread(objects::beyond(&what))
        })
    }

    /// The resources of the plan. Of those that share an id, all but the first get a number behind it.
    fn resources(self, plan: &Plan) -> Vec<Resource> {
        let mut taken: BTreeSet<ResourceId> = BTreeSet::new();
        let mut times: BTreeMap<ResourceId, usize> = BTreeMap::new();
        let mut resources = Vec::new();
        for mut resource in self.resources {
            let wanted = plan.kinds.contains_key(&resource.kind);
            if !wanted || BEYOND.contains(&resource.kind.as_str()) {
                continue;
            }
            let times = times.entry(resource.id.clone()).or_insert(1);
            let mut id = resource.id.clone();
            while !taken.insert(id.clone()) {
                *times += 1;
                id = ResourceId::new(format!("{}#{times}", resource.id));
            }
            resource.id = id;
            resources.push(resource);
        }
        resources
    }
}

#[cfg(test)]
mod tests;
