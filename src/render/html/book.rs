//! What the chapters share: the report's checks and findings by rule, and where each is told.

use std::collections::BTreeMap;

use super::page::{Page, anchor};
use super::register::Register;
use crate::model::{
    CheckReport, CheckStatus, ControlStatus, Finding, Outcome, Report, Subject, Target,
};
use crate::render::identity::path_in_uri;
use crate::render::register::Answers;
use crate::render::text::{counted, short_name, shortened, words};
use crate::render::view::{View, homes};

/// The longest id, value and provider's answer that is shown.
pub const LONGEST: usize = 400;

/// A report with what every chapter looks up in it.
pub struct Book<'a> {
    pub view: View<'a>,
    pub checks: BTreeMap<&'a str, &'a CheckReport>,
    /// By rule, in the report's order.
    pub findings: BTreeMap<&'a str, Vec<&'a Finding>>,
    /// The criterion under which a check's exceptions are listed.
    pub home: BTreeMap<&'a str, &'a str>,
    /// Who answers for waived failures.
    pub answers: Answers<'a>,
    /// What people wrote down, as far as it fits on the page.
    pub register: Register<'a>,
    /// The file beside the page that has every verdict.
    csv: Option<&'a str>,
}

impl<'a> Book<'a> {
    pub fn new(report: &'a Report, csv: Option<&'a str>) -> Self {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &report.findings {
            findings.entry(&finding.rule).or_default().push(finding);
        }
        let book = Self {
            checks: report.by_rule(),
            findings,
            home: homes(report),
            view: View::new(report),
            answers: Answers::new(report),
            register: Register::default(),
            csv,
        };
        Self {
            register: Register::new(&book),
            ..book
        }
    }

    /// Says that so many are not on the page, and where they are.
    pub fn cut(&self, page: &mut Page, left_out: usize, what: &str) {
        if left_out == 0 {
            return;
        }
        page.raw("<p class=\"cut\">").text(&counted(left_out, what));
        page.raw(" would make the page too large: ");
        match self.csv {
            Some(name) => {
                let href = format!("./{}", path_in_uri(name));
                page.element("a", &[("href", &href)], name)
                    .raw(" lists every one.</p>\n");
            }
            None => {
                page.raw("the CSV and JSON reports list every one.</p>\n");
            }
        }
    }

    pub fn moment(&self) -> String {
        let taken_at = self.view.report.taken_at;
        taken_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    }

    /// Whether files were read, and nothing that runs.
    pub fn is_of_manifests(&self) -> bool {
        let mut targets = self.view.report.targets.iter();
        targets.any(|target| matches!(target, Target::Manifests { .. }))
    }

    pub fn of(&self, rule: &str) -> &[&'a Finding] {
        self.findings.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The findings of a check that are neither a pass nor not applicable: failing, then unknown, then waived.
    pub fn exceptions(&self, rule: &str) -> Vec<&'a Finding> {
        let mut exceptions: Vec<_> = self
            .of(rule)
            .iter()
            .copied()
            .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown))
            .collect();
        exceptions.sort_by_key(|finding| (finding.waiver.is_some(), finding.outcome));
        exceptions
    }

    /// The name, the place and the id of a resource.
    pub fn resource(&self, page: &mut Page, subject: &Subject) {
        let name = shortened(&short_name(subject), LONGEST);
        page.raw("<th scope=\"row\"><span class=\"name\">")
            .text(&name);
        page.raw("</span> <span class=\"place\">")
            .text(&self.view.whereabouts(subject));
        page.raw("</span><br><code class=\"id\">")
            .path(&shortened(subject.id.as_str(), LONGEST))
            .raw("</code></th>");
    }
}

/// What each state means, for a reader who sees the word for the first time.
pub fn meaning(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Gap => {
            "a required check fails, or management attests that the control does not operate"
        }
        ControlStatus::Unknown => "a required check could not be decided, or was not run",
        ControlStatus::ManualRequired => "configuration cannot show it; people must attest it",
        ControlStatus::PartiallyEvidenced => {
            "some evidence is there, a required attestation is not"
        }
        ControlStatus::MetWithExceptions => "required checks pass, some only under a waiver",
        ControlStatus::Attested => "people attest it; no check shows it",
        ControlStatus::Met => "every required check passes and every attestation is valid",
        ControlStatus::NotApplicable => "management says that it does not apply",
        ControlStatus::OutOfScope => "its category is not in scope",
    }
}

/// What a finding counts as on the page: its outcome, or that it is waived.
pub fn outcome(finding: &Finding) -> &'static str {
    match (finding.outcome, &finding.waiver) {
        (Outcome::Fail, Some(_)) => "waived",
        (outcome, _) => outcome.as_str(),
    }
}

/// A state or status as a label; its colour says nothing that the word does not.
pub fn badge(page: &mut Page, status: &str) {
    let class = format!("badge {status}");
    page.element("span", &[("class", &class)], &words(status));
}

/// The opening tag of a finding's row, with what the filter asks for.
pub fn open_row(page: &mut Page, finding: &Finding) {
    page.open(
        "tr",
        &[
            ("data-o", outcome(finding)),
            ("data-s", finding.severity.as_str()),
        ],
    );
}

/// The rule's id as a link to its method.
pub fn rule_link(page: &mut Page, rule: &str) {
    page.raw("<code>")
        .link(&anchor("rule", rule), rule)
        .raw("</code>");
}

/// Whether a check was looked at at all.
pub fn ran(check: &CheckReport) -> bool {
    check.status != CheckStatus::NotRun
}
