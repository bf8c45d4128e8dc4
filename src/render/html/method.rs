//! Appendix: how the results came about, exactly enough to be done again.

use std::collections::BTreeSet;

use super::book::{Book, LONGEST, badge};
use super::page::{Page, anchor};
use crate::model::{CheckReport, Report};
use crate::render::text::{shortened, words};

/// The most calls that are listed.
const CALLS: usize = 1_000;

pub fn write(page: &mut Page, book: &Book) {
    let report = book.view.report;
    page.raw(match book.is_of_manifests() {
        true => concat!(
            "<p>The tool read the files that the cover names, asked no cluster and no provider, and evaluated each ",
            "check's condition on each object that the files hold. A condition is an expression (CEL) over the object's ",
            "fields, under their own names.</p>\n"
        ),
        false => concat!(
            "<p>The tool asked the providers' own read-only APIs for the resources of the kinds that the checks name, ",
            "listed what <a href=\"#coverage\">Coverage</a> says was read, and evaluated each check's condition on each ",
            "resource of it. A condition is an expression (CEL) over the fields that the provider returned, under the ",
            "provider's own names.</p>\n"
        ),
    });
    page.raw(concat!(
        "<ul>\n<li>A check <em>passes</em> when its condition holds for every resource that it applies to, and every ",
        "list that it needs is complete.</li>\n",
        "<li>It <em>fails</em> when the condition is false for one resource, whatever else could not be read.</li>\n",
        "<li>It is <em>unknown</em> when a list or a fact that it needs could not be read.</li>\n",
        "<li>A <em>required</em> check decides a criterion's state; a <em>supporting</em> one never does. No waiver and ",
        "no attestation rewrites a result.</li>\n<li>Where a check says that another check or an attestation is enough in ",
        "its place, the criterion takes the best of them if one passes or is attested completely, else the worst; each is ",
        "shown with its own status.</li>\n</ul>\n"
    ));
    page.raw(match book.is_of_manifests() {
        true => concat!(
            "<p>To do it again: read the same files with the same rules (<code>soc2scan check --manifests</code>); the ",
            "rulebook's digest on the cover and every result must come out the same. "
        ),
        false => concat!(
            "<p>To do it again: replay the recorded answers with the same rules (<code>soc2scan check --replay</code>); ",
            "the two digests on the cover must come out the same. "
        ),
    });
    page.raw(concat!(
        "Values that are marked as sensitive are replaced before anything is stored and shown as redacted.</p>\n",
        "<h3>Checks</h3>\n"
    ));
    for check in &report.checks {
        rule(page, book.view.report, check);
    }
    calls(page, report);
}

fn rule(page: &mut Page, report: &Report, check: &CheckReport) {
    page.open(
        "details",
        &[("class", "rule"), ("id", &anchor("rule", &check.rule))],
    );
    page.raw("<summary><code>")
        .text(&check.rule)
        .raw("</code> ")
        .text(&check.title)
        .raw(" ");
    badge(page, check.status.as_str());
    page.raw("</summary>\n").paragraphs(&check.why);
    page.raw("<dl class=\"facts\">\n");
    let kinds: Vec<_> = check.resource.iter().map(|kind| kind.as_str()).collect();
    page.raw("<dt>Resources</dt>")
        .element("dd", &[], &kinds.join(", "));
    let rows = report.coverage.iter();
    let rows = rows.filter(|row| check.resource.contains(&row.kind));
    let asked: BTreeSet<&str> = rows
        .flat_map(|row| &row.asked)
        .map(String::as_str)
        .collect();
    if !asked.is_empty() {
        let asked: Vec<_> = asked.into_iter().collect();
        page.raw("<dt>Read by</dt>")
            .element("dd", &[], &asked.join(", "));
    }
    if let Some(applies) = &check.applies {
        code(page, "Applies when", applies);
    }
    code(page, "Passes when", &check.assert);
    for variable in &check.variables {
        page.raw("<dt>where <code>")
            .text(&variable.name)
            .raw("</code> is</dt><dd><pre>");
        page.lines(&variable.expression).raw("</pre></dd>\n");
    }
    for (name, value) in &check.params {
        page.raw("<dt>Parameter <code>")
            .text(name)
            .raw("</code></dt><dd><code>");
        page.text(&shortened(&value.to_string(), LONGEST))
            .raw("</code></dd>\n");
    }
    page.raw("<dt>Severity</dt><dd>")
        .raw(check.severity.as_str())
        .raw("</dd>\n");
    bears(page, "Required for", &check.required);
    bears(page, "Supports", &check.supporting);
    let topic = check.attestable.iter();
    let topic = topic.map(|topic| format!("the attestation of {}", words(topic)));
    let instead: Vec<_> = check.any_of.iter().cloned().chain(topic).collect();
    if !instead.is_empty() {
        page.raw("<dt>Enough in its place</dt>")
            .element("dd", &[], &instead.join(", or "));
    }
    if !check.references.is_empty() {
        page.raw("<dt>References</dt><dd>");
        for (index, reference) in check.references.iter().enumerate() {
            page.raw(if index > 0 { "<br>" } else { "" }).web(reference);
        }
        page.raw("</dd>\n");
    }
    page.raw("</dl></details>\n");
}

fn code(page: &mut Page, name: &'static str, expression: &str) {
    page.raw("<dt>")
        .raw(name)
        .raw("</dt><dd><pre>")
        .lines(expression)
        .raw("</pre></dd>\n");
}

fn bears(page: &mut Page, name: &'static str, ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    page.raw("<dt>").raw(name).raw("</dt><dd>");
    for (index, id) in ids.iter().enumerate() {
        page.raw(if index > 0 { ", " } else { "" })
            .link(&anchor("criterion", id), id);
    }
    page.raw("</dd>\n");
}

fn calls(page: &mut Page, report: &Report) {
    page.raw("<h3>Calls</h3>\n");
    page.table(
        "plain",
        "Every operation that was asked, and how often, attempts included",
        &["Service", "Operation", "Times"],
    );
    for call in report.calls.iter().take(CALLS) {
        page.raw("<tr>").element("td", &[], &call.service);
        page.raw("<td><code>")
            .text(&call.operation)
            .raw("</code></td><td class=\"n\">");
        page.text(&call.count.to_string()).raw("</td></tr>\n");
    }
    page.end_table();
    page.more(report.calls.len(), CALLS);
}
