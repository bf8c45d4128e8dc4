//! `soc2scan controls`: the criteria of the standard, and the rules that bear on each.

mod docs;

use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic as _, Result, miette};
use serde_json::{Value, json};

use super::rules::{From, ListFormat, alternatives, table};
use super::{Exit, print};
use crate::model::{Automation, Criterion, criteria, criterion, topic};
use crate::rules::{Rule, Rulebook};

/// List and show the criteria of SOC 2.
#[derive(Debug, Args)]
pub struct ControlsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all 61 criteria with the number of rules that bear on each.
    List {
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
        #[command(flatten)]
        from: From,
    },
    /// Show one criterion: its rules, and what people must attest.
    Show {
        /// A criterion's id, such as CC6.1.
        id: String,
        #[command(flatten)]
        from: From,
    },
    /// Print all criteria as Markdown: the rules that bear on each, and what is left to people.
    Docs {
        #[command(flatten)]
        from: From,
    },
}

pub fn run(args: ControlsArgs, out: &mut dyn Write) -> Result<Exit> {
    match args.command {
        Command::List { format, from } => list(&from.rulebook()?, format, out),
        Command::Show { id, from } => {
            let found = criterion(&id).or_else(|| criterion(&id.to_uppercase()));
            let Some(found) = found else {
                return Err(miette!(
                    help = "`soc2scan controls list` lists all 61, from CC1.1 to P8.1",
                    "there is no criterion `{id}`"
                ));
            };
            print(out, page(found, &from.rulebook()?))
        }
        Command::Docs { from } => print(out, docs::markdown(&from.rulebook()?)),
    }
}

fn list(rulebook: &Rulebook, format: ListFormat, out: &mut dyn Write) -> Result<Exit> {
    match format {
        ListFormat::Json => {
            let list: Value = criteria().iter().map(|one| entry(one, rulebook)).collect();
            let text = serde_json::to_string_pretty(&list).into_diagnostic()?;
            print(out, format!("{text}\n"))
        }
        ListFormat::Table => {
            let mut listed = table(&["control", "rules", "attest", "title", "category"], 3);
            for one in criteria() {
                let (deciding, supporting) = bearing(one, rulebook);
                listed.add_row([
                    one.id.clone(),
                    count(deciding.len(), supporting.len()),
                    topics(one.attestation_topics.len()),
                    one.title.clone(),
                    one.category.to_string(),
                ]);
            }
            let text = format!(
                "{}\n\nrules: how many decide the control, and in brackets how many only support it\n\
                 attest: how many topics people attest\n",
                listed.trim_fmt()
            );
            print(out, text)
        }
    }
}

fn count(deciding: usize, supporting: usize) -> String {
    match (deciding, supporting) {
        (0, 0) => String::new(),
        (deciding, 0) => deciding.to_string(),
        (0, supporting) => format!("({supporting})"),
        (deciding, supporting) => format!("{deciding} ({supporting})"),
    }
}

fn topics(count: usize) -> String {
    match count {
        0 => String::new(),
        count => count.to_string(),
    }
}

/// The rules that decide a criterion, and those that only support it.
fn bearing<'a>(one: &Criterion, rulebook: &'a Rulebook) -> (Vec<&'a Rule>, Vec<&'a Rule>) {
    let naming = |ids: fn(&Rule) -> &[String]| {
        let rules = rulebook.rules.iter();
        rules.filter(|rule| ids(rule).contains(&one.id)).collect()
    };
    (
        naming(|rule| &rule.required),
        naming(|rule| &rule.supporting),
    )
}

fn entry(one: &Criterion, rulebook: &Rulebook) -> Value {
    let (deciding, supporting) = bearing(one, rulebook);
    let ids = |rules: Vec<&Rule>| rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    json!({
        "id": one.id,
        "title": one.title,
        "category": one.category,
        "series": one.series,
        "automation": one.automation,
        "required": ids(deciding),
        "supporting": ids(supporting),
        "attestation_topics": one.attestation_topics,
    })
}

fn page(one: &Criterion, rulebook: &Rulebook) -> String {
    let mut page = format!("{}\n{}\n\n", one.id, one.title);
    let _ = writeln!(page, "  category  {}", one.category);
    let _ = writeln!(page, "  series    {} {}", one.series, one.series_title);
    let _ = writeln!(
        page,
        "  shown by  {}",
        match one.automation {
            Automation::Automatable => "configuration",
            Automation::Partial => "configuration in part, and what people attest",
            Automation::Manual => "what people attest",
        }
    );
    if let Some(inherited) = &one.inherited_from_csp {
        let _ = writeln!(page, "  inherited {inherited}");
    }
    let (deciding, supporting) = bearing(one, rulebook);
    for (label, rules, decides) in [
        ("Decided by", deciding, true),
        ("Supported by", supporting, false),
    ] {
        if rules.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n{label}");
        let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in rules {
            let _ = writeln!(
                page,
                "  {:width$}  {:8}  {}",
                rule.id,
                rule.severity.as_str(),
                rule.title
            );
            if let Some(alternatives) = alternatives(rule).filter(|_| decides) {
                let _ = writeln!(
                    page,
                    "  {:width$}  {:8}  or instead: {alternatives}",
                    "", ""
                );
            }
        }
    }
    if !one.attestation_topics.is_empty() {
        page.push_str("\nTo attest\n");
        for id in &one.attestation_topics {
            let _ = writeln!(page, "  {}", id.replace('_', " "));
            if let Some(topic) = topic(id) {
                let _ = writeln!(page, "    {}", topic.about);
                let _ = writeln!(page, "    Good evidence: {}", topic.evidence);
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controls(command: Command) -> Result<String> {
        let mut out = Vec::new();
        run(ControlsArgs { command }, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn show(id: &str) -> Result<String> {
        controls(Command::Show {
            id: id.to_owned(),
            from: From::default(),
        })
    }

    #[test]
    fn every_criterion_is_listed() {
        let list = |format| {
            let from = From::default();
            controls(Command::List { format, from }).unwrap()
        };
        let table = list(ListFormat::Table);
        let json: Vec<Value> = serde_json::from_str(&list(ListFormat::Json)).unwrap();
        assert_eq!(json.len(), 61);
        for one in criteria() {
            assert!(table.contains(&format!("\n{} ", one.id)), "{}", one.id);
        }
    }

    #[test]
    fn a_criterion_is_shown_with_its_rules_and_topics() {
        let page = show("a1.2").unwrap();
        let (deciding, _) = page.split_once("Supported by").unwrap();
        assert!(deciding.contains("aws.rds.pitr "), "{page}");
        let one = criterion("A1.2").unwrap();
        for topic in &one.attestation_topics {
            assert!(page.contains(&topic.replace('_', " ")), "{topic}\n{page}");
        }
    }

    #[test]
    fn a_criterion_that_is_not_there_is_told() {
        let error = show("CC99").unwrap_err();
        assert_eq!(error.to_string(), "there is no criterion `CC99`");
    }
}
