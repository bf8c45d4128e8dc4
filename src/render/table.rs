//! The terminal view: by criterion, not by finding.

mod coverage;
mod criteria;
mod register;
mod steps;

use super::Look;
use super::baseline;
use super::fixes::{Step, steps};
use super::ink::{Ink, Style};
use super::ledger::{Ledger, ledger};
use super::sheet::{WIDTHS, grid};
use super::text::{self, capped, clean, counted, words};
use super::view::{View, ranges};
use crate::model::{ControlStatus, Platform, Reason, Report, Severity, Target};

/// From this width on, resources and evidence have columns of their own.
const WIDE: usize = 180;

/// The most steps to fix, and rows of what is rare.
const STEPS: usize = 10;
const ROWS: usize = 10;

/// The most files and folders that are named.
const PATHS: usize = 3;

/// A space at which no line is broken, until the page is done.
const UNBROKEN: char = '\u{a0}';

pub fn render(report: &Report, look: &Look) -> String {
    let mut page = Page {
        view: View::new(report),
        ink: Ink::new(look),
        width: look.width.clamp(*WIDTHS.start(), *WIDTHS.end()),
        text: String::new(),
    };
    let (steps, more) = steps(&page.view, STEPS);
    let ledger = ledger(&page.view);
    page.header();
    page.headline();
    page.open();
    page.undecided();
    page.rest();
    page.waived();
    page.gone();
    page.register();
    page.coverage(&ledger);
    page.steps(&steps, more);
    page.bugs();
    page.next(&steps, &ledger);
    page.ink.paint(&page.text).replace(UNBROKEN, " ")
}

struct Page<'a> {
    view: View<'a>,
    ink: Ink,
    width: usize,
    text: String,
}

