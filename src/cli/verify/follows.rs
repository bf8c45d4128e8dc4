//! Whether what a bundle says follows from what it holds: everything is made again and compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::{Bundle, Fault, REPORT};
use crate::cli::bundle::{self, ATTESTATIONS, PARTS, RULES, SCOPE, SNAPSHOT, WAIVERS};
use crate::cli::register as written;
use crate::cli::scope::{Scope, set_params};
use crate::collect::{self, Plan};
use crate::evaluate::{Document, evaluate};
use crate::model::{CRITERIA_FILE, Report, Snapshot, TOPICS_FILE, sha256};
use crate::register::{self, Attestations, Waivers};
use crate::render::counted;
use crate::rules::{self, Rulebook, Source};
use crate::wire::{Recording, Tape};

/// The most differences that are told of one file.
const MOST: usize = 10;

/// What the report of a bundle has to follow from.
pub struct Basis {
    pub snapshot: Snapshot,
    scope: Scope,
    rulebook: Rulebook,
    report: Report,
}

/// The criteria and topics of this program.
pub fn mapping() -> String {
    [CRITERIA_FILE, TOPICS_FILE].concat()
}

impl Basis {
    /// Reads what a bundle holds and evaluates it again.
    pub fn read(bundle: &Bundle) -> Result<Self, Fault> {
        let text = |path: &str| {
            let text = bundle.text(path);
            text.ok_or_else(|| Fault::new(path, "is missing or no text"))
        };
        let scope: Scope = serde_json::from_str(text(SCOPE)?)
            .map_err(|error| Fault::new(SCOPE, format!("cannot be read: {error}")))?;
        let mut rulebook = rulebook(bundle)?;
        set_params(&scope.params, &mut rulebook)
            .map_err(|error| Fault::new(SCOPE, format!("does not fit the rules: {error}")))?;
        let snapshot = Snapshot::from_json_lines(text(SNAPSHOT)?)
            .map_err(|error| Fault::new(SNAPSHOT, format!("is no snapshot: {error}")))?;
        if snapshot.to_json_lines() != text(SNAPSHOT)? {
            return Err(Fault::new(SNAPSHOT, "is not spelled as soc2scan spells it"));
        }
        let waivers = match &scope.waivers {
            Some(name) => {
                let (checks, days) = (written::checks(&rulebook), scope.max_waiver_days);
                let read = register::waivers(name, text(WAIVERS)?, &checks, days);
                read.map_err(|_| Fault::new(WAIVERS, "cannot be read"))?.0
            }
            None => Waivers::default(),
        };
        let attestations = match &scope.attestations {
            Some(name) => {
                let read = register::attestations(name, text(ATTESTATIONS)?);
                read.map_err(|_| Fault::new(ATTESTATIONS, "cannot be read"))?
                    .0
            }
            None => Attestations::default(),
        };
        let report = evaluate(&snapshot, &rulebook, &scope.options(waivers, attestations));
        Ok(Self {
            snapshot,
            scope,
            rulebook,
            report,
        })
    }

    /// What the rules of the bundle read.
    pub fn plan(&self) -> Plan {
        self.scope.plan(&self.rulebook)
    }

    pub fn says(&self) -> String {
        format!(
            "follows from {SNAPSHOT}, {}, {} and {}: {}, {} criteria",
            counted(self.rulebook.rules.len(), "rule"),
            counted(self.report.waivers.len(), "waiver"),
            counted(self.report.attestations.len(), "attestation"),
            counted(self.report.findings.len(), "finding"),
            self.report.controls.len(),
        )
    }

    /// Where the snapshot is not what a replay gave.
    pub fn snapshot_faults(&self, mut replayed: Snapshot) -> Vec<Fault> {
        // Another version may replay what this one recorded.
        replayed.tool = self.snapshot.tool.clone();
        differences(&self.snapshot.to_json_lines(), &replayed.to_json_lines())
    }

    /// Every file that is not what follows, or that nothing follows from.
    pub fn faults(&self, bundle: &Bundle, recording: Option<&Recording>) -> Vec<Fault> {
        let tape: Option<Tape> = recording.and_then(|recording| recording.tape().ok());
        let basis = bundle::Basis {
            report: &self.report,
            snapshot: &self.snapshot,
            tape: tape.as_ref(),
        };
        let formats = bundle.files.keys();
        let formats = formats.filter_map(|path| bundle::format_at(path));
        let made = bundle::derived(&basis, formats);
        let mut faults = Vec::new();
        for (path, bytes) in &made {
            match bundle.files.get(path) {
                None => faults.push(Fault::new(path, "is missing")),
                Some(found) if found == bytes => {}
                Some(_) if path == REPORT => faults.extend(self.report_faults(bundle)),
                Some(_) => faults.push(Fault::new(path, "does not follow from the evidence")),
            }
        }
        for path in bundle.files.keys() {
            let folder = path.split_once('/').map_or("", |(folder, _)| folder);
            if PARTS.contains(&folder) && !made.contains_key(path) {
                faults.push(Fault::new(path, "is nothing that soc2scan writes"));
            }
        }
        faults.extend(self.attachment_faults(bundle));
        faults
    }

