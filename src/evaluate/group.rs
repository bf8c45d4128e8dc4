//! Where one of several is enough: the groups that stand in place of a criterion's required checks, as their rules say.

use std::collections::BTreeMap;

use super::attestations::Attested;
use super::status::any_of;
use crate::model::{
    AttestationStatus, Bearing, CheckReport, CheckStatus, ControlCheck, Criterion, Group,
};

/// The groups of a criterion whose checks are `bearing`. A check whose subject is out of scope is no alternative; without one left, a
/// check stands for itself.
pub fn groups(
    criterion: &Criterion,
    bearing: &[ControlCheck],
    checks: &[CheckReport],
    attestations: &Attested,
) -> Vec<Group> {
    let known: BTreeMap<&str, &CheckReport> = checks
        .iter()
        .filter(|check| !check.is_out_of_scope())
        .map(|check| (check.rule.as_str(), check))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for line in bearing {
        let Some(check) = known
            .get(line.rule.as_str())
            .filter(|_| line.bearing == Bearing::Required)
        else {
            continue;
        };
        let members: BTreeMap<_, _> = check
            .any_of
            .iter()
            .chain([&check.rule])
            .filter_map(|id| known.get(id.as_str()))
            .map(|member| (member.rule.clone(), member.status))
            .collect();
        let topics: BTreeMap<_, _> = check
            .attestable
            .iter()
            .map(|topic| {
                let key = (criterion.id.clone(), topic.clone());
                let status = attestations.get(&key).copied();
                (topic.clone(), status.unwrap_or(AttestationStatus::Missing))
            })
            .collect();
        if members.len() + topics.len() < 2 {
            continue;
        }
        // Two checks that name each other are one group.
        let same = |group: &&mut Group| group.checks == members && group.attestations == topics;
        if let Some(group) = groups.iter_mut().find(same) {
            group.stands_for.push(check.rule.clone());
            continue;
        }
        let attested: Vec<_> = topics.values().copied().collect();
        // One member has to be enough in each account: a check that passes in one makes up for no failure in another.
        let status = |target: Option<&String>| {
            let statuses: Vec<_> = members
                .keys()
                .filter_map(|id| known.get(id.as_str()))
                .map(|member| {
                    let there = target.and_then(|target| member.by_target.get(target));
                    there.copied().unwrap_or(member.status)
                })
                .collect();
            any_of(&statuses, &attested)
        };
        let targets = check.by_target.keys();
        let by_target: BTreeMap<_, _> = targets
            .map(|target| (target.clone(), status(Some(target))))
            .collect();
        groups.push(Group {
            stands_for: vec![check.rule.clone()],
            status: by_target
                .values()
                .copied()
                .min()
                .unwrap_or_else(|| status(None)),
            by_target,
            checks: members,
            attestations: topics,
        });
    }
    groups
}

/// The members of a group by name: `aws.a, aws.b or the attestation of backup_restore_test`.
pub fn members(group: &Group) -> String {
    let topics = group.attestations.keys();
    let topics = topics.map(|topic| format!("the attestation of {topic}"));
    let mut names: Vec<_> = group.checks.keys().cloned().chain(topics).collect();
    let last = names.pop().unwrap_or_default();
    match names.as_slice() {
        [] => last,
        _ => format!("{} or {last}", names.join(", ")),
    }
}

/// What passes in place of checks that do not: `aws.b passes in place of aws.a`.
pub fn made_up(group: &Group) -> Option<String> {
    let passes = |rule: &str| group.checks.get(rule) == Some(&CheckStatus::Pass);
    let open = group.stands_for.iter().map(String::as_str);
    let open: Vec<_> = open.filter(|rule| !passes(rule)).collect();
    let passing = group.checks.keys().map(String::as_str);
    let passing: Vec<_> = passing.filter(|rule| passes(rule)).collect();
    let verb = match (open.as_slice(), passing.as_slice()) {
        ([], _) | (_, []) => return None,
        (_, [_]) => "passes",
        _ => "pass",
    };
    Some(format!(
        "{} {verb} in place of {}",
        passing.join(", "),
        open.join(", ")
    ))
}