impl Page<'_> {
    fn wide(&self) -> bool {
        self.width >= WIDE
    }

    fn line(&mut self, line: &str) {
        self.grid(&[], vec![vec![line.to_owned()]]);
    }

    fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, heading: &str) {
        self.blank();
        let heading = self.ink.style(heading, Style::Bold);
        self.line(&heading);
    }

    fn grid(&mut self, fixed: &[usize], rows: Vec<Vec<String>>) {
        self.text.push_str(&grid(self.width, fixed, rows));
    }

    /// What was scanned, as whom, when and with what.
    fn header(&mut self) {
        let report = self.view.report;
        let tool = format!(
            "{} {}",
            clean(&report.tool.name),
            clean(&report.tool.version)
        );
        let tool = self.ink.style(&tool, Style::Bold);
        let when = report.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC");
        self.line(&format!("{tool}, configuration as read at {when}"));
        let mut rows = Vec::new();
        for target in &report.targets {
            rows.push(match target {
                Target::Aws {
                    account,
                    identity,
                    regions,
                } => {
                    let regions: Vec<_> = regions.iter().map(|region| clean(region)).collect();
                    let mut what = format!("account {} in {}", clean(account), regions.join(", "));
                    if let Some(identity) = identity {
                        what.push_str(&format!("\nas {}", clean(identity)));
                    }
                    vec!["AWS".to_owned(), what]
                }
                Target::Kubernetes {
                    cluster,
                    identity,
                    version,
                } => {
                    let mut what = format!("cluster {}", clean(cluster));
                    if let Some(version) = version {
                        what.push_str(&format!(" ({})", clean(version)));
                    }
                    if let Some(identity) = identity {
                        what.push_str(&format!("\nas {}", clean(identity)));
                    }
                    vec!["Kubernetes".to_owned(), what]
                }
                Target::Manifests { paths, files, .. } => {
                    let paths: Vec<_> = paths.iter().map(|path| clean(path)).collect();
                    let what = format!(
                        "{} in {}",
                        counted(*files, "file"),
                        text::some(&paths, PATHS)
                    );
                    vec!["Manifests".to_owned(), what]
                }
            });
        }
        for exclusion in &report.excluded {
            let what = format!("not scanned: {}", clean(&exclusion.why));
            rows.push(vec![
                exclusion.platform.to_string(),
                self.ink.style(&what, Style::Yellow),
            ]);
        }
        if !rows.is_empty() {
            self.grid(&[10], rows);
        }
    }

    /// The counts of control states in scope, and of checks. No verdict on the whole, no percentage.
    fn headline(&mut self) {
        let (in_scope, counts) = self.view.headline();
        let counts: Vec<_> = counts
            .into_iter()
            .map(|(status, count)| {
                let style = match count {
                    0 => Style::Plain,
                    _ => status_style(status),
                };
                let count = unbroken(&format!("{count} {}", words(status.as_str())));
                self.ink.style(&count, style)
            })
            .collect();
        self.blank();
        let criteria = if in_scope == 1 {
            "criterion"
        } else {
            "criteria"
        };
        self.line(&format!(
            "{in_scope} {criteria} in scope: {}",
            counts.join(", ")
        ));
        let checks = format!(
            "{} over {}",
            self.view.checks(),
            counted(self.view.judged(), "resource")
        );
        self.line(&checks);
        if let Some(baseline) = baseline::headline(self.view.report) {
            self.line(&baseline);
        }
        for warning in baseline::warnings(self.view.report) {
            self.line(&format!("note: {}", clean(warning)));
        }
    }

    /// What was open in the baseline and is not open now.
    fn gone(&mut self) {
        let gone = baseline::gone(self.view.report);
        if gone.is_empty() {
            return;
        }
        let (shown, more) = capped(gone, ROWS);
        let mut rows: Vec<_> = shown
            .iter()
            .map(|gone| {
                let place = gone.resource.as_ref().map(|subject| {
                    let name = text::short_name(subject);
                    format!("{name} ({})", self.view.whereabouts(subject))
                });
                let place = place.unwrap_or_else(|| "the check as a whole".to_owned());
                vec![
                    words(gone.now.as_str()),
                    format!("{}: {place}", clean(&gone.rule)),
                ]
            })
            .collect();
        if !more.is_empty() {
            rows.push(vec![String::new(), format!("… and {} more", more.len())]);
        }
        self.heading(baseline::GONE);
        self.grid(&[17], rows);
    }

    /// The criteria of all other statuses, by status.
    fn rest(&mut self) {
        if self.view.rest.is_empty() {
            return;
        }
        self.heading("Other criteria");
        let mut rows = Vec::new();
        for (status, controls) in &self.view.rest {
            let label = self
                .ink
                .style(&words(status.as_str()), status_style(*status));
            let means = match status {
                ControlStatus::Unknown => "rules that they need were not selected: ",
                ControlStatus::ManualRequired => "no check shows them, a person must attest: ",
                ControlStatus::PartiallyEvidenced => {
                    "some evidence, a person must attest the rest: "
                }
                ControlStatus::MetWithExceptions => "under waivers: ",
                _ => "",
            };
            rows.push(vec![
                label,
                format!("{:>2}", controls.len()),
                format!("{means}{}", ranges(controls)),
            ]);
        }
        self.grid(&[19, 2], rows);
    }

    fn waived(&mut self) {
        if self.view.waived.is_empty() {
            return;
        }
        self.heading("Failing under a waiver");
        let (shown, more) = capped(&self.view.waived, ROWS);
        let mut rows: Vec<_> = shown
            .iter()
            .map(|finding| {
                vec![
                    finding.severity.to_string(),
                    format!(
                        "{}: {} ({}), waiver {}",
                        clean(&finding.rule),
                        text::short_name(&finding.resource),
                        self.view.whereabouts(&finding.resource),
                        clean(finding.waiver.as_deref().unwrap_or_default())
                    ),
                ]
            })
            .collect();
        if !more.is_empty() {
            rows.push(vec![String::new(), format!("… and {} more", more.len())]);
        }
        self.grid(&[8], rows);
    }

    fn bugs(&mut self) {
        let bugs = &self.view.report.rule_bugs;
        if bugs.is_empty() {
            return;
        }
        let (shown, more) = capped(bugs, ROWS);
        let mut rows: Vec<_> = shown
            .iter()
            .map(|bug| {
                vec![
                    clean(&bug.rule),
                    format!("{} ({})", clean(&bug.message), clean(&bug.resource)),
                ]
            })
            .collect();
        if !more.is_empty() {
            rows.push(vec![String::new(), format!("… and {} more", more.len())]);
        }
        self.heading("Rules to mend: their verdicts are unknown");
        self.grid(&[], rows);
    }

    fn next(&mut self, steps: &[Step], ledger: &Ledger) {
        self.blank();
        let first = match (steps.first(), self.view.open.is_empty()) {
            (Some(step), _) => format!(
                "{} says why and how to fix it",
                command(&format!("soc2scan rules show {}", clean(&step.check.rule)))
            ),
            (None, false) => match ledger.refused() {
                Some(Platform::Aws) => prints("soc2scan permissions aws"),
                Some(Platform::Kubernetes) => prints("soc2scan permissions kubernetes"),
                None => "let what is missing under Coverage be read, and scan again".to_owned(),
            },
            (None, true) => {
                let command = command("soc2scan controls show CC1.1");
                format!("{command} says what a person must attest")
            }
        };
        let next = format!(
            "Next: {first}; with {} every verdict and its evidence is kept",
            command("-o report.json")
        );
        self.line(&next);
    }
}

fn unbroken(text: &str) -> String {
    text.replace(' ', &UNBROKEN.to_string())
}

fn command(command: &str) -> String {
    unbroken(&format!("`{command}`"))
}

fn prints(permissions: &str) -> String {
    let command = command(permissions);
    format!("{command} prints what the scan needs to be allowed")
}

/// The non-empty parts, with a colon between.
fn joined(parts: &[&str]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(": ")
}

fn ids(ids: &[&str]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| clean(id)).collect();
    ids.join(", ")
}

fn status_style(status: ControlStatus) -> Style {
    match status {
        ControlStatus::Gap => Style::BoldRed,
        ControlStatus::Unknown => Style::BoldYellow,
        ControlStatus::Met | ControlStatus::Attested => Style::Green,
        ControlStatus::ManualRequired
        | ControlStatus::PartiallyEvidenced
        | ControlStatus::MetWithExceptions => Style::Plain,
        ControlStatus::NotApplicable | ControlStatus::OutOfScope => Style::Dim,
    }
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::BoldRed,
        Severity::High => Style::Red,
        Severity::Medium => Style::Yellow,
        Severity::Low => Style::Plain,
    }
}

fn reason_style(reason: Reason) -> Style {
    match reason {
        Reason::DisabledRegion
        | Reason::NotSupported
        | Reason::NotInManifests
        | Reason::MissingField => Style::Plain,
        _ => Style::Yellow,
    }
}
