//! `soc2scan init`: files to start from, for exactly the topics in scope. Never writes over anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::config::DEFAULT_FILE;
use super::register::{ATTESTATIONS, WAIVERS};
use super::{Exit, Usage, one_of, print};
use crate::model::{Category, Topic, criteria, topics};
use crate::rules::{Rule, Rulebook};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder to write to; it is made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,

    /// The categories in scope beside security.
    #[arg(
        long,
        value_name = "CATEGORY",
        value_delimiter = ',',
        value_parser = one_of(Category::ALL.map(|category| (category.as_str(), category))),
        default_values_t = [Category::Availability, Category::Confidentiality],
    )]
    categories: Vec<Category>,
}

pub fn run(arguments: &Arguments, out: &mut dyn Write) -> miette::Result<Exit> {
    let mut categories: BTreeSet<_> = arguments.categories.iter().copied().collect();
    categories.insert(Category::Security);
    let files = [
        (DEFAULT_FILE, configuration(&categories)),
        (WAIVERS, WAIVERS_TEXT.to_owned()),
        (
            ATTESTATIONS,
            attestations(&categories, &super::rules::rulebook(&[])?),
        ),
    ];
    let paths = files.map(|(name, text)| (arguments.folder.join(name), text));
    let there: Vec<_> = paths
        .iter()
        .filter(|(path, _)| fs::symlink_metadata(path).is_ok())
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !there.is_empty() {
        let message = format!("{} exists already; nothing was written", there.join(", "));
        let help = "name another folder: `soc2scan init DIR`";
        return Err(Usage::new(message, help).into());
    }
    let failed = |path: &PathBuf, error: std::io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        Usage::new(message, "name a folder that you may write to")
    };
    fs::create_dir_all(&arguments.folder).map_err(|error| failed(&arguments.folder, error))?;
    let mut told = String::new();
    for (path, text) in &paths {
        // What appeared since is not written over either.
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| failed(path, error))?;
        told.push_str(&format!("wrote {}\n", path.display()));
    }
    told.push_str("Fill in what you attest, then: soc2scan check\n");
    print(out, told)
}

fn configuration(categories: &BTreeSet<Category>) -> String {
    let names: Vec<_> = categories
        .iter()
        .map(|category| category.as_str())
        .collect();
    CONFIGURATION.replace("{categories}", &names.join(", "))
}

fn attestations(categories: &BTreeSet<Category>, rulebook: &Rulebook) -> String {
    let mut text = ATTESTATIONS_TEXT.to_owned();
    let mut instead: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &rulebook.rules {
        if let Some(topic) = &rule.attestable {
            instead.entry(topic).or_default().push(rule);
        }
    }
    for topic in topics() {
        let instead = instead.get(topic.id.as_str());
        text.push_str(&entry(
            topic,
            instead.map_or(&[], Vec::as_slice),
            categories,
        ));
    }
    text
}

/// The commented entry of a topic that may be attested instead of some rules; nothing if no criterion in scope is about it.
fn entry(topic: &Topic, instead: &[&Rule], categories: &BTreeSet<Category>) -> String {
    let decided = |id: &String| instead.iter().any(|rule| rule.required.contains(id));
    let about = topic.criteria();
    let criteria: Vec<_> = criteria()
        .iter()
        .filter(|criterion| {
            about.iter().any(|one| one.id == criterion.id) || decided(&criterion.id)
        })
        .filter(|criterion| categories.contains(&criterion.category))
        .collect();
    if criteria.is_empty() {
        return String::new();
    }
    let ids: Vec<_> = criteria
        .iter()
        .map(|criterion| criterion.id.as_str())
        .collect();
    let asked = criteria
        .iter()
        .any(|criterion| criterion.attestation_topics.contains(&topic.id));
    let mut text = format!(
        "\n  # {}.\n  # Good evidence: {}.\n",
        topic.about, topic.evidence
    );
    for rule in instead {
        text.push_str(&format!("  # It is enough in place of {}.\n", rule.id));
    }
    if !asked && instead.is_empty() {
        text.push_str(
            "  # No criterion depends on it; it is shown beside those that it supports.\n",
        );
    }
    let form = match topic.vendor {
        true => VENDOR,
        false => PLAIN,
    };
    let form = form
        .replace("{id}", &topic.id)
        .replace("{controls}", &ids.join(", "));
    for line in form.lines() {
        text.push_str(&format!("  # {line}\n"));
    }
    text
}

const PLAIN: &str = r#"- id: {id}
  topic: {id}
  controls: [{controls}]
  statement: ""
  result: operating
  owner: ""
  attested_by: ""
  attested_on: ""
  documents:
    - { title: "", path: "" }
