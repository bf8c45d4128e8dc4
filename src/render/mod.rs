//! Rendering: a report as bytes for a person or a program, and what an examination of reports found. Knows nothing but
//! those.

mod annex;
mod asff;
mod asked;
mod baseline;
mod csv;
pub mod diff;
mod evidence;
mod fixes;
mod github;
mod group;
pub mod history;
mod html;
mod identity;
mod ink;
mod json;
mod jsonl;
mod junit;
mod ledger;
mod markdown;
mod ocsf;
mod oscal;
mod records;
mod register;
pub mod sample;
mod sarif;
mod sheet;
mod table;
mod text;
mod view;
mod xlsx;

use std::fmt;
use std::str::FromStr;

use crate::model::Report;

pub use annex::{controls, exclusions, populations};
pub use json::json_schema;
pub(crate) use text::{cause, clean, counted, words};

/// The form of a rendered report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For a terminal.
    Table,
    /// The contract `soc2scan.report/v1`.
    Json,
    /// For a page such as the summary of a GitHub Actions step.
    Markdown,
    /// For an auditor: one self-contained page, on screen and on paper.
    Html,
    /// Every finding as a row, for a spreadsheet.
    Csv,
    /// Every finding as a line of JSON.
    Jsonl,
    /// For code scanning.
    Sarif,
    /// For the test view of a CI server.
    Junit,
    /// Annotations of a GitHub Actions run.
    Github,
    /// Compliance findings of the Open Cybersecurity Schema Framework.
    Ocsf,
    /// Assessment results for tools of governance and risk.
    Oscal,
    /// For AWS Security Hub.
    Asff,
    /// A workbook.
    Xlsx,
}

impl Format {
    pub const ALL: [Format; 13] = [
        Format::Table,
        Format::Json,
        Format::Markdown,
        Format::Html,
        Format::Csv,
        Format::Jsonl,
        Format::Sarif,
        Format::Junit,
        Format::Github,
        Format::Ocsf,
        Format::Oscal,
        Format::Asff,
        Format::Xlsx,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Sarif => "sarif",
            Format::Junit => "junit",
            Format::Github => "github",
            Format::Ocsf => "ocsf",
            Format::Oscal => "oscal",
            Format::Asff => "asff",
            Format::Xlsx => "xlsx",
        }
    }

    /// The format that a file's name asks for: by its end, `report.json`, or by what stands before an end that several
    /// formats share, `report.oscal.json`.
    pub fn of_file(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let (rest, extension) = name.rsplit_once('.')?;
        let inner = rest.rsplit_once('.').map_or(rest, |(_, inner)| inner);
        match (inner, extension) {
            ("oscal" | "oscal-ar", "json") => Some(Format::Oscal),
            ("sarif", "json") => Some(Format::Sarif),
            ("asff", "json" | "jsonl") => Some(Format::Asff),
            ("ocsf", "json" | "jsonl" | "ndjson") => Some(Format::Ocsf),
            ("junit", "xml") => Some(Format::Junit),
            ("github", "txt") => Some(Format::Github),
            _ => Format::from_extension(extension),
        }
    }

    fn from_extension(extension: &str) -> Option<Format> {
        match extension {
            "txt" => Some(Format::Table),
            "json" => Some(Format::Json),
            "md" | "markdown" => Some(Format::Markdown),
            "html" | "htm" => Some(Format::Html),
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "sarif" => Some(Format::Sarif),
            "xml" => Some(Format::Junit),
            "ocsf" => Some(Format::Ocsf),
            "oscal" => Some(Format::Oscal),
            "asff" => Some(Format::Asff),
            "xlsx" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| {
                let names = Format::ALL.map(Format::as_str);
                format!("no such format: {name} (there are {})", names.join(", "))
            })
    }
}

/// What the place can show that a report is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// In columns.
    pub width: usize,
    pub color: bool,
    /// OSC 8 hyperlinks.
    pub hyperlinks: bool,
}

impl Look {
    /// For a file or a pipe.
    pub const PLAIN: Look = Look {
        width: 100,
        color: false,
        hyperlinks: false,
    };
}

/// The HTML report for a folder in which a file holds the same report as CSV: what the page cuts, it links to there.
pub fn page_beside(report: &Report, csv: &str) -> Vec<u8> {
    html::render(report, Some(csv)).into_bytes()
}

/// The report in a format: equal bytes for equal reports; text is whole lines.
pub fn render(report: &Report, format: Format, look: &Look) -> Vec<u8> {
    let text = match format {
        Format::Table => table::render(report, look),
        Format::Json => json::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report, None),
        Format::Csv => csv::render(report),
        Format::Jsonl => jsonl::render(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
        Format::Github => github::render(report),
        Format::Ocsf => ocsf::render(report),
        Format::Oscal => oscal::render(report),
        Format::Asff => asff::render(report),
        Format::Xlsx => return xlsx::render(report),
    };
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_name_and_by_a_files_end() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!(
            "pdf".parse::<Format>(),
            Err("no such format: pdf (there are table, json, markdown, html, csv, jsonl, sarif, junit, github, ocsf, oscal, asff, xlsx)".to_owned())
        );
        assert_eq!(Format::of_file("r.JSON"), Some(Format::Json));
        assert_eq!(Format::of_file("r.md"), Some(Format::Markdown));
        assert_eq!(Format::of_file("r.pdf"), None);
        assert_eq!(Format::of_file("json"), None);
    }

    #[test]
    fn what_stands_before_a_shared_end_tells_the_format() {
        for (name, format) in [
            ("report.oscal.json", Format::Oscal),
            ("report.asff.json", Format::Asff),
            ("report.OCSF.jsonl", Format::Ocsf),
            ("report.sarif.json", Format::Sarif),
            ("report.junit.xml", Format::Junit),
            ("a.b.json", Format::Json),
            ("oscal.csv", Format::Csv),
            ("html.json", Format::Json),
        ] {
            assert_eq!(Format::of_file(name), Some(format), "{name}");
        }
    }
}
