//! Waivers: a failure that somebody answers for, for a reason, until a day.

mod selectors;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::date::{From, Until, start_of};
use super::file::{Broken, Ids, SENTENCE, entries, glimpse, why};
use crate::model::{
    CompensatingControl, Platform, Severity, WaiverReport, WaiverState, criterion, sha256,
};
use crate::suggest::suggest;
use crate::yaml::{File, FileError, Node, Reader, Text, Yaml, visible};
pub use selectors::Selectors;

/// The longest that a waiver may hold by any configuration.
pub const MAX_WAIVER_DAYS: u16 = 365;

/// The rules that there are, and the platforms that each is about.
pub type Checks = BTreeMap<String, BTreeSet<Platform>>;

/// One waiver in order. Whether it holds today is for the evaluation to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    pub id: String,
    pub check: String,
    pub selectors: Selectors,
    pub observed: BTreeMap<String, Value>,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub approved_on: Date,
    pub not_before: Option<From>,
    pub expires: Until,
    pub ticket: Option<String>,
    pub risk: Option<Severity>,
    pub compensating_control: Option<CompensatingControl>,
}

impl Waiver {
    /// It holds from its approval on, or from the later day that it names.
    pub fn start(&self) -> Timestamp {
        let approved = start_of(self.approved_on).unwrap_or(Timestamp::MAX);
        match &self.not_before {
            Some(from) => approved.max(from.start),
            None => approved,
        }
    }

    /// As a report shows it, before anything came of it.
    pub fn report(&self) -> WaiverReport {
        WaiverReport {
            id: self.id.clone(),
            check: self.check.clone(),
            state: WaiverState::Unused,
            selectors: self.selectors.shown(),
            observed: self.observed.clone(),
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            approved_on: self.approved_on.to_string(),
            not_before: self.not_before.as_ref().map(|from| from.written.clone()),
            expires: self.expires.written.clone(),
            ticket: self.ticket.clone(),
            risk: self.risk,
            compensating_control: self.compensating_control.clone(),
            matched: 0,
            applied: 0,
            note: None,
        }
    }
}

/// A file of waivers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waivers {
    pub entries: Vec<Waiver>,
    /// Entries that are ignored since they are wrong.
    pub invalid: Vec<WaiverReport>,
    /// SHA-256 of the file.
    pub digest: Option<String>,
    /// The most days that one may hold after its approval, as the file was read.
    pub max_days: Option<u16>,
}

const KEYS: [&str; 14] = [
    "id",
    "check",
    "match",
    "allow_broad",
    "observed",
    "reason",
    "owner",
    "approved_by",
    "approved_on",
    "not_before",
    "expires",
    "ticket",
    "risk",
    "compensating_control",
];

const REQUIRED: [&str; 8] = [
    "id",
    "check",
    "match",
    "reason",
    "owner",
    "approved_by",
    "approved_on",
    "expires",
];

const ABOUT: [(&str, &str); 8] = [
    ("id", "a name of its own, such as W-2026-014"),
    ("check", "the id of the one rule that it is about"),
    (
        "match",
        "what it is about: at least one of provider, account, region, cluster, namespace, resource, tags",
    ),
    ("reason", "why the failure is acceptable, in a sentence"),
    ("owner", "who answers for the failure"),
    ("approved_by", "who allowed it; not the owner"),
    ("approved_on", "the date on which it was allowed"),
    ("expires", "the last day on which it holds"),
];

/// What is meant by keys that a waiver cannot have.
fn hint(key: &str) -> Option<&'static str> {
    match key {
        "control" | "controls" | "criterion" | "criteria" => Some(
            "a waiver is about the failures of one check; what follows for criteria follows from that",
        ),
        "outcome" | "status" | "unknown" => {
            Some("a waiver is about failures only: what is unknown has to be read")
        }
        _ => None,
    }
}

