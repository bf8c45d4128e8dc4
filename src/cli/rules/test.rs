//! Running the cases of rules.

use std::io::Write;

use miette::{IntoDiagnostic as _, Result};

use super::{Exit, found};
use crate::rules::{
    Rule, Rulebook, broken_case, broken_unread_case, run_case, run_unread_case, unread_cases,
};
use crate::yaml::FileErrors;

/// Runs the cases of the rules named, or of all: 0 if they hold, 1 if one does not.
pub(super) fn run(rulebook: &Rulebook, ids: &[String], out: &mut dyn Write) -> Result<Exit> {
    let rules: Vec<&Rule> = if ids.is_empty() {
        rulebook.rules.iter().collect()
    } else {
        ids.iter()
            .map(|id| found(rulebook, id))
            .collect::<Result<_>>()?
    };
    let mut errors = Vec::new();
    let (mut cases, mut hidden) = (0, 0);
    for rule in &rules {
        for case in &rule.cases {
            cases += 1;
            let result = run_case(rule, case);
            if !result.holds() {
                errors.push(broken_case(rule, case, &result));
            }
        }
        for case in unread_cases(rule) {
            hidden += 1;
            if let Err(why) = run_unread_case(rule, &case) {
                errors.push(broken_unread_case(rule, &case, &why));
            }
        }
    }
    let count = rules.len();
    writeln!(
        out,
        "{count} rules, {cases} cases, {hidden} made by machine that hide a fact: {}",
        match errors.len() {
            0 => "all hold".to_owned(),
            1 => "1 does not hold".to_owned(),
            broken => format!("{broken} do not hold"),
        }
    )
    .into_diagnostic()?;
    if errors.is_empty() {
        return Ok(Exit::Clean);
    }
    writeln!(
        out,
        "{:?}",
        miette::Report::new(FileErrors::new("rules", errors))
    )
    .into_diagnostic()?;
    Ok(Exit::Gap)
}
