//! `soc2scan rules`: what is checked, why and how, and tools for those who write rules.

mod docs;
mod show;
mod starter;
mod test;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, presets};
use miette::{IntoDiagnostic as _, Result, WrapErr as _, miette};
use serde_json::{Value, json};

pub(super) use docs::escaped;

use super::{Exit, print};
use crate::collect;
use crate::rules::{self, Rule, Rulebook, Source};
use crate::yaml::FileErrors;

/// List, show, test and write rules.
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all rules.
    List {
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
        #[command(flatten)]
        from: From,
    },
    /// Show one rule: what it checks, why, how to fix it, and its cases.
    Show {
        /// A rule's id, such as aws.rds.pitr.
        id: String,
        #[command(flatten)]
        from: From,
    },
    /// Run the cases of rules, and those made by machine that hide what a rule reads.
    Test {
        /// The rules to test; all of them unless some are named.
        ids: Vec<String>,
        #[command(flatten)]
        from: From,
    },
    /// Check rule files, and tell everything that is wrong with them.
    Lint {
        #[command(flatten)]
        from: From,
    },
    /// Write a rule file to start from.
    New {
        /// The new rule's id, such as aws.rds.my_rule; its file is aws/rds/my_rule.yaml.
        id: String,
        /// The directory to write below.
        #[arg(long, value_name = "DIR", default_value = "rules")]
        rules: PathBuf,
    },
    /// Print the JSON Schema of a rule file, for editors.
    Schema,
    /// Print all rules as Markdown.
    Docs {
        #[command(flatten)]
        from: From,
    },
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum ListFormat {
    #[default]
    Table,
    Json,
}

/// Where rules come from.
#[derive(Debug, Default, Args)]
pub(super) struct From {
    /// Add the rules of a directory; a file with the path of a built-in rule replaces it.
    #[arg(long = "rules", value_name = "DIR")]
    dirs: Vec<PathBuf>,
}

impl From {
    pub(super) fn rulebook(&self) -> Result<Rulebook> {
        rulebook(&self.dirs)
    }
}

/// The built-in rules with those of some directories, or a report of everything that is wrong with them.
pub(crate) fn rulebook(dirs: &[PathBuf]) -> Result<Rulebook> {
    rules::load(&sources(dirs)?, &collect::schema())
        .map_err(|errors| FileErrors::new("rules", errors).into())
}

fn sources(dirs: &[PathBuf]) -> Result<Vec<Source>> {
    let mut sources = rules::embedded();
    for dir in dirs {
        sources.extend(rules::read_dir(dir)?);
    }
    Ok(sources)
}

pub fn run(args: RulesArgs, out: &mut dyn Write) -> Result<Exit> {
    match args.command {
        Command::List { format, from } => list(&from.rulebook()?, format, out),
        Command::Show { id, from } => {
            let rulebook = from.rulebook()?;
            print(out, show::rule(found(&rulebook, &id)?))
        }
        Command::Test { ids, from } => {
            let compiled = rules::compile(&sources(&from.dirs)?, &collect::schema());
            let rulebook = compiled.map_err(|errors| FileErrors::new("rules", errors))?;
            test::run(&rulebook, &ids, out)
        }
        Command::Lint { from } => {
            let proven = rules::prove(&sources(&from.dirs)?, &collect::schema());
            let rulebook = proven.map_err(|errors| FileErrors::new("rules", errors))?;
            let count = rulebook.rules.len();
            print(out, format!("{count} rules are valid\n"))
        }
        Command::New { id, rules } => new(&id, &rules, out),
        Command::Schema => {
            let schema = rules::json_schema(&collect::schema());
            let text = serde_json::to_string_pretty(&schema).into_diagnostic()?;
            print(out, format!("{text}\n"))
        }
        Command::Docs { from } => print(out, docs::markdown(&from.rulebook()?)),
    }
}

