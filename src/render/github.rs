//! Annotations of a GitHub Actions run: one for each failing or unknown check, the worst first, and the counts.

use super::baseline::is_known_check;
use super::evidence::deciding;
use super::records::written;
use super::text::{self, clean, counted, shortened, words};
use super::view::View;
use crate::model::{CheckReport, CheckStatus, Finding, Origin, Outcome, Report, Severity};

/// GitHub shows so many of each level for a step.
const SHOWN: usize = 10;

/// The resources named in one annotation.
const RESOURCES: usize = 3;

/// The longest annotation, in characters.
const LONGEST: usize = 1_000;

pub fn render(report: &Report) -> String {
    let view = View::new(report);
    let mut open: Vec<&CheckReport> = report
        .checks
        .iter()
        .filter(|check| matches!(check.status, CheckStatus::Fail | CheckStatus::Unknown))
        .collect();
    open.sort_by(|a, b| (a.status, b.severity, &a.rule).cmp(&(b.status, a.severity, &b.rule)));
    let made_up = report.made_up();
    let (errors, warnings): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|check| is_error(report, check) && !made_up.contains(check.rule.as_str()));
    let mut text = String::new();
    let mut left_out = 0;
    for (level, checks) in [("error", errors), ("warning", warnings)] {
        left_out += checks.len().saturating_sub(SHOWN);
        for check in checks.into_iter().take(SHOWN) {
            let title = format!("{}: {}", check.rule, check.title);
            let open = open_findings(report, check);
            let origin = open
                .iter()
                .find_map(|finding| finding.resource.origin.as_ref());
            command(
                &mut text,
                level,
                origin,
                &title,
                &message(&view, check, &open),
            );
        }
    }
    let (in_scope, counts) = view.headline();
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(status, count)| format!("{count} {}", words(status.as_str())))
        .collect();
    let mut summary = format!("{in_scope} criteria in scope: {}", counts.join(", "));
    if left_out > 0 {
        summary.push_str(&format!(
            "; {} not shown here",
            counted(left_out, "more check")
        ));
    }
    command(&mut text, "notice", None, "SOC 2 posture", &summary);
    let notices: Vec<_> = written(report).collect();
    // One notice is the summary, one says how many are not shown.
    let left_out = notices.len().saturating_sub(SHOWN - 2);
    for record in notices.iter().take(SHOWN - 2) {
        let title = words(record.what.name());
        command(&mut text, "notice", None, &title, &record.sentence);
    }
    if left_out > 0 {
        let more = format!(
            "{left_out} more waivers, attestations or scope decisions are in the other formats"
        );
        command(&mut text, "notice", None, "not shown here", &more);
    }
    text
}

/// What the baseline has already is a warning at most.
fn is_error(report: &Report, check: &CheckReport) -> bool {
    check.status == CheckStatus::Fail
        && check.severity >= Severity::High
        && !is_known_check(report, check)
}

/// What makes a check fail or unknown.
fn open_findings<'a>(report: &'a Report, check: &CheckReport) -> Vec<&'a Finding> {
    let wanted = match check.status {
        CheckStatus::Fail => Outcome::Fail,
        _ => Outcome::Unknown,
    };
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.rule == check.rule && finding.outcome == wanted)
        .filter(|finding| finding.waiver.is_none())
        .collect()
}

fn message(view: &View, check: &CheckReport, found: &[&Finding]) -> String {
    let mut parts: Vec<String> = found
        .iter()
        .take(RESOURCES)
        .map(|finding| format!("{} ({})", named(view, finding), observed(finding, check)))
        .collect();
    if let Some(more) = found.len().checked_sub(RESOURCES).filter(|more| *more > 0) {
        parts.push(format!("and {more} more"));
    }
    if let Some(absent) = text::absent(view.report, check) {
        parts.push(absent);
    } else if found.is_empty() {
        parts.push("what it needs was not read to the end".to_owned());
    }
    let status = match check.status {
        CheckStatus::Fail => "fails",
        _ => "unknown",
    };
    let status = match is_known_check(view.report, check) {
        true => format!("{status} as in the baseline"),
        false => status.to_owned(),
    };
    let criteria = check.required.join(", ");
    format!("{status} [{criteria}]: {}", parts.join("; "))
}

fn named(view: &View, finding: &Finding) -> String {
    let name = text::short_name(&finding.resource);
    format!("{name} in {}", view.whereabouts(&finding.resource))
}

fn observed(finding: &Finding, check: &CheckReport) -> String {
    if let Some(reason) = &finding.reason {
        return text::cause(reason);
    }
    let facts = deciding(finding, check, 120).into_iter();
    let facts: Vec<_> = facts
        .map(|(path, value)| format!("{path} = {value}"))
        .collect();
    facts.join(", ")
}

/// A workflow command; the data in it is only text to the runner.
fn command(text: &mut String, level: &str, origin: Option<&Origin>, title: &str, message: &str) {
    let escaped = |data: &str| shortened(&clean(data), LONGEST).replace('%', "%25");
    let property = |data: &str| escaped(data).replace(':', "%3A").replace(',', "%2C");
    let place = match origin {
        Some(origin) => format!("file={},line={},", property(&origin.file), origin.line),
        None => String::new(),
    };
    text.push_str(&format!(
        "::{level} {place}title={}::{}\n",
        property(title),
        escaped(message)
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_no_command() {
        let mut text = String::new();
        command(
            &mut text,
            "error",
            None,
            "a,b: c",
            "50%\n::set-env name=X::y",
        );
        assert_eq!(
            text,
            "::error title=a%2Cb%3A c::50%25\\n::set-env name=X::y\n"
        );
        text.clear();
        let origin = Origin {
            file: "k8s/a,b.yaml".to_owned(),
            line: 3,
            column: 1,
        };
        command(&mut text, "warning", Some(&origin), "t", "m");
        assert_eq!(text, "::warning file=k8s/a%2Cb.yaml,line=3,title=t::m\n");
    }
}
