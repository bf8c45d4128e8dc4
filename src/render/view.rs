//! What a reader needs first, worked out of a report once for the terminal and for Markdown: the open criteria with
//! what fails under them, and the rest by status.

use std::collections::{BTreeMap, BTreeSet};

use super::group::members;
use super::text;
use crate::model::{
    BaselineState, Bearing, CheckReport, CheckStatus, ControlReport, ControlStatus, Finding,
    Outcome, Platform, Reason, Report, Scope, Seen, Subject, Target,
};

/// A report, looked at by criterion.
pub struct View<'a> {
    pub report: &'a Report,
    /// The criteria with a gap, then those that are unknown, each in the standard's order.
    pub open: Vec<Open<'a>>,
    /// Checks that fail and decide no criterion in scope.
    pub undecided: Vec<Failing<'a>>,
    /// The criteria of every other status, in the standard's order.
    pub rest: Vec<(ControlStatus, Vec<&'a ControlReport>)>,
    /// Findings that fail under a waiver.
    pub waived: Vec<&'a Finding>,
    several: BTreeSet<Platform>,
}

/// A criterion with a gap or an unknown.
pub struct Open<'a> {
    pub control: &'a ControlReport,
    /// How many of its required checks are as its status says, and how many there are.
    pub tally: (usize, usize),
    /// The failing checks that are shown here, the most severe first.
    pub failing: Vec<Failing<'a>>,
    /// The failing checks that are shown under another criterion, by that criterion.
    pub elsewhere: Vec<(&'a str, Vec<&'a str>)>,
    /// The unknown checks, by what is not known.
    pub unknown: Vec<Unknown<'a>>,
    /// The checks that were not selected.
    pub not_run: Vec<&'a str>,
}

/// Checks that are unknown for the same causes, with the findings that are.
pub struct Unknown<'a> {
    pub causes: Vec<String>,
    pub rules: Vec<&'a str>,
    pub findings: Vec<&'a Finding>,
}

/// A failing check with the findings that make it fail; none when it is the empty population that fails.
pub struct Failing<'a> {
    pub check: &'a CheckReport,
    pub findings: Vec<&'a Finding>,
    /// What is enough in its place, by criterion.
    pub instead: Vec<String>,
}

/// Whether a control is unknown only because its rules were not selected: no finding to show, and nobody's surprise.
fn is_left_out(control: &ControlReport) -> bool {
    control.status == ControlStatus::Unknown
        && control
            .deciding()
            .all(|check| check.status != CheckStatus::Unknown)
}

impl<'a> View<'a> {
    pub fn new(report: &'a Report) -> Self {
        let index = Index::new(report);
        let mut open = Vec::new();
        for status in [ControlStatus::Gap, ControlStatus::Unknown] {
            let controls = report
                .controls
                .iter()
                .filter(|control| control.status == status && !is_left_out(control));
            open.extend(controls.map(|control| index.open(control)));
        }

        let decided: BTreeSet<&str> = report
            .controls
            .iter()
            .filter(|control| control.status == ControlStatus::Gap)
            .flat_map(required)
            .collect();
        let mut undecided: Vec<_> = report
            .checks
            .iter()
            .filter(|check| check.status == CheckStatus::Fail)
            .filter(|check| !decided.contains(check.rule.as_str()))
            .map(|check| index.failing(check))
            .collect();
        worst_first(&mut undecided);

        let mut rest = Vec::new();
        for status in ControlStatus::ALL {
            let opened = matches!(status, ControlStatus::Gap | ControlStatus::Unknown);
            let controls: Vec<_> = report
                .controls
                .iter()
                .filter(|control| control.status == status && (!opened || is_left_out(control)))
                .collect();
            if !controls.is_empty() {
                rest.push((status, controls));
            }
        }
        Self {
            report,
            open,
            undecided,
            rest,
            waived: report
                .findings
                .iter()
                .filter(|finding| finding.waiver.is_some())
                .collect(),
            several: several(report),
        }
    }

    /// Where something is; the account or cluster is named where there are several.
    pub fn place(&self, scope: &Scope) -> String {
        text::place(scope, self.several.contains(&scope.platform()))
    }

    /// `orders-db (us-east-1), tenant-1 (us-east-1) and 5 more`, each once.
    pub fn names(&self, findings: &[&Finding]) -> String {
        let mut names: Vec<_> = findings
            .iter()
            .map(|finding| {
                let subject = &finding.resource;
                format!(
                    "{} ({})",
                    text::short_name(subject),
                    self.whereabouts(subject)
                )
            })
            .collect();
        names.sort();
        names.dedup();
        text::some(&names, 3)
    }

    /// Where a resource is, and where it is written if that is a file.
    pub fn whereabouts(&self, subject: &Subject) -> String {
        let place = self.place(&subject.scope);
        let Some(origin) = &subject.origin else {
            return place;
        };
        let origin = text::clean(&origin.to_string());
        match subject.scope.place() {
            Some(_) => format!("{place}, {origin}"),
            None => origin,
        }
    }

