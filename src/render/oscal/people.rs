//! What people answer for, in OSCAL: waived failures as risks with an approved deviation, and attestations.

use serde_json::{Value, json};

use super::{NAMESPACE, Names, line, property};
use crate::model::{Outcome, Report};
use crate::render::identity::fingerprint;
use crate::render::json::set;
use crate::render::ocsf::detail;
use crate::render::register::{self, Answers, one_line};

/// The failures that somebody answers for.
pub fn risks(report: &Report, names: &Names, answers: &Answers) -> Vec<Value> {
    let waived = report.findings.iter().filter_map(|finding| {
        let waiver = finding
            .waiver
            .as_ref()
            .filter(|_| finding.outcome == Outcome::Fail)?;
        let mut risk = json!({
            "uuid": names.uuid(&["risk", &fingerprint(finding)]),
            "title": format!("{} under waiver {}", line(&finding.rule), line(waiver)),
            "description": line(&detail(finding, answers)),
            "statement": format!("Management accepts that {} fails until the waiver ends.",
                line(finding.resource.id.as_str())),
            "status": "deviation-approved",
            "related-observations": [{ "observation-uuid": names.observation(finding) }],
        });
        if let Some(waiver) = answers.of(finding) {
            let props = vec![
                property("reason", &one_line(&waiver.reason)),
                property("owner", &waiver.owner),
                property("approved-by", &waiver.approved_by),
                property("approved-on", &waiver.approved_on),
                property("expires", &waiver.expires),
            ];
            set(&mut risk, "props", props);
            if let Some(deadline) = deadline(&waiver.expires) {
                set(&mut risk, "deadline", deadline);
            }
            if let Some(control) = &waiver.compensating_control {
                let uuid = names.uuid(&["mitigation", &fingerprint(finding)]);
                let description = line(&control.description);
                let factor = json!({ "uuid": uuid, "description": description });
                set(&mut risk, "mitigating-factors", vec![factor]);
            }
        }
        Some(risk)
    });
    waived.collect()
}

/// The last moment at which a waiver holds, from how it is written.
fn deadline(expires: &str) -> Option<String> {
    match expires.parse::<jiff::Timestamp>() {
        Ok(moment) => Some(moment.to_string()),
        Err(_) => {
            let date: jiff::civil::Date = expires.parse().ok()?;
            Some(format!("{date}T23:59:59Z"))
        }
    }
}

/// Every attestation, whatever came of it.
pub fn attestations(report: &Report) -> Vec<Value> {
    let lines = register::attestations(report).into_iter();
    lines
        .map(|told| {
            json!({ "parts": [{
                "name": "attestation",
                "ns": NAMESPACE,
                "title": line(&told.attestation.topic),
                "prose": line(&told.sentence()),
                "props": [
                    property("state", told.attestation.state.as_str()),
                    property("criteria", &told.controls),
                ],
            }]})
        })
        .collect()
}
