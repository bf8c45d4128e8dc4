//! What people attest: which of it is evidence at the time of the scan, and for which criteria.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::model::{AttestationReport, AttestationStatus, AttestedResult, AuditPeriod, topic};
use crate::register::{Attestation, Attestations, end_of};

/// From when on evidence is said to expire.
pub const SOON: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A file that an attestation rests on, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    Sha256(String),
    /// Why it could not be read.
    Unread(String),
}

/// The state of each topic for each criterion that something was attested for.
pub type Attested = BTreeMap<(String, String), AttestationStatus>;

/// What attestations are measured against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    pub taken_at: Timestamp,
    /// Every file that an attestation names, by its path as written.
    pub documents: &'a BTreeMap<String, Document>,
    pub audit_period: Option<AuditPeriod>,
}

/// Every attestation with its state, sorted by topic and id, and what follows for the criteria.
pub fn judge(
    attestations: &Attestations,
    against: Against<'_>,
) -> (Vec<AttestationReport>, Attested) {
    let mut judged: Vec<(Option<&Attestation>, AttestationReport)> = attestations
        .entries
        .iter()
        .map(|entry| (Some(entry), report(entry, against)))
        .collect();
    let invalid = attestations.invalid.iter();
    judged.extend(invalid.map(|report| (None, report.clone())));
    judged.sort_by(|(_, a), (_, b)| (&a.topic, &a.id, &a.note).cmp(&(&b.topic, &b.id, &b.note)));

    let mut deciding = BTreeSet::new();
    let mut attested = Attested::new();
    for (key, about) in by_control(&judged) {
        for index in newest(&judged, &about) {
            deciding.insert(index);
            if let Some((_, report)) = judged.get(index) {
                let worst = attested.entry(key.clone()).or_insert(report.state);
                *worst = report.state.min(*worst);
            }
        }
    }
    let reports = judged.into_iter().enumerate();
    let reports = reports.map(|(index, (entry, mut report))| {
        report.superseded = entry.is_some() && !deciding.contains(&index);
        report
    });
    (reports.collect(), attested)
}

type Judged<'a> = [(Option<&'a Attestation>, AttestationReport)];

/// The attestations of each criterion and topic, by their place.
fn by_control(judged: &Judged) -> BTreeMap<(String, String), Vec<usize>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (index, (_, report)) in judged.iter().enumerate() {
        for control in &report.controls {
            let key = (control.clone(), report.topic.clone());
            groups.entry(key).or_default().push(index);
        }
    }
    groups
}

/// Those that no newer one of the same vendor, or of none, stands in the place of. A wrong entry always counts.
fn newest(judged: &Judged, about: &[usize]) -> Vec<usize> {
    let of = |index: &usize| judged.get(*index).and_then(|(entry, _)| *entry);
    let vendor = |entry: &Attestation| {
        entry
            .vendor
            .as_ref()
            .map(|vendor| vendor.report.name.trim().to_lowercase())
    };
    let is_newest = |index: &&usize| match of(index) {
        None => true,
        Some(entry) => !about
            .iter()
            .filter_map(of)
            .any(|other| vendor(other) == vendor(entry) && other.attested_on > entry.attested_on),
    };
    about.iter().filter(is_newest).copied().collect()
}

