//! Waivers, attestations and scope decisions in the words of a report, for every format: all of them, those to mend first.

use std::collections::BTreeMap;

use super::text::{counted, words};
use crate::model::{
    AttestationReport, AttestationStatus, Finding, Report, ScopeDecisionReport, WaiverReport,
    WaiverState,
};

/// A waiver in words. Nothing of it is escaped yet.
pub struct WaiverLine<'a> {
    pub waiver: &'a WaiverReport,
    pub state: String,
    /// `applies to 2 of 3 failing findings`
    pub effect: String,
    /// `region eu-*, tags.environment sandbox`
    pub selectors: String,
    pub owner: &'a str,
    /// `ciso@example.com on 2026-10-01`
    pub approved: String,
    /// `2027-03-31`, or from one day to another.
    pub holds: String,
    pub note: String,
}

impl WaiverLine<'_> {
    /// All of it in a sentence, for formats that have one place for it.
    pub fn sentence(&self) -> String {
        let mut sentence = format!(
            "waiver {} ({}): {}, {}: {}",
            self.waiver.id,
            self.state,
            self.waiver.check,
            self.effect,
            account(self.waiver)
        );
        if !self.note.is_empty() {
            sentence.push_str(&format!("; {}", one_line(&self.note)));
        }
        sentence
    }

    /// Whether it waives something.
    pub fn is_in_force(&self) -> bool {
        matches!(
            self.waiver.state,
            WaiverState::Applied | WaiverState::Expiring
        )
    }
}

/// `Rebuilt every night. (owner a, approved by b on 2026-10-01, expires 2027-03-31)`
fn account(waiver: &WaiverReport) -> String {
    format!(
        "{} (owner {}, approved by {}, expires {})",
        one_line(&waiver.reason),
        waiver.owner,
        signed(&waiver.approved_by, &waiver.approved_on),
        waiver.expires
    )
}

/// The waivers that hold or held, by id: who answers for the failures of findings.
pub struct Answers<'a>(BTreeMap<&'a str, &'a WaiverReport>);

impl<'a> Answers<'a> {
    pub fn new(report: &'a Report) -> Self {
        let valid = report.waivers.iter();
        let valid = valid.filter(|waiver| waiver.state != WaiverState::Invalid);
        Self(valid.map(|waiver| (waiver.id.as_str(), waiver)).collect())
    }

    /// The waiver of a finding, and the one that it had until it expired.
    pub fn of(&self, finding: &Finding) -> Option<&'a WaiverReport> {
        let id = finding
            .waiver
            .as_ref()
            .or(finding.waiver_expired.as_ref())?;
        self.0.get(id.as_str()).copied()
    }

    /// `waiver W-1: Rebuilt every night. (owner a, ...)`; an expired one says so.
    pub fn sentence(&self, finding: &Finding) -> Option<String> {
        let (id, expired) = match (&finding.waiver, &finding.waiver_expired) {
            (Some(id), _) => (id, ""),
            (None, Some(id)) => (id, " expired"),
            (None, None) => return None,
        };
        Some(match self.of(finding) {
            Some(waiver) => format!("waiver {id}{expired}: {}", account(waiver)),
            None => format!("waiver {id}{expired}"),
        })
    }
}

/// Every waiver, those to mend first.
pub fn waivers(report: &Report) -> Vec<WaiverLine<'_>> {
    let mut waivers: Vec<_> = report.waivers.iter().collect();
    waivers.sort_by_key(|waiver| waiver.state);
    waivers.into_iter().map(waiver).collect()
}

fn waiver(waiver: &WaiverReport) -> WaiverLine<'_> {
    let selectors = waiver.selectors.iter();
    let selectors: Vec<_> = selectors
        .map(|(name, pattern)| format!("{name} {pattern}"))
        .collect();
    let effect = match (waiver.state, waiver.matched) {
        (WaiverState::Invalid, _) => "ignored".to_owned(),
        (_, 0) => "meets no failing finding".to_owned(),
        (_, matched) => format!(
            "applies to {} of {}",
            waiver.applied,
            counted(matched, "failing finding")
        ),
    };
    let mut notes: Vec<String> = waiver.note.iter().cloned().collect();
    if let Some(ticket) = &waiver.ticket {
        notes.push(format!("ticket {ticket}"));
    }
    if let Some(risk) = waiver.risk {
        notes.push(format!("risk {risk}"));
    }
    if let Some(control) = &waiver.compensating_control {
        notes.push(format!("made up for by: {}", control.description));
    }
    WaiverLine {
        waiver,
        state: words(waiver.state.as_str()),
        effect,
        selectors: selectors.join(", "),
        owner: &waiver.owner,
        approved: signed(&waiver.approved_by, &waiver.approved_on),
        holds: match &waiver.not_before {
            Some(from) => format!("{} from {from}", waiver.expires),
            None => waiver.expires.clone(),
        },
        note: notes.join("; "),
    }
}

