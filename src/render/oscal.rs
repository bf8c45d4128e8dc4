//! OSCAL assessment results: an observation for each finding, a finding for each criterion in scope.

mod people;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::group::members;
use super::identity::fingerprint;
use super::ocsf::detail;
use super::register::{Answers, decisions, waivers};
use super::text::{clean, counted, short_name, shortened, words};
use crate::model::{
    CheckCoverage, CheckReport, CheckStatus, ControlReport, ControlStatus, Finding, Outcome, Report,
};

/// The version of OSCAL that the document holds to; it is also valid as 1.1.3 and 1.2.1.
const VERSION: &str = "1.2.2";

/// The namespace of our own properties and of our UUIDs.
const NAMESPACE: &str = "urn:soc2scan:oscal";

const LONGEST: usize = 2_000;

pub fn render(report: &Report) -> String {
    let names = Names::new(report);
    let answers = Answers::new(report);
    let observations = observations(report, &names, &answers);
    let mut props = vec![
        property("snapshot-sha256", &report.digests.snapshot),
        property("rulebook-sha256", &report.digests.rulebook),
        property(
            "coverage-complete",
            if complete(report) { "true" } else { "false" },
        ),
    ];
    let idle = waivers(report)
        .into_iter()
        .filter(|line| !line.is_in_force());
    props.extend(idle.map(|line| property("waiver-not-in-force", &line.sentence())));
    let mut result = json!({
        "uuid": names.uuid(&["result"]),
        "title": "Point-in-time scan",
        "description": format!(
            "Configuration as read by {} {}. Information provided by management, not an opinion.",
            line(&report.tool.name), line(&report.tool.version)
        ),
        "start": report.taken_at,
        "props": props,
        "local-definitions": local_definitions(report, &names),
        "reviewed-controls": { "control-selections": [selection(report)] },
        "findings": findings(report, &names),
    });
    // An empty array is not valid: what there is none of is left out.
    let optional = [
        ("assessment-log", log(report, &names)),
        ("observations", some(observations)),
        ("risks", some(people::risks(report, &names, &answers))),
        ("attestations", some(people::attestations(report))),
    ];
    if let Some(result) = result.as_object_mut() {
        for (name, value) in optional {
            if let Some(value) = value {
                result.insert(name.to_owned(), value);
            }
        }
    }
    let plan = names.uuid(&["plan"]);
    let document = json!({ "assessment-results": {
        "uuid": names.uuid(&["document"]),
        "metadata": {
            "title": "SOC 2 configuration evidence",
            "last-modified": report.taken_at,
            "version": report.taken_at,
            "oscal-version": VERSION,
        },
        "import-ap": { "href": format!("#{plan}") },
        "results": [result],
        "back-matter": { "resources": [{
            "uuid": plan,
            "title": "Assessment plan",
            "description": format!(
                "{} of rulebook SHA-256 {} on every resource of their kinds",
                counted(report.checks.len(), "check"), line(&report.digests.rulebook)
            ),
        }]},
    }});
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// UUIDs that follow from what they name in this report.
struct Names {
    space: Uuid,
}

impl Names {
    fn new(report: &Report) -> Self {
        let root = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        let scan = format!(
            "{}/{}/{}",
            report.taken_at, report.digests.snapshot, report.digests.rulebook
        );
        Self {
            space: Uuid::new_v5(&root, scan.as_bytes()),
        }
    }

    fn uuid(&self, parts: &[&str]) -> String {
        let name = parts.join("\0");
        Uuid::new_v5(&self.space, name.as_bytes()).to_string()
    }

    fn observation(&self, finding: &Finding) -> String {
        self.uuid(&["observation", &fingerprint(finding)])
    }

    fn component(&self) -> String {
        self.uuid(&["component"])
    }

    fn item(&self, id: &str) -> String {
        self.uuid(&["item", id])
    }
}

fn complete(report: &Report) -> bool {
    report
        .coverage
        .iter()
        .all(crate::model::Coverage::is_complete)
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": line(value) })
}

fn some(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Array(values))
}

