//! What was not tested, as a chapter of its own: unread, not selected, out of scope, and left to people; then what was.

use std::collections::BTreeMap;

use super::book::{Book, LONGEST, badge, rule_link};
use super::page::{Page, anchor};
use crate::model::{CheckStatus, ControlStatus, Kind, Seen, Target, criterion};
use crate::render::ledger::ledger;
use crate::render::register::{decisions, one_line};
use crate::render::text::{self, counted, shortened, words};

/// The most rows of a table here.
const ROWS: usize = 1_000;

pub fn write(page: &mut Page, book: &Book) {
    page.raw("<p>A reader should know first what this report does not show.</p>\n");
    unread(page, book);
    excluded(page, book);
    not_run(page, book);
    declared(page, book);
    people(page, book);
    carried(page, book);
    bugs(page, book);
    read(page, book);
}

fn unread(page: &mut Page, book: &Book) {
    let ledger = ledger(&book.view);
    page.raw("<h3>Not read</h3>\n");
    if ledger.interrupted {
        page.raw("<p class=\"cut\">The scan was stopped before its end: what it had not read by then is unknown.</p>\n");
    }
    if ledger.missing.is_empty() {
        page.raw("<p>Everything that the checks need was asked for and read to the end.</p>\n");
        return;
    }
    page.table(
        "plain",
        "What was asked for and not read; it is unknown, never a pass",
        &[
            "Reason",
            "Permission or operation",
            "Where",
            "Effect",
            "What to do",
        ],
    );
    for missing in ledger.missing.iter().take(ROWS) {
        page.raw("<tr><td>")
            .text(&words(missing.reason.as_str()))
            .raw("</td><td><code>");
        page.text(&shortened(&missing.what, LONGEST))
            .raw("</code></td><td>");
        page.text(&shortened(&missing.places.join(", "), LONGEST))
            .raw("</td><td>");
        if !missing.kinds.is_empty() {
            let kinds: Vec<_> = missing.kinds.iter().map(Kind::as_str).collect();
            page.raw("not listed: ")
                .text(&shortened(&kinds.join(", "), LONGEST))
                .raw("<br>");
        }
        if missing.verdicts > 0 {
            page.text(&counted(missing.verdicts, "verdict"))
                .raw(" unknown<br>");
        }
        if let Some(detail) = &missing.detail {
            page.raw("<q>")
                .text(&shortened(detail, LONGEST))
                .raw("</q>");
        }
        page.raw("</td><td>")
            .raw(missing.advice)
            .raw("</td></tr>\n");
    }
    page.end_table();
    page.more(ledger.missing.len(), ROWS);
}

