//! A sample with all that it takes to draw it again, for a terminal, as CSV and as JSON.

use serde_json::json;

use super::Look;
use super::csv::{inert, line};
use super::sheet::Sheet;
use super::text::{capped, clean};
use crate::examine::Sample;

/// What the ids of a population were taken from.
pub struct Population {
    /// The file, and the column or rule.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How many rows were left out, since the rule does not apply to what they are of.
    pub not_applicable: usize,
    /// What else could hold some of it and was not read; absent where the file does not tell.
    pub unread: Option<Vec<String>>,
}

/// The most lists that are named where a person reads.
const NAMED: usize = 5;

/// `the list was not read: aws.rds.DBInstance in 123456789012/us-east-1: denied: rds:DescribeDBInstances`.
pub fn not_read(unread: &[String]) -> String {
    let (named, more) = capped(unread, NAMED);
    let mut said = format!("the list was not read: {}", named.join("; "));
    if !more.is_empty() {
        said.push_str(&format!("; and {} more", more.len()));
    }
    clean(&said)
}

/// The JSON form, `soc2scan.sample/v1`.
pub fn json(sample: &Sample, population: &Population) -> String {
    let mut value = json!(sample);
    if let Some(value) = value.as_object_mut() {
        value.insert("source".to_owned(), json!(population.source));
        value.insert("source_sha256".to_owned(), json!(population.sha256));
        value.insert(
            "not_applicable".to_owned(),
            json!(population.not_applicable),
        );
        if let Some(unread) = &population.unread {
            value.insert("unread".to_owned(), json!(unread));
        }
    }
    super::json::pretty(&value)
}

pub fn table(sample: &Sample, population: &Population, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let mut size = format!("{} of {}", sample.picked.len(), sample.population);
    if sample.is_whole() {
        size.push_str(&format!(
            ": {} were asked for, so this is the whole population",
            sample.n
        ));
    }
    if sample.repeated > 0 {
        size.push_str(&match sample.repeated {
            1 => "; 1 row repeats an id and counts once".to_owned(),
            rows => format!("; {rows} rows repeat an id and count once"),
        });
    }
    let mut rows = vec![
        ("sample", size),
        ("population", clean(&population.source)),
        ("SHA-256", clean(&population.sha256)),
        ("seed", clean(&sample.seed)),
        ("algorithm", sample.algorithm.clone()),
    ];
    if population.not_applicable > 0 {
        let left_out = match population.not_applicable {
            1 => "1 row, since the rule does not apply to it".to_owned(),
            rows => format!("{rows} rows, since the rule does not apply to them"),
        };
        rows.insert(2, ("left out", left_out));
    }
    if let Some(unread) = &population.unread
        && !unread.is_empty()
    {
        rows.insert(2, ("incomplete", not_read(unread)));
    }
    let rows = rows.into_iter();
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    sheet.grid(&[10], rows.collect());
    sheet.heading("Drawn");
    let rows = sample.picked.iter().zip(1..);
    let rows = rows.map(|(picked, number)| {
        let digest: String = picked.sha256.chars().take(12).collect();
        vec![format!("{number:>4}"), digest, clean(&picked.id)]
    });
    sheet.grid(&[4, 12], rows.collect());
    sheet.finish()
}

/// A row for each of the sample; every row says how it was drawn.
pub fn csv(sample: &Sample, population: &Population) -> String {
    let heads = [
        "number",
        "id",
        "sha256",
        "seed",
        "n",
        "population",
        "source",
        "source_sha256",
        "algorithm",
        "not_applicable",
        "unread",
    ];
    let mut table = String::new();
    line(&mut table, &heads.map(str::to_owned));
    for (picked, number) in sample.picked.iter().zip(1..) {
        let cells = [
            number.to_string(),
            picked.id.clone(),
            picked.sha256.clone(),
            sample.seed.clone(),
            sample.n.to_string(),
            sample.population.to_string(),
            population.source.clone(),
            population.sha256.clone(),
            sample.algorithm.clone(),
            population.not_applicable.to_string(),
            population.unread.as_deref().unwrap_or_default().join("; "),
        ];
        line(&mut table, &cells.map(|cell| inert(&cell)));
    }
    table
}
