//! A page for a terminal: lines, headings and rows in columns.

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width};

use super::Look;
use super::ink::{Ink, Style};
use super::text::capped;

/// The narrowest and the widest that a page is laid out for.
pub const WIDTHS: std::ops::RangeInclusive<usize> = 60..=240;

/// The most rows of a section.
const ROWS: usize = 20;

/// A page that grows from top to bottom.
pub struct Sheet {
    pub ink: Ink,
    width: usize,
    text: String,
}

impl Sheet {
    pub fn new(look: &Look) -> Self {
        Self {
            ink: Ink::new(look),
            width: look.width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            text: String::new(),
        }
    }

    pub fn line(&mut self, line: &str) {
        self.grid(&[], vec![vec![line.to_owned()]]);
    }

    pub fn heading(&mut self, heading: &str) {
        self.text.push('\n');
        let heading = self.ink.style(heading, Style::Bold);
        self.line(&heading);
    }

    pub fn grid(&mut self, fixed: &[usize], rows: Vec<Vec<String>>) {
        self.text.push_str(&grid(self.width, fixed, rows));
    }

    /// A heading with its rows, or nothing where there are none; those beyond the most are counted.
    pub fn section(&mut self, heading: &str, fixed: &[usize], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        self.heading(heading);
        let (shown, more) = capped(&rows, ROWS);
        let mut shown = shown.to_vec();
        if !more.is_empty() {
            let more = format!("… and {} more", more.len());
            shown.push(match fixed {
                [] => vec![more],
                _ => vec![String::new(), more],
            });
        }
        self.grid(fixed, shown);
    }

    pub fn finish(self) -> String {
        self.ink.paint(&self.text)
    }
}

/// Rows in columns two spaces apart; the first columns have the given widths, the others share what is left.
pub fn grid(width: usize, fixed: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        // The padding after the last column is trimmed.
        .set_width(u16::try_from(width + 2).unwrap_or(u16::MAX));
    for row in rows {
        table.add_row(Row::from(row));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for (index, width) in fixed.iter().enumerate() {
        if let (Some(column), Ok(width)) = (table.column_mut(index), u16::try_from(width + 2)) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