/// One line that does not begin or end with a space, and is not empty.
fn line(text: &str) -> String {
    let text = shortened(&clean(text), LONGEST);
    match text.trim() {
        "" => "-".to_owned(),
        text => text.to_owned(),
    }
}

/// A name as OSCAL wants one: `CC6.1` is.
fn token(text: &str) -> String {
    let token: String = text
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || "._-".contains(c) => c,
            _ => '-',
        })
        .collect();
    if token.starts_with(|c: char| c.is_ascii_alphabetic()) {
        token
    } else {
        format!("x{token}")
    }
}

fn local_definitions(report: &Report, names: &Names) -> Value {
    let mut items: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &report.findings {
        let id = finding.resource.id.as_str();
        items.entry(id).or_insert_with(|| {
            json!({
                "uuid": names.item(id),
                "description": line(&short_name(&finding.resource)),
                "props": [
                    { "name": "asset-id", "value": line(id) },
                    property("kind", finding.resource.kind.as_str()),
                    property("scope", &finding.resource.scope.to_string()),
                ],
            })
        });
    }
    let mut definitions = json!({
        "components": [{
            "uuid": names.component(),
            "type": "software",
            "title": line(&report.tool.name),
            "description": "reads configuration through the providers' own APIs",
            "status": { "state": "operational" },
            "props": [{ "name": "version", "value": line(&report.tool.version) }],
        }],
    });
    if let (Some(items), Some(definitions)) = (
        some(items.into_values().collect()),
        definitions.as_object_mut(),
    ) {
        definitions.insert("inventory-items".to_owned(), items);
    }
    definitions
}

fn selection(report: &Report) -> Value {
    let (out, within): (Vec<_>, Vec<_>) = report.controls.iter().partition(is_out);
    let ids = |controls: Vec<&ControlReport>| -> Vec<Value> {
        let controls = controls.into_iter();
        controls
            .map(|control| json!({ "control-id": token(&control.id) }))
            .collect()
    };
    let mut selection = json!({});
    let declared: Vec<_> = decisions(report)
        .map(|decision| property("not-applicable", &decision.sentence()))
        .collect();
    if let Some(fields) = selection.as_object_mut() {
        match some(ids(within)) {
            Some(within) => fields.insert("include-controls".to_owned(), within),
            None => fields.insert("include-all".to_owned(), json!({})),
        };
        if let Some(out) = some(ids(out)) {
            fields.insert("exclude-controls".to_owned(), out);
        }
        if let Some(declared) = some(declared) {
            fields.insert("props".to_owned(), declared);
        }
    }
    selection
}

fn is_out(control: &&ControlReport) -> bool {
    matches!(
        control.status,
        ControlStatus::OutOfScope | ControlStatus::NotApplicable
    )
}

/// Whether a check has to be told of beside its findings: it has none, or they do not say why it fails or is unknown.
fn speaks_itself(report: &Report, check: &CheckReport) -> bool {
    check.counts.total() == 0 || report.open_by_itself(check).is_some()
}

