//! A history: what held from scan to scan over a period, as plain data. It says what was noted, never that a control
//! works.

mod cadence;
mod changes;
mod controls;
mod remediation;
mod waivers;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use cadence::Intervals;
pub use cadence::{Cadence, Longest};
pub use remediation::{Ended, Remediation, Times};

use crate::model::{Category, CheckStatus, ControlStatus, Report};

/// What a history is told of, and against what.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub cadence: Cadence,
    /// The first day and the last.
    pub period: Option<(Date, Date)>,
    /// The period is looked at up to this moment.
    pub now: Timestamp,
}

/// What held from scan to scan. Scans are in the order of their time, controls in the standard's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// Always `soc2scan.history/v1`.
    pub schema: String,
    pub cadence: Cadence,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    pub scans: Vec<Scan>,
    /// The longest interval between scans of anything, and how many are longer than the cadence allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<Longest>,
    pub missed: usize,
    /// What changed about the scans themselves: what they looked at, and by which rules.
    pub changes: Vec<Change>,
    pub targets: Vec<TargetHistory>,
    pub controls: Vec<ControlHistory>,
    /// How long failures lasted, by severity.
    pub times: Vec<Times>,
    /// Every failure of a rule on a resource, sorted by severity, rule and resource.
    pub remediation: Vec<Remediation>,
    /// The waivers that were in force in a scan, sorted by id.
    pub waivers: Vec<WaiverHistory>,
    /// What was found and is no scan of this history, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Remark>,
    /// Where the chain of the bundles breaks: one of them was altered, or is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Remark>,
}

impl History {
    pub const SCHEMA: &str = "soc2scan.history/v1";

    /// The moments of the first scan and of the last.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.scans.first()?.at, self.scans.last()?.at))
    }
}

/// The days that the history is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    pub start: Date,
    pub end: Date,
    /// The beginning of the first day, in UTC.
    pub from: Timestamp,
    /// The end of the period, or the moment at which the history was made.
    pub until: Timestamp,
}

/// A report that the history is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scan {
    pub at: Timestamp,
    /// The file that it was read from.
    pub source: String,
    pub tool: String,
    pub targets: Vec<String>,
    /// SHA-256 of the rules and of what was seen.
    pub rulebook: String,
    pub snapshot: String,
    pub rules_run: usize,
    /// All nine states.
    pub controls: BTreeMap<ControlStatus, usize>,
    /// Under a waiver or not.
    pub failing: usize,
    pub unknown: usize,
}

/// What changed about the scans from one to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub at: Timestamp,
    pub what: String,
}

/// An account, a cluster or manifests: when it was scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetHistory {
    pub target: String,
    pub scans: usize,
    pub first: Timestamp,
    pub last: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<Longest>,
    /// How many intervals are longer than the cadence allows.
    pub missed: usize,
}

/// A criterion from scan to scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlHistory {
    pub id: String,
    pub title: String,
    pub category: Category,
    /// What was noted, in a sentence.
    pub noted: String,
    /// The scans in which it was in scope.
    pub scans: usize,
    /// Those that did not leave it unknown; intervals are between these.
    pub decided: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<Longest>,
    /// How many intervals are longer than the cadence allows.
    pub missed: usize,
    /// The scans by status.
    pub counts: BTreeMap<ControlStatus, usize>,
    /// Its states, one after the other.
    pub states: Vec<Interval>,
    /// The waivers in force over a check that it requires.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<String>,
}

/// A state that held from a scan until the next one that saw another. Between scans nobody looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    pub status: ControlStatus,
    pub from: Timestamp,
    /// Absent where it held at the last scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    pub scans: usize,
}

/// A waiver in the form that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaiverHistory {
    pub id: String,
    pub check: String,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub approved_on: String,
    pub expires: String,
    /// The first scan in which it was in force, and the last.
    pub first: Timestamp,
    pub last: Timestamp,
    pub scans: usize,
    /// The most findings that it waived in a scan.
    pub applied: usize,
}

/// What there is to say of something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    pub source: String,
    pub why: String,
}

