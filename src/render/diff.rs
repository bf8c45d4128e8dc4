//! What changed between two reports or snapshots, for a terminal, as Markdown and as JSON.

mod table;

use jiff::Timestamp;
use serde_json::Value;

pub use super::markdown::diff::markdown;
pub use table::table;

use super::text::{self, clean, counted, shortened, words};
use crate::examine::{
    CheckChange, Counted, CoverageChange, Diff, FindingChange, Of, PathChange, ResourceChange, Side,
};
use crate::model::{CheckStatus, Outcome, Seen, Subject, Target, Transition};

/// The longest value of a fact beside a change, and the most facts.
const VALUE: usize = 50;
const FACTS: usize = 2;

/// The JSON form, `soc2scan.diff/v1`.
pub fn json(diff: &Diff) -> String {
    super::json::pretty(diff)
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `2026-01-15 12:00:00 UTC, AWS account 123456789012`
pub(super) fn side(side: &Side) -> String {
    let targets: Vec<_> = side.targets.iter().map(Target::to_string).collect();
    let targets = match targets.as_slice() {
        [] => "nothing scanned".to_owned(),
        targets => text::some(targets, 4),
    };
    format!("{}, {}", moment(side.taken_at), clean(&targets))
}

/// The headline: what fails and is unknown, then what happened.
pub(super) fn headline(diff: &Diff) -> Vec<String> {
    let mut lines = Vec::new();
    let totals = &diff.totals;
    if diff.of == Of::Reports {
        let counted =
            |what: &str, count: Counted| format!("{what}: {}, then {}", count.before, count.after);
        lines.push(format!(
            "{}; {}",
            counted("findings that fail", totals.failing),
            counted("unknown", totals.unknown)
        ));
    }
    let findings = totals
        .findings
        .iter()
        .map(|(transition, count)| format!("{count} {}", words(transition.as_str())));
    let fates = totals
        .resources
        .iter()
        .map(|(fate, count)| format!("{} {}", counted(*count, "resource"), words(fate.as_str())));
    let parts: Vec<_> = findings.chain(fates).collect();
    lines.push(match parts.as_slice() {
        _ if diff.is_empty() => "Nothing changed.".to_owned(),
        [] => "No finding and no resource changed.".to_owned(),
        parts => parts.join(", "),
    });
    lines
}

/// What a transition means, as a heading.
pub(super) fn heading(transition: Transition) -> &'static str {
    match transition {
        Transition::Regressed => "Regressed: held before, fails now",
        Transition::New => "New: on resources that were not there",
        Transition::WaiverEnded => "Waiver ended: fails without one now",
        Transition::Revealed => "Revealed: unknown before, fails now",
        Transition::SeverityRose => "More severe now",
        Transition::NewlyChecked => "Newly checked: nobody looked before",
        Transition::BecameUnknown => "Became unknown",
        Transition::NotChecked => "Not checked now: nobody looked",
        Transition::Waived => "Fails under a waiver now",
        Transition::SeverityFell => "Less severe now",
        Transition::NoLongerApplies => "The rule does not apply any more",
        Transition::Disappeared => "The resource is not there any more",
        Transition::BecameKnown => "Became known, and does not fail",
        Transition::Fixed => "Fixed",
    }
}

/// Where a resource is, with its account or cluster: two reports may be of several.
pub(super) fn place(subject: &Subject) -> String {
    match &subject.origin {
        Some(origin) => clean(&origin.to_string()),
        None => text::place(&subject.scope, true),
    }
}

/// What is to be said beside a finding: what it is now if that is not plain, and which facts differ.
pub(super) fn details(change: &FindingChange) -> String {
    let mut parts = Vec::new();
    let outcome = change.after.as_ref().map(|state| state.outcome);
    match (change.transition, outcome, &change.before) {
        (Transition::New | Transition::NewlyChecked, Some(Outcome::Unknown), _) => {
            parts.push("unknown".to_owned());
        }
        (Transition::SeverityRose | Transition::SeverityFell, _, Some(before)) => {
            parts.push(format!("{} before", before.severity));
        }
        _ => {}
    }
    if let Some(waiver) = change
        .after
        .as_ref()
        .and_then(|state| state.waiver.as_ref())
    {
        parts.push(format!("waiver {}", clean(waiver)));
    }
    parts.extend(facts(&change.facts, FACTS));
    parts.join("; ")
}

/// `BackupRetentionPeriod 7, now 0`: the plainest first, for it is read at a glance.
fn facts(changes: &[PathChange], most: usize) -> Vec<String> {
    let shown = |value: &Option<Value>| {
        let value = value.as_ref();
        value.map_or("absent".to_owned(), |value| {
            shortened(&text::value(value), VALUE)
        })
    };
    let mut facts: Vec<_> = changes
        .iter()
        .map(|change| {
            format!(
                "{} {}, now {}",
                shortened(&clean(&change.path), VALUE),
                shown(&change.before),
                shown(&change.after)
            )
        })
        .collect();
    facts.sort_by_key(String::len);
    let (few, more) = text::capped(&facts, most);
    let mut few = few.to_vec();
    if !more.is_empty() {
        few.push(format!("and {} more", more.len()));
    }
    few
}

/// `pass, now fail; severity low, now high`
pub(super) fn check(change: &CheckChange) -> String {
    let mut parts = Vec::new();
    let shown = |status: CheckStatus| words(status.as_str());
    match (change.before, change.after) {
        (Some(before), Some(after)) if before != after => {
            parts.push(format!("{}, now {}", shown(before), shown(after)));
        }
        (None, Some(after)) => parts.push(format!("a new rule: {}", shown(after))),
        (Some(_), None) => parts.push("the rule is gone".to_owned()),
        _ => {}
    }
    parts.extend(change.differs.iter().map(|differs| clean(differs)));
    parts.join("; ")
}

/// `read before, now not read (denied: rds:DescribeDBInstances)`
pub(super) fn coverage(change: &CoverageChange) -> String {
    let shown = |seen: &Option<Seen>| match seen {
        None => "not asked for".to_owned(),
        Some(Seen::Complete { .. }) => "read".to_owned(),
        Some(Seen::NotInstalled) => "not installed".to_owned(),
        Some(Seen::Unread(unread)) => format!("not read ({})", text::cause(unread)),
    };
    format!("{}, now {}", shown(&change.before), shown(&change.after))
}

/// `3 rules open`, or what changed in the document.
pub(super) fn resource(change: &ResourceChange) -> String {
    match change.open {
        0 => facts(&change.paths, 6).join("; "),
        open => counted(open, "rule") + " open",
    }
}

pub(super) fn state<T: Copy>(
    name: impl Fn(T) -> &'static str,
    before: Option<T>,
    after: Option<T>,
) -> String {
    let shown = |state: Option<T>| state.map_or("not there".to_owned(), |state| words(name(state)));
    format!("{}, now {}", shown(before), shown(after))
}
