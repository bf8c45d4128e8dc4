//! A baseline: an earlier report whose open findings are known, and what became of them.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Coverage, Digests, Outcome, Severity, Subject};

/// How a finding that fails or is unknown stands to the baseline. The words are those of SARIF.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BaselineState {
    /// Not in the baseline, or worse than there: the gate counts it.
    New,
    /// In the baseline, with other evidence, another reason or waiver, or a higher severity than now.
    Updated,
    Unchanged,
}

impl BaselineState {
    pub fn as_str(self) -> &'static str {
        match self {
            BaselineState::New => "new",
            BaselineState::Updated => "updated",
            BaselineState::Unchanged => "unchanged",
        }
    }
}

/// What happened, from one report to a later one, to what a rule says of a resource. Worse first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// The rule held, or did not apply; it fails now.
    Regressed,
    /// The resource was not there; it fails or is unknown.
    New,
    /// It failed under a waiver, and fails without one now.
    WaiverEnded,
    /// It was unknown, and turned out to fail.
    Revealed,
    /// It failed and fails, and the rule is more severe now.
    SeverityRose,
    /// The rule was not run, or the resource not looked at; it fails or is unknown.
    NewlyChecked,
    /// It was known; it could not be read or decided now.
    BecameUnknown,
    /// It was open, and was not looked at now: nobody knows.
    NotChecked,
    /// It fails, under a waiver now.
    Waived,
    /// It failed and fails, and the rule is less severe now.
    SeverityFell,
    /// It failed; the rule does not apply to it now.
    NoLongerApplies,
    /// It was open; the resource is not there now.
    Disappeared,
    /// It was unknown, and turned out to hold or not to apply.
    BecameKnown,
    /// It failed, and holds now.
    Fixed,
}

impl Transition {
    pub const ALL: [Transition; 14] = [
        Transition::Regressed,
        Transition::New,
        Transition::WaiverEnded,
        Transition::Revealed,
        Transition::SeverityRose,
        Transition::NewlyChecked,
        Transition::BecameUnknown,
        Transition::NotChecked,
        Transition::Waived,
        Transition::SeverityFell,
        Transition::NoLongerApplies,
        Transition::Disappeared,
        Transition::BecameKnown,
        Transition::Fixed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Transition::Regressed => "regressed",
            Transition::New => "new",
            Transition::WaiverEnded => "waiver_ended",
            Transition::Revealed => "revealed",
            Transition::SeverityRose => "severity_rose",
            Transition::NewlyChecked => "newly_checked",
            Transition::BecameUnknown => "became_unknown",
            Transition::NotChecked => "not_checked",
            Transition::Waived => "waived",
            Transition::SeverityFell => "severity_fell",
            Transition::NoLongerApplies => "no_longer_applies",
            Transition::Disappeared => "disappeared",
            Transition::BecameKnown => "became_known",
            Transition::Fixed => "fixed",
        }
    }

    /// Whether what is open after it was not open, or not as bad, before.
    pub fn is_new(self) -> bool {
        self <= Transition::BecameUnknown
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The report that another was compared with, and what no finding of that other one can say. The gate counts only what
/// is new; everything is listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// When the scan of the baseline began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub taken_at: Timestamp,
    pub digests: Digests,
    /// Rules that are open though none of their findings is, for want of any resource or of a whole list, and were not
    /// so in the baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_checks: Vec<String>,
    /// Lists that could not be read to the end, and could then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_unread: Vec<Coverage>,
    /// Criteria that a person attests not to operate, and did not then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_denied: Vec<String>,
    /// What people have to do and had not to do then: ids of criteria, waivers and attestations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_manual: Vec<String>,
    /// What was open in the baseline and is not open any more, sorted by rule and resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Gone>,
    /// What to know before comparing: other rules, another order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What was open in a baseline and is not open any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gone {
    pub rule: String,
    pub severity: Severity,
    /// Absent where it was the want of any resource that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Subject>,
    pub was: Outcome,
    /// What came of it. `not_checked` is not good news.
    pub now: Transition,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transitions_are_in_their_order_and_named_as_in_json() {
        assert!(Transition::ALL.is_sorted());
        for transition in Transition::ALL {
            assert_eq!(
                serde_json::to_value(transition).unwrap(),
                transition.as_str()
            );
        }
        assert!(Transition::BecameUnknown.is_new());
        assert!(!Transition::NotChecked.is_new());
    }
}