    /// The states of the controls in scope with their counts: a gap and an unknown always, others where there are any.
    pub fn headline(&self) -> (usize, Vec<(ControlStatus, usize)>) {
        let counts = &self.report.summary.controls;
        let count = |status| counts.get(&status).copied().unwrap_or_default();
        let out_of_scope = count(ControlStatus::OutOfScope);
        let shown = ControlStatus::ALL
            .into_iter()
            .filter(|status| *status != ControlStatus::OutOfScope)
            .map(|status| (status, count(status)))
            .filter(|(status, count)| {
                *count > 0 || matches!(status, ControlStatus::Gap | ControlStatus::Unknown)
            })
            .collect();
        let all = counts.values().copied().fold(0, usize::saturating_add);
        (all.saturating_sub(out_of_scope), shown)
    }

    /// `29 checks: 20 fail, 2 unknown, 7 pass`.
    pub fn checks(&self) -> String {
        let counts = &self.report.summary.checks;
        let parts: Vec<_> = CheckStatus::ALL
            .into_iter()
            .filter_map(|status| {
                let count = counts.get(&status).copied().filter(|count| *count > 0)?;
                Some(format!("{count} {}", text::words(status.as_str())))
            })
            .collect();
        format!(
            "{}: {}",
            text::counted(self.report.checks.len(), "check"),
            parts.join(", ")
        )
    }

    /// How many resources were judged by at least one check.
    pub fn judged(&self) -> usize {
        let findings = self.report.findings.iter();
        let subjects: BTreeSet<_> = findings.map(|finding| &finding.resource).collect();
        subjects.len()
    }
}

/// The criterion in scope, and applicable, under which a check is told once: the first that requires it, else the first that it supports.
pub fn homes(report: &Report) -> BTreeMap<&str, &str> {
    let mut homes = BTreeMap::new();
    for bearing in [Bearing::Required, Bearing::Supporting] {
        for control in report.applicable() {
            let checks = control.checks.iter();
            for check in checks.filter(|check| check.bearing == bearing) {
                homes
                    .entry(check.rule.as_str())
                    .or_insert(control.id.as_str());
            }
        }
    }
    homes
}

/// The platforms of which several accounts or clusters were scanned.
fn several(report: &Report) -> BTreeSet<Platform> {
    let owners: BTreeSet<_> = report
        .targets
        .iter()
        .map(|target| match target {
            Target::Aws { account, .. } => (Platform::Aws, account),
            Target::Kubernetes { cluster, .. } | Target::Manifests { cluster, .. } => {
                (Platform::Kubernetes, cluster)
            }
        })
        .collect();
    [Platform::Aws, Platform::Kubernetes]
        .into_iter()
        .filter(|wanted| {
            let mine = owners.iter().filter(|(platform, _)| platform == wanted);
            mine.count() > 1
        })
        .collect()
}

fn required(control: &ControlReport) -> impl Iterator<Item = &str> {
    control.deciding().map(|check| check.rule.as_str())
}

fn worst_first(failing: &mut [Failing]) {
    failing.sort_by(|a, b| {
        let key = |failing: &Failing| {
            let mut findings = failing.findings.iter();
            let new = findings.any(|finding| finding.baseline == Some(BaselineState::New));
            (new, failing.check.severity, failing.findings.len())
        };
        key(b)
            .cmp(&key(a))
            .then_with(|| a.check.rule.cmp(&b.check.rule))
    });
}

/// A report's checks and findings by rule.
struct Index<'a> {
    report: &'a Report,
    checks: BTreeMap<&'a str, &'a CheckReport>,
    /// Failing without a waiver.
    fails: BTreeMap<&'a str, Vec<&'a Finding>>,
    unknown: BTreeMap<&'a str, Vec<&'a Finding>>,
    /// Under which open criterion a failing check is shown.
    home: BTreeMap<&'a str, &'a str>,
}

impl<'a> Index<'a> {
    fn new(report: &'a Report) -> Self {
        let mut fails: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        let mut unknown: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &report.findings {
            match finding.outcome {
                Outcome::Fail if finding.waiver.is_none() => {
                    fails.entry(&finding.rule).or_default().push(finding);
                }
                Outcome::Unknown => unknown.entry(&finding.rule).or_default().push(finding),
                _ => {}
            }
        }
        for findings in fails.values_mut().chain(unknown.values_mut()) {
            // New ones first, so that no cut hides them.
            findings.sort_by_key(|finding| finding.baseline);
        }
        let gaps: BTreeSet<&str> = report
            .controls
            .iter()
            .filter(|control| control.status == ControlStatus::Gap)
            .map(|control| control.id.as_str())
            .collect();
        let home = report
            .checks
            .iter()
            .filter_map(|check| {
                // A rule's first criterion is the one that it is most about.
                let home = check
                    .required
                    .iter()
                    .find(|id| gaps.contains(id.as_str()))?;
                Some((check.rule.as_str(), home.as_str()))
            })
            .collect();
        Self {
            report,
            checks: report.by_rule(),
            fails,
            unknown,
            home,
        }
    }

