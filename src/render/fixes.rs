//! The order in which to fix: at each step the change that closes most gaps, counting the steps before it as done.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::text;
use super::view::View;
use crate::model::{CheckReport, CheckStatus, ControlStatus, Fix, Outcome};

/// The longest command, and the longest word in one, that is shown.
const COMMAND: usize = 160;
const WORD: usize = 60;

/// One change: a rule that is made to pass.
pub struct Step<'a> {
    pub check: &'a CheckReport,
    /// How many resources are to be changed; none when one is missing altogether.
    pub resources: usize,
    /// The gaps that close with this step.
    pub closes: Vec<&'a str>,
    /// The gaps that it helps to close.
    pub helps: Vec<&'a str>,
    /// The first command of the fix; none where it is a file to write, or more than fits beside the others.
    pub command: Option<String>,
}

/// The first steps of as many as there are failing checks that a criterion in scope requires, and how many follow.
pub fn steps<'a>(view: &View<'a>, most: usize) -> (Vec<Step<'a>>, usize) {
    let checks: BTreeMap<&str, &CheckReport> = view
        .report
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .map(|check| (check.rule.as_str(), check))
        .collect();
    let mut failing: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &view.report.findings {
        if finding.outcome == Outcome::Fail && finding.waiver.is_none() {
            *failing.entry(&finding.rule).or_default() += 1;
        }
    }

    // What still fails under each gap, in the standard's order.
    let mut gaps: Vec<(&str, BTreeSet<&str>)> = view
        .report
        .controls
        .iter()
        .filter(|control| control.status == ControlStatus::Gap)
        .map(|control| {
            let rules = control
                .deciding()
                .map(|check| check.rule.as_str())
                .filter(|rule| checks.contains_key(rule));
            (control.id.as_str(), rules.collect())
        })
        .collect();
    let mut left: BTreeSet<&str> = gaps
        .iter()
        .flat_map(|(_, rules)| rules.iter().copied())
        .collect();

    let mut steps = Vec::new();
    while steps.len() < most
        && let Some(next) = best(&left, &gaps, &checks, &failing)
    {
        left.remove(next);
        let (mut closes, mut helps) = (Vec::new(), Vec::new());
        for (id, rules) in &mut gaps {
            if rules.remove(next) {
                if rules.is_empty() {
                    closes.push(*id);
                } else {
                    helps.push(*id);
                }
            }
        }
        if let Some(check) = checks.get(next).copied() {
            steps.push(Step {
                check,
                resources: failing.get(next).copied().unwrap_or_default(),
                closes,
                helps,
                command: command(&check.fix),
            });
        }
    }
    (steps, left.len())
}

fn best<'a>(
    left: &BTreeSet<&'a str>,
    gaps: &[(&str, BTreeSet<&str>)],
    checks: &BTreeMap<&str, &CheckReport>,
    failing: &BTreeMap<&str, usize>,
) -> Option<&'a str> {
    left.iter().copied().max_by_key(|rule| {
        let bears = gaps.iter().filter(|(_, rules)| rules.contains(rule));
        let closes = bears.clone().filter(|(_, rules)| rules.len() == 1).count();
        (
            closes,
            bears.count(),
            checks.get(rule).map(|check| check.severity),
            Reverse(failing.get(rule).copied().unwrap_or_default()),
            Reverse(*rule),
        )
    })
}

/// The first command of a fix on one line.
fn command(fix: &Fix) -> Option<String> {
    let text = fix.cli.as_deref().or(fix.kubectl.as_deref())?;
    let mut lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with('#'));
    let mut command = lines.next()?.to_owned();
    while let Some(open) = command.strip_suffix('\\') {
        let open = open.trim_end().to_owned();
        command = match lines.next() {
            Some(more) => format!("{open} {more}"),
            None => open,
        };
    }
    // A command that is cut or broken would be pasted all the same.
    let fits = command.len() <= COMMAND
        && command.split(' ').all(|word| word.len() <= WORD)
        && is_whole(&command);
    fits.then(|| text::clean(&command))
}

/// Whether a command ends every quotation that it begins, so that a shell does not wait for more.
fn is_whole(command: &str) -> bool {
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                characters.next();
            }
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    quote.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_the_first_one_with_its_continuations() {
        let fix = |cli: &str| Fix {
            cli: Some(cli.to_owned()),
            ..Fix::default()
        };
        assert_eq!(
            command(&fix(
                "# every database\naws rds modify \\\n  --apply \\\n  --now\naws rds wait"
            )),
            Some("aws rds modify --apply --now".to_owned())
        );
        assert_eq!(
            command(&fix("aws rds modify \\")),
            Some("aws rds modify".to_owned())
        );
        assert_eq!(command(&fix("")), None);
        let whole = "kubectl patch deploy web -p '{\"a\": \"it'\\''s\"}' --note \"a \\\" b\"";
        assert_eq!(command(&fix(whole)), Some(whole.to_owned()));
        for cut in [
            "kubectl patch deploy web -p '{\"spec\":{\"template\":{\n  \"spec\": {}}}}'",
            "aws iam put \"a document\n of two lines\"",
        ] {
            assert_eq!(command(&fix(cut)), None, "{cut}");
        }
        assert_eq!(command(&fix(&"aws ".repeat(50))), None);
        assert_eq!(command(&fix(&format!("aws {}", "x".repeat(61)))), None);
        let kubectl = Fix {
            terraform: Some("resource {}".to_owned()),
            kubectl: Some("kubectl scale\u{1b}[2J".to_owned()),
            ..Fix::default()
        };
        assert_eq!(
            command(&kubectl),
            Some("kubectl scale\\u{1b}[2J".to_owned())
        );
    }
}