fn report(entry: &Attestation, against: Against<'_>) -> AttestationReport {
    let mut report = entry.report();
    let mut wrong = Vec::new();
    for document in &mut report.documents {
        if let Some(path) = &document.path {
            let wanted = document.sha256.take();
            document.sha256 = found(against, path, wanted.as_deref(), &mut wrong);
        }
    }
    if let Some(population) = &mut report.population
        && let Some(path) = &population.list
    {
        let wanted = population.list_sha256.take();
        population.list_sha256 = found(against, path, wanted.as_deref(), &mut wrong);
    }
    let today = against.taken_at.to_zoned(TimeZone::UTC).date();
    if entry.attested_on > today {
        wrong.push("it is attested later than the scan".to_owned());
    }
    if entry.reviewed_on.is_some_and(|date| date > today) {
        wrong.push("it is reviewed later than the scan".to_owned());
    }
    if let (Some((start, end)), Some(audit)) = (entry.period, against.audit_period)
        && (start > audit.start || end < audit.end.min(today))
    {
        wrong.push(format!(
            "its period does not cover the audit period from {audit}"
        ));
    }

    let (end, why) = end(entry);
    let last = end.checked_sub(SignedDuration::from_secs(1));
    report.good_until = last
        .ok()
        .map(|last| last.to_zoned(TimeZone::UTC).date().to_string());
    let mut notes = wrong;
    report.state = if entry.result == AttestedResult::NotOperating {
        AttestationStatus::Negative
    } else if !notes.is_empty() {
        AttestationStatus::Invalid
    } else if against.taken_at >= end {
        notes.push(why.to_owned());
        AttestationStatus::Expired
    } else if entry.result == AttestedResult::NotApplicable {
        AttestationStatus::NotApplicable
    } else if end.duration_since(against.taken_at) <= SOON {
        AttestationStatus::Expiring
    } else {
        AttestationStatus::Valid
    };
    notes.extend(opinion(entry));
    if let Some(topic) = topic(&entry.topic) {
        let asked: Vec<_> = topic
            .criteria()
            .into_iter()
            .filter(|criterion| criterion.attestation_topics.contains(&topic.id))
            .map(|criterion| criterion.id.as_str())
            .filter(|id| !entry.controls.iter().any(|named| named == id))
            .collect();
        if !asked.is_empty() {
            notes.push(format!("also asked for by {}", asked.join(", ")));
        }
    }
    report.note = (!notes.is_empty()).then(|| notes.join("; "));
    report
}

/// The digest of a file that is there and is the one that was meant.
fn found(
    against: Against<'_>,
    path: &str,
    wanted: Option<&str>,
    wrong: &mut Vec<String>,
) -> Option<String> {
    match against.documents.get(path) {
        Some(Document::Sha256(digest)) => {
            if wanted.is_some_and(|wanted| wanted != digest) {
                wrong.push(format!(
                    "{path} is not the file that was attested: its SHA-256 differs"
                ));
            }
            Some(digest.clone())
        }
        Some(Document::Unread(why)) => {
            wrong.push(format!("{path} cannot be read: {why}"));
            None
        }
        None => {
            wrong.push(format!("{path} was not read"));
            None
        }
    }
}

/// When it ceases to be evidence, and why then.
fn end(entry: &Attestation) -> (Timestamp, &'static str) {
    let mut end = (Timestamp::MAX, "");
    let mut sooner = |date: Option<Timestamp>, why| {
        // What cannot be told is over already.
        let at = date.unwrap_or(Timestamp::MIN);
        if at < end.0 {
            end = (at, why);
        }
    };
    let reviewed = entry.reviewed_on.unwrap_or(entry.attested_on);
    let age = i64::from(entry.max_age_days).days();
    sooner(
        reviewed.checked_add(age).ok().and_then(end_of),
        "it is older than its `max_age_days`",
    );
    if let Some(until) = &entry.valid_until {
        sooner(Some(until.end), "its `valid_until` has passed");
    }
    if let Some(vendor) = &entry.vendor
        && vendor.ages()
        && vendor.report.bridge_letter.is_none()
    {
        sooner(
            vendor
                .period_end
                .checked_add(12.months())
                .ok()
                .and_then(end_of),
            "the report's period ended more than 12 months ago, and no bridge letter is named",
        );
    }
    end
}

/// What a reader has to know of a vendor's report that is not clean.
fn opinion(entry: &Attestation) -> Option<String> {
    let vendor = &entry.vendor.as_ref()?.report;
    let opinion = vendor
        .opinion
        .as_deref()
        .filter(|opinion| *opinion != "unqualified")?;
    Some(format!("the opinion on {} is {opinion}", vendor.name))
}

#[cfg(test)]
mod tests;
