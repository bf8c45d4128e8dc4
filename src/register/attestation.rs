//! Attestations: what a person says of something that no API shows, and the documents that bear it out.

mod parts;

use jiff::civil::Date;

use super::date::Until;
use super::file::{Broken, Ids, SENTENCE, entries, glimpse, glimpses, why};
use crate::model::{
    AttestationReport, AttestationStatus, AttestedDocument, AttestedPopulation, AttestedResult,
    Period, VendorReport, sha256, topic as topic_of, topics,
};
use crate::suggest::suggest;
use crate::yaml::{At, File, FileError, Node, Reader, Text};

/// How long an attestation is evidence unless it says less.
const MAX_AGE: u64 = 365;
const LONGEST_AGE: u64 = 400;

/// One attestation in order. Whether it is evidence today is for the evaluation to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Attestation {
    pub id: String,
    pub topic: String,
    pub controls: Vec<String>,
    pub statement: String,
    pub result: AttestedResult,
    pub owner: String,
    pub attested_by: String,
    pub attested_on: Date,
    pub reviewed_on: Option<Date>,
    pub valid_until: Option<Until>,
    pub max_age_days: u16,
    /// The digest of each is the one that is asked for.
    pub documents: Vec<AttestedDocument>,
    pub period: Option<(Date, Date)>,
    /// The digest is the one that is asked for.
    pub population: Option<AttestedPopulation>,
    pub vendor: Option<Vendor>,
}

/// A vendor's report, and the day on which its period ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    pub report: VendorReport,
    pub period_end: Date,
}

impl Vendor {
    /// Whether its report is one whose age is counted: a SOC 2 report.
    pub fn ages(&self) -> bool {
        self.report.report_type.starts_with("SOC 2")
    }
}

impl Attestation {
    /// The files that it rests on, as written.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let list = self.population.iter().filter_map(|all| all.list.as_deref());
        self.documents
            .iter()
            .filter_map(|document| document.path.as_deref())
            .chain(list)
    }

    /// As a report shows it, before anything came of it.
    pub fn report(&self) -> AttestationReport {
        AttestationReport {
            id: self.id.clone(),
            topic: self.topic.clone(),
            state: AttestationStatus::Valid,
            superseded: false,
            controls: self.controls.clone(),
            statement: self.statement.clone(),
            result: Some(self.result),
            owner: self.owner.clone(),
            attested_by: self.attested_by.clone(),
            attested_on: self.attested_on.to_string(),
            reviewed_on: self.reviewed_on.map(|date| date.to_string()),
            good_until: None,
            documents: self.documents.clone(),
            period: self.period.map(|(start, end)| Period {
                start: start.to_string(),
                end: end.to_string(),
            }),
            population: self.population.clone(),
            vendor: self.vendor.as_ref().map(|vendor| vendor.report.clone()),
            note: None,
        }
    }
}

/// A file of attestations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attestations {
    pub entries: Vec<Attestation>,
    /// Entries that are no evidence since they are wrong.
    pub invalid: Vec<AttestationReport>,
    /// SHA-256 of the file.
    pub digest: Option<String>,
}

const KEYS: [&str; 15] = [
    "id",
    "topic",
    "controls",
    "statement",
    "result",
    "owner",
    "attested_by",
    "attested_on",
    "reviewed_on",
    "valid_until",
    "max_age_days",
    "documents",
    "period",
    "population",
    "vendor",
];

const REQUIRED: [&str; 8] = [
    "id",
    "topic",
    "controls",
    "statement",
    "result",
    "owner",
    "attested_by",
    "attested_on",
];

const ABOUT: [(&str, &str); 8] = [
    ("id", "a name of its own, such as infosec-policy-2026"),
    (
        "topic",
        "what is attested; `soc2scan init` writes all topics",
    ),
    ("controls", "the criteria that it is evidence for"),
    ("statement", "what the attester says, in a sentence"),
    ("result", "operating, not_operating or not_applicable"),
    ("owner", "who answers for it"),
    ("attested_by", "who says so"),
    ("attested_on", "the date on which it was said"),
];

/// Reads a file of attestations, with what is wrong with single entries: those are no evidence.
pub fn attestations(name: &str, text: &str) -> Result<(Attestations, Vec<FileError>), Broken> {
    let file = File::new(name, text);
    let mut read = Attestations {
        digest: Some(sha256(text.as_bytes())),
        ..Attestations::default()
    };
    let mut errors = Vec::new();
    let mut ids = Ids::default();
    for (number, node) in entries(&file, text, "attestations")?.iter().enumerate() {
        let mut wrong = Vec::new();
        let mut reader = Reader {
            file: &file,
            errors: &mut wrong,
        };
        let attestation = reader.attestation(node, &mut ids);
        match attestation {
            Some(attestation) if wrong.is_empty() => read.entries.push(attestation),
            _ => {
                read.invalid.push(invalid(node, number + 1, &wrong));
                errors.append(&mut wrong);
            }
        }
    }
    Ok((read, errors))
}

