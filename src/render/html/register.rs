//! Waivers and attestations: what people accepted and what they say, whatever came of it.

use super::book::{Book, badge, rule_link};
use super::page::{Page, anchor};
use crate::model::{Report, WaiverState};
use crate::render::register::{AttestationLine, WaiverLine, attestations, one_line, waivers};
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
    if !report.waivers.is_empty() {
        page.raw("<h3>Waivers</h3>\n");
    }
    for line in waivers(report) {
        waiver(page, book, &line);
    }
    if !report.attestations.is_empty() {
        page.raw("<h3>Attestations</h3>\n");
    }
    for line in attestations(report) {
        attestation(page, &line);
    }
}

fn waiver(page: &mut Page, book: &Book, line: &WaiverLine) {
    let waiver = line.waiver;
    // A wrong entry may have any id, also that of another.
    if waiver.state == WaiverState::Invalid {
        page.raw("<div class=\"written\">");
    } else {
        let place = anchor("waiver", &waiver.id);
        page.open("div", &[("class", "written"), ("id", &place)]);
    }
    page.raw("<p class=\"caption\">").text(&waiver.id).raw(" ");
    badge(page, waiver.state.as_str());
    page.raw("</p>\n<dl class=\"facts\">\n<dt>Check</dt><dd>");
    if book.checks.contains_key(waiver.check.as_str()) {
        rule_link(page, &waiver.check);
    } else {
        page.text(&shortened(&waiver.check, LONGEST));
    }
    page.raw("</dd>\n");
    for (name, text) in [
        ("For", line.selectors.as_str()),
        ("Effect", &line.effect),
        ("Reason", &waiver.reason),
        ("Owner", line.owner),
        ("Approved by", &line.approved),
        ("Expires", &line.holds),
        ("Note", &line.note),
    ] {
        fact(page, name, text);
    }
    page.raw("</dl></div>\n");
}

fn attestation(page: &mut Page, line: &AttestationLine) {
    let attestation = line.attestation;
    page.raw("<div class=\"written\"><p class=\"caption\">")
        .text(&attestation.id)
        .raw(" ");
    badge(page, attestation.state.as_str());
    page.raw(if attestation.superseded {
        " superseded"
    } else {
        ""
    });
    page.raw("</p>\n<dl class=\"facts\">\n");
    fact(page, "Topic", &attestation.topic);
    page.raw("<dt>Criteria</dt><dd>");
    for (index, id) in attestation.controls.iter().enumerate() {
        page.raw(if index == 0 { "" } else { ", " });
        page.link(&anchor("criterion", id), id);
    }
    page.raw("</dd>\n");
    for (name, text) in [
        ("Statement", attestation.statement.as_str()),
        ("Attested by", &line.attested),
        ("Owner", &attestation.owner),
        ("Good until", line.good_until),
        ("Documents", &line.documents.join("; ")),
        ("Note", &line.note),
    ] {
        fact(page, name, text);
    }
    page.raw("</dl></div>\n");
}

fn fact(page: &mut Page, name: &'static str, text: &str) {
    if !text.is_empty() {
        page.raw("<dt>").raw(name).raw("</dt>");
        page.element("dd", &[], &shortened(&one_line(text), LONGEST))
            .raw("\n");
    }
}
