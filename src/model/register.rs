//! Waivers and attestations as a report shows them: what people wrote down, and what came of it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AttestationStatus, Severity};

/// What came of a waiver.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// Its entry is wrong: it was ignored.
    Invalid,
    /// The day after which it holds no more has passed: what it was for fails again.
    Expired,
    /// The value that was approved is not the value that was found.
    LapsedByObservedChange,
    /// A check that was to make up for the failure does not pass.
    LapsedByCompensatingControl,
    /// It applies, for 30 days at most.
    Expiring,
    Applied,
    /// It holds only later than the scan.
    Pending,
    /// Nothing that fails is meant by it.
    Unused,
}

impl WaiverState {
    pub const ALL: [WaiverState; 8] = [
        WaiverState::Invalid,
        WaiverState::Expired,
        WaiverState::LapsedByObservedChange,
        WaiverState::LapsedByCompensatingControl,
        WaiverState::Expiring,
        WaiverState::Applied,
        WaiverState::Pending,
        WaiverState::Unused,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            WaiverState::Invalid => "invalid",
            WaiverState::Expired => "expired",
            WaiverState::LapsedByObservedChange => "lapsed_by_observed_change",
            WaiverState::LapsedByCompensatingControl => "lapsed_by_compensating_control",
            WaiverState::Expiring => "expiring",
            WaiverState::Applied => "applied",
            WaiverState::Pending => "pending",
            WaiverState::Unused => "unused",
        }
    }

    /// Whether somebody has to mend or renew it.
    pub fn is_problem(self) -> bool {
        matches!(
            self,
            WaiverState::Invalid
                | WaiverState::Expired
                | WaiverState::LapsedByObservedChange
                | WaiverState::LapsedByCompensatingControl
        )
    }
}

impl fmt::Display for WaiverState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry of waivers.yaml, and what came of it. Of an invalid entry, what could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverReport {
    pub id: String,
    /// The rule whose failures it is about.
    pub check: String,
    pub state: WaiverState,
    /// The selectors, all of which a resource must meet: `region` -> `eu-*`.
    #[serde(rename = "match")]
    pub selectors: BTreeMap<String, String>,
    /// The values that were approved; another value, and it lapses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observed: BTreeMap<String, serde_json::Value>,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub approved_on: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// As written: a date holds until its end, in UTC.
    pub expires: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Severity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensating_control: Option<CompensatingControl>,
    /// The failing findings that it means.
    pub matched: usize,
    /// Those that it waives.
    pub applied: usize,
    /// What else there is to say of its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What makes up for a failure that is waived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompensatingControl {
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The waiver holds only while all of these pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

/// What an attester says of a topic.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttestedResult {
    Operating,
    NotOperating,
    NotApplicable,
}

impl AttestedResult {
    pub const ALL: [AttestedResult; 3] = [
        AttestedResult::Operating,
        AttestedResult::NotOperating,
        AttestedResult::NotApplicable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            AttestedResult::Operating => "operating",
            AttestedResult::NotOperating => "not_operating",
            AttestedResult::NotApplicable => "not_applicable",
        }
    }
}

/// One entry of attestations.yaml, and what came of it. Of an invalid entry, what could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttestationReport {
    pub id: String,
    pub topic: String,
    pub state: AttestationStatus,
    /// A newer attestation stands in its place; this one decides nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub superseded: bool,
    /// The criteria that it is evidence for.
    pub controls: Vec<String>,
    pub statement: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AttestedResult>,
    pub owner: String,
    pub attested_by: String,
    pub attested_on: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_on: Option<String>,
    /// The last day on which it is evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_until: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<AttestedDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<AttestedPopulation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorReport>,
    /// What else there is to say of its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A document that an attestation rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestedDocument {
    pub title: String,
    /// From the folder of the attestations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_on: Option<String>,
    /// Of the file as it was read; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// From the first day to the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    pub start: String,
    pub end: String,
}

/// What was looked at in whole: all leavers, all changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestedPopulation {
    pub description: String,
    pub count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The file that lists it, from the folder of the attestations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_sha256: Option<String>,
}

/// A vendor's own report, as it was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VendorReport {
    pub name: String,
    pub report_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_period_start: Option<String>,
    pub report_period_end: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<String>,
    /// What covers the time since the report's period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge_letter: Option<String>,
    /// Whether what the vendor leaves to its customers was gone through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuecs_reviewed: Option<bool>,
}

/// Criteria that management declares not applicable, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeDecisionReport {
    pub controls: Vec<String>,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub approved_on: String,
    /// Why it does not hold, or not for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