fn observations(report: &Report, names: &Names, answers: &Answers) -> Vec<Value> {
    let origins = json!([{ "actors": [{ "type": "tool", "actor-uuid": names.component() }] }]);
    let mut observations = Vec::new();
    for finding in &report.findings {
        let method = match finding.outcome {
            Outcome::Unknown => "UNKNOWN",
            _ => "TEST",
        };
        let mut props = vec![property("outcome", finding.outcome.as_str())];
        if let Some(reason) = &finding.reason {
            props.push(property("reason", reason.reason.as_str()));
        }
        if let Some(waiver) = &finding.waiver {
            props.push(property("waiver", waiver));
        }
        if let Some(waiver) = &finding.waiver_expired {
            props.push(property("waiver-expired", waiver));
        }
        if let Some(origin) = &finding.resource.origin {
            props.push(property("origin", &origin.to_string()));
        }
        observations.push(json!({
            "uuid": names.observation(finding),
            "title": line(&finding.rule),
            "description": line(&detail(finding, answers)),
            "methods": [method],
            "types": ["finding"],
            "origins": origins,
            "subjects": [{
                "subject-uuid": names.item(finding.resource.id.as_str()),
                "type": "inventory-item",
            }],
            "collected": report.taken_at,
            "props": props,
        }));
    }
    for check in report
        .checks
        .iter()
        .filter(|check| speaks_itself(report, check))
    {
        let kinds: Vec<_> = check.resource.iter().map(|kind| kind.as_str()).collect();
        observations.push(json!({
            "uuid": names.uuid(&["check", &check.rule]),
            "title": line(&check.rule),
            "description": format!("{} over {} of {}{}: {}",
                words(check.status.as_str()), counted(check.counts.total(), "resource"),
                line(&kinds.join(", ")), if check.coverage == CheckCoverage::Complete { "" } else { ", a list that is not complete" }, line(&check.title)),
            "methods": [match check.status {
                CheckStatus::Unknown | CheckStatus::NotRun => "UNKNOWN",
                _ => "TEST",
            }],
            "origins": origins,
            "collected": report.taken_at,
            "props": [property("check-status", check.status.as_str())],
        }));
    }
    observations
}

fn findings(report: &Report, names: &Names) -> Vec<Value> {
    let mut by_rule: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in &report.findings {
        let observation = names.observation(finding);
        by_rule.entry(&finding.rule).or_default().push(observation);
    }
    for check in report
        .checks
        .iter()
        .filter(|check| speaks_itself(report, check))
    {
        let observation = names.uuid(&["check", &check.rule]);
        by_rule.entry(&check.rule).or_default().push(observation);
    }
    let controls = report.controls.iter().filter(|control| !is_out(control));
    let findings = controls.map(|control| {
        let (state, reason) = state(control.status);
        let mut props = vec![property("control-status", control.status.as_str())];
        props.extend(control.attestations.iter().map(|attested| {
            let value = format!("{}: {}", attested.topic, attested.state());
            property("attestation", &value)
        }));
        let groups = control.groups.iter();
        props.extend(groups.map(|group| property("one-is-enough", &members(group))));
        let mut finding = json!({
            "uuid": names.uuid(&["finding", &control.id]),
            "title": format!("{}: {}", line(&control.id), line(&control.title)),
            "description": line(&control.why),
            "target": {
                "type": "objective-id",
                "target-id": token(&control.id),
                "status": { "state": state, "reason": reason },
            },
            "props": props,
        });
        let rules = control.checks.iter();
        let related: Vec<Value> = rules
            .filter_map(|check| by_rule.get(check.rule.as_str()))
            .flatten()
            .map(|uuid| json!({ "observation-uuid": uuid }))
            .collect();
        if let (Some(related), Some(finding)) = (some(related), finding.as_object_mut()) {
            finding.insert("related-observations".to_owned(), related);
        }
        finding
    });
    findings.collect()
}

/// OSCAL knows two states; what is neither shown nor refuted is not satisfied, for another reason than a failure.
fn state(status: ControlStatus) -> (&'static str, &'static str) {
    match status {
        ControlStatus::Met | ControlStatus::MetWithExceptions | ControlStatus::Attested => {
            ("satisfied", "pass")
        }
        ControlStatus::Gap => ("not-satisfied", "fail"),
        ControlStatus::Unknown
        | ControlStatus::ManualRequired
        | ControlStatus::PartiallyEvidenced
        | ControlStatus::NotApplicable
        | ControlStatus::OutOfScope => ("not-satisfied", "other"),
    }
}

fn log(report: &Report, names: &Names) -> Option<Value> {
    let entries = report.calls.iter().map(|call| {
        json!({
            "uuid": names.uuid(&["call", &call.service, &call.operation]),
            "title": line(&format!("{}: {}", call.service, call.operation)),
            "description": format!("asked {} times, attempts included", call.count),
            "start": report.taken_at,
        })
    });
    some(entries.collect()).map(|entries| json!({ "entries": entries }))
}