    fn failing(&self, check: &'a CheckReport) -> Failing<'a> {
        let findings = self.fails.get(check.rule.as_str());
        let groups = self.report.applicable().filter_map(|control| {
            let group = control.group(&check.rule)?;
            group.status.is_enough().then_some((control, group))
        });
        Failing {
            check,
            findings: findings.cloned().unwrap_or_default(),
            instead: groups
                .map(|(control, group)| {
                    format!("{}: one of {}", text::clean(&control.id), members(group))
                })
                .collect(),
        }
    }

    fn open(&self, control: &'a ControlReport) -> Open<'a> {
        let required: Vec<_> = control.deciding().collect();
        let wanted = match control.status {
            ControlStatus::Gap => &[CheckStatus::Fail][..],
            _ => &[CheckStatus::Unknown, CheckStatus::NotRun],
        };
        let mut open = Open {
            control,
            tally: (
                required
                    .iter()
                    .filter(|check| wanted.contains(&check.status))
                    .count(),
                required.len(),
            ),
            failing: Vec::new(),
            elsewhere: Vec::new(),
            unknown: Vec::new(),
            not_run: Vec::new(),
        };
        let mut elsewhere: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut unknown: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
        for check in required {
            let rule = check.rule.as_str();
            let Some(report) = self.checks.get(rule).copied() else {
                continue;
            };
            match check.status {
                CheckStatus::Fail => match self.home.get(rule).copied() {
                    Some(home) if home != control.id => {
                        elsewhere.entry(home).or_default().push(rule);
                    }
                    _ => open.failing.push(self.failing(report)),
                },
                CheckStatus::Unknown => {
                    unknown.entry(self.causes(report)).or_default().push(rule);
                }
                CheckStatus::NotRun => open.not_run.push(rule),
                CheckStatus::Pass | CheckStatus::PassWithWaiver | CheckStatus::NotApplicable => {}
            }
        }
        worst_first(&mut open.failing);
        let order = &self.report.controls;
        open.elsewhere = order
            .iter()
            .filter_map(|control| elsewhere.remove_entry(control.id.as_str()))
            .collect();
        open.unknown = unknown
            .into_iter()
            .map(|(causes, rules)| Unknown {
                causes,
                findings: rules
                    .iter()
                    .filter_map(|rule| self.unknown.get(rule))
                    .flatten()
                    .copied()
                    .collect(),
                rules,
            })
            .collect();
        open
    }

    /// What a check needs and was not read, by reason, each once.
    fn causes(&self, check: &CheckReport) -> Vec<String> {
        let mut unread = BTreeSet::new();
        let mut other = BTreeSet::new();
        let rows = self.report.coverage.iter();
        let mut rows = rows
            .filter(|row| check.resource.contains(&row.kind))
            .peekable();
        if rows.peek().is_none() {
            other.insert("not asked for".to_owned());
        }
        unread.extend(rows.filter_map(|row| match &row.seen {
            Seen::Unread(unread) => Some((unread.reason, text::missing(unread))),
            Seen::Complete { .. } | Seen::NotInstalled => None,
        }));
        let rule = check.rule.as_str();
        for finding in self.unknown.get(rule).into_iter().flatten() {
            match &finding.reason {
                Some(reason) if text::is_of_rule(reason) => {
                    other.insert(text::cause(reason));
                }
                Some(reason) => {
                    unread.insert((reason.reason, text::missing(reason)));
                }
                None => {
                    other.insert("a bug of the rule".to_owned());
                }
            }
        }
        if unread.is_empty() && other.is_empty() {
            other.insert("part of it was not asked for".to_owned());
        }
        let mut by_reason: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
        for (reason, what) in unread {
            by_reason.entry(reason).or_default().push(what);
        }
        let unread = by_reason.into_iter().map(|(reason, what)| {
            format!("{}: {}", text::words(reason.as_str()), text::some(&what, 6))
        });
        unread.chain(other).collect()
    }
}

/// Ids in the standard's order with runs of neighbours in a series joined: `CC1.1–CC1.5, CC2.2`.
pub fn ranges(controls: &[&ControlReport]) -> String {
    let ids: Vec<_> = controls.iter().map(|control| control.id.as_str()).collect();
    joined(&ids)
}

/// The same for ids alone.
pub fn joined(ids: &[&str]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = ids;
    while let Some((first, after)) = rest.split_first() {
        let length = 1 + after
            .iter()
            .scan(first, |before, next| {
                let follows = follows(before, next);
                *before = next;
                Some(follows)
            })
            .take_while(|follows| *follows)
            .count();
        let (run, after) = rest.split_at(length);
        match (run, run.last()) {
            ([_, _, _, ..], Some(last)) => {
                parts.push(format!("{}–{}", text::clean(first), text::clean(last)));
            }
            _ => parts.extend(run.iter().map(|id| text::clean(id))),
        }
        rest = after;
    }
    parts.join(", ")
}

fn follows(before: &str, next: &str) -> bool {
    let split = |id: &str| -> Option<(String, u32)> {
        let (series, number) = id.split_once('.')?;
        Some((series.to_owned(), number.parse().ok()?))
    };
    match (split(before), split(next)) {
        (Some((series, number)), Some((next_series, next))) => {
            series == next_series && number + 1 == next
        }
        _ => false,
    }
}
