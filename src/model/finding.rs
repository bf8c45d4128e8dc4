//! A finding: one rule's verdict on one resource, with the evidence that it rests on.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BaselineState, Kind, Origin, ResourceId, Scope, Unread};

/// How much a failing rule matters, from the rule file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Severity; 4] = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule's verdict on a resource. Nothing rewrites it: no waiver, no attestation, no configuration.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Fail,
    Unknown,
    Pass,
    NotApplicable,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::Pass => "pass",
            Outcome::NotApplicable => "not_applicable",
        }
    }
}

/// The status of a rule over all its resources (status model, section 1).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    Fail,
    Unknown,
    NotRun,
    PassWithWaiver,
    Pass,
    NotApplicable,
}

impl CheckStatus {
    pub const ALL: [CheckStatus; 6] = [
        CheckStatus::Fail,
        CheckStatus::Unknown,
        CheckStatus::NotRun,
        CheckStatus::PassWithWaiver,
        CheckStatus::Pass,
        CheckStatus::NotApplicable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CheckStatus::Fail => "fail",
            CheckStatus::Unknown => "unknown",
            CheckStatus::NotRun => "not_run",
            CheckStatus::PassWithWaiver => "pass_with_waiver",
            CheckStatus::Pass => "pass",
            CheckStatus::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for CheckStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a check was not run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NotRun {
    /// No platform that it is about was scanned, or not all that it needs.
    NotScanned,
    /// Manifests were read, and they do not hold what it is about.
    NotInManifests,
    /// It reads samples of content, and its parameter names nothing that it may sample.
    NothingNamed,
    /// It is not among the rules that the scan was asked for.
    NotSelected,
}

impl NotRun {
    /// Whether what it asks about is out of scope, so that it bears on no criterion; what was only not selected may be amiss.
    pub fn is_out_of_scope(self) -> bool {
        self != NotRun::NotSelected
    }
}

/// The resource that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    pub kind: Kind,
    pub id: ResourceId,
    pub scope: Scope,
    /// The file and line that it was read from, where it was read from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// One rule's verdict on one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id; its text stands once, in the report's checks.
    pub rule: String,
    pub severity: Severity,
    pub resource: Subject,
    pub outcome: Outcome,
    /// Why the outcome is unknown; absent for every other outcome, and where the rule is at fault (`rule_bugs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Unread>,
    /// Every fact that the rule's expressions name, and its value: `BackupRetentionPeriod` -> `0`.
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// The id of the waiver that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
    /// The id of a waiver that applied until it expired: the failure counts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver_expired: Option<String>,
    /// How it stands to the baseline; absent without one, and where it neither fails nor is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineState>,
}

impl Finding {
    /// Whether somebody has something to do about it: it fails without a waiver, or is unknown.
    pub fn is_open(&self) -> bool {
        match self.outcome {
            Outcome::Fail => self.waiver.is_none(),
            Outcome::Unknown => true,
            Outcome::Pass | Outcome::NotApplicable => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_has_one_name() {
        use Outcome::*;
        for outcome in [Fail, Unknown, Pass, NotApplicable] {
            let written = serde_json::to_value(outcome).unwrap();
            assert_eq!(written, outcome.as_str());
        }
    }
}
