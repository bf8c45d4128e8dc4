//! What changed from one report or snapshot to another, as plain data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::model::{
    AttestationStatus, CheckStatus, ControlStatus, Kind, Outcome, Scope, Seen, Severity, Subject,
    Target, Tool, Transition, WaiverState,
};

/// What changed. Lists are sorted; of reports the findings, of snapshots the documents are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// Always `soc2scan.diff/v1`.
    pub schema: String,
    pub of: Of,
    pub before: Side,
    pub after: Side,
    /// What to know before reading on: other targets, other rules, another order.
    pub warnings: Vec<String>,
    pub totals: Totals,
    /// Criteria whose status changed, in the standard's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlChange>,
    /// Worse first, then by rule and resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<CoverageChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<StateChange<WaiverState>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<StateChange<AttestationStatus>>,
}

impl Diff {
    pub const SCHEMA: &str = "soc2scan.diff/v1";

    /// Whether nothing changed that the diff speaks of.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty()
            && self.findings.is_empty()
            && self.resources.is_empty()
            && self.checks.is_empty()
            && self.coverage.is_empty()
            && self.waivers.is_empty()
            && self.attestations.is_empty()
    }

    /// Whether something fails without a waiver that did not, or not as badly, or a person says now that something does not
    /// operate.
    pub fn has_new_gap(&self) -> bool {
        let mut findings = self.findings.iter();
        let mut attestations = self.attestations.iter();
        findings.any(|change| {
            change.transition.is_new()
                && change
                    .after
                    .as_ref()
                    .is_some_and(|state| state.outcome == Outcome::Fail && state.waiver.is_none())
        }) || attestations.any(|change| change.after == Some(AttestationStatus::Negative))
    }

    /// Whether something was known, or could be read, and is not any more.
    pub fn has_new_unknown(&self) -> bool {
        let mut findings = self.findings.iter();
        let mut rows = self.coverage.iter();
        findings.any(|change| {
            change.transition == Transition::NotChecked
                || change.transition.is_new()
                    && change
                        .after
                        .as_ref()
                        .is_some_and(|state| state.outcome == Outcome::Unknown)
        }) || rows.any(|row| {
            !matches!(row.before, Some(Seen::Unread(_)))
                && matches!(row.after, None | Some(Seen::Unread(_)))
        })
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    Reports,
    Snapshots,
}

/// One of the two that are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    pub taken_at: Timestamp,
    pub tool: Tool,
    pub targets: Vec<Target>,
    /// SHA-256 of the snapshot as JSON lines.
    pub snapshot: String,
    /// SHA-256 of the rules; absent of a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<String>,
}

/// The headline in counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Findings by what happened to them, where any did.
    pub findings: BTreeMap<Transition, usize>,
    /// Without a waiver.
    pub failing: Counted,
    pub unknown: Counted,
    pub resources: BTreeMap<ResourceFate, usize>,
}

/// How many there were and are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub before: usize,
    pub after: usize,
}

/// A criterion whose status changed, and why it is as it is on either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlChange {
    pub id: String,
    pub title: String,
    pub direction: Direction,
    pub before: ControlStatus,
    pub after: ControlStatus,
    pub why_before: String,
    pub why_after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Worse,
    Better,
    /// Neither: into scope or out of it, or from a gap to what nobody knows.
    Other,
}

/// What a rule says of a resource in one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub outcome: Outcome,
    pub severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
}

/// What happened to what a rule says of a resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingChange {
    pub transition: Transition,
    pub rule: String,
    pub title: String,
    /// As it is now, or was last.
    pub severity: Severity,
    /// Absent where a check is open by itself: nothing exists, or a list is not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Standing>,
    /// The facts whose values differ, where both reports have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<PathChange>,
}

/// A value at a path, before and after; absent on a side where there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathChange {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What became of a resource that a check judged, or that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceChange {
    pub fate: ResourceFate,
    pub resource: Subject,
    /// How many of its rules are open: on the side on which it is.
    #[serde(skip_serializing_if = "is_zero")]
    pub open: usize,
    /// What changed in its document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathChange>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceFate {
    Appeared,
    Disappeared,
    /// Its document changed.
    Changed,
    /// It is there now, and nobody looked before.
    NewlySeen,
    /// It was there, and nobody looked now.
    NotSeen,
}

impl ResourceFate {
    pub fn as_str(self) -> &'static str {
        match self {
            ResourceFate::Appeared => "appeared",
            ResourceFate::Disappeared => "disappeared",
            ResourceFate::Changed => "changed",
            ResourceFate::NewlySeen => "newly_seen",
            ResourceFate::NotSeen => "not_seen",
        }
    }
}

/// A rule that is new, gone or different, or whose status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    pub rule: String,
    pub title: String,
    /// Absent where the rulebook did not have the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<CheckStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<CheckStatus>,
    /// What is different about the rule itself: `severity low, now high`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// A list that could be read on one side only, or was asked for on one side only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageChange {
    pub kind: Kind,
    pub scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Seen>,
}

/// A waiver or an attestation that is new, gone or in another state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateChange<T> {
    pub id: String,
    /// The rule of a waiver, the topic of an attestation.
    pub about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<T>,
}
