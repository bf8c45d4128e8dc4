//! Checks and attestation topics of which one is enough for a criterion.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AttestationStatus, CheckStatus};

/// What stands in place of required checks of a criterion: one of its checks and topics is enough. A check in it stays
/// what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The required checks that it stands for, sorted; they are among `checks`.
    pub stands_for: Vec<String>,
    pub status: GroupStatus,
    /// The status in each account or cluster, where there are several; the group's own is the worst of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_target: BTreeMap<String, GroupStatus>,
    pub checks: BTreeMap<String, CheckStatus>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attestations: BTreeMap<String, AttestationStatus>,
}

/// The status of a group, worst first: passed or attested if one of its members is so completely, else as bad as the worst.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GroupStatus {
    Fail,
    Unknown,
    NotRun,
    /// No check passes, and a person has yet to attest the topic.
    ManualRequired,
    PassWithWaiver,
    Attested,
    Pass,
    NotApplicable,
}

impl GroupStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            GroupStatus::Fail => "fail",
            GroupStatus::Unknown => "unknown",
            GroupStatus::NotRun => "not_run",
            GroupStatus::ManualRequired => "manual_required",
            GroupStatus::PassWithWaiver => "pass_with_waiver",
            GroupStatus::Attested => "attested",
            GroupStatus::Pass => "pass",
            GroupStatus::NotApplicable => "not_applicable",
        }
    }

    /// Whether one of the members is enough.
    pub fn is_enough(self) -> bool {
        matches!(self, GroupStatus::Attested | GroupStatus::Pass)
    }
}

impl fmt::Display for GroupStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
