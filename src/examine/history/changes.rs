//! What changed about the scans themselves, from one to the next.

use std::collections::BTreeSet;

use super::Change;
use crate::examine::checks::checks;
use crate::model::{CheckStatus, Report, Target};

pub fn changes(reports: &[&Report]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (before, after) in reports.iter().zip(reports.iter().skip(1)) {
        let what = scan_changes(before, after);
        changes.extend(what.into_iter().map(|what| Change {
            at: after.taken_at,
            what,
        }));
    }
    changes
}

fn scan_changes(before: &Report, after: &Report) -> Vec<String> {
    let mut what = Vec::new();
    let names = |report: &Report| -> BTreeSet<String> {
        report.targets.iter().map(ToString::to_string).collect()
    };
    let (old, now) = (names(before), names(after));
    what.extend(
        now.difference(&old)
            .map(|name| format!("{name} is scanned")),
    );
    what.extend(
        old.difference(&now)
            .map(|name| format!("{name} is not scanned any more")),
    );
    for target in &after.targets {
        if let Target::Aws {
            account, regions, ..
        } = target
            && before.targets.iter().any(|known| {
                matches!(known, Target::Aws { account: same, regions: other, .. }
                    if same == account && other != regions)
            })
        {
            what.push(format!(
                "the regions of {target} are {}",
                regions.join(", ")
            ));
        }
    }
    if before.categories != after.categories {
        let names: Vec<_> = after.categories.iter().map(|c| c.as_str()).collect();
        what.push(format!("the categories in scope are {}", names.join(", ")));
    }
    if before.tool.version != after.tool.version {
        what.push(format!(
            "{} {} was used, not {}",
            after.tool.name, after.tool.version, before.tool.version
        ));
    }
    if before.digests.rulebook != after.digests.rulebook {
        what.push("the rules are others".to_owned());
    }
    let (mut run, mut not_run) = (Vec::new(), Vec::new());
    for change in checks(before, after) {
        let ran = |status: Option<CheckStatus>| status.is_some_and(|s| s != CheckStatus::NotRun);
        match (ran(change.before), ran(change.after)) {
            (false, true) => run.push(change.rule.clone()),
            (true, false) => not_run.push(change.rule.clone()),
            _ => {}
        }
        if !change.differs.is_empty() {
            what.push(format!("{}: {}", change.rule, change.differs.join("; ")));
        }
    }
    for (rules, verb) in [(run, "run"), (not_run, "not run any more")] {
        match rules.as_slice() {
            [] => {}
            [rule] => what.push(format!("1 rule is {verb}: {rule}")),
            rules => what.push(format!(
                "{} rules are {verb}: {}",
                rules.len(),
                rules.join(", ")
            )),
        }
    }
    what
}
