//! The parts of an attestation: documents, a period, a population, a vendor's report.

use jiff::civil::Date;

use super::{Vendor, value};
use crate::model::{AttestedDocument, AttestedPopulation, VendorReport};
use crate::yaml::{At, Node, Reader, Text, Yaml};

const REPORT_TYPES: [&str; 5] = [
    "SOC 2 Type II",
    "SOC 2 Type I",
    "SOC 3",
    "ISO 27001",
    "other",
];
const OPINIONS: [&str; 5] = [
    "unqualified",
    "qualified",
    "adverse",
    "disclaimer",
    "unknown",
];

impl Reader<'_> {
    pub(super) fn documents(&mut self, key: &Text, node: &Node) -> Option<Vec<AttestedDocument>> {
        let Yaml::List(items) = &node.value else {
            self.wrong_type(&format!("`{}`", key.value), "a list of documents", node);
            return None;
        };
        let documents = items.iter().map(|item| self.document(item));
        documents.collect()
    }

    fn document(&mut self, node: &Node) -> Option<AttestedDocument> {
        const KEYS: [&str; 7] = [
            "title",
            "path",
            "url",
            "version",
            "approved_by",
            "approved_on",
            "sha256",
        ];
        let fields = self.fields(node, "a document", &KEYS)?;
        self.missing(&fields, &["title"], &[], &node.head(), "the document");
        let has = |name: &str| fields.iter().any(|(key, _)| key.value == name);
        if !has("path") && !has("url") {
            self.error(&node.head(), "the document is nowhere")
                .help("add `path:` (a file, which is hashed) or `url:`");
        } else if has("sha256") && !has("path") {
            self.error(
                &node.head(),
                "a digest is of a file, and the document has none",
            )
            .help("add `path:`, or take `sha256:` out");
        }
        let mut document = AttestedDocument::default();
        for (key, node) in fields {
            match key.value.as_str() {
                "title" => document.title = value(self.line(key, node)).unwrap_or_default(),
                "path" => document.path = self.path(key, node),
                "url" => document.url = self.url(key, node),
                "version" => document.version = value(self.line(key, node)),
                "approved_by" => document.approved_by = value(self.line(key, node)),
                "approved_on" => {
                    document.approved_on = self.date(key, node).map(|date| date.value.to_string());
                }
                _ => document.sha256 = self.digest(key, node),
            }
        }
        Some(document)
    }

    /// A file by its path from the folder of the attestations. Who reads it sees to it that it lies in there.
    fn path(&mut self, key: &Text, node: &Node) -> Option<String> {
        let path = self.line(key, node)?;
        if path.value.starts_with(['/', '~', '\\']) || path.value.contains('\0') {
            self.error(
                &path.place,
                format!("`{}` is not a relative path", key.value),
            )
            .help("name the file from the folder of the attestations, so that others find it too");
            return None;
        }
        Some(path.value)
    }

    fn url(&mut self, key: &Text, node: &Node) -> Option<String> {
        let url = self.line(key, node)?;
        let is_url = url
            .value
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
            && !url.value.contains(char::is_whitespace);
        if !is_url {
            self.error(&url.place, format!("`{}` is no address", url.value))
                .help("write it in full: https://...");
            return None;
        }
        Some(url.value)
    }

    pub(super) fn period(&mut self, key: &Text, node: &Node) -> Option<(Date, Date)> {
        let fields = self.fields(node, "`period`", &["start", "end"])?;
        self.missing(&fields, &["start", "end"], &[], &key.place, "`period`");
        let (mut start, mut end) = (None, None);
        for (key, node) in fields {
            match key.value.as_str() {
                "start" => start = self.date(key, node),
                _ => end = self.date(key, node),
            }
        }
        let (start, end) = (start?, end?);
        self.in_order(
            start.value <= end.value,
            &end.place,
            "the period ends before it begins",
            "put `end` after `start`",
        );
        Some((start.value, end.value))
    }

    pub(super) fn population(&mut self, key: &Text, node: &Node) -> Option<AttestedPopulation> {
        const KEYS: [&str; 7] = [
            "description",
            "count",
            "exceptions",
            "source_system",
            "query",
            "list",
            "list_sha256",
        ];
        let fields = self.fields(node, "`population`", &KEYS)?;
        let required = ["description", "count"];
        self.missing(&fields, &required, &[], &key.place, "`population`");
        let mut population = AttestedPopulation {
            description: String::new(),
            count: 0,
            exceptions: None,
            source_system: None,
            query: None,
            list: None,
            list_sha256: None,
        };
        let mut most = None;
        for (key, node) in fields {
            match key.value.as_str() {
                "description" => {
                    population.description = value(self.line(key, node)).unwrap_or_default();
                }
                "count" => population.count = self.count(key, node).unwrap_or_default(),
                "exceptions" => {
                    population.exceptions = self.count(key, node);
                    most = Some(&node.place);
                }
                "source_system" => population.source_system = value(self.line(key, node)),
                "query" => population.query = value(self.text(key, node)),
                "list" => population.list = self.path(key, node),
                _ => population.list_sha256 = self.digest(key, node),
            }
        }
        if let Some(place) = most {
            self.in_order(
                population.exceptions <= Some(population.count),
                place,
                "there are more exceptions than members of the population",
                "`count` is of all that were looked at",
            );
        }
        Some(population)
    }

    pub(super) fn vendor(&mut self, key: &Text, node: &Node) -> Option<At<Vendor>> {
        const KEYS: [&str; 7] = [
            "name",
            "report_type",
            "report_period_start",
            "report_period_end",
            "opinion",
            "bridge_letter",
            "cuecs_reviewed",
        ];
        let fields = self.fields(node, "`vendor`", &KEYS)?;
        let required = ["name", "report_type", "report_period_end"];
        self.missing(&fields, &required, &[], &key.place, "`vendor`");
        let (mut name, mut kind, mut start, mut end) = (None, None, None, None);
        let (mut opinion, mut bridge_letter, mut cuecs_reviewed) = (None, None, None);
        for (key, node) in fields {
            match key.value.as_str() {
                "name" => name = value(self.line(key, node)),
                "report_type" => kind = self.word(key, node, &REPORT_TYPES.map(|t| (t, t))),
                "report_period_start" => start = self.date(key, node),
                "report_period_end" => end = self.date(key, node),
                "opinion" => opinion = self.word(key, node, &OPINIONS.map(|o| (o, o))),
                "bridge_letter" => bridge_letter = value(self.line(key, node)),
                _ => cuecs_reviewed = self.flag(key, node),
            }
        }
        let end = end?;
        if let Some(start) = &start {
            self.in_order(
                start.value <= end.value,
                &end.place,
                "the report's period ends before it begins",
                "put `report_period_end` after `report_period_start`",
            );
        }
        Some(At {
            place: end.place,
            value: Vendor {
                report: VendorReport {
                    name: name?,
                    report_type: kind?.to_owned(),
                    report_period_start: start.map(|date| date.value.to_string()),
                    report_period_end: end.value.to_string(),
                    opinion: opinion.map(str::to_owned),
                    bridge_letter,
                    cuecs_reviewed,
                },
                period_end: end.value,
            },
        })
    }
}
