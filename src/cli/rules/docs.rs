//! All rules as one Markdown page.

use std::fmt::Write as _;

use crate::model::{Fix, criterion};
use crate::render::words;
use crate::rules::{Rule, Rulebook};

pub(super) fn markdown(rulebook: &Rulebook) -> String {
    let mut page = String::from(
        "# Rules\n\n<!-- Made by `soc2scan rules docs`. Change the rule files instead. -->\n\n",
    );
    let _ = writeln!(
        page,
        "{} rules. A rule decides the criteria that it names, or only supports them (in brackets).\n",
        rulebook.rules.len()
    );
    page.push_str("| Rule | Good state | Severity | Criteria |\n|---|---|---|---|\n");
    for rule in &rulebook.rules {
        let _ = writeln!(
            page,
            "| [{id}](#{anchor}) | {title} | {severity} | {controls} |",
            id = rule.id,
            anchor = rule.id.replace('.', ""),
            title = escaped(&rule.title),
            severity = rule.severity,
            controls = super::controls(rule),
        );
    }
    for rule in &rulebook.rules {
        section(&mut page, rule);
    }
    page
}

fn section(page: &mut String, rule: &Rule) {
    let _ = writeln!(page, "\n## {}\n\n**{}**\n", rule.id, escaped(&rule.title));
    let _ = writeln!(page, "{}\n", rule.why.trim_end());
    let kinds = |kinds: Vec<&str>| {
        let kinds: Vec<_> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        kinds.join(", ")
    };
    let _ = writeln!(page, "- Severity: {}", rule.severity);
    let about = rule.resource.iter().map(|kind| kind.as_str()).collect();
    let _ = writeln!(page, "- About: {}", kinds(about));
    let related: Vec<_> = rule
        .related()
        .into_iter()
        .map(|kind| kind.as_str())
        .collect();
    if !related.is_empty() {
        let _ = writeln!(page, "- Also reads: {}", kinds(related));
    }
    for (label, ids) in [("Decides", &rule.required), ("Supports", &rule.supporting)] {
        for id in ids {
            let title = criterion(id).map_or("", |criterion| criterion.title.as_str());
            let _ = writeln!(page, "- {label} {id}: {}", escaped(title));
        }
    }
    if let Some(alternatives) = super::alternatives(rule) {
        let _ = writeln!(page, "- Enough in its place: {}", escaped(&alternatives));
    }
    let _ = writeln!(page, "- Without any resource: {}", rule.when_empty.as_str());
    if let Some(param) = &rule.opt_in {
        let _ = writeln!(
            page,
            "- Reads samples of content: it runs only where `{param}` names of what"
        );
    }
    for (name, param) in &rule.params {
        let _ = writeln!(
            page,
            "- Parameter `{name}` = `{}`{}: {}",
            param.value,
            param.limits(),
            escaped(&param.about)
        );
    }
    page.push('\n');
    let mut expressions = String::new();
    for (name, program) in &rule.variables {
        let _ = writeln!(expressions, "{name} = {}", program.source().trim_end());
    }
    if let Some(applies) = &rule.applies {
        let _ = writeln!(expressions, "applies: {}", applies.source().trim_end());
    }
    let _ = writeln!(expressions, "assert: {}", rule.assert.source().trim_end());
    fenced(page, "cel", &expressions);
    for (tool, text) in fixes(&rule.fix) {
        let _ = writeln!(page, "\nFix with {tool}:\n");
        let language = match tool {
            "terraform" => "hcl",
            "yaml" => "yaml",
            _ => "sh",
        };
        fenced(page, language, text);
    }
    page.push_str("\nReferences:\n\n");
    for reference in &rule.references {
        let _ = writeln!(page, "- <{reference}>");
    }
    page.push_str("\nCases:\n\n");
    for case in &rule.cases {
        let _ = writeln!(
            page,
            "- {}: {}",
            words(case.expect.as_str()),
            escaped(&case.name)
        );
    }
}

/// The ways to the good state that a rule tells, with the name of each tool.
pub(super) fn fixes(fix: &Fix) -> Vec<(&'static str, &str)> {
    [
        ("cli", &fix.cli),
        ("terraform", &fix.terraform),
        ("kubectl", &fix.kubectl),
        ("yaml", &fix.yaml),
    ]
    .into_iter()
    .filter_map(|(tool, text)| text.as_deref().map(|text| (tool, text)))
    .collect()
}

fn fenced(page: &mut String, language: &str, text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(page, "{fence}{language}\n{}\n{fence}", text.trim_end());
}

/// Text that is no markup in a paragraph or a cell of a table.
pub(in crate::cli) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
