//! The executive summary: the counts, the picture, and what they mean.

use super::book::{Book, badge, meaning};
use super::page::Page;
use super::picture;
use crate::model::{CheckStatus, ControlStatus};
use crate::render::ledger::ledger;
use crate::render::text::{counted, words};

pub fn write(page: &mut Page, book: &Book) {
    let view = &book.view;
    let report = view.report;
    let (in_scope, counts) = view.headline();
    page.raw("<p class=\"lead\">Of <strong>")
        .number(in_scope)
        .raw("</strong> ");
    page.raw(if in_scope == 1 {
        "criterion"
    } else {
        "criteria"
    });
    page.raw(" in scope:</p>\n<ul class=\"counts\">\n");
    for (status, count) in counts {
        let class = if count > 0 { status.as_str() } else { "none" };
        page.open("li", &[("class", class)]);
        page.raw("<b>")
            .number(count)
            .raw("</b> <span>")
            .text(&words(status.as_str()))
            .raw("</span></li>\n");
    }
    page.raw("</ul>\n");
    picture::write(page, book);

    page.raw("<ul class=\"points\">\n<li>").text(&view.checks());
    page.raw(" over ").text(&counted(view.judged(), "resource"));
    let findings = report.summary.findings;
    page.raw(", ")
        .text(&counted(findings.total(), "verdict"))
        .raw(": ");
    page.number(findings.fail)
        .raw(" fail, ")
        .number(findings.unknown)
        .raw(" unknown, ");
    page.number(findings.pass)
        .raw(" pass, ")
        .number(findings.not_applicable)
        .raw(" not applicable.</li>\n");
    if !view.waived.is_empty() {
        page.raw("<li>").number(view.waived.len());
        page.raw(" of the failing verdicts stand under a waiver and are listed as waived.</li>\n");
    }
    let ledger = ledger(view);
    for (platform, sentence) in &ledger.read {
        page.raw("<li>")
            .text(platform)
            .raw(": ")
            .text(sentence)
            .raw(".</li>\n");
    }
    page.raw("<li>");
    if ledger.missing.is_empty() {
        page.raw("Everything that was asked for was read.");
    } else {
        page.raw(
            "<strong>Not everything was read</strong>: see <a href=\"#untested\">Not tested</a>.",
        );
    }
    page.raw("</li>\n");
    let not_run = report
        .summary
        .checks
        .get(&CheckStatus::NotRun)
        .copied()
        .unwrap_or_default();
    if not_run > 0 {
        page.raw("<li>")
            .text(&counted(not_run, "check"))
            .raw(" of the rulebook ");
        page.raw(if not_run == 1 { "was" } else { "were" })
            .raw(" not run: <a href=\"#untested\">Not tested</a> says why.</li>\n");
    }
    page.raw("</ul>\n");

    page.raw("<h3>What the states mean</h3>\n<dl class=\"states\">\n");
    for status in ControlStatus::ALL {
        page.raw("<dt>");
        badge(page, status.as_str());
        page.raw("</dt><dd>").raw(meaning(status)).raw("</dd>\n");
    }
    page.raw("</dl>\n");
}
