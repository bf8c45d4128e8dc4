//! The cover: what was looked at, where, when, by whom and with what; and what such a report can say at all.

use super::book::{Book, LONGEST};
use super::page::Page;
use crate::model::{Category, Report, Target};
use crate::render::asked::asked;
use crate::render::baseline;
use crate::render::register;
use crate::render::text::{self, counted, shortened, words};

/// The most accounts and clusters that the cover lists.
const TARGETS: usize = 200;

/// The most paths of manifests that it names.
const PATHS: usize = 20;

pub fn write(page: &mut Page, book: &Book) {
    let report = book.view.report;
    page.raw("<header class=\"cover\" id=\"cover\">\n<p class=\"kicker\">Configuration evidence for the Trust Services Criteria</p>\n");
    page.raw("<h1>SOC 2 evidence report</h1>\n<p class=\"lead\">State of the configuration at ");
    page.open("time", &[("datetime", &report.taken_at.to_string())])
        .text(&book.moment())
        .raw("</time>.</p>\n<dl class=\"facts\">\n");
    targets(page, report);
    fact(page, "What", &scope(report));
    for (name, value) in asked(report) {
        fact(page, name, &value);
    }
    decisions(page, report);
    fact(
        page,
        "With what",
        &format!("{} {}", report.tool.name, report.tool.version),
    );
    if let Some(baseline) = baseline::headline(report) {
        fact(page, "Baseline", &baseline);
        for warning in baseline::warnings(report) {
            fact(page, "", warning);
        }
    }
    digest(page, "Rulebook", &report.digests.rulebook);
    digest(page, "Snapshot", &report.digests.snapshot);
    if let Some(waivers) = &report.digests.waivers {
        digest(page, "Waivers", waivers);
    }
    if let Some(attestations) = &report.digests.attestations {
        digest(page, "Attestations", attestations);
    }
    page.raw("</dl>\n<div class=\"statements\">\n");
    page.raw(concat!(
        "<p><strong>A point in time.</strong> This report speaks of the moment above only. It says nothing of how ",
        "controls operated over a period; scans of several moments are needed for that.</p>\n",
        "<p><strong>Provided by management.</strong> The report is information that the entity produced from its own "
    ));
    page.raw(match book.is_of_manifests() {
        true => "manifests, before anything runs of them,",
        false => "accounts and clusters",
    });
    page.raw(concat!(
        " with the tool named above. It is not an opinion: whether criteria are met is for an ",
        "independent auditor to conclude.</p>\n",
        "<p><strong>Nothing is assumed.</strong> What could not be read is unknown: it is never counted as passing, ",
        "and it is listed in the chapter <a href=\"#untested\">Not tested</a>.</p>\n",
        "</div>\n</header>\n"
    ));
}

fn fact(page: &mut Page, name: &'static str, value: &str) {
    page.raw("<dt>")
        .raw(name)
        .raw("</dt>")
        .element("dd", &[], value)
        .raw("\n");
}

fn digest(page: &mut Page, name: &'static str, sha256: &str) {
    page.raw("<dt>")
        .raw(name)
        .raw("</dt><dd>SHA-256 <code class=\"digest\">");
    page.text(sha256).raw("</code></dd>\n");
}

fn scope(report: &Report) -> String {
    let categories: Vec<_> = report
        .categories
        .iter()
        .map(|category: &Category| words(category.as_str()))
        .collect();
    format!(
        "{} of the 2017 Trust Services Criteria ({}), {}",
        counted(categories.len(), "category").replace("categorys", "categories"),
        categories.join(", "),
        counted(report.checks.len(), "check")
    )
}

/// What the scope leaves out by decision: the cover says it before anything is counted.
fn decisions(page: &mut Page, report: &Report) {
    if report.not_applicable.is_empty() {
        return;
    }
    page.raw("<dt>Scope decisions</dt><dd>");
    for (index, line) in register::decisions(report).enumerate() {
        page.raw(if index > 0 { "<br>" } else { "" });
        page.text(&shortened(&line.sentence(), LONGEST));
    }
    page.raw("</dd>\n");
}

fn read_as(page: &mut Page, identity: Option<&str>) {
    match identity {
        Some(identity) => page.raw(", read as ").element("code", &[], identity),
        None => page.raw(", by an identity that could not be read"),
    };
}

fn targets(page: &mut Page, report: &Report) {
    page.raw("<dt>Where and by whom</dt><dd>");
    if report.targets.is_empty() {
        page.raw("nothing was scanned");
    }
    for (index, target) in report.targets.iter().take(TARGETS).enumerate() {
        if index > 0 {
            page.raw("<br>");
        }
        match target {
            Target::Aws {
                account,
                identity,
                regions,
            } => {
                page.raw("AWS account ")
                    .element("code", &[], account)
                    .raw(" in ");
                page.text(&regions.join(", "));
                read_as(page, identity.as_deref());
            }
            Target::Manifests { paths, files, .. } => {
                page.text(&counted(*files, "file")).raw(" in ");
                page.element("code", &[], &text::some(paths, PATHS));
            }
            Target::Kubernetes {
                cluster,
                identity,
                version,
            } => {
                page.raw("Kubernetes cluster ")
                    .element("code", &[], cluster);
                match version {
                    Some(version) => page.raw(", version ").text(version),
                    None => page.raw(", of unknown version"),
                };
                read_as(page, identity.as_deref());
            }
        }
    }
    if let Some(more) = report
        .targets
        .len()
        .checked_sub(TARGETS)
        .filter(|more| *more > 0)
    {
        page.raw("<br>and ")
            .number(more)
            .raw(" more, listed in the JSON report");
    }
    for exclusion in report.excluded.iter().take(TARGETS) {
        page.raw("<br>")
            .text(&exclusion.platform.to_string())
            .raw(" was not scanned: ");
        page.text(&exclusion.why);
    }
    page.raw("</dd>\n");
}