/// Reads a file of waivers, with what is wrong with single entries: those are ignored. `max_days` is the longest that
/// one may hold after its approval.
pub fn waivers(
    name: &str,
    text: &str,
    checks: &Checks,
    max_days: u16,
) -> Result<(Waivers, Vec<FileError>), Broken> {
    let file = File::new(name, text);
    let mut read = Waivers {
        digest: Some(sha256(text.as_bytes())),
        max_days: Some(max_days),
        ..Waivers::default()
    };
    let mut errors = Vec::new();
    let mut ids = Ids::default();
    for (number, node) in entries(&file, text, "waivers")?.iter().enumerate() {
        let mut wrong = Vec::new();
        let mut entry = Entry {
            reader: Reader {
                file: &file,
                errors: &mut wrong,
            },
            checks,
            max_days,
        };
        let waiver = entry.read(node, &mut ids);
        match waiver {
            Some(waiver) if wrong.is_empty() => read.entries.push(waiver),
            _ => {
                read.invalid.push(invalid(node, number + 1, &wrong));
                errors.append(&mut wrong);
            }
        }
    }
    Ok((read, errors))
}

fn invalid(node: &Node, number: usize, errors: &[FileError]) -> WaiverReport {
    let text = |key| glimpse(node, key).unwrap_or_default();
    WaiverReport {
        id: glimpse(node, "id").unwrap_or_else(|| format!("entry {number}")),
        check: text("check"),
        state: WaiverState::Invalid,
        selectors: BTreeMap::new(),
        observed: BTreeMap::new(),
        reason: text("reason"),
        owner: text("owner"),
        approved_by: text("approved_by"),
        approved_on: text("approved_on"),
        not_before: glimpse(node, "not_before"),
        expires: text("expires"),
        ticket: glimpse(node, "ticket"),
        risk: None,
        compensating_control: None,
        matched: 0,
        applied: 0,
        note: Some(why(errors)),
    }
}

struct Entry<'a> {
    reader: Reader<'a>,
    checks: &'a Checks,
    max_days: u16,
}

