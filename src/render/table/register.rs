//! Waivers, attestations and scope decisions in the terminal view.

use super::{Page, Style};
use crate::render::register::{Field, attestations, decisions, is_stale, said, waivers};
use crate::render::text::{clean, shortened, words};

/// The longest reason or note; the JSON form has all of it.
const LONGEST: usize = 400;

/// How wide the longest state is before it breaks.
const STATE: usize = 14;

/// What of a waiver and of an attestation has its own place.
const WAIVER: [&str; 7] = [
    "check",
    "match",
    "effect",
    "reason",
    "owner",
    "approved by",
    "expires",
];
const ATTESTATION: [&str; 7] = [
    "topic",
    "criteria",
    "result",
    "statement",
    "attested by",
    "owner",
    "good until",
];

impl Page<'_> {
    /// All of them: none is ever too good, too old or too wrong to be shown.
    pub(super) fn register(&mut self) {
        let waivers = waivers(self.view.report);
        let mut rows = Vec::new();
        for line in &waivers {
            let style = if line.waiver.state.is_problem() {
                Style::Yellow
            } else {
                Style::Plain
            };
            let waiver = line.waiver;
            let mut texts = vec![
                format!("{}: {}, {}", waiver.id, waiver.check, line.effect),
                line.selectors.clone(),
                waiver.reason.clone(),
                format!(
                    "owner {}, approved by {}, expires {}",
                    waiver.owner, line.approved, waiver.expires
                ),
            ];
            texts.extend(rest(line.fields(), &WAIVER));
            rows.push(self.row(&line.state, style, &texts));
        }
        if !rows.is_empty() {
            self.heading("Waivers");
            self.grid(&[STATE], rows);
        }

        let attestations = attestations(self.view.report);
        let mut rows = Vec::new();
        for line in &attestations {
            let style = if is_stale(line.attestation) {
                Style::Yellow
            } else {
                Style::Plain
            };
            let attestation = line.attestation;
            let mut signed = format!("attested by {}, owner {}", line.attested, attestation.owner);
            if let Some(until) = &attestation.good_until {
                signed.push_str(&format!(", good until {until}"));
            }
            let result = attestation.result.map(|result| words(result.as_str()));
            let result = result.map(|result| format!(", {result}"));
            let mut texts = vec![
                format!(
                    "{}: {} for {}{}",
                    attestation.id,
                    attestation.topic,
                    line.controls,
                    result.unwrap_or_default()
                ),
                attestation.statement.clone(),
                signed,
            ];
            texts.extend(rest(line.fields(), &ATTESTATION));
            rows.push(self.row(&line.state, style, &texts));
        }
        if !rows.is_empty() {
            self.heading("Attestations");
            self.grid(&[STATE], rows);
        }

        let rows: Vec<_> = decisions(self.view.report)
            .map(|line| {
                let signed = format!(
                    "owner {}, approved by {}",
                    line.decision.owner, line.approved
                );
                let style = match line.note {
                    "" => Style::Plain,
                    _ => Style::Yellow,
                };
                let texts = [line.reason.clone(), signed, line.note.to_owned()];
                self.row(&line.controls, style, &texts)
            })
            .collect();
        if !rows.is_empty() {
            self.heading("Declared not applicable");
            self.grid(&[STATE], rows);
        }
    }

    fn row(&mut self, state: &str, style: Style, texts: &[String]) -> Vec<String> {
        let texts: Vec<_> = texts
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| {
                let words: Vec<_> = text.split_whitespace().collect();
                clean(&shortened(&words.join(" "), LONGEST))
            })
            .collect();
        vec![self.ink.style(state, style), texts.join("\n")]
    }
}

/// All that is said and has no place of its own.
fn rest(fields: Vec<Field>, placed: &'static [&str]) -> impl Iterator<Item = String> {
    said(fields).filter_map(|(name, text)| {
        let is_placed = placed.contains(&name);
        (!is_placed).then(|| format!("{name}: {text}"))
    })
}
