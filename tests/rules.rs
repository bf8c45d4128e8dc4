//! Every case of every built-in rule as a test of its own, and the cases made by machine that hide what a rule reads.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::json;
use soc2scan::collect;
use soc2scan::expr::ParamType;
use soc2scan::model::Outcome;
use soc2scan::rules::{self, Rule, RuleError, Rulebook, UnreadCase};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match rules::compile(&rules::embedded(), &collect::schema()) {
        Ok(rulebook) => trials(rulebook),
        Err(errors) => errors.into_iter().map(refused).collect(),
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn refused(error: RuleError) -> Trial {
    let name = format!("{} is valid", error.path());
    Trial::test(name, move || Err(Failed::from(error.one_line())))
}

/// Holds that emptying a list lets nothing through that fails.
fn emptied(rule: &Rule, param: &str) -> Result<(), Failed> {
    let failing = rule.cases.iter().filter(|c| c.expect == Outcome::Fail);
    for case in failing {
        let mut case = case.clone();
        case.params.insert(param.to_owned(), json!([]));
        let outcome = rules::run_case(rule, &case).judgement.outcome;
        if matches!(outcome, Outcome::Pass | Outcome::NotApplicable) {
            let why = format!("{:?} is {outcome:?}: give it `min: 1`", case.name);
            return Err(why.into());
        }
    }
    Ok(())
}

fn trials(rulebook: Rulebook) -> Vec<Trial> {
    let count = rulebook.rules.len();
    let mut trials = vec![Trial::test("there are rules", move || match count {
        0 => Err("rules/ holds no rule file".into()),
        _ => Ok(()),
    })];
    for rule in rulebook.rules {
        let rule = Arc::new(rule);
        for case in &rule.cases {
            let (rule, case) = (Arc::clone(&rule), case.clone());
            trials.push(Trial::test(
                format!("{}: {}", rule.id, case.name),
                move || {
                    let result = rules::run_case(&rule, &case);
                    if result.holds() {
                        return Ok(());
                    }
                    Err(rules::broken_case(&rule, &case, &result).one_line().into())
                },
            ));
        }
        for (name, param) in &rule.params {
            let may_be_empty = param.ty != ParamType::Strings
                || param.min.is_some()
                || param.default == json!([])
                || rule.opt_in.as_ref() == Some(name);
            if !may_be_empty {
                let (rule, param) = (Arc::clone(&rule), name.clone());
                let name = format!("{}: `{param}` without any entry", rule.id);
                trials.push(Trial::test(name, move || emptied(&rule, &param)));
            }
        }
        // One test for all the facts of a case: there are many thousands.
        let mut hidden: BTreeMap<String, Vec<UnreadCase>> = BTreeMap::new();
        for case in rules::unread_cases(&rule) {
            hidden
                .entry(case.original().name.clone())
                .or_default()
                .push(case);
        }
        for (name, cases) in hidden {
            let rule = Arc::clone(&rule);
            let name = format!("{}: {name}, with each fact hidden", rule.id);
            trials.push(Trial::test(name, move || {
                let broken = cases.iter().filter_map(|case| {
                    let why = rules::run_unread_case(&rule, case).err()?;
                    Some(rules::broken_unread_case(&rule, case, &why).one_line())
                });
                let broken: Vec<_> = broken.collect();
                if broken.is_empty() {
                    return Ok(());
                }
                Err(broken.join("\n").into())
            }));
        }
    }
    trials
}