/// The rule with this id, or the one that was probably meant.
fn found<'a>(rulebook: &'a Rulebook, id: &str) -> Result<&'a Rule> {
    rulebook.get(id).ok_or_else(|| {
        let help = rulebook.suggest(id);
        let help = help.unwrap_or_else(|| "`soc2scan rules list` lists all".to_owned());
        miette!(help = help, "there is no rule `{id}`")
    })
}

/// The width from which a list of rules has room for their kinds.
const KINDS_FROM: u16 = 140;

fn list(rulebook: &Rulebook, format: ListFormat, out: &mut dyn Write) -> Result<Exit> {
    match format {
        ListFormat::Json => {
            let list: Value = rulebook.rules.iter().map(entry).collect();
            let text = serde_json::to_string_pretty(&list).into_diagnostic()?;
            print(out, format!("{text}\n"))
        }
        ListFormat::Table => {
            let header = ["rule", "severity", "controls", "title", "kinds"];
            let narrow = Table::new().width().is_some_and(|width| width < KINDS_FROM);
            let columns = if narrow { 4 } else { 5 };
            let mut listed = table(header.get(..columns).unwrap_or(&header), 2);
            for rule in &rulebook.rules {
                let kinds: Vec<_> = rule.resource.iter().map(|kind| kind.as_str()).collect();
                let row = [
                    rule.id.clone(),
                    rule.severity.to_string(),
                    controls(rule),
                    rule.title.clone(),
                    kinds.join(" "),
                ];
                listed.add_row(row.into_iter().take(columns));
            }
            let text = format!(
                "{}\n\n{} rules; in brackets: criteria that a rule only supports\n",
                listed.trim_fmt(),
                rulebook.rules.len()
            );
            print(out, text)
        }
    }
}

/// `A1.2 CC7.5 (CC9.1)`: what a rule decides, and what it only supports.
fn controls(rule: &Rule) -> String {
    let required = rule.required.iter().cloned();
    let supporting = rule.supporting.iter().map(|id| format!("({id})"));
    required.chain(supporting).collect::<Vec<_>>().join(" ")
}

/// `aws.logs.archived_to_s3, or the attestation of log_retention`: what is enough in place of a rule.
pub(super) fn alternatives(rule: &Rule) -> Option<String> {
    let topic = rule.attestable.iter();
    let topic = topic.map(|topic| format!("the attestation of {topic}"));
    let all: Vec<_> = rule.any_of.iter().cloned().chain(topic).collect();
    (!all.is_empty()).then(|| all.join(", or "))
}

fn entry(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "resource": rule.resource,
        "controls": { "required": rule.required, "supporting": rule.supporting },
        "any_of": rule.any_of,
        "attestable": rule.attestable,
        "params": rule.values(),
        "opt_in": rule.opt_in,
        "path": rule.path,
    })
}

