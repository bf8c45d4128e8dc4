//! What a report says beside its findings, for formats that are lists of records: the checks that are open by themselves, the
//! lists that were not read, and all that people wrote down.

use serde_json::{Value, json};

use super::register::{attestations, decisions, is_stale, waivers};
use super::text::{self, words};
use crate::model::{
    AttestationReport, CheckReport, Coverage, Kind, Outcome, Platform, Reason, Report, Scope,
    ScopeDecisionReport, Seen, Severity, Unread, WaiverReport,
};

/// One of them.
pub struct Record<'a> {
    pub what: What<'a>,
    /// Of a check its rule, of a list its kind, of a scope decision its criteria.
    pub id: String,
    /// What came of it; of a check its outcome, of a list why it was not read.
    pub state: &'static str,
    /// The criteria that it is about.
    pub criteria: Vec<&'a str>,
    /// All of it.
    pub sentence: String,
    /// Whether somebody has to mend or renew it.
    pub is_problem: bool,
}

/// What a record is of.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// A check that fails or is unknown though no finding says so.
    Check(&'a CheckReport, Outcome),
    /// A list that was not read to its end.
    List(&'a Coverage),
    Decision(&'a ScopeDecisionReport),
    Waiver(&'a WaiverReport),
    Attestation(&'a AttestationReport),
}

impl<'a> What<'a> {
    /// What sort of record it is; that of a finding is `finding`.
    pub fn name(self) -> &'static str {
        match self {
            What::Check(..) => "check",
            What::List(..) => "unread",
            What::Decision(_) => "scope_decision",
            What::Waiver(_) => "waiver",
            What::Attestation(_) => "attestation",
        }
    }

    /// What people write down fails and passes nothing.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            What::Check(_, outcome) => Some(outcome),
            What::List(..) => Some(Outcome::Unknown),
            What::Decision(_) | What::Waiver(_) | What::Attestation(_) => None,
        }
    }

    /// Where a list was asked for.
    pub fn scope(self) -> Option<&'a Scope> {
        match self {
            What::List(row) => Some(&row.scope),
            _ => None,
        }
    }

    /// The platform that a provider's record is of.
    pub fn platform(self) -> Option<Platform> {
        match self {
            What::Check(check, _) => check.resource.first().map(Kind::platform),
            What::List(row) => Some(row.scope.platform()),
            What::Decision(_) | What::Waiver(_) | What::Attestation(_) => None,
        }
    }
}

impl Record<'_> {
    /// `waiver W-1 (unused)`
    pub fn title(&self) -> String {
        match self.what {
            What::Check(check, _) => check.title.clone(),
            _ => format!(
                "{} {} ({})",
                words(self.what.name()),
                self.id,
                words(self.state)
            ),
        }
    }

    /// That of a check that is open; what is to be mended is low.
    pub fn severity(&self) -> Option<Severity> {
        match self.what {
            What::Check(check, _) => Some(check.severity),
            _ => self.is_problem.then_some(Severity::Low),
        }
    }

    /// What the report itself holds of it.
    pub fn json(&self) -> Value {
        match self.what {
            What::Check(check, outcome) => json!({
                "rule": check.rule,
                "title": check.title,
                "severity": check.severity,
                "kinds": check.resource,
                "required": check.required,
                "supporting": check.supporting,
                "outcome": outcome,
                "coverage": check.coverage,
                "why": self.sentence,
            }),
            What::List(row) => json!(row),
            What::Decision(decision) => json!(decision),
            What::Waiver(waiver) => json!(waiver),
            What::Attestation(attestation) => json!(attestation),
        }
    }
}

/// All of them: open checks, unread lists, scope decisions, waivers and attestations; of each sort those to mend first.
pub fn records(report: &Report) -> Vec<Record<'_>> {
    let checks = report.checks.iter().filter_map(|check| {
        let outcome = report.open_by_itself(check)?.outcome;
        Some(Record {
            what: What::Check(check, outcome),
            id: check.rule.clone(),
            state: outcome.as_str(),
            criteria: strs(&check.required),
            sentence: text::absent(report, check)
                .unwrap_or_else(|| "what it needs was not read to the end".to_owned()),
            is_problem: true,
        })
    });
    let lists = unread(report).map(|(row, unread)| Record {
        what: What::List(row),
        id: row.kind.to_string(),
        state: unread.reason.as_str(),
        criteria: Vec::new(),
        sentence: format!(
            "{} in {} was not read: {}",
            row.kind,
            row.scope,
            text::cause(unread)
        ),
        is_problem: true,
    });
    checks.chain(lists).chain(written(report)).collect()
}

/// The lists that were not read to their end. That manifests do not hold a kind is no failure to read them.
pub fn unread(report: &Report) -> impl Iterator<Item = (&Coverage, &Unread)> {
    report.coverage.iter().filter_map(|row| match &row.seen {
        Seen::Unread(unread) if unread.reason != Reason::NotInManifests => Some((row, unread)),
        _ => None,
    })
}

/// What people wrote down.
pub fn written(report: &Report) -> impl Iterator<Item = Record<'_>> {
    let decisions = decisions(report).map(|line| Record {
        what: What::Decision(line.decision),
        state: line.state(),
        criteria: strs(&line.decision.controls),
        sentence: line.sentence(),
        is_problem: line.decision.note.is_some(),
        id: line.controls,
    });
    let checks = report.by_rule();
    let waivers = waivers(report).into_iter().map(move |line| {
        let check = checks.get(line.waiver.check.as_str());
        Record {
            what: What::Waiver(line.waiver),
            id: line.waiver.id.clone(),
            state: line.waiver.state.as_str(),
            criteria: check.map(|check| strs(&check.required)).unwrap_or_default(),
            sentence: line.sentence(),
            is_problem: line.waiver.state.is_problem(),
        }
    });
    let attestations = attestations(report).into_iter().map(|line| Record {
        what: What::Attestation(line.attestation),
        id: line.attestation.id.clone(),
        state: match line.attestation.superseded {
            true => "superseded",
            false => line.attestation.state.as_str(),
        },
        criteria: strs(&line.attestation.controls),
        sentence: line.sentence(),
        is_problem: is_stale(line.attestation),
    });
    decisions.chain(waivers).chain(attestations)
}

fn strs(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}
