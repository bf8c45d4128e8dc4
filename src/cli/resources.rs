//! `soc2scan resources`: the kinds that can be read, and the fields of their documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic as _, Result, miette};
use serde_json::{Value, json};

use super::rules::{From, ListFormat, table};
use super::{Exit, print};
use crate::collect;
use crate::expr::suggest;
use crate::model::{Kind, Schema, Shape};
use crate::rules::Rulebook;

/// List the kinds of resources and show the fields of their documents.
#[derive(Debug, Args)]
pub struct ResourcesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all kinds with the number of rules that read each.
    List {
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
        #[command(flatten)]
        from: From,
    },
    /// Show the fields of a kind's documents, as rules name them.
    Show {
        /// A kind, such as aws.rds.DBInstance or k8s.Deployment.
        kind: String,
        /// How many levels of fields to show.
        #[arg(long, default_value_t = 3)]
        depth: usize,
    },
}

pub fn run(args: ResourcesArgs, out: &mut dyn Write) -> Result<Exit> {
    let schema = collect::schema();
    match args.command {
        Command::List { format, from } => list(&schema, &from.rulebook()?, format, out),
        Command::Show { kind, depth } => print(out, fields(&schema, &kind, depth)?),
    }
}

fn list(
    schema: &Schema,
    rulebook: &Rulebook,
    format: ListFormat,
    out: &mut dyn Write,
) -> Result<Exit> {
    let mut readers: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for rule in &rulebook.rules {
        for kind in rule.plan().into_keys() {
            readers.entry(kind).or_default().push(&rule.id);
        }
    }
    let readers = |kind: &Kind| readers.get(kind).cloned().unwrap_or_default();
    match format {
        ListFormat::Json => {
            let list: Value = schema
                .kinds
                .keys()
                .map(|kind| json!({ "kind": kind, "platform": kind.platform(), "rules": readers(kind) }))
                .collect();
            let text = serde_json::to_string_pretty(&list).into_diagnostic()?;
            print(out, format!("{text}\n"))
        }
        ListFormat::Table => {
            let mut table = table(&["kind", "platform", "read by"], 3);
            for kind in schema.kinds.keys() {
                let read_by = match readers(kind).len() {
                    0 => String::new(),
                    1 => "1 rule".to_owned(),
                    count => format!("{count} rules"),
                };
                table.add_row([kind.to_string(), kind.platform().to_string(), read_by]);
            }
            print(out, format!("{}\n", table.trim_fmt()))
        }
    }
}

fn fields(schema: &Schema, name: &str, depth: usize) -> Result<String> {
    let kind = Kind::new(name);
    let Some(shape) = schema.kinds.get(&kind) else {
        let help = suggest(name, schema.kinds.keys().map(Kind::as_str));
        let help = help.unwrap_or_else(|| "`soc2scan resources list` lists all".to_owned());
        return Err(miette!(help = help, "there is no kind `{name}`"));
    };
    let mut lines = Vec::new();
    let mut deeper = false;
    walk(
        schema,
        shape,
        "",
        depth,
        &mut BTreeSet::new(),
        &mut lines,
        &mut deeper,
    );
    let width = lines
        .iter()
        .map(|(path, _)| path.len())
        .max()
        .unwrap_or(0)
        .min(60);
    let mut page = format!("{kind}\n\n");
    for (path, of) in lines {
        let _ = writeln!(page, "  {path:width$}  {of}");
    }
    if deeper {
        let _ = writeln!(
            page,
            "\nsome fields have more below them: --depth {}",
            depth + 1
        );
    }
    Ok(page)
}

/// Adds a line for every field, down to `depth`, and no shape within itself.
fn walk<'a>(
    schema: &'a Schema,
    shape: &'a Shape,
    path: &str,
    depth: usize,
    within: &mut BTreeSet<&'a str>,
    lines: &mut Vec<(String, String)>,
    deeper: &mut bool,
) {
    let entered = match shape {
        Shape::Named(name) => {
            if !within.insert(name) {
                return;
            }
            Some(name.as_str())
        }
        _ => None,
    };
    match schema.resolve(shape) {
        Shape::Object(fields) if depth == 0 => *deeper |= !fields.is_empty(),
        Shape::Object(fields) => {
            for (name, shape) in fields {
                let path = match (path.is_empty(), spelled(name)) {
                    (true, true) => name.clone(),
                    (false, true) => format!("{path}.{name}"),
                    (_, false) => format!("{path}[{}]", Value::from(name.as_str())),
                };
                lines.push((path.clone(), of(schema, shape)));
                walk(schema, shape, &path, depth - 1, within, lines, deeper);
            }
        }
        Shape::List(shape) => walk(
            schema,
            shape,
            &format!("{path}[]"),
            depth,
            within,
            lines,
            deeper,
        ),
        Shape::Map(shape) => walk(
            schema,
            shape,
            &format!("{path}[key]"),
            depth,
            within,
            lines,
            deeper,
        ),
        _ => {}
    }
    if let Some(name) = entered {
        within.remove(name);
    }
}

/// Whether a name can follow a dot.
fn spelled(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn of(schema: &Schema, shape: &Shape) -> String {
    match schema.resolve(shape) {
        Shape::Object(_) => "object".to_owned(),
        Shape::List(shape) => format!("list of {}", of(schema, shape)),
        Shape::Map(shape) => format!("map of {}", of(schema, shape)),
        Shape::String => "string".to_owned(),
        Shape::Integer => "int".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Timestamp => "timestamp".to_owned(),
        Shape::IntOrString => "int or string".to_owned(),
        Shape::Any | Shape::Named(_) => "any".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let statement = Shape::Object(BTreeMap::from([
            ("Name".to_owned(), Shape::String),
            ("Not".to_owned(), Shape::Named("Statement".to_owned())),
        ]));
        let acl = Shape::Object(BTreeMap::from([
            (
                "Rules".to_owned(),
                Shape::List(Box::new(Shape::Named("Statement".to_owned()))),
            ),
            ("tags".to_owned(), Shape::Map(Box::new(Shape::String))),
        ]));
        Schema {
            kinds: BTreeMap::from([(Kind::new("aws.wafv2.WebACL"), acl)]),
            shapes: BTreeMap::from([("Statement".to_owned(), statement)]),
        }
    }

    #[test]
    fn fields_are_named_as_in_expressions_and_recursion_ends() {
        let page = fields(&schema(), "aws.wafv2.WebACL", 9).unwrap();
        assert_eq!(
            page,
            "aws.wafv2.WebACL\n\n  \
             Rules         list of object\n  \
             Rules[].Name  string\n  \
             Rules[].Not   object\n  \
             tags          map of string\n"
        );
    }

    #[test]
    fn more_below_is_said() {
        let page = fields(&schema(), "aws.wafv2.WebACL", 1).unwrap();
        assert!(page.ends_with("--depth 2\n"), "{page}");
    }

    #[test]
    fn a_kind_that_is_not_there_is_told_with_a_suggestion() {
        let error = fields(&schema(), "aws.waf.WebACL", 1).unwrap_err();
        assert_eq!(error.to_string(), "there is no kind `aws.waf.WebACL`");
        assert_eq!(
            error.help().unwrap().to_string(),
            "did you mean `aws.wafv2.WebACL`?"
        );
    }
}
