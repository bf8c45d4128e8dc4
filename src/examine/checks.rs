//! What changed about the rules themselves from one report to another.

use std::collections::BTreeSet;

use serde_json::Value;

use super::diff::CheckChange;
use crate::model::{Bearing, CheckReport, Report};

/// The rules whose status or form changed.
pub fn checks(before: &Report, after: &Report) -> Vec<CheckChange> {
    let (old, now) = (before.by_rule(), after.by_rule());
    let rules: BTreeSet<_> = old.keys().chain(now.keys()).copied().collect();
    let changes = rules.into_iter().filter_map(|rule| {
        let (old, now) = (old.get(rule).copied(), now.get(rule).copied());
        let differs = old.zip(now).map(|(old, now)| differs(old, now));
        let change = CheckChange {
            rule: rule.to_owned(),
            title: now.or(old)?.title.clone(),
            before: old.map(|check| check.status),
            after: now.map(|check| check.status),
            differs: differs.unwrap_or_default(),
        };
        (change.before != change.after || !change.differs.is_empty()).then_some(change)
    });
    changes.collect()
}

/// How a rule itself changed, in words.
fn differs(old: &CheckReport, now: &CheckReport) -> Vec<String> {
    let mut differs = Vec::new();
    if old.severity != now.severity {
        differs.push(format!("severity {}, now {}", old.severity, now.severity));
    }
    let params: BTreeSet<_> = old.params.keys().chain(now.params.keys()).collect();
    for param in params {
        let (old, now) = (old.params.get(param), now.params.get(param));
        if old != now {
            let shown = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
            differs.push(format!("{param} = {}, now {}", shown(old), shown(now)));
        }
    }
    let condition = |check: &CheckReport| {
        (
            check.assert.clone(),
            check.applies.clone(),
            check.variables.clone(),
        )
    };
    if condition(old) != condition(now) {
        differs.push("another condition".to_owned());
    }
    if (&old.any_of, &old.attestable) != (&now.any_of, &now.attestable) {
        differs.push("something else is enough in its place".to_owned());
    }
    for (bearing, old, now) in [
        (Bearing::Required, &old.required, &now.required),
        (Bearing::Supporting, &old.supporting, &now.supporting),
    ] {
        if old != now {
            let verb = match bearing {
                Bearing::Required => "required for",
                Bearing::Supporting => "supports",
            };
            let shown = |ids: &[String]| match ids {
                [] => "nothing".to_owned(),
                ids => ids.join(" "),
            };
            differs.push(format!("{verb} {}, now {}", shown(old), shown(now)));
        }
    }
    differs
}
