//! Waivers, attestations and scope decisions in the words of a report, for every format: all of them, those to mend first.

use std::collections::BTreeMap;

use super::text::{self, counted, words};
use crate::model::{
    AttestationReport, AttestationStatus, AttestedDocument, AttestedPopulation, Finding, Report,
    ScopeDecisionReport, VendorReport, WaiverReport, WaiverState,
};

/// A named part of what was written. Every format that tells all of it goes through these.
pub type Field<'a> = (&'static str, Told<'a>);

/// What a part says. Nothing of it is escaped yet; empty where nothing was written.
pub enum Told<'a> {
    Text(String),
    Items(Vec<String>),
    Rule(&'a str),
    Criteria(&'a [String]),
}

impl Told<'_> {
    /// Each item of it on one line, those that say something.
    pub fn texts(&self) -> Vec<String> {
        let texts = match self {
            Told::Text(text) => vec![one_line(text)],
            Told::Items(items) => items.iter().map(|item| one_line(item)).collect(),
            Told::Rule(rule) => vec![(*rule).to_owned()],
            Told::Criteria(ids) => vec![ids.join(", ")],
        };
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }
}

fn field<'a>(name: &'static str, text: impl Into<Option<&'a str>>) -> Field<'static> {
    (name, Told::Text(text.into().unwrap_or_default().to_owned()))
}

/// Everything that is said, by the name of its part.
pub fn said(fields: Vec<Field>) -> impl Iterator<Item = (&'static str, String)> {
    fields.into_iter().flat_map(|(name, told)| {
        let texts = told.texts().into_iter();
        texts.map(move |text| (name, text))
    })
}

/// `check: aws.rds.pitr; match: region eu-*`
fn told(fields: Vec<Field>) -> String {
    let fields = said(fields).map(|(name, told)| format!("{name}: {told}"));
    fields.collect::<Vec<_>>().join("; ")
}

/// A waiver in words. Nothing of it is escaped yet.
pub struct WaiverLine<'a> {
    pub waiver: &'a WaiverReport,
    pub state: String,
    /// `applies to 2 of 3 failing findings`
    pub effect: String,
    /// `region eu-*, tags.environment sandbox`
    pub selectors: String,
    /// `ciso@example.com on 2026-10-01`
    pub approved: String,
}

