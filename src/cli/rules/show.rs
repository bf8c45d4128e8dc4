//! One rule as a page for the terminal.

use std::fmt::Write as _;

use crate::model::criterion;
use crate::render::words;
use crate::rules::Rule;

pub(super) fn rule(rule: &Rule) -> String {
    let mut page = format!("{}\n{}\n\n", rule.id, rule.title);
    let kinds: Vec<_> = rule.resource.iter().map(|kind| kind.as_str()).collect();
    line(&mut page, "severity", rule.severity.as_str());
    line(&mut page, "about", &kinds.join(", "));
    let related: Vec<_> = rule
        .related()
        .into_iter()
        .map(|kind| kind.as_str())
        .collect();
    if !related.is_empty() {
        line(&mut page, "also reads", &related.join(", "));
    }
    for (label, ids) in [("decides", &rule.required), ("supports", &rule.supporting)] {
        for (at, id) in ids.iter().enumerate() {
            let title = criterion(id).map_or("", |criterion| criterion.title.as_str());
            line(
                &mut page,
                if at == 0 { label } else { "" },
                &format!("{id:6} {title}"),
            );
        }
    }
    if let Some(alternatives) = super::alternatives(rule) {
        line(&mut page, "or instead", &alternatives);
    }
    line(
        &mut page,
        "no resource",
        &format!("means {}", rule.when_empty.as_str()),
    );
    if let Some(param) = &rule.opt_in {
        let text = format!("content, only of what `{param}` names");
        line(&mut page, "samples", &text);
    }
    line(&mut page, "file", &rule.path);

    if !rule.params.is_empty() {
        page.push_str("\nParameters\n");
        for (name, param) in &rule.params {
            let _ = writeln!(page, "  {name} = {}{}", param.value, param.limits());
            let _ = writeln!(page, "      {}", param.about);
        }
    }
    for (name, program) in &rule.variables {
        block(&mut page, &format!("variables.{name}"), program.source());
    }
    if let Some(applies) = &rule.applies {
        block(&mut page, "Applies if", applies.source());
    }
    block(&mut page, "Holds if", rule.assert.source());
    block(&mut page, "Why", &rule.why);
    for (tool, text) in super::docs::fixes(&rule.fix) {
        block(&mut page, &format!("Fix ({tool})"), text);
    }
    block(&mut page, "References", &rule.references.join("\n"));
    page.push_str("\nCases\n");
    for case in &rule.cases {
        let _ = writeln!(page, "  {:14} {}", words(case.expect.as_str()), case.name);
    }
    page
}

fn line(page: &mut String, label: &str, text: &str) {
    let _ = writeln!(page, "  {label:12} {text}");
}

fn block(page: &mut String, label: &str, text: &str) {
    let _ = writeln!(page, "\n{label}");
    for line in text.trim_end().lines() {
        let line = format!("  {line}");
        let _ = writeln!(page, "{}", line.trim_end());
    }
}
