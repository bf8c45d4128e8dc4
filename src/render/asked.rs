//! What a scan was asked, beside what it was to read: the period of the audit, the limit of waivers, the rules.

use super::text::{counted, some};
use crate::model::Report;

/// The most rules that are named.
const RULES: usize = 20;

/// Each with its name; only what was configured or asked for.
pub fn asked(report: &Report) -> Vec<(&'static str, String)> {
    let mut asked = Vec::new();
    if let Some(period) = report.audit_period {
        asked.push(("Audit period", period.to_string()));
    }
    if let Some(days) = report.max_waiver_days {
        let days = counted(days.into(), "day");
        let limit = format!("hold for at most {days} after their approval");
        asked.push(("Waivers", limit));
    }
    if !report.rules_selected.is_empty() {
        let rules = format!(
            "only {} of {}: {}",
            report.rules_selected.len(),
            counted(report.checks.len(), "rule"),
            some(&report.rules_selected, RULES)
        );
        asked.push(("Rules", rules));
    }
    asked
}
