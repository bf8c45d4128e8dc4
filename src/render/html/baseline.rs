//! What was open in the baseline and is not open now, and what came of it.

use super::book::{Book, badge, rule_link};
use super::page::Page;
use crate::model::Outcome;
use crate::render::baseline::gone;
use crate::render::text::words;

/// The most rows.
const ROWS: usize = 1_000;

pub fn write(page: &mut Page, book: &Book) {
    let gone = gone(book.view.report);
    page.raw("<p>What was not checked now may be open still: nobody looked.</p>\n");
    page.table(
        "plain",
        "What came of it",
        &["Resource", "Check", "Was", "What came of it"],
    );
    for line in gone.iter().take(ROWS) {
        page.raw("<tr>");
        match &line.resource {
            Some(subject) => book.resource(page, subject),
            None => {
                page.element("th", &[("scope", "row")], "the check as a whole");
            }
        }
        page.raw("<td>");
        rule_link(page, &line.rule);
        page.raw("</td><td>");
        badge(
            page,
            match line.was {
                Outcome::Fail => "fail",
                _ => "unknown",
            },
        );
        page.raw("</td>");
        page.element("td", &[], &words(line.now.as_str()))
            .raw("</tr>\n");
    }
    page.end_table();
    page.more(gone.len(), ROWS);
}
