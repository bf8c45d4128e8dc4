//! The documents: what they show is what the program does.

use std::fs;
use std::path::{Path, PathBuf};

use soc2scan::model::criteria;
use soc2scan::{collect, rules};

use crate::cli::soc2scan;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// README.md and every page of docs/.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

#[test]
fn the_pages_of_all_rules_and_criteria_are_what_the_program_prints() {
    for (noun, page) in [("rules", "docs/rules.md"), ("controls", "docs/criteria.md")] {
        let printed = soc2scan(root(), &[], &[noun, "docs"]);
        assert_eq!(printed.code, 0, "{}", printed.err);
        if std::env::var_os("BLESS").is_some() {
            fs::write(root().join(page), &printed.out).unwrap();
        }
        assert!(
            text(page) == printed.out,
            "{page} is old: soc2scan {noun} docs > {page}"
        );
    }
}

#[test]
fn the_page_of_criteria_names_every_rule_and_every_topic_where_it_bears() {
    let page = soc2scan(root(), &[], &["controls", "docs"]).out;
    let section = |id: &str| {
        let (_, rest) = page.split_once(&format!("\n## {id}\n")).unwrap();
        rest.split("\n## ").next().unwrap()
    };
    for one in criteria() {
        for topic in &one.attestation_topics {
            assert!(
                section(&one.id).contains(&format!("- `{topic}`: ")),
                "{topic}"
            );
        }
    }
    let rulebook = rules::load(&rules::embedded(), &collect::schema()).unwrap();
    for rule in &rulebook.rules {
        for id in rule.required.iter().chain(&rule.supporting) {
            assert!(
                section(id).contains(&format!("- [{}](rules.md#", rule.id)),
                "{id}"
            );
        }
    }
}

#[test]
fn the_table_of_functions_is_the_one_that_expressions_have() {
    let page = text("docs/writing-rules.md");
    let head = "| function | what it does |\n| --- | --- |\n";
    let (before, rest) = page.split_once(head).unwrap();
    let (_, after) = rest.split_once("## Cases").unwrap();
    let rows: String = soc2scan::expr::functions()
        .map(|(usage, about)| {
            format!(
                "| `{}` | {} |\n",
                usage.replace('|', "\\|"),
                about.replace('|', "\\|")
            )
        })
        .collect();
    let wanted = format!("{before}{head}{rows}\n## Cases{after}");
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join("docs/writing-rules.md"), &wanted).unwrap();
    }
    assert!(
        text("docs/writing-rules.md") == wanted,
        "the table is old: BLESS=1 cargo test --test it documents"
    );
}

#[test]
fn every_command_in_the_documents_is_one_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for page in pages() {
        for line in fs::read_to_string(&page).unwrap().lines() {
            let Some(command) = line.strip_prefix("$ soc2scan ") else {
                continue;
            };
            for command in command.split("&& soc2scan ") {
                let command = command.split(['#', '>', '|']).next().unwrap();
                let mut arguments: Vec<&str> = command.split_whitespace().collect();
                if arguments[0] == "check"
                    && !arguments.contains(&"--replay")
                    && !arguments.contains(&"--plan")
                {
                    arguments.push("--plan");
                }
                let ran = soc2scan(folder.path(), &[], &arguments);
                assert_eq!(
                    ran.code,
                    0,
                    "{}: {line}\n{}{}",
                    page.display(),
                    ran.out,
                    ran.err
                );
                count += 1;
            }
        }
    }
    assert!(count > 10, "the commands were not found");
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        // Outside code, which has brackets of its own.
        let text: String = text.split("```").step_by(2).collect();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = target.split('#').next().unwrap();
            if !target.contains("://") && !target.is_empty() {
                assert!(
                    page.parent().unwrap().join(target).exists(),
                    "{}: {target}",
                    page.display()
                );
            }
        }
    }
}

#[cfg(all(feature = "aws", feature = "kubernetes"))]
#[test]
fn the_screen_in_the_readme_is_the_one_that_its_command_shows() {
    let readme = text("README.md");
    let shown = readme
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let tape = "fixtures/streampulse-gap";
    assert!(readme.contains(&format!("check --replay {tape}")));
    let ran = soc2scan(root(), &[("COLUMNS", "100")], &["check", "--replay", tape]);
    for part in shown.split("…\n").filter(|part| !part.trim().is_empty()) {
        assert!(
            ran.out.contains(part),
            "the README shows\n{part}\nbut the program\n{}",
            ran.out
        );
    }
}