fn invalid(node: &Node, number: usize, errors: &[FileError]) -> AttestationReport {
    let text = |key| glimpse(node, key).unwrap_or_default();
    AttestationReport {
        id: glimpse(node, "id").unwrap_or_else(|| format!("entry {number}")),
        topic: text("topic"),
        state: AttestationStatus::Invalid,
        superseded: false,
        controls: glimpses(node, "controls"),
        statement: text("statement"),
        result: None,
        owner: text("owner"),
        attested_by: text("attested_by"),
        attested_on: text("attested_on"),
        reviewed_on: glimpse(node, "reviewed_on"),
        good_until: None,
        documents: Vec::new(),
        period: None,
        population: None,
        vendor: None,
        note: Some(why(errors)),
    }
}

impl Reader<'_> {
    fn attestation(&mut self, node: &Node, ids: &mut Ids) -> Option<Attestation> {
        let fields = self.fields(node, "an attestation", &KEYS)?;
        self.missing(&fields, &REQUIRED, &ABOUT, &node.head(), "the attestation");
        let field = |name: &str| fields.iter().copied().find(|(key, _)| key.value == name);

        let id = field("id").and_then(|(key, node)| self.id(key, node));
        if let Some(id) = &id {
            ids.take(id, self);
        }
        let topic = field("topic").and_then(|(key, node)| self.known_topic(key, node));
        let controls = field("controls").map(|(key, node)| self.controls(key, node));
        let statement =
            field("statement").and_then(|(key, node)| self.sentence(key, node, SENTENCE));
        let results = AttestedResult::ALL.map(|result| (result.as_str(), result));
        let result = field("result").and_then(|(key, node)| self.word(key, node, &results));
        let owner = field("owner").and_then(|(key, node)| self.line(key, node));
        let attested_by = field("attested_by").and_then(|(key, node)| self.line(key, node));
        let attested_on = field("attested_on").and_then(|(key, node)| self.date(key, node));
        let reviewed_on = field("reviewed_on").and_then(|(key, node)| self.date(key, node));
        let valid_until = field("valid_until").and_then(|(key, node)| self.until(key, node));
        let max_age = match field("max_age_days") {
            Some((key, node)) => self.age(key, node),
            None => Some(MAX_AGE),
        };
        let documents = match field("documents") {
            Some((key, node)) => self.documents(key, node),
            None => Some(Vec::new()),
        };
        let period = field("period").and_then(|(key, node)| self.period(key, node));
        let population = field("population").and_then(|(key, node)| self.population(key, node));
        let vendor = field("vendor").and_then(|(key, node)| self.vendor(key, node));
        if let (Some(vendor), Some(attested)) = (&vendor, &attested_on) {
            self.in_order(
                !vendor.value.ages() || vendor.value.period_end <= attested.value,
                &vendor.place,
                "the report's period ends after it was read",
                "a SOC 2 report is written after its period",
            );
        }
        if let Some(topic) = topic.as_ref().and_then(|text| topic_of(&text.value))
            && topic.vendor
            && field("vendor").is_none()
            && result == Some(AttestedResult::Operating)
        {
            self.error(
                &node.head(),
                format!("the topic `{}` needs the vendor's report", topic.id),
            )
            .help(
                "add `vendor: { name: ..., report_type: SOC 2 Type II, report_period_end: \"2026-03-31\" }`",
            );
        }

        Some(Attestation {
            id: id?.value,
            topic: topic?.value,
            controls: controls?,
            statement: statement?.value,
            result: result?,
            owner: owner?.value,
            attested_by: attested_by?.value,
            attested_on: attested_on?.value,
            reviewed_on: reviewed_on.map(|date| date.value),
            valid_until: valid_until.map(|until| until.value),
            max_age_days: u16::try_from(max_age?).ok()?,
            documents: documents?,
            period,
            population,
            vendor: vendor.map(|vendor| vendor.value),
        })
    }

    fn known_topic(&mut self, key: &Text, node: &Node) -> Option<Text> {
        let id = self.line(key, node)?;
        if topic_of(&id.value).is_some() {
            return Some(id);
        }
        let help = suggest(&id.value, topics().iter().map(|topic| topic.id.as_str()))
            .unwrap_or_else(|| "`soc2scan init` writes all topics".to_owned());
        self.error(&id.place, format!("there is no topic `{}`", id.value))
            .help(help);
        None
    }

    fn controls(&mut self, key: &Text, node: &Node) -> Vec<String> {
        let ids = self.one_or_more(key, node);
        let mut controls = Vec::new();
        for id in ids {
            if self.is_criterion(&id) {
                controls.push(id.value);
            }
        }
        controls
    }

    fn age(&mut self, key: &Text, node: &Node) -> Option<u64> {
        let days = self.count(key, node)?;
        if (1..=LONGEST_AGE).contains(&days) {
            return Some(days);
        }
        let message = format!("`max_age_days` is 1 to {LONGEST_AGE}");
        self.error(&node.place, message)
            .help("something that is looked at less than once a year is no evidence");
        None
    }
}

/// A value, its place forgotten.
fn value<T>(at: Option<At<T>>) -> Option<T> {
    at.map(|at| at.value)
}
