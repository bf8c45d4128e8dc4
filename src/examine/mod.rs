//! Examination: what reports say together. What changed between two, what is new since a baseline, what held over a
//! period, and a sample of a population. Reads no clock, no environment, no file, and cannot fail.

mod baseline;
mod checks;
mod diff;
mod history;
mod pairs;
mod reports;
mod sample;
mod snapshots;

pub use baseline::{OtherTarget, compare, stale, waits};
pub use diff::{
    CheckChange, ControlChange, Counted, CoverageChange, Diff, Direction, FindingChange, Of,
    PathChange, ResourceChange, ResourceFate, Side, Standing, StateChange, Totals,
};
pub use history::{
    Cadence, Change, ControlHistory, Ended, Frame, History, Interval, Longest, Period, Remark,
    Remediation, Scan, TargetHistory, Times, WaiverHistory, history,
};
pub use reports::diff;
pub use sample::{ALGORITHM, Picked, Sample, sample};
pub use snapshots::diff_snapshots;
