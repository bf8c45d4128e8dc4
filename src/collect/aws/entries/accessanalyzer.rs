//! IAM Access Analyzer.

use super::{listed, paged};
use crate::collect::aws::table::Entry;

pub const ENTRIES: &[Entry] = &[listed(
    "aws.accessanalyzer.Analyzer",
    "accessanalyzer",
    paged("ListAnalyzers", &[], "nextToken", "nextToken"),
    "analyzers",
    "arn",
)];
