//! A history as CSV: a row for each criterion.

use crate::examine::{ControlHistory, History, Interval};
use crate::model::ControlStatus;
use crate::render::csv::{inert, line};

/// The columns; within v1, columns are only added at the end.
const COLUMNS: [&str; 20] = [
    "criterion",
    "title",
    "category",
    "noted",
    "scans",
    "decided",
    "first",
    "last",
    "cadence",
    "longest_seconds",
    "longest_from",
    "longest_to",
    "intervals_too_long",
    "gap",
    "unknown",
    "manual_required",
    "partially_evidenced",
    "met_with_exceptions",
    "waivers",
    "targets",
];

/// An interval is written as in ISO 8601, `from/to`; one that is open ends with `..`.
pub fn csv(history: &History) -> String {
    let mut table = String::new();
    line(&mut table, &COLUMNS.map(str::to_owned));
    let targets: Vec<_> = history
        .targets
        .iter()
        .map(|target| target.target.as_str())
        .collect();
    for control in &history.controls {
        let cells = row(history, control, &targets.join("; "));
        line(&mut table, &cells.map(|cell| inert(&cell)));
    }
    table
}

fn row(history: &History, control: &ControlHistory, targets: &str) -> [String; 20] {
    let text = |value: Option<String>| value.unwrap_or_default();
    let longest = control.longest;
    let of = |status| intervals(&control.states, status);
    [
        control.id.clone(),
        control.title.clone(),
        control.category.to_string(),
        control.noted.clone(),
        control.scans.to_string(),
        control.decided.to_string(),
        text(control.first.map(|at| at.to_string())),
        text(control.last.map(|at| at.to_string())),
        history.cadence.to_string(),
        text(longest.map(|longest| longest.seconds.to_string())),
        text(longest.map(|longest| longest.from.to_string())),
        text(longest.map(|longest| longest.to.to_string())),
        control.missed.to_string(),
        of(ControlStatus::Gap),
        of(ControlStatus::Unknown),
        of(ControlStatus::ManualRequired),
        of(ControlStatus::PartiallyEvidenced),
        of(ControlStatus::MetWithExceptions),
        control.waivers.join("; "),
        targets.to_owned(),
    ]
}

fn intervals(states: &[Interval], status: ControlStatus) -> String {
    let states = states.iter().filter(|state| state.status == status);
    let states: Vec<_> = states
        .map(|state| {
            let to = state.to.map_or("..".to_owned(), |to| to.to_string());
            format!("{}/{to}", state.from)
        })
        .collect();
    states.join("; ")
}
