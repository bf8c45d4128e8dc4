//! Waivers, attestations and scope decisions as Markdown.

use super::escape::{code, escaped};
use super::{LONGEST, Page};
use crate::model::Report;
use crate::render::register::{Field, Told, attestations, decisions, is_stale, waivers};
use crate::render::text::{shortened, words};

/// All of them: none is ever too good, too old or too wrong to be shown.
pub fn register(page: &mut Page, report: &Report) {
    for (index, line) in waivers(report).iter().enumerate() {
        if index == 0 {
            page.heading(2, "Waivers");
            page.table(&["State", "Waiver", "What it says"]);
        }
        let is_problem = line.waiver.state.is_problem();
        row(
            page,
            &line.state,
            is_problem,
            &line.waiver.id,
            line.fields(),
        );
    }
    for (index, line) in attestations(report).iter().enumerate() {
        if index == 0 {
            page.heading(2, "Attestations");
            page.table(&["State", "Attestation", "What it says"]);
        }
        let is_problem = is_stale(line.attestation);
        row(
            page,
            &line.state,
            is_problem,
            &line.attestation.id,
            line.fields(),
        );
    }
    for (index, line) in decisions(report).enumerate() {
        if index == 0 {
            page.heading(2, "Declared not applicable");
            page.table(&["State", "Criteria", "What it says"]);
        }
        let is_problem = line.decision.note.is_some();
        row(
            page,
            &words(line.state()),
            is_problem,
            &line.controls,
            line.fields(),
        );
    }
}

fn row(page: &mut Page, state: &str, is_problem: bool, id: &str, fields: Vec<Field>) {
    let fields = fields.iter().filter_map(|(name, told)| {
        let texts = told.texts().into_iter().map(|text| match told {
            Told::Rule(rule) => code(rule),
            _ => escaped(&shortened(&text, LONGEST)),
        });
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| format!("{name}: {}", texts.join("; ")))
    });
    let state = match is_problem {
        true => format!("**{state}**"),
        false => state.to_owned(),
    };
    let fields: Vec<_> = fields.collect();
    page.row(&[&state, &code(id), &fields.join("<br>")]);
}
