//! A sample of a population, drawn by an auditor's seed: whoever has the seed and the population draws the same.

use serde::Serialize;

use crate::model::sha256;

/// How a sample is drawn, in a line that lets another program draw it again.
pub const ALGORITHM: &str =
    "order distinct ids by SHA-256(seed || 0x00 || id), ascending, ties by id; take the first n";

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Always `soc2scan.sample/v1`.
    pub schema: String,
    pub algorithm: String,
    pub seed: String,
    /// How many were asked for.
    pub n: usize,
    /// How many distinct ids the population holds.
    pub population: usize,
    /// How many rows repeated an id; they were not counted again.
    pub repeated: usize,
    pub picked: Vec<Picked>,
}

/// One of the sample, in the order of drawing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picked {
    pub id: String,
    /// What it was ordered by, in lower-case hexadecimal.
    pub sha256: String,
}

impl Sample {
    pub const SCHEMA: &str = "soc2scan.sample/v1";

    /// Whether no more than the whole population was there to take.
    pub fn is_whole(&self) -> bool {
        self.n >= self.population
    }
}

/// Draws `n` of these ids, or all where there are no more.
pub fn sample(ids: &[String], n: usize, seed: &str) -> Sample {
    let mut distinct: Vec<&String> = ids.iter().collect();
    distinct.sort();
    distinct.dedup();
    let mut ordered: Vec<Picked> = distinct
        .iter()
        .map(|id| Picked {
            sha256: sha256(&[seed.as_bytes(), &[0], id.as_bytes()].concat()),
            id: (*id).clone(),
        })
        .collect();
    ordered.sort_by(|a, b| (&a.sha256, &a.id).cmp(&(&b.sha256, &b.id)));
    let population = ordered.len();
    ordered.truncate(n);
    Sample {
        schema: Sample::SCHEMA.to_owned(),
        algorithm: ALGORITHM.to_owned(),
        seed: seed.to_owned(),
        n,
        population,
        repeated: ids.len() - population,
        picked: ordered,
    }
}
