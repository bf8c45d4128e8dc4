//! The picture of the report: a tile for each criterion, in the colour of its state.

use super::book::Book;
use super::page::{Page, anchor};
use crate::model::{ControlReport, ControlStatus, criterion};
use crate::render::text::{counted, words};

/// The size of a tile and of the column of names, and the most tiles in a row.
const WIDTH: usize = 46;
const HEIGHT: usize = 36;
const NAMES: usize = 250;
const ROW: usize = 10;

pub fn write(page: &mut Page, book: &Book) {
    let rows = rows(&book.view.report.controls);
    let height = (rows.len() * HEIGHT + 4).to_string();
    let width = (NAMES + ROW * WIDTH).to_string();
    page.raw("<figure class=\"picture\">\n");
    page.open(
        "svg",
        &[
            ("viewBox", &format!("0 0 {width} {height}")),
            ("role", "img"),
            ("aria-labelledby", "picture-title"),
        ],
    );
    let (in_scope, counts) = book.view.headline();
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(status, count)| format!("{count} {}", words(status.as_str())))
        .collect();
    page.element(
        "title",
        &[("id", "picture-title")],
        &format!(
            "The state of each criterion: of {in_scope} in scope, {}. The same is in words in the chapter Criteria.",
            counts.join(", ")
        ),
    );
    for (index, (name, controls)) in rows.iter().enumerate() {
        row(page, index * HEIGHT + 2, name, controls);
    }
    page.raw("</svg>\n<figcaption><ul class=\"legend\">");
    for status in ControlStatus::ALL {
        let count = book.view.report.summary.controls.get(&status);
        if count.copied().unwrap_or_default() > 0 {
            page.open("li", &[("class", status.as_str())]);
            page.raw("<span class=\"mark\" aria-hidden=\"true\">")
                .raw(mark(status));
            page.raw("</span> ")
                .text(&words(status.as_str()))
                .raw("</li>");
        }
    }
    page.raw("</ul></figcaption>\n</figure>\n");
}

fn row(page: &mut Page, top: usize, name: &str, controls: &[&ControlReport]) {
    let y = |offset: usize| (top + offset).to_string();
    page.element(
        "text",
        &[("class", "series"), ("x", "0"), ("y", &y(20))],
        name,
    );
    for (index, control) in controls.iter().enumerate() {
        let left = NAMES + index * WIDTH;
        let middle = (left + (WIDTH - 4) / 2).to_string();
        page.open(
            "a",
            &[
                ("href", &format!("#{}", anchor("criterion", &control.id))),
                ("class", control.status.as_str()),
                ("tabindex", "-1"),
            ],
        );
        let title = format!(
            "{} {}: {}",
            control.id,
            control.title,
            words(control.status.as_str())
        );
        page.element("title", &[], &title);
        page.open(
            "rect",
            &[
                ("x", &left.to_string()),
                ("y", &y(0)),
                ("width", &(WIDTH - 4).to_string()),
                ("height", &(HEIGHT - 4).to_string()),
                ("rx", "4"),
            ],
        );
        page.raw("</rect>");
        page.element(
            "text",
            &[("class", "criterion-id"), ("x", &middle), ("y", &y(13))],
            &control.id,
        );
        page.element(
            "text",
            &[("class", "mark"), ("x", &middle), ("y", &y(27))],
            mark(control.status),
        );
        page.raw("</a>");
    }
    page.raw("\n");
}

/// The criteria by series, in the standard's order; a long series takes several rows.
fn rows(controls: &[ControlReport]) -> Vec<(String, Vec<&ControlReport>)> {
    let mut rows: Vec<(String, Vec<&ControlReport>)> = Vec::new();
    let mut last = None;
    for control in controls {
        // The eight series of privacy are too short for a row each.
        let (series, title) = match criterion(&control.id) {
            Some(known) if known.series.starts_with('P') && known.series != "PI1" => {
                ("P1–P8", "Privacy")
            }
            Some(known) => (known.series.as_str(), known.series_title.as_str()),
            None => ("", "Other"),
        };
        let continues = last == Some(series);
        last = Some(series);
        match rows.last_mut() {
            Some((_, row)) if continues && row.len() < ROW => row.push(control),
            _ if continues => rows.push((String::new(), vec![control])),
            _ => rows.push((format!("{series} {title}").trim().to_owned(), vec![control])),
        }
    }
    rows
}

/// A state without colour.
fn mark(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Gap => "✕",
        ControlStatus::Unknown => "?",
        ControlStatus::ManualRequired => "○",
        ControlStatus::PartiallyEvidenced => "◐",
        ControlStatus::MetWithExceptions => "✓!",
        ControlStatus::Attested => "●",
        ControlStatus::Met => "✓",
        ControlStatus::NotApplicable => "–",
        ControlStatus::OutOfScope => "·",
    }
}

/// How many of a whole, as a bar of one colour each; nothing where the whole is nothing.
pub fn bar(page: &mut Page, parts: &[(&str, usize)]) {
    let counts = parts.iter().map(|(_, count)| *count);
    let total = counts.fold(0, usize::saturating_add);
    if total == 0 {
        return;
    }
    let label: Vec<_> = parts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {}", name.replace('_', " ")))
        .collect();
    page.open(
        "svg",
        &[
            ("class", "bar"),
            ("viewBox", "0 0 1000 60"),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            (
                "aria-label",
                &format!("of {}: {}", counted(total, "resource"), label.join(", ")),
            ),
        ],
    );
    let across = |part: usize| part.saturating_mul(1000) / total;
    let mut before: usize = 0;
    for (name, count) in parts {
        let from = across(before);
        before = before.saturating_add(*count);
        let to = across(before);
        if to > from {
            page.open(
                "rect",
                &[
                    ("class", name),
                    ("x", &from.to_string()),
                    ("width", &(to - from).to_string()),
                    ("height", "60"),
                ],
            );
            page.raw("</rect>");
        }
    }
    page.raw("</svg>");
}
