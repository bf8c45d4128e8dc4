//! A baseline in words: what of a report is new, what is known, and what is gone.

use super::text::{clean, counted};
use crate::model::{
    Baseline, BaselineState, CheckReport, Finding, Gone, Outcome, Report, Transition,
};

/// The heading of what is gone.
pub const GONE: &str = "Open in the baseline and not now";

/// The word beside a finding: whether the baseline has it.
pub fn mark(finding: &Finding) -> Option<&'static str> {
    match finding.baseline? {
        BaselineState::New => Some("new"),
        BaselineState::Updated | BaselineState::Unchanged => Some("baseline"),
    }
}

/// Whether the baseline has an open finding already, no better than it is now.
pub fn is_known(finding: &Finding) -> bool {
    finding
        .baseline
        .is_some_and(|state| state != BaselineState::New)
}

/// Whether there is a baseline, and nothing about the check is new since.
pub fn is_known_check(report: &Report, check: &CheckReport) -> bool {
    let Some(baseline) = &report.baseline else {
        return false;
    };
    let mut findings = report.findings.iter();
    !baseline.new_checks.contains(&check.rule)
        && !findings.any(|finding| {
            finding.rule == check.rule
                && finding.is_open()
                && finding.baseline == Some(BaselineState::New)
        })
}

/// What was open in the baseline and is not open now.
pub fn gone(report: &Report) -> &[Gone] {
    let baseline = report.baseline.as_ref();
    baseline.map_or(&[], |baseline| &baseline.gone)
}

/// What makes the report and its baseline hard to compare.
pub fn warnings(report: &Report) -> &[String] {
    let baseline = report.baseline.as_ref();
    baseline.map_or(&[], |baseline| &baseline.warnings)
}

/// `Against the baseline of 2026-11-01 08:00:00 UTC: 12 findings fail, 3 of them new; 2 unknown, none of them new; 4
/// gone`
pub fn headline(report: &Report) -> Option<String> {
    let baseline = report.baseline.as_ref()?;
    let count = |outcome: Outcome| {
        let open = report.findings.iter();
        let open: Vec<_> = open
            .filter(|finding| finding.is_open() && finding.outcome == outcome)
            .collect();
        let new = open
            .iter()
            .filter(|finding| finding.baseline == Some(BaselineState::New));
        (open.len(), new.count())
    };
    let mut parts = Vec::new();
    for (outcome, one, many) in [
        (Outcome::Fail, "finding fails", "findings fail"),
        (Outcome::Unknown, "is unknown", "are unknown"),
    ] {
        let (all, new) = count(outcome);
        let words = if all == 1 { one } else { many };
        parts.push(format!("{all} {words}{}", of_them(all, new)));
    }
    parts.extend(beside(baseline));
    Some(format!(
        "Against the baseline of {}: {}",
        baseline.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        parts.join("; ")
    ))
}

fn of_them(all: usize, new: usize) -> String {
    match (all, new) {
        (0, _) => String::new(),
        (1, 1) => ", new".to_owned(),
        (1, _) => ", not new".to_owned(),
        (_, 0) => ", none of them new".to_owned(),
        (_, new) => format!(", {new} of them new"),
    }
}

/// What is new and is no finding, and what is gone.
fn beside(baseline: &Baseline) -> Vec<String> {
    let mut parts = Vec::new();
    if !baseline.new_checks.is_empty() {
        let checks = counted(baseline.new_checks.len(), "check");
        parts.push(format!("{checks} newly open as a whole"));
    }
    if !baseline.new_unread.is_empty() {
        let lists = counted(baseline.new_unread.len(), "list");
        parts.push(format!("{lists} newly not read"));
    }
    if !baseline.new_denied.is_empty() {
        let ids = baseline.new_denied.join(", ");
        parts.push(format!("newly attested as not operating: {}", clean(&ids)));
    }
    let not_checked = |gone: &&Gone| gone.now == Transition::NotChecked;
    let unseen = baseline.gone.iter().filter(not_checked).count();
    parts.push(format!("{} gone", baseline.gone.len() - unseen));
    if unseen > 0 {
        parts.push(format!("{unseen} not checked now"));
    }
    parts
}
