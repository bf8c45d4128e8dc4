//! Waivers and attestations: what people accepted and what they say, whatever came of it.

use std::collections::BTreeSet;

use super::book::{Book, badge, rule_link};
use super::page::{Page, anchor};
use super::populations::Budget;
use crate::model::{Report, WaiverState};
use crate::render::register::{AttestationLine, Field, Told, WaiverLine, attestations, waivers};
use crate::render::text::shortened;

/// How much of the page waivers and attestations may take, in bytes.
const REGISTER: usize = 400_000;

/// The longest reason or note; the JSON report has all of it.
const LONGEST: usize = 600;

/// Whether there is anything to write.
pub fn is_empty(report: &Report) -> bool {
    report.waivers.is_empty() && report.attestations.is_empty()
}

/// The chapter, which is made before those that link to the waivers in it.
#[derive(Default)]
pub struct Register<'a> {
    page: Page,
    /// Those that fit on the page.
    waivers: BTreeSet<&'a str>,
}

impl<'a> Register<'a> {
    pub fn new(book: &Book<'a>) -> Self {
        let report = book.view.report;
        let (waivers, attestations) = (waivers(report), attestations(report));
        let lists = [waivers.is_empty(), attestations.is_empty()];
        let lists = lists.iter().filter(|is_empty| !**is_empty).count();
        let mut budget = Budget::new(REGISTER, lists);
        let mut page = Page::default();
        page.raw("<p>Management accepts some failures and attests what configuration cannot show. All of it is listed, those to mend or renew first. A waived failure stays a failure.</p>\n");
        let mut shown = BTreeSet::new();
        if !waivers.is_empty() {
            page.raw("<h3>Waivers</h3>\n");
            let left_out = budget.rows(&mut page, &waivers, |page, line| waiver(page, book, line));
            book.cut(&mut page, left_out, "more waiver");
            let fits = waivers.iter().take(waivers.len() - left_out);
            shown = fits.map(|line| line.waiver.id.as_str()).collect();
        }
        if !attestations.is_empty() {
            page.raw("<h3>Attestations</h3>\n");
            let left_out = budget.rows(&mut page, &attestations, |page, line| {
                attestation(page, book, line);
            });
            book.cut(&mut page, left_out, "more attestation");
        }
        Self {
            page,
            waivers: shown,
        }
    }

    pub fn shows(&self, waiver: &str) -> bool {
        self.waivers.contains(waiver)
    }
}

pub fn write(page: &mut Page, book: &Book) {
    page.append(&book.register.page);
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
    page.raw("</p>\n");
    facts(page, book, line.fields());
}

fn attestation(page: &mut Page, book: &Book, line: &AttestationLine) {
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
    page.raw("</p>\n");
    facts(page, book, line.fields());
}

fn facts(page: &mut Page, book: &Book, fields: Vec<Field>) {
    page.raw("<dl class=\"facts\">\n");
    for (name, told) in fields {
        let texts = told.texts();
        if texts.is_empty() {
            continue;
        }
        page.raw("<dt>").raw(name).raw("</dt><dd>");
        match told {
            Told::Rule(rule) if book.checks.contains_key(rule) => rule_link(page, rule),
            Told::Criteria(ids) => {
                for (index, id) in ids.iter().enumerate() {
                    page.raw(if index == 0 { "" } else { ", " });
                    page.link(&anchor("criterion", id), id);
                }
            }
            Told::Rule(_) | Told::Text(_) | Told::Items(_) => {
                for (index, text) in texts.iter().enumerate() {
                    page.raw(if index == 0 { "" } else { "<br>" });
                    page.text(&shortened(text, LONGEST));
                }
            }
        }
        page.raw("</dd>\n");
    }
    page.raw("</dl></div>\n");
}
