//! Criteria that management declares not applicable: why, who answers for it and who approved it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::file::SENTENCE;
use crate::model::ScopeDecisionReport;
use crate::yaml::{File, FileError, Node, Reader, Text, Yaml, parse};

/// The key of the configuration under which decisions stand, and the one that lets them be about the CC series.
const LIST: &str = "not_applicable";
const ALLOW_CC: &str = "allow_cc_na";

/// One decision in order. Whether it was approved by the time of the scan is for the evaluation to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeDecision {
    pub controls: Vec<String>,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub approved_on: Date,
}

impl ScopeDecision {
    /// As a report shows it, before anything came of it.
    pub fn report(&self) -> ScopeDecisionReport {
        ScopeDecisionReport {
            controls: self.controls.clone(),
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            approved_on: self.approved_on.to_string(),
            note: None,
        }
    }
}

const KEYS: [&str; 5] = ["controls", "reason", "owner", "approved_by", "approved_on"];

const ABOUT: [(&str, &str); 5] = [
    ("controls", "the criteria that it is about, such as [C1.2]"),
    ("reason", "why they do not apply, in a sentence"),
    ("owner", "who answers for it"),
    ("approved_by", "who allowed it; not the owner"),
    ("approved_on", "the date on which it was allowed"),
];

/// The decisions in a configuration file, or everything that is wrong with them. Nothing else of the file is looked at.
pub fn scope_decisions(name: &str, text: &str) -> Result<Vec<ScopeDecision>, Vec<FileError>> {
    let file = File::new(name, text);
    let root = parse(text).map_err(|error| vec![file.not_yaml(&error)])?;
    let under = |wanted: &str| match &root.value {
        Yaml::Map(entries) => entries.iter().find(|(key, _)| key.value == wanted),
        _ => None,
    };
    let mut errors = Vec::new();
    let mut entry = Entry {
        reader: Reader {
            file: &file,
            errors: &mut errors,
        },
        cc_allowed: under(ALLOW_CC).is_some_and(|(_, node)| node.value == Yaml::Bool(true)),
        taken: Vec::new(),
    };
    let mut decisions = Vec::new();
    match under(LIST).map(|(_, node)| (node, &node.value)) {
        None | Some((_, Yaml::Null)) => {}
        Some((_, Yaml::List(items))) => {
            decisions.extend(items.iter().filter_map(|item| entry.read(item)));
        }
        Some((node, _)) => {
            let name = format!("`{LIST}`");
            entry.reader.wrong_type(&name, "a list of decisions", node);
        }
    }
    if errors.is_empty() {
        Ok(decisions)
    } else {
        Err(errors)
    }
}

struct Entry<'a> {
    reader: Reader<'a>,
    cc_allowed: bool,
    /// The criteria of the decisions so far.
    taken: Vec<Text>,
}

impl Entry<'_> {
    fn read(&mut self, node: &Node) -> Option<ScopeDecision> {
        let reader = &mut self.reader;
        let fields = reader.fields(node, "a scope decision", &KEYS)?;
        reader.missing(&fields, &KEYS, &ABOUT, &node.head(), "the scope decision");
        let field = |name: &str| fields.iter().copied().find(|(key, _)| key.value == name);
        let controls = field("controls").map(|(key, node)| self.controls(key, node));
        let reason =
            field("reason").and_then(|(key, node)| self.reader.sentence(key, node, SENTENCE));
        let owner = field("owner").and_then(|(key, node)| self.reader.line(key, node));
        let approver = field("approved_by").and_then(|(key, node)| self.reader.line(key, node));
        if let (Some(owner), Some(approver)) = (&owner, &approver) {
            self.reader
                .two_people(owner, approver, "their own decision");
        }
        let approved_on = field("approved_on").and_then(|(key, node)| self.reader.date(key, node));
        Some(ScopeDecision {
            controls: controls?,
            reason: reason?.value,
            owner: owner?.value.trim().to_owned(),
            approved_by: approver?.value.trim().to_owned(),
            approved_on: approved_on?.value,
        })
    }

    fn controls(&mut self, key: &Text, node: &Node) -> Vec<String> {
        let ids = self.reader.one_or_more(key, node);
        for id in &ids {
            if self.reader.is_criterion(id) && id.value.starts_with("CC") && !self.cc_allowed {
                let message = format!("{} is a common criterion: it always applies", id.value);
                self.reader.error(&id.place, message).help(format!(
                    "take it out; if your auditor agrees that it does not apply, write `{ALLOW_CC}: true`"
                ));
            }
            match self.taken.iter().find(|known| known.value == id.value) {
                Some(known) => {
                    let message = format!("{} is declared not applicable twice", id.value);
                    let error = self.reader.file.error(&id.place, message);
                    let error = error.label("again").first(&known.place);
                    self.reader.errors.push(error.help("keep one of the two"));
                }
                None => self.taken.push(id.clone()),
            }
        }
        ids.into_iter().map(|id| id.value).collect()
    }
}
