//! The scope: everything that a report follows from beside the snapshot, the rules and what people wrote down.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::plan;
use crate::collect::Plan;
use crate::evaluate::{Document, Options};
use crate::model::{AuditPeriod, Category};
use crate::register::{Attestations, ScopeDecision, Waivers};
use crate::rules::{ParamError, Rulebook};

/// Parameters by rule, where they are not the rule's own.
pub type Params = BTreeMap<String, BTreeMap<String, Value>>;

/// Sets the parameters of rules within their bounds.
pub fn set_params(params: &Params, rulebook: &mut Rulebook) -> Result<(), ParamError> {
    for (rule, values) in params {
        for (param, value) in values {
            rulebook.set_param(rule, param, value.clone())?;
        }
    }
    Ok(())
}

/// What the command line and the configuration come to. A bundle holds it, so that the evaluation can be done again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub categories: BTreeSet<Category>,
    /// The criteria that somebody declared not applicable.
    pub not_applicable: Vec<ScopeDecision>,
    /// The ids of the rules to run; null for all.
    pub selected: Option<BTreeSet<String>>,
    pub params: Params,
    pub audit_period: Option<AuditPeriod>,
    pub max_waiver_days: u16,
    /// The two files as they were named, where there were any.
    pub waivers: Option<String>,
    pub attestations: Option<String>,
    /// The documents of attestations, by path as written, as they were found.
    pub documents: BTreeMap<String, Document>,
}

impl Scope {
    /// What the rules that are run have to read.
    pub fn plan(&self, rulebook: &Rulebook) -> Plan {
        let selected = self.selected.as_ref();
        plan(
            rulebook.rules.iter().filter(|rule| {
                rule.is_opted_in() && selected.is_none_or(|ids| ids.contains(&rule.id))
            }),
        )
    }

    pub fn options(&self, waivers: Waivers, attestations: Attestations) -> Options {
        Options {
            categories: self.categories.clone(),
            not_applicable: self.not_applicable.clone(),
            selected: self.selected.clone(),
            waivers,
            attestations,
            documents: self.documents.clone(),
            audit_period: self.audit_period,
        }
    }
}
