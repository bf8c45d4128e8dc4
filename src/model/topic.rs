//! What people attest: every topic in our own words, and what good evidence for it is.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Criterion, criteria};

/// A topic that a person may attest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub id: String,
    /// What is attested, in a line.
    pub about: String,
    /// What an auditor takes for good evidence.
    pub evidence: String,
    /// The criteria that it supports where no criterion asks for it by name.
    #[serde(default)]
    pub supports: Vec<String>,
    /// Whether it is about vendors' own reports, so that the vendor's report must be named.
    #[serde(default)]
    pub vendor: bool,
}

impl Topic {
    /// The criteria that ask for it, and those that it only supports.
    pub fn criteria(&self) -> Vec<&'static Criterion> {
        criteria()
            .iter()
            .filter(|criterion| {
                criterion.attestation_topics.contains(&self.id)
                    || self.supports.contains(&criterion.id)
            })
            .collect()
    }
}

/// The file that the topics are read from.
pub const TOPICS_FILE: &str = include_str!("topics.yaml");

#[expect(
    clippy::expect_used,
    reason = "the file is embedded, and a test reads it"
)]
static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| {
    serde_saphyr::from_str(TOPICS_FILE).expect("topics.yaml is embedded, and a test reads it")
});

/// All topics, sorted by id.
pub fn topics() -> &'static [Topic] {
    &TOPICS
}

/// The topic with this id.
pub fn topic(id: &str) -> Option<&'static Topic> {
    topics().iter().find(|topic| topic.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::criterion;

    #[test]
    fn every_topic_that_a_criterion_asks_for_is_described_once() {
        let ids: Vec<_> = topics().iter().map(|topic| topic.id.as_str()).collect();
        assert!(ids.is_sorted(), "sorted by id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        for criterion in criteria() {
            for id in &criterion.attestation_topics {
                assert!(topic(id).is_some(), "{}: {id}", criterion.id);
            }
        }
    }

    #[test]
    fn every_topic_bears_on_a_criterion_and_says_what_good_evidence_is() {
        for topic in topics() {
            assert!(!topic.criteria().is_empty(), "{}", topic.id);
            assert!(topic.about.len() > 15, "{}", topic.id);
            assert!(topic.evidence.len() > 30, "{}", topic.id);
            for id in &topic.supports {
                let criterion = criterion(id).unwrap();
                assert!(!criterion.attestation_topics.contains(&topic.id));
            }
        }
    }
}
