//! The sheets of waivers, of attestations and of scope decisions.

use super::{Table, inert};
use crate::model::Report;
use crate::render::register;

type Rows = Vec<Vec<String>>;

pub fn waivers(report: &Report) -> (Table, Rows) {
    let table = Table {
        name: "waivers",
        heads: vec![
            "waiver",
            "state",
            "check",
            "match",
            "effect",
            "reason",
            "owner",
            "approved by",
            "expires",
            "note",
        ],
        widths: vec![20, 20, 28, 40, 30, 60, 28, 40, 20, 60],
    };
    let rows = register::waivers(report).into_iter().map(|line| {
        let cells = [
            &line.waiver.id,
            &line.state,
            &line.waiver.check,
            &line.selectors,
            &line.effect,
            &line.waiver.reason,
            line.owner,
            &line.approved,
            &line.holds,
            &line.note,
        ];
        cells.map(inert).to_vec()
    });
    (table, rows.collect())
}

pub fn attestations(report: &Report) -> (Table, Rows) {
    let table = Table {
        name: "attestations",
        heads: vec![
            "attestation",
            "state",
            "topic",
            "criteria",
            "statement",
            "attested by",
            "owner",
            "good until",
            "documents",
            "note",
        ],
        widths: vec![24, 16, 30, 24, 60, 40, 28, 14, 60, 60],
    };
    let rows = register::attestations(report).into_iter().map(|line| {
        let attestation = line.attestation;
        let documents = line.documents.join("; ");
        let cells = [
            &attestation.id,
            &line.state,
            &attestation.topic,
            &line.controls,
            &attestation.statement,
            &line.attested,
            &attestation.owner,
            line.good_until,
            &documents,
            &line.note,
        ];
        cells.map(inert).to_vec()
    });
    (table, rows.collect())
}

pub fn decisions(report: &Report) -> (Table, Rows) {
    let table = Table {
        name: "scope decisions",
        heads: vec!["not applicable", "reason", "owner", "approved by", "note"],
        widths: vec![24, 60, 28, 40, 60],
    };
    let rows = register::decisions(report).map(|line| {
        let cells = [
            &line.controls,
            &line.reason,
            &line.decision.owner,
            &line.approved,
            line.note,
        ];
        cells.map(inert).to_vec()
    });
    (table, rows.collect())
}