/// A list for the terminal: a line under the header, and all but the first columns give way where it is narrow.
pub(super) fn table(header: &[&str], firm: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    for column in table.column_iter_mut().take(firm) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

fn new(id: &str, root: &Path, out: &mut dyn Write) -> Result<Exit> {
    if !rules::is_id(id) {
        return Err(miette!(
            help = "an id is lower-case words joined by dots, such as aws.rds.my_rule",
            "`{id}` is no id for a rule"
        ));
    }
    let path = root.join(format!("{}.yaml", id.replace('.', "/")));
    if path.exists() {
        return Err(miette!(
            help = "choose another id, or edit the file",
            "{} exists",
            path.display()
        ));
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::write(&path, starter::text(id))
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", path.display()))?;
    let (path, root) = (path.display(), root.display());
    print(
        out,
        format!("wrote {path}\nedit it, then run: soc2scan rules test {id} --rules {root}\n"),
    )
}

#[cfg(test)]
mod tests {
    use clap::{FromArgMatches as _, Subcommand as _};

    use super::*;

    /// What `soc2scan rules` prints and how it ends.
    fn rules(line: &[&str]) -> Result<(Exit, String)> {
        let command = Command::augment_subcommands(clap::Command::new("rules"));
        let words = ["rules"].iter().chain(line);
        let matches = command.try_get_matches_from(words).unwrap();
        let command = Command::from_arg_matches(&matches).unwrap();
        let mut out = Vec::new();
        let exit = run(RulesArgs { command }, &mut out)?;
        Ok((exit, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn the_list_is_the_same_in_both_formats() {
        let (_, json) = rules(&["list", "--format", "json"]).unwrap();
        let json: Vec<Value> = serde_json::from_str(&json).unwrap();
        let (_, table) = rules(&["list"]).unwrap();
        for rule in &json {
            assert!(table.contains(rule["id"].as_str().unwrap()), "{rule}");
        }
        assert!(
            table.contains(&format!("\n{} rules;", json.len())),
            "{table}"
        );
    }

    #[test]
    fn one_rule_is_shown_whole() {
        let (_, page) = rules(&["show", "aws.rds.pitr"]).unwrap();
        let rulebook = rulebook(&[]).unwrap();
        let rule = rulebook.get("aws.rds.pitr").unwrap();
        let said = [
            &rule.title,
            &rule.references[0],
            &rule.cases[0].name,
            &rule.required[0],
        ];
        for text in said {
            assert!(page.contains(text.as_str()), "{text}\n{page}");
        }
        for line in rule.assert.source().lines().chain(rule.why.lines()) {
            assert!(page.contains(line.trim()), "{line}\n{page}");
        }
    }

    #[test]
    fn a_rule_that_is_not_there_is_told_with_a_suggestion() {
        let error = rules(&["show", "aws.rds.pitt"]).unwrap_err();
        assert_eq!(error.to_string(), "there is no rule `aws.rds.pitt`");
        assert_eq!(
            error.help().unwrap().to_string(),
            "did you mean `aws.rds.pitr`?"
        );
    }

    #[test]
    fn a_new_rule_passes_and_a_broken_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        for id in ["aws.rds.mine", "k8s.mine"] {
            rules(&["new", id, "--rules", root]).unwrap();
            let (exit, said) = rules(&["test", id, "--rules", root]).unwrap();
            assert_eq!(exit, Exit::Clean, "{said}");
            let error = rules(&["new", id, "--rules", root]).unwrap_err();
            assert!(error.to_string().ends_with(".yaml exists"), "{error}");
        }
        let path = dir.path().join("k8s/mine.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("{ replicas: 2 }", "{ replicas: 1 }")).unwrap();
        let (exit, said) = rules(&["test", "k8s.mine", "--rules", root]).unwrap();
        assert_eq!(exit, Exit::Gap, "{said}");
        assert!(said.contains("1 does not hold"), "{said}");
        assert!(said.contains("k8s/mine.yaml:"), "{said}");
        let error = rules(&["lint", "--rules", root]).unwrap_err();
        assert_eq!(error.to_string(), "the rules have an error");
    }

    #[test]
    fn the_id_of_a_new_rule_cannot_leave_the_directory() {
        for id in ["../x", "a/../../b", "x", "A.b", "a..b", ".a"] {
            assert!(rules(&["new", id, "--rules", "/nowhere"]).is_err(), "{id}");
        }
    }

    #[test]
    fn built_in_rules_fit_the_printed_schema() {
        let (_, schema) = rules(&["schema"]).unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for source in rules::embedded() {
            let rule: Value = serde_saphyr::from_str(&source.text).unwrap();
            let errors: Vec<_> = validator
                .iter_errors(&rule)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", source.path);
        }
    }

    #[test]
    fn the_markdown_page_links_to_every_rule() {
        let (_, page) = rules(&["docs"]).unwrap();
        for rule in &rulebook(&[]).unwrap().rules {
            assert!(page.contains(&format!("\n## {}\n", rule.id)), "{}", rule.id);
            let link = format!("| [{}](#{}) |", rule.id, rule.id.replace('.', ""));
            assert!(page.contains(&link), "{link}");
        }
    }
}