/// An attestation in words. Nothing of it is escaped yet.
pub struct AttestationLine<'a> {
    pub attestation: &'a AttestationReport,
    pub state: String,
    /// `CC5.3, CC2.2`
    pub controls: String,
    /// `ciso@example.com on 2026-09-02`
    pub attested: String,
    pub good_until: &'a str,
    /// Title and digest, or address, of each document.
    pub documents: Vec<String>,
    pub note: String,
}

impl AttestationLine<'_> {
    /// All of it in a sentence, for formats that have one place for it.
    pub fn sentence(&self) -> String {
        let attestation = self.attestation;
        let mut parts = vec![format!(
            "attestation {} ({}): {} for {}: {} (attested by {}, owner {})",
            attestation.id,
            self.state,
            attestation.topic,
            self.controls,
            one_line(&attestation.statement),
            self.attested,
            attestation.owner
        )];
        if !self.good_until.is_empty() {
            parts.push(format!("good until {}", self.good_until));
        }
        parts.extend(self.documents.iter().map(|document| one_line(document)));
        if !self.note.is_empty() {
            parts.push(one_line(&self.note));
        }
        parts.join("; ")
    }
}

/// Every attestation, those to mend first.
pub fn attestations(report: &Report) -> Vec<AttestationLine<'_>> {
    let mut attestations: Vec<_> = report.attestations.iter().collect();
    attestations.sort_by_key(|attestation| (attestation.superseded, attestation.state));
    attestations.into_iter().map(attestation).collect()
}

fn attestation(attestation: &AttestationReport) -> AttestationLine<'_> {
    let mut state = words(attestation.state.as_str());
    if attestation.superseded {
        state.push_str(", superseded");
    }
    let mut notes: Vec<String> = attestation.note.iter().cloned().collect();
    if let Some(vendor) = &attestation.vendor {
        notes.push(format!(
            "{} of {} to {}",
            vendor.report_type, vendor.name, vendor.report_period_end
        ));
    }
    if let Some(all) = &attestation.population {
        let exceptions = all.exceptions.map(|count| {
            format!(
                ", {}",
                counted(usize::try_from(count).unwrap_or(usize::MAX), "exception")
            )
        });
        notes.push(format!(
            "population: {} ({}{})",
            all.description,
            all.count,
            exceptions.unwrap_or_default()
        ));
    }
    AttestationLine {
        attestation,
        state,
        controls: attestation.controls.join(", "),
        attested: signed(&attestation.attested_by, &attestation.attested_on),
        good_until: attestation.good_until.as_deref().unwrap_or_default(),
        documents: documents(attestation),
        note: notes.join("; "),
    }
}

fn documents(attestation: &AttestationReport) -> Vec<String> {
    let documents = attestation.documents.iter().map(|document| {
        let mut text = document.title.clone();
        if let Some(version) = &document.version {
            text.push_str(&format!(" {version}"));
        }
        if let Some(digest) = &document.sha256 {
            text.push_str(&format!(" sha256:{digest}"));
        } else if let Some(url) = &document.url {
            text.push_str(&format!(" {url}"));
        }
        text
    });
    let list = attestation.population.iter().filter_map(|all| {
        let list = all.list.as_ref()?;
        let digest = all.list_sha256.as_deref().unwrap_or("not read");
        Some(format!("{list} sha256:{digest}"))
    });
    documents.chain(list).collect()
}

/// Criteria that are declared not applicable, in words. Nothing of it is escaped yet.
pub struct DecisionLine<'a> {
    pub decision: &'a ScopeDecisionReport,
    /// `C1.1, C1.2`
    pub controls: String,
    pub reason: String,
    /// `ciso@example.com on 2026-10-01`
    pub approved: String,
    pub note: &'a str,
}

impl DecisionLine<'_> {
    /// All of it: `C1.2 declared not applicable: Nothing is kept. (owner a, approved by b on 2026-10-01)`
    pub fn sentence(&self) -> String {
        let mut sentence = format!(
            "{} declared not applicable: {} (owner {}, approved by {})",
            self.controls, self.reason, self.decision.owner, self.approved
        );
        if !self.note.is_empty() {
            sentence.push_str(&format!("; {}", self.note));
        }
        sentence
    }
}

/// Every scope decision, in the order written.
pub fn decisions(report: &Report) -> impl Iterator<Item = DecisionLine<'_>> {
    report.not_applicable.iter().map(|decision| DecisionLine {
        controls: decision.controls.join(", "),
        reason: one_line(&decision.reason),
        approved: signed(&decision.approved_by, &decision.approved_on),
        note: decision.note.as_deref().unwrap_or_default(),
        decision,
    })
}

pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn signed(who: &str, when: &str) -> String {
    match (who.is_empty(), when.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("on {when}"),
        (false, true) => who.to_owned(),
        (false, false) => format!("{who} on {when}"),
    }
}

/// Whether an attestation is no evidence though somebody wrote it.
pub fn is_stale(attestation: &AttestationReport) -> bool {
    !attestation.superseded
        && matches!(
            attestation.state,
            AttestationStatus::Invalid | AttestationStatus::Expired | AttestationStatus::Negative
        )
}
