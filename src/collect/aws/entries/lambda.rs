//! Lambda.

use super::{listed, paged};
use crate::collect::aws::table::Entry;

pub const ENTRIES: &[Entry] = &[listed(
    "aws.lambda.Function",
    "lambda",
    paged("ListFunctions", &[], "Marker", "NextMarker"),
    "Functions",
    "FunctionArn",
)];