fn excluded(page: &mut Page, book: &Book) {
    let excluded = &book.view.report.excluded;
    page.raw("<h3>Excluded</h3>\n");
    if excluded.is_empty() {
        page.raw("<p>No platform was excluded.</p>\n");
    }
    bounds(page, book);
    for exclusion in excluded.iter().take(ROWS) {
        page.raw("<p>").text(&exclusion.platform.to_string());
        page.raw(" was not scanned, and its checks bear on no criterion here: ");
        page.text(&exclusion.why).raw("</p>\n");
    }
    let applies = book
        .view
        .report
        .checks
        .iter()
        .filter(|check| check.counts.not_applicable > 0);
    let applies: Vec<_> = applies.collect();
    let spoken_for: Vec<_> = book
        .view
        .report
        .checks
        .iter()
        .filter(|check| check.spoken_for > 0)
        .collect();
    if !spoken_for.is_empty() {
        page.raw("<ul>\n");
        for check in spoken_for {
            page.raw("<li>");
            rule_link(page, &check.rule);
            page.raw(": ").text(&text::spoken_for(check)).raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
    if !applies.is_empty() {
        page.table(
            "plain",
            "Resources that a check's own condition leaves out of its population",
            &["Check", "Left out", "Condition of application"],
        );
        for check in applies.iter().take(ROWS) {
            page.raw("<tr><td>");
            rule_link(page, &check.rule);
            page.raw("</td><td class=\"n\">").link(
                &anchor("population", &check.rule),
                &check.counts.not_applicable.to_string(),
            );
            page.raw("</td><td><code>");
            page.text(&one_line(
                check
                    .applies
                    .as_deref()
                    .unwrap_or("another resource speaks for them"),
            ));
            page.raw("</code></td></tr>\n");
        }
        page.end_table();
        page.more(applies.len(), ROWS);
    }
}

/// How far the scan went: what lies beyond is not in the report at all.
fn bounds(page: &mut Page, book: &Book) {
    page.raw("<p>Only resources of the kinds that the checks name were read. ");
    for target in book.view.report.targets.iter().take(ROWS) {
        match target {
            Target::Aws {
                account, regions, ..
            } => {
                page.raw("Of AWS account ").element("code", &[], account);
                page.raw(" only these regions were: ")
                    .text(&shortened(&regions.join(", "), LONGEST))
                    .raw(". ");
            }
            Target::Kubernetes { cluster, .. } => {
                page.raw("Of Kubernetes, only the cluster ")
                    .element("code", &[], cluster)
                    .raw(" was. ");
            }
            Target::Manifests { .. } => {
                page.raw("Manifests were read, not the cluster that runs them. ");
            }
        }
    }
    page.raw("Whatever lies beyond is not in this report.</p>\n");
}

fn not_run(page: &mut Page, book: &Book) {
    let checks = book.view.report.checks.iter();
    let not_run: Vec<_> = checks
        .filter(|check| check.status == CheckStatus::NotRun)
        .collect();
    if not_run.is_empty() {
        return;
    }
    page.raw("<h3>Checks that were not run</h3>\n<ul>\n");
    for check in not_run.iter().take(ROWS) {
        page.raw("<li>").text(&check.title).raw(" ");
        rule_link(page, &check.rule);
        page.raw(": ").text(&text::not_run(check)).raw("</li>\n");
    }
    page.raw("</ul>\n");
    page.more(not_run.len(), ROWS);
}

/// The criteria that management declares not applicable.
fn declared(page: &mut Page, book: &Book) {
    let report = book.view.report;
    if report.not_applicable.is_empty() {
        return;
    }
    page.raw("<h3>Declared not applicable</h3>\n");
    page.table(
        "plain",
        "Scope decisions of management: these criteria are not counted, whatever checks say",
        &["Criteria", "Reason", "Owner", "Approved by", "Note"],
    );
    for line in decisions(report) {
        page.raw("<tr><th scope=\"row\">");
        for (index, id) in line.decision.controls.iter().enumerate() {
            page.raw(if index == 0 { "" } else { ", " });
            page.link(&anchor("criterion", id), id);
        }
        page.raw("</th>");
        for text in [
            &line.reason,
            &line.decision.owner,
            &line.approved,
            line.note,
        ] {
            page.element("td", &[], &shortened(text, LONGEST));
        }
        page.raw("</tr>\n");
    }
    page.end_table();
}

/// The criteria in scope that configuration does not show.
fn people(page: &mut Page, book: &Book) {
    let controls = book.view.report.controls.iter();
    let people: Vec<_> = controls
        .filter(|control| control.checks.is_empty() && counts(control.status))
        .collect();
    page.raw("<h3>Left to people</h3>\n");
    if people.is_empty() {
        page.raw("<p>A check bears on every criterion in scope.</p>\n");
        return;
    }
    page.table(
        "plain",
        "Criteria in scope on which no check bears",
        &["Criterion", "State", "What must be attested"],
    );
    for control in people {
        page.raw("<tr><th scope=\"row\">")
            .link(&anchor("criterion", &control.id), &control.id);
        page.raw("</th><td>");
        badge(page, control.status.as_str());
        let topics: Vec<_> = control
            .attestations
            .iter()
            .filter(|topic| topic.is_asked())
            .map(|topic| words(&topic.topic))
            .collect();
        page.raw("</td><td>")
            .text(&topics.join(", "))
            .raw("</td></tr>\n");
    }
    page.end_table();
    let out: Vec<_> = book
        .view
        .rest
        .iter()
        .filter(|(status, _)| *status == ControlStatus::OutOfScope)
        .collect();
    for (_, controls) in out {
        page.raw("<p>Out of scope by category: ")
            .text(&crate::render::view::ranges(controls))
            .raw(".</p>\n");
    }
}

/// Whether a criterion is in scope and applies.
fn counts(status: ControlStatus) -> bool {
    !matches!(
        status,
        ControlStatus::OutOfScope | ControlStatus::NotApplicable
    )
}

fn carried(page: &mut Page, book: &Book) {
    let controls = book.view.report.controls.iter();
    let carried: Vec<_> = controls
        .filter(|control| counts(control.status))
        .filter_map(|control| {
            Some((
                control,
                criterion(&control.id)?.inherited_from_csp.as_ref()?,
            ))
        })
        .collect();
    if carried.is_empty() {
        return;
    }
    page.raw("<h3>Carried by the cloud provider</h3>\n<p>Not tested here; the provider's own SOC 2 report is the evidence (carve-out method).</p>\n<ul>\n");
    for (control, carrier) in carried {
        page.raw("<li>")
            .link(&anchor("criterion", &control.id), &control.id)
            .raw(": ");
        page.text(carrier).raw("</li>\n");
    }
    page.raw("</ul>\n");
}

fn bugs(page: &mut Page, book: &Book) {
    let bugs = &book.view.report.rule_bugs;
    if bugs.is_empty() {
        return;
    }
    page.raw("<h3>Rules to mend: their verdicts are unknown</h3>\n<ul>\n");
    for bug in bugs.iter().take(ROWS) {
        page.raw("<li>");
        rule_link(page, &bug.rule);
        page.raw(": ")
            .text(&shortened(&bug.message, LONGEST))
            .raw(" (<code>");
        page.text(&shortened(&bug.resource, LONGEST))
            .raw("</code>)</li>\n");
    }
    page.raw("</ul>\n");
    page.more(bugs.len(), ROWS);
}

/// How many scopes a kind was asked for in, and what came of it.
#[derive(Default)]
struct Asked {
    scopes: usize,
    complete: usize,
    absent: usize,
    resources: usize,
}

fn read(page: &mut Page, book: &Book) {
    let mut kinds: BTreeMap<(&Kind, &str), Asked> = BTreeMap::new();
    for row in &book.view.report.coverage {
        let asked = kinds.entry((&row.kind, row.scope.owner())).or_default();
        asked.scopes += 1;
        match row.seen {
            Seen::Complete { count } => {
                asked.complete += 1;
                asked.resources = asked.resources.saturating_add(count);
            }
            Seen::NotInstalled => {
                asked.complete += 1;
                asked.absent += 1;
            }
            Seen::Unread(_) => {}
        }
    }
    page.raw("<h3 id=\"coverage\">Coverage: what was read</h3>\n");
    if kinds.is_empty() {
        page.raw("<p>Nothing was asked for.</p>\n");
        return;
    }
    page.table(
        "plain",
        "Each kind that was asked for, by account or cluster; a list counts as complete when it was read to its last page",
        &["Kind", "Account or cluster", "Lists complete", "Resources listed"],
    );
    for ((kind, owner), asked) in kinds.iter().take(ROWS) {
        page.raw("<tr><th scope=\"row\"><code>")
            .text(kind.as_str())
            .raw("</code></th><td>");
        page.text(owner).raw("</td><td class=\"n\">");
        page.number(asked.complete).raw(" of ").number(asked.scopes);
        if asked.complete < asked.scopes {
            page.raw(" ");
            badge(page, "unknown");
        }
        page.raw("</td><td class=\"n\">");
        if asked.absent == asked.scopes {
            page.raw("not installed");
        } else if asked.complete == 0 {
            page.raw("not read");
        } else {
            page.number(asked.resources);
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    page.more(kinds.len(), ROWS);
}
