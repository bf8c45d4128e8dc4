//! Waivers, attestations and scope decisions as Markdown.

use super::escape::{code, escaped};
use super::{LONGEST, Page};
use crate::model::Report;
use crate::render::register::{attestations, decisions, is_stale, waivers};
use crate::render::text::shortened;

/// All of them: none is ever too good, too old or too wrong to be shown.
pub fn register(page: &mut Page, report: &Report) {
    let text = |text: &str| {
        let words: Vec<_> = text.split_whitespace().collect();
        escaped(&shortened(&words.join(" "), LONGEST))
    };
    let state = |state: &str, is_problem: bool| match is_problem {
        true => format!("**{state}**"),
        false => state.to_owned(),
    };
    let waivers = waivers(report);
    if !waivers.is_empty() {
        page.heading(2, "Waivers");
        page.table(&[
            "State",
            "Waiver",
            "Check",
            "Match",
            "Effect",
            "Reason",
            "Owner",
            "Approved by",
            "Expires",
            "Note",
        ]);
    }
    for line in &waivers {
        page.row(&[
            &state(&line.state, line.waiver.state.is_problem()),
            &code(&line.waiver.id),
            &code(&line.waiver.check),
            &text(&line.selectors),
            &line.effect,
            &text(&line.waiver.reason),
            &text(line.owner),
            &text(&line.approved),
            &text(&line.holds),
            &text(&line.note),
        ]);
    }
    let attestations = attestations(report);
    if !attestations.is_empty() {
        page.heading(2, "Attestations");
        page.table(&[
            "State",
            "Attestation",
            "Topic",
            "Criteria",
            "Statement",
            "Attested by",
            "Owner",
            "Good until",
            "Documents",
            "Note",
        ]);
    }
    for line in &attestations {
        let attestation = line.attestation;
        let documents: Vec<_> = line.documents.iter().map(|title| text(title)).collect();
        page.row(&[
            &state(&line.state, is_stale(attestation)),
            &code(&attestation.id),
            &code(&attestation.topic),
            &text(&line.controls),
            &text(&attestation.statement),
            &text(&line.attested),
            &text(&attestation.owner),
            &text(line.good_until),
            &documents.join("<br>"),
            &text(&line.note),
        ]);
    }
    if !report.not_applicable.is_empty() {
        page.heading(2, "Declared not applicable");
        page.table(&["Criteria", "Reason", "Owner", "Approved by", "Note"]);
    }
    for line in decisions(report) {
        page.row(&[
            &text(&line.controls),
            &text(&line.reason),
            &text(&line.decision.owner),
            &text(&line.approved),
            &text(line.note),
        ]);
    }
}
