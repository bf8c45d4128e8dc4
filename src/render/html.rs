//! One self-contained page for an auditor, on screen and on paper: nothing is fetched, and no data is markup.

mod baseline;
mod book;
mod cover;
mod criteria;
pub mod history;
mod method;
mod page;
mod picture;
mod populations;
mod register;
mod roadmap;
mod summary;
mod untested;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::text::words;
use crate::model::{ControlStatus, Report};
use book::Book;
use page::{Page, anchor};

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// A chapter: where it is, its heading, and what writes it.
type Chapter = (&'static str, &'static str, fn(&mut Page, &Book));

const CHAPTERS: [Chapter; 8] = [
    ("summary", "Summary", summary::write),
    ("roadmap", "Fix order", roadmap::write),
    ("criteria", "Criteria", criteria::write),
    (BASELINE, super::baseline::GONE, baseline::write),
    (REGISTER, "Waivers and attestations", register::write),
    ("untested", "Not tested", untested::write),
    ("populations", "Appendix A: populations", populations::write),
    ("method", "Appendix B: method", method::write),
];

const BASELINE: &str = "baseline";
const REGISTER: &str = "register";

/// All chapters but those that there is nothing for.
fn chapters(report: &Report) -> impl Iterator<Item = Chapter> + use<'_> {
    let chapters = CHAPTERS.into_iter();
    chapters.filter(|(id, ..)| match *id {
        BASELINE => !super::baseline::gone(report).is_empty(),
        REGISTER => !register::is_empty(report),
        _ => true,
    })
}

/// The page; `csv` is the name of a file beside it that has every verdict.
pub fn render(report: &Report, csv: Option<&str>) -> String {
    let book = Book::new(report, csv);
    let mut page = Page::default();
    let title = format!("SOC 2 evidence report, {}", book.moment());
    head(&mut page, &title, &[STYLE, &foot(&book)], Some(SCRIPT));
    page.raw("<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n");
    navigation(&mut page, &book);
    page.raw("<main>\n");
    cover::write(&mut page, &book);
    search(&mut page, &book);
    for (id, heading, write) in chapters(report) {
        page.open(
            "section",
            &[("class", "chapter"), ("id", id), ("aria-label", heading)],
        );
        page.element("h2", &[], heading).raw("\n");
        write(&mut page, &book);
        page.raw("</section>\n");
    }
    page.raw("</main>\n<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n");
    page.into_string()
}

/// What stands at the foot of each printed page: the moment, and how the digest of what was read begins.
fn foot(book: &Book) -> String {
    let digest = book.view.report.digests.snapshot.chars();
    // A report from elsewhere may have anything there. Letters that are spaced are not joined to others that nobody finds.
    let digest: String = digest.filter(char::is_ascii_hexdigit).take(12).collect();
    format!(
        "@page {{ @bottom-left {{ content: \"SOC 2 evidence, provided by management: {} · snapshot {digest}\"; letter-spacing: .01em; }} }}\n",
        book.moment()
    )
}

/// The head of a page, up to the beginning of its body. The policy allows its styles and its script, and nothing else.
fn head(page: &mut Page, title: &str, styles: &[&str], script: Option<&str>) {
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        allowed(styles),
        script.map_or("'none'".to_owned(), |script| allowed(&[script]))
    );
    let attributes = [
        ("http-equiv", "Content-Security-Policy"),
        ("content", policy.as_str()),
    ];
    page.open("meta", &attributes);
    page.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.element("title", &[], title);
    page.raw("\n");
    for style in styles {
        page.style(style);
    }
    page.raw("</head>\n<body>\n");
}

/// The source expressions by which a policy allows exactly these texts.
fn allowed(texts: &[&str]) -> String {
    let hashes = texts
        .iter()
        .map(|text| STANDARD.encode(Sha256::digest(text)));
    let hashes: Vec<_> = hashes.map(|hash| format!("'sha256-{hash}'")).collect();
    hashes.join(" ")
}

fn navigation(page: &mut Page, book: &Book) {
    page.raw("<nav class=\"side\" aria-label=\"Contents\">\n<p class=\"brand\">SOC 2 evidence</p>\n<ol>\n");
    for (id, heading, _) in chapters(book.view.report) {
        page.raw("<li>").link(id, heading);
        if id == "criteria" {
            page.raw("\n<ol class=\"tiles\">\n");
            for control in &book.view.report.controls {
                if control.status == ControlStatus::OutOfScope {
                    continue;
                }
                page.raw("<li>").open(
                    "a",
                    &[
                        ("href", &format!("#{}", anchor("criterion", &control.id))),
                        ("class", &format!("tile {}", control.status)),
                        ("title", &control.title),
                    ],
                );
                page.text(&control.id)
                    .element(
                        "span",
                        &[("class", "unseen")],
                        &format!(": {}", words(control.status.as_str())),
                    )
                    .raw("</a></li>\n");
            }
            page.raw("</ol>\n");
        }
        page.raw("</li>\n");
    }
    page.raw("</ol>\n</nav>\n");
}

/// The filter; it stays hidden where no script runs.
fn search(page: &mut Page, book: &Book) {
    page.raw(concat!(
        "<form id=\"filter\" role=\"search\" aria-label=\"Filter the report\" hidden>\n",
        "<label class=\"grow\">Search <input type=\"search\" id=\"words\" autocomplete=\"off\" spellcheck=\"false\" ",
        "placeholder=\"resource, rule, criterion, value\"></label>\n",
        "<label>Outcome <select id=\"outcome\"><option value=\"\">all</option><option value=\"fail\">fail</option>",
        "<option value=\"unknown\">unknown</option><option value=\"waived\">waived</option>",
        "<option value=\"pass\">pass</option><option value=\"not_applicable\">not applicable</option></select></label>\n",
        "<label>Severity <select id=\"severity\"><option value=\"\">all</option>",
        "<option value=\"critical\">critical</option><option value=\"critical high\">high and above</option>",
        "<option value=\"critical high medium\">medium and above</option></select></label>\n",
        "<label>State <select id=\"state\"><option value=\"\">all</option>",
    ));
    for status in ControlStatus::ALL {
        page.element(
            "option",
            &[("value", status.as_str())],
            &words(status.as_str()),
        );
    }
    page.raw("</select></label>\n<button type=\"reset\">Clear</button>\n<button type=\"button\" id=\"print\">Print</button>\n");
    page.open(
        "output",
        &[
            ("id", "shown"),
            ("aria-live", "polite"),
            ("data-total", &book.view.report.findings.len().to_string()),
        ],
    );
    page.raw("</output>\n</form>\n");
}
