//! Groups, of which one member is enough, in words.

use super::text::{clean, words};
use crate::model::Group;

/// `aws.a (fail), aws.b (unknown) or the attestation of backup_restore_test (missing)`, ready to be shown.
pub fn members(group: &Group) -> String {
    let checks = group.checks.iter();
    let checks =
        checks.map(|(rule, status)| format!("{} ({})", clean(rule), words(status.as_str())));
    let topics = group.attestations.iter();
    let topics = topics.map(|(topic, status)| {
        let status = words(status.as_str());
        format!("the attestation of {} ({status})", clean(topic))
    });
    let mut names: Vec<_> = checks.chain(topics).collect();
    let last = names.pop().unwrap_or_default();
    let mut members = match names.as_slice() {
        [] => last,
        _ => format!("{} or {last}", names.join(", ")),
    };
    let targets = group.by_target.iter();
    let targets: Vec<_> = targets
        .map(|(target, status)| format!("{} in {}", words(status.as_str()), clean(target)))
        .collect();
    if !targets.is_empty() {
        members.push_str(&format!(": {}", targets.join(", ")));
    }
    members
}