    /// Where the report differs: in the states of criteria, checks and findings, or else somewhere.
    fn report_faults(&self, bundle: &Bundle) -> Vec<Fault> {
        let found = match bundle.report() {
            Ok(found) => found,
            Err(why) => return vec![Fault::new(REPORT, format!("cannot be read: {why}"))],
        };
        let (said, follows) = (states(&found), states(&self.report));
        let of: BTreeSet<&String> = said.keys().chain(follows.keys()).collect();
        let differ = of.into_iter().filter_map(|of| {
            let state = |states: &BTreeMap<String, String>| {
                states
                    .get(of)
                    .cloned()
                    .unwrap_or_else(|| "nothing".to_owned())
            };
            let (said, follows) = (state(&said), state(&follows));
            let why =
                format!("does not follow: it says {said} of {of}, the evidence gives {follows}");
            (said != follows).then(|| Fault::new(REPORT, why))
        });
        let faults: Vec<Fault> = differ.take(MOST).collect();
        if faults.is_empty() {
            let why = "does not follow from the evidence, though every state does";
            return vec![Fault::new(REPORT, why)];
        }
        faults
    }

    fn attachment_faults(&self, bundle: &Bundle) -> Vec<Fault> {
        let known: BTreeSet<String> = self
            .scope
            .documents
            .iter()
            .filter_map(|(written, document)| match document {
                Document::Sha256(digest) => Some(bundle::attachment(digest, written)),
                Document::Unread(_) => None,
            })
            .collect();
        let attached = bundle.files.iter();
        attached
            .filter(|(path, _)| path.starts_with("attachments/"))
            .filter_map(|(path, bytes)| {
                if !known.contains(path) {
                    Some(Fault::new(path, "is no document of an attestation"))
                } else if !path.contains(&sha256(bytes)) {
                    Some(Fault::new(path, "is not the document that its name says"))
                } else {
                    None
                }
            })
            .collect()
    }
}

fn rulebook(bundle: &Bundle) -> Result<Rulebook, Fault> {
    let mut sources = Vec::new();
    for (path, bytes) in bundle.below(RULES) {
        let file = || format!("{RULES}/{path}");
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::new(file(), "is no text"))?;
        sources.push(Source {
            root: RULES.to_owned(),
            path: path.to_owned(),
            text: text.to_owned(),
        });
    }
    rules::load(&sources, &collect::schema()).map_err(|errors| {
        let first = errors.first().map(|error| error.one_line());
        Fault::new(
            RULES,
            format!("cannot be read: {}", first.unwrap_or_default()),
        )
    })
}

/// Where one snapshot is not the other: the lines that differ, or else that their order does.
fn differences(found: &str, wanted: &str) -> Vec<Fault> {
    let (lines, others): (BTreeSet<&str>, BTreeSet<&str>) =
        (found.lines().collect(), wanted.lines().collect());
    let differ: BTreeSet<String> = lines
        .symmetric_difference(&others)
        .map(|line| subject(line))
        .collect();
    if differ.is_empty() && found != wanted {
        let why = "does not follow from the evidence: it holds a line twice, or in another order";
        return vec![Fault::new(SNAPSHOT, why)];
    }
    let faults = differ.iter().take(MOST);
    faults
        .map(|subject| {
            let why = format!("does not follow from the evidence: {subject} differs");
            Fault::new(SNAPSHOT, why)
        })
        .collect()
}

/// What a line of a snapshot is about.
fn subject(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let id = line.get("id").and_then(|id| id.as_str());
    id.unwrap_or("the header").to_owned()
}

/// The states that a report gives, by what they are of.
fn states(report: &Report) -> BTreeMap<String, String> {
    let controls = report
        .controls
        .iter()
        .map(|control| (control.id.clone(), control.status.to_string()));
    let checks = report
        .checks
        .iter()
        .map(|check| (check.rule.clone(), check.status.to_string()));
    let findings = report.findings.iter().map(|finding| {
        let of = format!("{} for {}", finding.rule, finding.resource.id);
        (of, finding.outcome.as_str().to_owned())
    });
    controls.chain(checks).chain(findings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_differs_stands_twice_or_elsewhere_is_a_fault() {
        let (head, a, b) = ("{}\n", "{\"id\":\"a\"}\n", "{\"id\":\"b\"}\n");
        let wanted = [head, a, b].concat();
        let told = |found: &[&str]| {
            let faults = differences(&found.concat(), &wanted).into_iter();
            faults.map(|fault| fault.why).collect::<Vec<_>>()
        };
        assert_eq!(told(&[head, a, b]), [""; 0]);
        let differs = "does not follow from the evidence: b differs";
        assert_eq!(told(&[head, a]), [differs]);
        let order = "does not follow from the evidence: it holds a line twice, or in another order";
        assert_eq!(told(&[head, a, b, b]), [order]);
        assert_eq!(told(&[head, b, a]), [order]);
    }
}