"#;

const VENDOR: &str = r#"- id: {id}
  topic: {id}
  controls: [{controls}]
  statement: ""
  result: operating
  owner: ""
  attested_by: ""
  attested_on: ""
  vendor: { name: "", report_type: SOC 2 Type II, report_period_end: "", opinion: unqualified, cuecs_reviewed: true }
"#;

const CONFIGURATION: &str = "\
# What soc2scan scans, and what it fails on. Every key may be taken out.

# Without the two keys both are tried, and what is not configured on the machine is out of scope.
# aws:
#   profile: production
#   regions: [us-east-1]
# kubernetes:
#   context: production

# The categories of the Trust Services Criteria in scope; security always is. Also: processing_integrity, privacy.
categories: [{categories}]

# Criteria that do not apply; the report shows who decided it and why.
# not_applicable:
#   - controls: [C1.2]
#     reason: Nothing confidential is ever deleted; all of it is public record.
#     owner: data@example.com
#     approved_by: ciso@example.com
#     approved_on: 2026-10-01

# Values of rules, within their bounds (soc2scan rules show ID).
# params:
#   aws.rds.automated_backups: { min_days: 14 }

# Failures that somebody answers for, and what people attest. Both are read from the folder of this file.
waivers: waivers.yaml
attestations: attestations.yaml
max_waiver_days: 180
# The days that an audit is about: what is attested for a period has to cover them.
# audit_period: { start: 2026-01-01, end: 2026-12-31 }

# Also manual: criteria that wait for an attestation, and waivers and attestations to renew.
fail_on: [gap, unknown]
";

const WAIVERS_TEXT: &str = r#"# Failures that somebody answers for, each for a reason and until a day. A waived failure stays in the report as a
# failure; its criterion is met with exceptions at best. What is unknown, and a criterion, cannot be waived.
version: 1
waivers:
  # The report names the check and the resource of every failure.
  # - id: W-2026-001
  #   check: aws.rds.multi_az
  #   # All selectors have to be met: provider, account, region, cluster, namespace, resource, tags. `*` and `?` are wild.
  #   match: { account: "111122223333", resource: "arn:aws:rds:*:*:db:scratch-*" }
  #   reason: Rebuilt every night from the warehouse; it may be away for a day.
  #   owner: data-platform@example.com
  #   # Not the owner.
  #   approved_by: ciso@example.com
  #   approved_on: "2026-10-01"
  #   # The last day on which it holds, in UTC.
  #   expires: "2026-12-31"
  #   # If the value changes, the waiver lapses.
  #   observed: { MultiAZ: false }
  #   # If one of the checks does not pass, the waiver lapses.
  #   compensating_control: { description: The nightly rebuild is watched, checks: [aws.rds.automated_backups] }
  #   ticket: SEC-812
  #   risk: low
"#;

const ATTESTATIONS_TEXT: &str = r#"# What people say of what no API shows, and the documents that bear it out. Take the `#` from what you attest, and fill it
# in. An entry is evidence for a year after `attested_on` (or `reviewed_on`), or until `valid_until`.
# Paths start at this folder; files are hashed. `result` is also not_operating (a gap) or not_applicable.
# Records of a period also have:
#   period: { start: "2026-01-01", end: "2026-12-31" }
#   population: { description: All leavers, count: 3, exceptions: 0, source_system: HRIS, list: leavers.csv }
version: 1
attestations:
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect;
    use crate::rules::{Source, embedded, load};

    #[test]
    fn a_topic_is_offered_for_what_it_may_stand_in_for() {
        let mut pitr = embedded();
        pitr.retain(|source| source.path == "aws/rds/pitr.yaml");
        let text = format!("{}\nattestable: mdm\n", pitr[0].text);
        let rulebook = load(
            &[Source::new("aws/rds/pitr.yaml", text)],
            &collect::schema(),
        );
        let rulebook = rulebook.unwrap_or_else(|errors| panic!("{errors:?}"));
        let about: Vec<_> = topics().iter().filter(|topic| topic.id == "mdm").collect();
        let categories = BTreeSet::from(Category::ALL);
        let text = entry(about[0], &[&rulebook.rules[0]], &categories);
        assert!(
            text.contains("\n  # It is enough in place of aws.rds.pitr.\n"),
            "{text}"
        );
        for criterion in &rulebook.rules[0].required {
            assert!(!entry(about[0], &[], &categories).contains(criterion));
            assert!(text.contains(criterion), "{criterion}\n{text}");
        }
    }
}
