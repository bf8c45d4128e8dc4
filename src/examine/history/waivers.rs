//! The waivers that were in force, each from the first scan to the last.

use std::collections::BTreeMap;

use super::WaiverHistory;
use crate::model::{Report, WaiverReport};

/// Whether a finding carries it, whatever became of others that it means.
pub fn is_in_force(waiver: &WaiverReport) -> bool {
    waiver.applied > 0
}

/// A waiver that is approved anew, or until another day, is another.
pub fn waivers(reports: &[&Report]) -> Vec<WaiverHistory> {
    let mut all: BTreeMap<(&str, &str, &str), WaiverHistory> = BTreeMap::new();
    for report in reports {
        for waiver in report.waivers.iter().filter(|waiver| is_in_force(waiver)) {
            let key = (
                waiver.id.as_str(),
                waiver.approved_on.as_str(),
                waiver.expires.as_str(),
            );
            let known = all.entry(key).or_insert_with(|| WaiverHistory {
                id: waiver.id.clone(),
                check: waiver.check.clone(),
                reason: waiver.reason.clone(),
                owner: waiver.owner.clone(),
                approved_by: waiver.approved_by.clone(),
                approved_on: waiver.approved_on.clone(),
                expires: waiver.expires.clone(),
                first: report.taken_at,
                last: report.taken_at,
                scans: 0,
                applied: 0,
            });
            known.last = report.taken_at;
            known.scans += 1;
            known.applied = known.applied.max(waiver.applied);
        }
    }
    all.into_values().collect()
}
