//! The sheets of waivers, of attestations and of scope decisions.

use super::{Table, inert};
use crate::model::Report;
use crate::render::register::{self, Field};
use crate::render::text::words;

/// How wide a column is.
const WIDTH: u16 = 30;

type Rows = Vec<Vec<String>>;

pub fn waivers(report: &Report) -> (Table, Rows) {
    let lines = register::waivers(report).into_iter();
    let lines = lines.map(|line| (line.waiver.id.clone(), line.state.clone(), line.fields()));
    sheet("waivers", "waiver", lines)
}

pub fn attestations(report: &Report) -> (Table, Rows) {
    let lines = register::attestations(report).into_iter();
    let lines = lines.map(|line| {
        (
            line.attestation.id.clone(),
            line.state.clone(),
            line.fields(),
        )
    });
    sheet("attestations", "attestation", lines)
}

pub fn decisions(report: &Report) -> (Table, Rows) {
    let lines = register::decisions(report);
    let lines = lines.map(|line| (line.controls.clone(), words(line.state()), line.fields()));
    sheet("scope decisions", "not applicable", lines)
}

/// A row of each: its id, its state, and all that it says.
fn sheet<'a>(
    name: &'static str,
    id: &'static str,
    lines: impl Iterator<Item = (String, String, Vec<Field<'a>>)>,
) -> (Table, Rows) {
    let mut columns = vec![(id, WIDTH), ("state", WIDTH)];
    let mut rows = Rows::new();
    for (id, state, fields) in lines {
        if rows.is_empty() {
            columns.extend(fields.iter().map(|(name, _)| (*name, WIDTH)));
        }
        let mut row = vec![inert(&id), inert(&state)];
        row.extend(
            fields
                .iter()
                .map(|(_, told)| inert(&told.texts().join("; "))),
        );
        rows.push(row);
    }
    (Table { name, columns }, rows)
}
