//! The criteria with a gap or an unknown, and under each what fails.

use super::{Page, ids, joined, severity_style, status_style, unbroken};
use crate::model::{ControlStatus, Finding};
use crate::render::baseline;
use crate::render::evidence::{deciding, params};
use crate::render::group::members;
use crate::render::ink::Style;
use crate::render::text::{self, capped, clean, counted};
use crate::render::view::{Failing, Open};

/// The most resources under one failing check, and checks under one criterion.
const RESOURCES: usize = 3;
const CHECKS: usize = 12;

/// The most characters of evidence beside a resource, as long as it is more than one fact.
const EVIDENCE: usize = 72;

/// The longest path, with what follows it, that is kept on one line with the beginning of its value.
const UNBROKEN_PATH: usize = 28;

impl Page<'_> {
    pub(super) fn open(&mut self) {
        let open = std::mem::take(&mut self.view.open);
        if open.is_empty() {
            self.heading("No criterion in scope has a gap or an unknown");
        } else {
            self.heading("Gaps and unknowns");
        }
        let mut rows = Vec::new();
        for criterion in &open {
            if !rows.is_empty() {
                rows.push(vec![String::new()]);
            }
            self.criterion(criterion, &mut rows);
        }
        if !rows.is_empty() {
            self.findings(rows);
        }
        self.view.open = open;
    }

    fn findings(&mut self, rows: Vec<Vec<String>>) {
        if self.wide() {
            self.grid(&[7, 8, self.width * 42 / 100], rows);
        } else {
            self.grid(&[7, 8], rows);
        }
    }

    fn criterion(&mut self, open: &Open, rows: &mut Vec<Vec<String>>) {
        let status = open.control.status;
        let (bad, all) = open.tally;
        let tally = match (bad, status) {
            (0, _) => String::new(),
            (1, ControlStatus::Gap) => format!("1 of {} fails", counted(all, "check")),
            (_, ControlStatus::Gap) => format!("{bad} of {} fail", counted(all, "check")),
            _ => format!("{bad} of {} unknown", counted(all, "check")),
        };
        let tally = unbroken(&tally);
        let title = self.ink.style(&clean(&open.control.title), Style::Bold);
        let mut cells = vec![
            self.ink.style(status.as_str(), status_style(status)),
            self.ink.style(&clean(&open.control.id), Style::Bold),
        ];
        if self.wide() {
            cells.extend([title, tally]);
        } else {
            cells.push(joined(&[&title, &tally]));
        }
        rows.push(cells);
        if bad == 0 {
            rows.push(vec![String::new(), String::new(), clean(&open.control.why)]);
        }
        for group in &open.control.groups {
            rows.push(vec![String::new(), "one of".to_owned(), members(group)]);
        }
        self.failing(&open.failing, rows);
        for (home, rules) in &open.elsewhere {
            rows.push(vec![
                String::new(),
                String::new(),
                format!("see {}: {}", clean(home), ids(rules)),
            ]);
        }
        for unknown in &open.unknown {
            let why = format!("{} ({})", ids(&unknown.rules), unknown.causes.join(", "));
            rows.push(vec![
                String::new(),
                self.ink.style("unknown", Style::Yellow),
                joined(&[&why, &self.view.names(&unknown.findings)]),
            ]);
        }
        if !open.not_run.is_empty() {
            rows.push(vec![
                String::new(),
                self.ink.style("not run", Style::Yellow),
                format!("{} (not selected)", ids(&open.not_run)),
            ]);
        }
    }

    fn failing(&mut self, failing: &[Failing], rows: &mut Vec<Vec<String>>) {
        let (shown, more) = capped(failing, CHECKS);
        for failing in shown {
            self.check(failing, rows);
        }
        if !more.is_empty() {
            let more_ids: Vec<_> = more.iter().map(|more| more.check.rule.as_str()).collect();
            rows.push(vec![
                String::new(),
                String::new(),
                format!(
                    "… and {} more: {}",
                    counted(more.len(), "failing check"),
                    ids(&more_ids)
                ),
            ]);
        }
    }

    /// A failing check, with the resources that fail it.
    fn check(&mut self, failing: &Failing, rows: &mut Vec<Vec<String>>) {
        let check = failing.check;
        let severity = check.severity;
        let mut cells = vec![
            String::new(),
            self.ink.style(severity.as_str(), severity_style(severity)),
        ];
        let title = self
            .ink
            .link(&clean(&check.title), check.references.first(), Style::Plain);
        let id = [clean(&check.rule)]
            .into_iter()
            .chain(params(check).map(|param| unbroken(&param)));
        let id = format!("({})", id.collect::<Vec<_>>().join(", "));
        let id = self.ink.style(&id, Style::Dim);
        let judged = check.counts.judged();
        let tally = match failing.findings.len() {
            0 => String::new(),
            1 if judged == 1 => String::new(),
            1 => format!("1 of {judged} fails"),
            fail => format!("{fail} of {judged} fail"),
        };
        let tally = match check.counts.unknown {
            0 => tally,
            unknown if tally.is_empty() => format!("{unknown} unknown"),
            unknown => format!("{tally}, {unknown} unknown"),
        };
        cells.push(joined(&[&format!("{title} {id}"), &unbroken(&tally)]));
        let instead = failing.instead.iter();
        let instead: Vec<_> = instead
            .map(|group| {
                let none = String::new;
                vec![none(), none(), format!("made up for in {group}")]
            })
            .collect();
        let (shown, more) = capped(&failing.findings, RESOURCES);
        let mut resources: Vec<_> = shown
            .iter()
            .map(|finding| {
                let facts = deciding(finding, check, EVIDENCE).into_iter();
                let facts = facts.map(|(path, value)| {
                    let path = format!("{path} = ");
                    if path.len() <= UNBROKEN_PATH {
                        unbroken(&path) + &value
                    } else {
                        path + &value
                    }
                });
                (self.resource(finding), facts.collect::<Vec<_>>().join(", "))
            })
            .collect();
        if let Some(absent) = text::absent(self.view.report, check) {
            resources.push((absent, String::new()));
        }
        if !more.is_empty() {
            resources.push((format!("… and {} more", more.len()), String::new()));
        }

        if self.wide() {
            let mut resources = resources.into_iter();
            if let Some((resource, evidence)) = resources.next() {
                cells.extend([resource, evidence]);
            }
            rows.push(cells);
            rows.extend(resources.map(|(resource, evidence)| {
                let none = String::new;
                vec![none(), none(), none(), resource, evidence]
            }));
            rows.extend(instead);
        } else {
            rows.push(cells);
            rows.extend(instead);
            rows.extend(resources.into_iter().map(|(resource, evidence)| {
                vec![
                    String::new(),
                    String::new(),
                    format!("· {}", joined(&[&resource, &evidence])),
                ]
            }));
        }
    }

    fn resource(&mut self, finding: &Finding) -> String {
        let place = format!("({})", self.view.whereabouts(&finding.resource));
        let name = text::shortened(&text::short_name(&finding.resource), 60);
        let place = self.ink.style(&place, Style::Dim);
        match baseline::mark(finding) {
            Some(mark) => format!("{name} {place} {}", unbroken(&format!("[{mark}]"))),
            None => format!("{name} {place}"),
        }
    }

    pub(super) fn undecided(&mut self) {
        let undecided = std::mem::take(&mut self.view.undecided);
        if !undecided.is_empty() {
            self.heading("Failing, but deciding no criterion in scope");
            let mut rows = Vec::new();
            self.failing(&undecided, &mut rows);
            self.findings(rows);
        }
        self.view.undecided = undecided;
    }
}
