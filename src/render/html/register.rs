//! Waivers and attestations: what people accepted and what they say, whatever came of it.

use super::book::{Book, badge, rule_link};
use super::page::{Page, anchor};
use crate::model::Report;
use crate::render::register::{attestations, waivers};
use crate::render::text::shortened;

/// The longest reason or note; the JSON report has all of it.
const LONGEST: usize = 600;

/// Whether there is anything to write.
pub fn is_empty(report: &Report) -> bool {
    report.waivers.is_empty() && report.attestations.is_empty()
}

pub fn write(page: &mut Page, book: &Book) {
    let report = book.view.report;
    page.raw("<p>Management accepts some failures and attests what configuration cannot show. All of it is listed, those to mend or renew first. A waived failure stays a failure.</p>\n");
    let cell = |page: &mut Page, text: &str| {
        page.element("td", &[], &shortened(&one_line(text), LONGEST));
    };
    if !report.waivers.is_empty() {
        page.table(
            "plain",
            "Waivers",
            &[
                "Waiver",
                "State",
                "Check",
                "Match",
                "Effect",
                "Reason",
                "Owner",
                "Approved by",
                "Expires",
                "Note",
            ],
        );
        for line in waivers(report) {
            page.open("tr", &[("id", &anchor("waiver", &line.waiver.id))]);
            page.element("th", &[("scope", "row")], &line.waiver.id);
            page.raw("<td>");
            badge(page, line.waiver.state.as_str());
            page.raw("</td><td>");
            rule_link(page, &line.waiver.check);
            page.raw("</td>");
            cell(page, &line.selectors);
            cell(page, &line.effect);
            cell(page, &line.waiver.reason);
            cell(page, line.owner);
            cell(page, &line.approved);
            cell(page, &line.holds);
            cell(page, &line.note);
            page.raw("</tr>\n");
        }
        page.end_table();
    }
    if !report.attestations.is_empty() {
        page.table(
            "plain",
            "Attestations",
            &[
                "Attestation",
                "State",
                "Topic",
                "Criteria",
                "Statement",
                "Attested by",
                "Owner",
                "Good until",
                "Documents",
                "Note",
            ],
        );
        for line in attestations(report) {
            let attestation = line.attestation;
            page.raw("<tr>");
            page.element("th", &[("scope", "row")], &attestation.id);
            page.raw("<td>");
            badge(page, attestation.state.as_str());
            page.raw(if attestation.superseded {
                " superseded</td>"
            } else {
                "</td>"
            });
            cell(page, &attestation.topic);
            page.raw("<td>");
            for (index, id) in attestation.controls.iter().enumerate() {
                page.raw(if index == 0 { "" } else { ", " });
                page.link(&anchor("criterion", id), id);
            }
            page.raw("</td>");
            cell(page, &attestation.statement);
            cell(page, &line.attested);
            cell(page, &attestation.owner);
            cell(page, line.good_until);
            cell(page, &line.documents.join("; "));
            cell(page, &line.note);
            page.raw("</tr>\n");
        }
        page.end_table();
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}