impl Entry<'_> {
    fn read(&mut self, node: &Node, ids: &mut Ids) -> Option<Waiver> {
        let reader = &mut self.reader;
        let fields = reader.fields_or(node, "a waiver", &KEYS, hint)?;
        reader.missing(&fields, &REQUIRED, &ABOUT, &node.head(), "the waiver");
        let field = |name: &str| fields.iter().copied().find(|(key, _)| key.value == name);

        let id = field("id").and_then(|(key, node)| self.reader.id(key, node));
        if let Some(id) = &id {
            ids.take(id, &mut self.reader);
        }
        let check = field("check").and_then(|(key, node)| self.check(key, node));
        let platforms = check.as_ref().and_then(|id| self.checks.get(&id.value));
        let broad = field("allow_broad").and_then(|(key, node)| self.reader.flag(key, node));
        let selectors = field("match").and_then(|(key, node)| {
            selectors::read(
                &mut self.reader,
                key,
                node,
                platforms,
                broad.unwrap_or_default(),
            )
        });
        let observed = match field("observed") {
            Some((key, node)) => self.observed(key, node),
            None => Some(BTreeMap::new()),
        };
        let reason =
            field("reason").and_then(|(key, node)| self.reader.sentence(key, node, SENTENCE));
        let owner = field("owner").and_then(|(key, node)| self.reader.line(key, node));
        let approved_by = field("approved_by").and_then(|(key, node)| self.reader.line(key, node));
        if let (Some(owner), Some(approver)) = (&owner, &approved_by) {
            self.reader.two_people(owner, approver, "their own waiver");
        }
        let approved_on = field("approved_on").and_then(|(key, node)| self.reader.date(key, node));
        let not_before = field("not_before").and_then(|(key, node)| self.reader.from(key, node));
        let expires = field("expires").and_then(|(key, node)| self.reader.until(key, node));
        if let (Some(approved), Some(expires)) = (&approved_on, &expires) {
            self.horizon(approved.value, &expires.value, &expires.place);
        }
        if let (Some(from), Some(until)) = (&not_before, &expires) {
            self.reader.in_order(
                from.value.start < until.value.end,
                &from.place,
                "the waiver expires before it begins",
                "put `not_before` before `expires`",
            );
        }
        let ticket = field("ticket").and_then(|(key, node)| self.reader.line(key, node));
        let risks = Severity::ALL.map(|severity| (severity.as_str(), severity));
        let risk = field("risk").and_then(|(key, node)| self.reader.word(key, node, &risks));
        let compensating_control =
            field("compensating_control").and_then(|(key, node)| self.compensating(key, node));

        Some(Waiver {
            id: id?.value,
            check: check?.value,
            selectors: selectors?,
            observed: observed?,
            reason: reason?.value,
            owner: owner?.value.trim().to_owned(),
            approved_by: approved_by?.value.trim().to_owned(),
            approved_on: approved_on?.value,
            not_before: not_before.map(|from| from.value),
            expires: expires?.value,
            ticket: ticket.map(|ticket| ticket.value),
            risk,
            compensating_control,
        })
    }

    /// The id of a rule that there is.
    fn check(&mut self, key: &Text, node: &Node) -> Option<Text> {
        let id = self.reader.line(key, node)?;
        if self.checks.contains_key(&id.value) {
            return Some(id);
        }
        let (message, help) = if criterion(&id.value).is_some() {
            (
                format!("`{}` is a criterion, not a check", id.value),
                "a waiver is about the failures of one check; a criterion cannot be waived"
                    .to_owned(),
            )
        } else if id.value.contains(['*', '?']) {
            (
                format!("`{}` is a pattern, not a check", id.value),
                "name one check exactly, and write one waiver for each".to_owned(),
            )
        } else {
            (
                format!("there is no check `{}`", id.value),
                suggest(&id.value, self.checks.keys().map(String::as_str))
                    .unwrap_or_else(|| "`soc2scan rules list` shows all of them".to_owned()),
            )
        };
        self.reader.error(&id.place, message).help(help);
        None
    }

    fn observed(&mut self, key: &Text, node: &Node) -> Option<BTreeMap<String, Value>> {
        let fields = self.reader.entries(node, "`observed`")?;
        if fields.is_empty() {
            self.reader
                .error(&key.place, "`observed` names no value")
                .help("name a fact of the finding's evidence and the value that was approved, or take the key out");
        }
        let values = fields.into_iter();
        Some(
            values
                .map(|(key, node)| (visible(&key.value), node.value.to_json()))
                .collect(),
        )
    }

    /// A waiver that holds too long is a decision that nobody takes again.
    fn horizon(&mut self, approved: Date, expires: &Until, place: &crate::yaml::Place) {
        let Some(start) = start_of(approved) else {
            return;
        };
        let days = i64::from(self.max_days) + 1;
        let longest = SignedDuration::from_hours(24 * days);
        if expires.end <= start {
            self.reader
                .error(place, "the waiver expires before it is approved")
                .help("put `expires` after `approved_on`");
        } else if expires.end.duration_since(start) > longest {
            let message = format!(
                "the waiver holds for more than {} days after its approval",
                self.max_days
            );
            self.reader.error(place, message).help(format!(
                "choose an earlier day and renew it then; `max_waiver_days` of soc2scan.yaml sets the limit, up to {MAX_WAIVER_DAYS}"
            ));
        }
    }

    fn compensating(&mut self, key: &Text, node: &Node) -> Option<CompensatingControl> {
        let name = "`compensating_control`";
        let fields = self
            .reader
            .fields(node, name, &["description", "evidence", "checks"])?;
        self.reader
            .missing(&fields, &["description"], &[], &key.place, name);
        let (mut description, mut evidence, mut checks) = (None, None, Vec::new());
        for (key, node) in fields {
            match key.value.as_str() {
                "description" => description = self.reader.sentence(key, node, 10),
                "evidence" => evidence = self.reader.text(key, node),
                _ => {
                    let Yaml::List(items) = &node.value else {
                        self.reader.wrong_type("`checks`", "a list of texts", node);
                        continue;
                    };
                    for item in items {
                        checks.extend(self.check(key, item).map(|check| check.value));
                    }
                    if items.is_empty() {
                        self.reader
                            .error(&key.place, "`checks` is empty")
                            .help("name the checks that must pass, or take the key out");
                    }
                }
            }
        }
        Some(CompensatingControl {
            description: description?.value,
            evidence: evidence.map(|evidence| evidence.value.trim().to_owned()),
            checks,
        })
    }
}
