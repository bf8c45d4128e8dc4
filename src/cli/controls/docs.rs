//! All criteria as one Markdown page: what bears on each, and what is left to people.

use std::fmt::Write as _;

use super::{bearing, count};
use crate::cli::rules::{alternatives, escaped};
use crate::model::{Criterion, criteria, topic, topics};
use crate::rules::{Rule, Rulebook};

pub(super) fn markdown(rulebook: &Rulebook) -> String {
    let mut page = String::from(
        "# Criteria\n\n<!-- Made by `soc2scan controls docs`. Change the rule files, criteria.yaml or topics.yaml instead. -->\n\n",
    );
    let decided = |one: &&Criterion| !bearing(one, rulebook).0.is_empty();
    let touched = |one: &&Criterion| {
        let (deciding, supporting) = bearing(one, rulebook);
        deciding.is_empty() && !supporting.is_empty()
    };
    let (decided, supported) = (
        criteria().iter().filter(decided).count(),
        criteria().iter().filter(touched).count(),
    );
    let _ = writeln!(
        page,
        "Of the {} criteria, rules decide {decided} together with what people attest, and only support {supported}; the other \
         {} are left to people. The titles are our own words.\n\n\
         Rules: how many decide the criterion, and in brackets how many only support it. Attested: how many topics people \
         attest before it can be met.\n",
        criteria().len(),
        criteria().len() - decided - supported,
    );
    page.push_str(
        "| Criterion | What it asks for | Category | Rules | Attested |\n|---|---|---|---|---|\n",
    );
    for one in criteria() {
        let (deciding, supporting) = bearing(one, rulebook);
        let _ = writeln!(
            page,
            "| [{id}](#{anchor}) | {title} | {category} | {rules} | {attested} |",
            id = one.id,
            anchor = one.id.to_lowercase().replace('.', ""),
            title = escaped(&one.title),
            category = one.category.as_str().replace('_', " "),
            rules = count(deciding.len(), supporting.len()),
            attested = super::topics(one.attestation_topics.len()),
        );
    }
    for one in criteria() {
        section(&mut page, one, rulebook);
    }
    page
}

fn section(page: &mut String, one: &Criterion, rulebook: &Rulebook) {
    let _ = writeln!(page, "\n## {}\n\n**{}**", one.id, escaped(&one.title));
    let (deciding, supporting) = bearing(one, rulebook);
    if !deciding.is_empty() {
        page.push_str("\nDecided by\n\n");
        for rule in &deciding {
            line(page, rule);
            if let Some(alternatives) = alternatives(rule) {
                let _ = writeln!(page, "  - or instead {}", escaped(&alternatives));
            }
        }
    }
    if !supporting.is_empty() {
        page.push_str("\nSupported by\n\n");
        for rule in &supporting {
            line(page, rule);
        }
    }
    if !one.attestation_topics.is_empty() {
        page.push_str("\nLeft to people, who attest\n\n");
        for id in &one.attestation_topics {
            let about = topic(id).map_or("", |topic| topic.about.as_str());
            let _ = write!(page, "- `{id}`: {}", escaped(about));
            let instead = deciding.iter();
            let instead: Vec<_> = instead
                .filter(|rule| rule.attestable.as_ref() == Some(id))
                .map(|rule| rule.id.as_str())
                .collect();
            if !instead.is_empty() {
                let _ = write!(page, " (or {} passes)", escaped(&instead.join(" or ")));
            }
            page.push('\n');
        }
    }
    let beyond = topics()
        .iter()
        .filter(|topic| topic.supports.contains(&one.id));
    let beyond: Vec<_> = beyond.map(|topic| format!("`{}`", topic.id)).collect();
    if !beyond.is_empty() {
        let _ = writeln!(page, "\nShown beside it if attested: {}", beyond.join(", "));
    }
    if let Some(carrier) = &one.inherited_from_csp {
        let _ = writeln!(
            page,
            "\nCarried in part by the cloud provider: {}",
            escaped(carrier)
        );
    }
}

fn line(page: &mut String, rule: &Rule) {
    let _ = writeln!(
        page,
        "- [{id}](rules.md#{anchor}): {title} ({severity})",
        id = rule.id,
        anchor = rule.id.replace('.', ""),
        title = escaped(&rule.title),
        severity = rule.severity,
    );
}
