//! A history for a terminal, as CSV, as JSON and as a page for an examiner.

mod csv;
mod table;

use jiff::Timestamp;

pub use super::html::history::html;
pub use csv::csv;
pub use table::table;

use crate::examine::{ControlHistory, History, Interval, Longest, Remediation};
use crate::model::ControlStatus;

use super::text::{clean, counted, words};

/// The JSON form, `soc2scan.history/v1`.
pub fn json(history: &History) -> String {
    super::json::pretty(history)
}

/// What a history says of itself on every page.
pub(super) const MEANS: &str = "What scans noted at the moments at which they looked. Between two scans nobody looked; \
                                that nothing was noted is no statement that a control works.";

pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A time in two units at most: `3d 4h`, `2h 5m`, `12s`.
pub(super) fn span(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, size) in units {
        let count = left / size;
        left %= size;
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// `from 2026-01-01 to 2026-06-30, 12 scans, a scan wanted every 1d`
pub(super) fn headline(history: &History) -> String {
    let of = match (&history.period, history.span()) {
        (Some(period), _) => format!("Period {} to {}", period.start, period.end),
        (None, Some((first, last))) => format!("From {} to {}", moment(first), moment(last)),
        (None, None) => "No period".to_owned(),
    };
    format!(
        "{of}: {}, one wanted every {}",
        counted(history.scans.len(), "scan"),
        history.cadence
    )
}

/// `9d 2h from 2026-01-03 08:00 UTC to 2026-01-12 10:00 UTC`
pub(super) fn longest(longest: &Longest) -> String {
    format!(
        "{} from {} to {}",
        span(longest.seconds),
        moment(longest.from),
        moment(longest.to)
    )
}

/// The longest interval without a decided scan, and whether it is too long.
pub(super) fn cadence(longest: Option<&Longest>, missed: usize) -> String {
    match (longest, missed) {
        (None, _) => "no interval".to_owned(),
        (Some(longest), 0) => span(longest.seconds),
        (Some(longest), missed) => format!(
            "{}, {} longer than the cadence",
            span(longest.seconds),
            counted(missed, "interval")
        ),
    }
}

/// The states of a criterion that somebody has to look at: all but met, attested and not applicable.
pub(super) fn open_states(control: &ControlHistory) -> impl Iterator<Item = &Interval> {
    let states = control.states.iter();
    states.filter(|state| {
        !matches!(
            state.status,
            ControlStatus::Met
                | ControlStatus::Attested
                | ControlStatus::NotApplicable
                | ControlStatus::OutOfScope
        )
    })
}

/// `gap from 2026-01-03 08:00 UTC to 2026-01-12 10:00 UTC (3 scans)`
pub(super) fn interval(interval: &Interval) -> String {
    let until = match interval.to {
        Some(to) => format!("to {}", moment(to)),
        None => "and still at the last scan".to_owned(),
    };
    format!(
        "{} from {} {until} ({})",
        words(interval.status.as_str()),
        moment(interval.from),
        counted(interval.scans, "scan")
    )
}

/// `fixed after 3d 4h`, `open for 12d, last found 2026-01-12 10:00 UTC`
pub(super) fn outcome(failure: &Remediation) -> String {
    let least = if failure.from_the_start {
        "at least "
    } else {
        ""
    };
    let took = span(failure.seconds);
    match failure.how {
        Some(how) => format!("{} after {least}{took}", words(how.as_str())),
        None if failure.scans == 1 => "open".to_owned(),
        None => format!(
            "open for {least}{took}, last found {}",
            moment(failure.last)
        ),
    }
}

/// What changed about the scans, each at its moment.
pub(super) fn changes(history: &History) -> Vec<[String; 2]> {
    let changes = history.changes.iter();
    changes
        .map(|change| [moment(change.at), clean(&change.what)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_time_is_told_in_two_units_at_most() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (3_600, "1h"),
            (90_061, "1d 1h"),
            (86_400 + 60, "1d"),
            (7_500, "2h 5m"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
