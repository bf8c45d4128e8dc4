//! What a report is asked to speak of: categories, less the criteria that management declares not applicable.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Options;
use super::status::Scoping;
use crate::model::{Category, Criterion, ScopeDecisionReport, criterion};
use crate::register::ScopeDecision;

/// The criteria that count.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    pub categories: BTreeSet<Category>,
    /// The decision about each criterion that does not apply.
    pub decided: BTreeMap<&'a str, &'a ScopeDecision>,
}

impl<'a> Scope<'a> {
    /// The scope at a moment, and every decision with what came of it. One that was approved later does not hold.
    pub fn new(options: &'a Options, moment: Timestamp) -> (Self, Vec<ScopeDecisionReport>) {
        let today = moment.to_zoned(TimeZone::UTC).date();
        let mut scope = Self {
            categories: options.categories.clone(),
            decided: BTreeMap::new(),
        };
        let mut reports = Vec::new();
        for decision in &options.not_applicable {
            let mut report = decision.report();
            if decision.approved_on > today {
                report.note =
                    Some("it is approved later than the scan, and does not hold".to_owned());
            } else {
                let ids = decision.controls.iter().map(String::as_str);
                scope.decided.extend(ids.clone().map(|id| (id, decision)));
                let out: Vec<_> = ids
                    .filter(|id| {
                        criterion(id).is_some_and(|one| !scope.categories.contains(&one.category))
                    })
                    .collect();
                if !out.is_empty() {
                    report.note = Some(format!("not in scope anyway: {}", out.join(", ")));
                }
            }
            reports.push(report);
        }
        (scope, reports)
    }

    pub fn of(&self, criterion: &Criterion) -> Scoping {
        if !self.categories.contains(&criterion.category) {
            Scoping::Out
        } else if self.decided.contains_key(criterion.id.as_str()) {
            Scoping::NotApplicable
        } else {
            Scoping::In
        }
    }

    /// `All data is public (owner a, approved by b on 2026-10-01)`
    pub fn why(&self, criterion: &Criterion) -> Option<String> {
        let decision = self.decided.get(criterion.id.as_str())?;
        let reason: Vec<_> = decision.reason.split_whitespace().collect();
        Some(format!(
            "{} (owner {}, approved by {} on {})",
            reason.join(" "),
            decision.owner,
            decision.approved_by,
            decision.approved_on
        ))
    }
}