/// The history that these reports tell, each with where it was read from.
pub fn history(found: Vec<(String, Report)>, frame: Frame, left_out: Vec<Remark>) -> History {
    let mut left_out = left_out;
    let period = frame.period.map(|(start, end)| Period {
        start,
        end,
        from: start_of(start),
        until: end_of(end).min(frame.now).max(start_of(start)),
    });
    let scans = scans(found, frame.period, &mut left_out);
    let reports: Vec<&Report> = scans.iter().map(|(_, report)| report).collect();
    let (remediation, times) = remediation::remediation(&reports);
    let intervals = Intervals {
        cadence: frame.cadence,
        period: period.as_ref().map(|period| (period.from, period.until)),
    };
    let moments: Vec<_> = reports.iter().map(|report| report.taken_at).collect();
    let (longest, missed) = intervals.of(&moments);
    History {
        schema: History::SCHEMA.to_owned(),
        cadence: frame.cadence,
        changes: changes::changes(&reports),
        targets: targets(&reports, &intervals),
        controls: controls::controls(&reports, &intervals),
        times,
        remediation,
        waivers: waivers::waivers(&reports),
        longest,
        missed,
        scans: scans
            .iter()
            .map(|(source, report)| scan(source, report))
            .collect(),
        left_out,
        chain: Vec::new(),
        period,
    }
}

fn start_of(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// The moment after the day's last.
fn end_of(day: Date) -> Timestamp {
    let next = day.tomorrow().ok();
    next.map_or(Timestamp::MAX, start_of)
}

/// The scans within the period, each once, in the order of their time.
fn scans(
    mut found: Vec<(String, Report)>,
    period: Option<(Date, Date)>,
    left_out: &mut Vec<Remark>,
) -> Vec<(String, Report)> {
    found.sort_by(|(a, mine), (b, theirs)| (mine.taken_at, a).cmp(&(theirs.taken_at, b)));
    let mut scans: Vec<(String, Report)> = Vec::new();
    for (source, report) in found {
        let outside = period.is_some_and(|(start, end)| {
            report.taken_at < start_of(start) || report.taken_at >= end_of(end)
        });
        let same = scans.iter().find(|(_, known)| {
            known.taken_at == report.taken_at && known.digests == report.digests
        });
        let why = match same {
            _ if outside => format!("its scan of {} is outside the period", report.taken_at),
            Some((known, _)) => format!("the same scan as {known}"),
            None => {
                scans.push((source, report));
                continue;
            }
        };
        left_out.push(Remark { source, why });
    }
    left_out.sort_by(|a, b| a.source.cmp(&b.source));
    scans
}

fn scan(source: &str, report: &Report) -> Scan {
    let ran = |check: &&crate::model::CheckReport| check.status != CheckStatus::NotRun;
    Scan {
        at: report.taken_at,
        source: source.to_owned(),
        tool: format!("{} {}", report.tool.name, report.tool.version),
        targets: report.targets.iter().map(ToString::to_string).collect(),
        rulebook: report.digests.rulebook.clone(),
        snapshot: report.digests.snapshot.clone(),
        rules_run: report.checks.iter().filter(ran).count(),
        controls: report.summary.controls.clone(),
        failing: report.summary.findings.fail,
        unknown: report.summary.findings.unknown,
    }
}

fn targets(reports: &[&Report], intervals: &Intervals) -> Vec<TargetHistory> {
    let mut moments: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for report in reports {
        let names: BTreeSet<_> = report.targets.iter().map(ToString::to_string).collect();
        for name in names {
            moments.entry(name).or_default().push(report.taken_at);
        }
    }
    let targets = moments.into_iter().filter_map(|(target, moments)| {
        let (longest, missed) = intervals.of(&moments);
        Some(TargetHistory {
            target,
            scans: moments.len(),
            first: *moments.first()?,
            last: *moments.last()?,
            longest,
            missed,
        })
    });
    targets.collect()
}

/// From one moment to another, in whole seconds.
fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).max(SignedDuration::ZERO).as_secs()
}
