//! What changed from one snapshot to another: which resources, and which values in their documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::diff::{Diff, Of, PathChange, ResourceChange, ResourceFate, Side, Totals};
use super::pairs::{Name, name, saw};
use super::reports::{coverage, scan_warnings};
use crate::model::{Resource, Snapshot, Subject, sha256};

/// What changed from one snapshot to another.
pub fn diff_snapshots(before: &Snapshot, after: &Snapshot) -> Diff {
    let (old, now) = (side(before), side(after));
    let resources = resources(before, after);
    let mut totals = Totals::default();
    for change in &resources {
        *totals.resources.entry(change.fate).or_default() += 1;
    }
    Diff {
        schema: Diff::SCHEMA.to_owned(),
        of: Of::Snapshots,
        warnings: scan_warnings(
            (old.taken_at, &old.targets, &old.snapshot),
            (now.taken_at, &now.targets, &now.snapshot),
        ),
        before: old,
        after: now,
        totals,
        controls: Vec::new(),
        findings: Vec::new(),
        resources,
        checks: Vec::new(),
        coverage: coverage(&before.coverage, &after.coverage),
        waivers: Vec::new(),
        attestations: Vec::new(),
    }
}

fn side(snapshot: &Snapshot) -> Side {
    Side {
        taken_at: snapshot.taken_at,
        tool: snapshot.tool.clone(),
        targets: snapshot.targets.clone(),
        snapshot: sha256(snapshot.to_json_lines().as_bytes()),
        rulebook: None,
    }
}

fn by_name(snapshot: &Snapshot) -> BTreeMap<Name<'_>, &Resource> {
    let resources = snapshot.resources.iter();
    resources
        .map(|resource| ((&resource.kind, &resource.id, &resource.scope), resource))
        .collect()
}

fn resources(before: &Snapshot, after: &Snapshot) -> Vec<ResourceChange> {
    let (old, now) = (by_name(before), by_name(after));
    let keys: BTreeSet<_> = old.keys().chain(now.keys()).copied().collect();
    let mut changes = Vec::new();
    for key in keys {
        let (fate, resource, paths) = match (old.get(&key), now.get(&key)) {
            (Some(old), Some(now)) => {
                let mut paths = Vec::new();
                compare("", Some(&old.document), Some(&now.document), &mut paths);
                if paths.is_empty() {
                    continue;
                }
                (ResourceFate::Changed, now, paths)
            }
            (None, Some(now)) => (
                seen(before, now, ResourceFate::Appeared, ResourceFate::NewlySeen),
                now,
                Vec::new(),
            ),
            (Some(old), None) => (
                seen(after, old, ResourceFate::Disappeared, ResourceFate::NotSeen),
                old,
                Vec::new(),
            ),
            (None, None) => continue,
        };
        changes.push(ResourceChange {
            fate,
            resource: subject(resource),
            open: 0,
            paths,
        });
    }
    changes.sort_by(|a, b| (a.fate, name(&a.resource)).cmp(&(b.fate, name(&b.resource))));
    changes
}

/// What it means that a resource is not in the other snapshot: only a list that was read to its end says that it was
/// not there.
fn seen(
    other: &Snapshot,
    resource: &Resource,
    gone: ResourceFate,
    unseen: ResourceFate,
) -> ResourceFate {
    if saw(&other.coverage, &resource.kind, &resource.scope) {
        gone
    } else {
        unseen
    }
}

fn subject(resource: &Resource) -> Subject {
    Subject {
        kind: resource.kind.clone(),
        id: resource.id.clone(),
        scope: resource.scope.clone(),
        origin: resource.origin.clone(),
    }
}

/// The values that differ, each at its path: `spec.template.spec.containers[0].image`. A list of another length differs
/// as a whole.
fn compare(path: &str, old: Option<&Value>, now: Option<&Value>, into: &mut Vec<PathChange>) {
    match (old, now) {
        (Some(Value::Object(old)), Some(Value::Object(now))) => {
            let keys: BTreeSet<_> = old.keys().chain(now.keys()).collect();
            for key in keys {
                let path = match (path, is_plain(key)) {
                    ("", true) => key.clone(),
                    (_, true) => format!("{path}.{key}"),
                    (_, false) => format!("{path}[{key:?}]"),
                };
                compare(&path, old.get(key), now.get(key), into);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(now))) if old.len() == now.len() => {
            for (index, (old, now)) in old.iter().zip(now).enumerate() {
                compare(&format!("{path}[{index}]"), Some(old), Some(now), into);
            }
        }
        (old, now) if old != now => into.push(PathChange {
            path: path.to_owned(),
            before: old.cloned(),
            after: now.cloned(),
        }),
        _ => {}
    }
}

fn is_plain(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    !key.is_empty() && key.chars().all(plain)
}
