//! The order in which to fix, with how.

use super::book::{Book, badge, rule_link};
use super::page::{Page, anchor};
use crate::model::Fix;
use crate::render::fixes::steps;
use crate::render::text::counted;

/// The most steps that are shown.
const STEPS: usize = 200;

pub fn write(page: &mut Page, book: &Book) {
    let (steps, more) = steps(&book.view, STEPS);
    if steps.is_empty() {
        page.raw("<p>No criterion in scope has a gap that a check shows.</p>\n");
        return;
    }
    page.raw("<p>Each step counts those before it as done; the change that closes most criteria comes first.</p>\n<ol class=\"steps\">\n");
    for step in &steps {
        page.raw("<li><div class=\"step\"><strong>")
            .text(&step.check.title)
            .raw("</strong> ");
        badge(page, step.check.severity.as_str());
        page.raw("<br>");
        rule_link(page, &step.check.rule);
        page.raw(", ");
        match step.resources {
            0 => page.raw("a resource is missing"),
            count => page.text(&counted(count, "resource")).raw(" to change"),
        };
        criteria(page, "closes", &step.closes);
        criteria(page, "helps", &step.helps);
        page.raw("</div>");
        fix(page, &step.check.fix);
        page.raw("</li>\n");
    }
    page.raw("</ol>\n");
    if more > 0 {
        page.raw("<p class=\"note\">And ")
            .text(&counted(more, "further change"));
        page.raw(", each under its criterion.</p>\n");
    }
}

fn criteria(page: &mut Page, verb: &'static str, ids: &[&str]) {
    for (index, id) in ids.iter().enumerate() {
        page.raw(if index == 0 { "; " } else { ", " });
        if index == 0 {
            page.raw(verb).raw(" ");
        }
        page.link(&anchor("criterion", id), id);
    }
}

fn fix(page: &mut Page, fix: &Fix) {
    let ways = [
        ("AWS CLI", &fix.cli),
        ("Terraform", &fix.terraform),
        ("kubectl", &fix.kubectl),
        ("Manifest", &fix.yaml),
    ];
    if ways.iter().all(|(_, way)| way.is_none()) {
        return;
    }
    page.raw("<details class=\"fix\"><summary>How to fix</summary>");
    for (name, way) in ways {
        if let Some(way) = way {
            page.raw("<p class=\"caption\">")
                .raw(name)
                .raw("</p><pre>")
                .lines(way)
                .raw("</pre>");
        }
    }
    page.raw("</details>");
}
