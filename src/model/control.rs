//! The 61 criteria of the Trust Services Criteria in our own words, and the states that a control can be in.

use std::fmt;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A category of the Trust Services Criteria. Security is always in scope.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Security,
    Availability,
    Confidentiality,
    ProcessingIntegrity,
    Privacy,
}

impl Category {
    pub const ALL: [Category; 5] = [
        Category::Security,
        Category::Availability,
        Category::Confidentiality,
        Category::ProcessingIntegrity,
        Category::Privacy,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Category::Security => "security",
            Category::Availability => "availability",
            Category::Confidentiality => "confidentiality",
            Category::ProcessingIntegrity => "processing_integrity",
            Category::Privacy => "privacy",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much of a criterion configuration can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automation {
    Automatable,
    Partial,
    Manual,
}

/// One criterion of the standard. The title is ours; the AICPA's text is never quoted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// `CC6.1`, `A1.2`, `PI1.4`, ...
    pub id: String,
    pub category: Category,
    pub series: String,
    pub series_title: String,
    pub title: String,
    pub automation: Automation,
    /// What people must attest before the criterion can be met.
    #[serde(default)]
    pub attestation_topics: Vec<String>,
    /// What the cloud provider carries, by the carve-out method.
    #[serde(default)]
    pub inherited_from_csp: Option<String>,
}

#[derive(Deserialize)]
struct Standard {
    criteria: Vec<Criterion>,
}

/// The file that the criteria are read from.
pub const CRITERIA_FILE: &str = include_str!("criteria.yaml");

#[expect(
    clippy::expect_used,
    reason = "the file is embedded, and a test reads it"
)]
static CRITERIA: LazyLock<Vec<Criterion>> = LazyLock::new(|| {
    let standard: Standard = serde_saphyr::from_str(CRITERIA_FILE)
        .expect("criteria.yaml is embedded, and a test reads it");
    standard.criteria
});

/// All 61 criteria in the order of the standard: CC1.1 to CC9.2, then A, C, PI and P.
pub fn criteria() -> &'static [Criterion] {
    &CRITERIA
}

/// The criterion with this id.
pub fn criterion(id: &str) -> Option<&'static Criterion> {
    criteria().iter().find(|criterion| criterion.id == id)
}

/// The status of a control (status model, section 2), worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ControlStatus {
    Gap,
    Unknown,
    ManualRequired,
    PartiallyEvidenced,
    MetWithExceptions,
    Attested,
    Met,
    NotApplicable,
    OutOfScope,
}

impl ControlStatus {
    pub const ALL: [ControlStatus; 9] = [
        ControlStatus::Gap,
        ControlStatus::Unknown,
        ControlStatus::ManualRequired,
        ControlStatus::PartiallyEvidenced,
        ControlStatus::MetWithExceptions,
        ControlStatus::Attested,
        ControlStatus::Met,
        ControlStatus::NotApplicable,
        ControlStatus::OutOfScope,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ControlStatus::Gap => "gap",
            ControlStatus::Unknown => "unknown",
            ControlStatus::ManualRequired => "manual_required",
            ControlStatus::PartiallyEvidenced => "partially_evidenced",
            ControlStatus::MetWithExceptions => "met_with_exceptions",
            ControlStatus::Attested => "attested",
            ControlStatus::Met => "met",
            ControlStatus::NotApplicable => "not_applicable",
            ControlStatus::OutOfScope => "out_of_scope",
        }
    }
}

impl fmt::Display for ControlStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_has_61_criteria_and_every_id_once() {
        let mut ids: Vec<_> = criteria().iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids.len(), 61);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 61);
        let count = |category| criteria().iter().filter(|c| c.category == category).count();
        assert_eq!(Category::ALL.map(count), [33, 3, 2, 5, 18]);
    }

    #[test]
    fn every_title_is_short_enough_to_be_ours() {
        for criterion in criteria() {
            assert!(
                criterion.title.split_whitespace().count() <= 15,
                "{}: {}",
                criterion.id,
                criterion.title
            );
        }
    }
}