impl<'a> WaiverLine<'a> {
    /// Everything but its id and its state.
    pub fn fields(&self) -> Vec<Field<'a>> {
        let waiver = self.waiver;
        let observed = waiver.observed.iter();
        let observed = observed.map(|(fact, value)| format!("{fact} = {}", text::value(value)));
        let control = waiver.compensating_control.as_ref();
        let checks = control.map(|control| control.checks.clone());
        vec![
            ("check", Told::Rule(&waiver.check)),
            field("match", self.selectors.as_str()),
            ("approved value", Told::Items(observed.collect())),
            field("effect", self.effect.as_str()),
            field("reason", waiver.reason.as_str()),
            field(
                "made up for by",
                control.map(|control| control.description.as_str()),
            ),
            field(
                "evidence of that",
                control.and_then(|control| control.evidence.as_deref()),
            ),
            ("while this passes", Told::Items(checks.unwrap_or_default())),
            field("risk", waiver.risk.map(|risk| risk.as_str())),
            field("ticket", waiver.ticket.as_deref()),
            field("owner", waiver.owner.as_str()),
            field("approved by", self.approved.as_str()),
            field("not before", waiver.not_before.as_deref()),
            field("expires", waiver.expires.as_str()),
            field("note", waiver.note.as_deref()),
        ]
    }

    /// All of it in a sentence, for formats that have one place for it.
    pub fn sentence(&self) -> String {
        let (id, state) = (&self.waiver.id, &self.state);
        format!("waiver {id} ({state}): {}", told(self.fields()))
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
    WaiverLine {
        waiver,
        state: words(waiver.state.as_str()),
        effect,
        selectors: selectors.join(", "),
        approved: signed(&waiver.approved_by, &waiver.approved_on),
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
}

impl<'a> AttestationLine<'a> {
    /// Everything but its id and its state.
    pub fn fields(&self) -> Vec<Field<'a>> {
        let attestation = self.attestation;
        let documents = attestation.documents.iter().map(document);
        let period = attestation.period.as_ref();
        let period = period.map(|period| format!("{} to {}", period.start, period.end));
        let result = attestation.result.map(|result| words(result.as_str()));
        vec![
            field("topic", attestation.topic.as_str()),
            ("criteria", Told::Criteria(&attestation.controls)),
            field("statement", attestation.statement.as_str()),
            field("result", result.as_deref()),
            field("attested by", self.attested.as_str()),
            field("owner", attestation.owner.as_str()),
            field("reviewed on", attestation.reviewed_on.as_deref()),
            field("good until", attestation.good_until.as_deref()),
            ("document", Told::Items(documents.collect())),
            field("period", period.as_deref()),
            field(
                "population",
                attestation.population.as_ref().map(population).as_deref(),
            ),
            field("vendor", attestation.vendor.as_ref().map(vendor).as_deref()),
            field("note", attestation.note.as_deref()),
        ]
    }

    /// All of it in a sentence, for formats that have one place for it.
    pub fn sentence(&self) -> String {
        let (id, state) = (&self.attestation.id, &self.state);
        format!("attestation {id} ({state}): {}", told(self.fields()))
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
    AttestationLine {
        attestation,
        state,
        controls: attestation.controls.join(", "),
        attested: signed(&attestation.attested_by, &attestation.attested_on),
    }
}

/// `Policy 3, policies/a.pdf, approved by b on 2026-10-01, sha256:e3b0`
fn document(document: &AttestedDocument) -> String {
    let name = match &document.version {
        Some(version) => format!("{} {version}", document.title),
        None => document.title.clone(),
    };
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let signed = signed(&text(&document.approved_by), &text(&document.approved_on));
    let parts = [
        Some(name),
        document.path.clone(),
        document.url.clone(),
        (!signed.is_empty()).then(|| format!("approved by {signed}")),
        document
            .sha256
            .as_ref()
            .map(|digest| format!("sha256:{digest}")),
    ];
    joined(parts)
}

/// `Leavers, 3, 0 exceptions, from HRIS, query status=terminated, leavers.csv, sha256:e3b0`
fn population(all: &AttestedPopulation) -> String {
    let digest = || match &all.list_sha256 {
        Some(digest) => format!("sha256:{digest}"),
        None => "not read".to_owned(),
    };
    let exceptions = |count| counted(usize::try_from(count).unwrap_or(usize::MAX), "exception");
    joined([
        Some(all.description.clone()),
        Some(all.count.to_string()),
        all.exceptions.map(exceptions),
        all.source_system
            .as_ref()
            .map(|system| format!("from {system}")),
        all.query.as_ref().map(|query| format!("query {query}")),
        all.list.as_ref().map(|list| format!("{list} {}", digest())),
    ])
}

/// `SOC 2 Type II of Example, 2025-04-01 to 2026-03-31, opinion unqualified, customers' controls reviewed`
fn vendor(vendor: &VendorReport) -> String {
    let start = vendor.report_period_start.as_ref();
    let start = start.map(|start| format!("{start} ")).unwrap_or_default();
    let reviewed = |reviewed| match reviewed {
        true => "complementary user controls reviewed".to_owned(),
        false => "complementary user controls not reviewed".to_owned(),
    };
    joined([
        Some(format!("{} of {}", vendor.report_type, vendor.name)),
        Some(format!("{start}to {}", vendor.report_period_end)),
        vendor
            .opinion
            .as_ref()
            .map(|opinion| format!("opinion {opinion}")),
        vendor
            .bridge_letter
            .as_ref()
            .map(|letter| format!("bridge letter {letter}")),
        vendor.cuecs_reviewed.map(reviewed),
    ])
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
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

impl<'a> DecisionLine<'a> {
    /// All of it but its criteria.
    pub fn fields(&self) -> Vec<Field<'a>> {
        vec![
            field("reason", self.reason.as_str()),
            field("owner", self.decision.owner.as_str()),
            field("approved by", self.approved.as_str()),
            field("note", self.note),
        ]
    }

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

    pub fn state(&self) -> &'static str {
        match self.decision.note {
            Some(_) => "not_as_declared",
            None => "declared",
        }
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
