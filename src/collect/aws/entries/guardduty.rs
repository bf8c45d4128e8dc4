//! GuardDuty.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Id, Items, Take};

/// The region's one detector, or that it has none.
pub const ENTRIES: &[Entry] = &[Entry {
    items: Items::Answer,
    id: Id::Template("arn:{partition}:guardduty:{region}:{account}:detector"),
    facts: &[fact(
        "Detector",
        call("GetDetector", &[("DetectorId", Arg::First("DetectorIds"))]),
        Take::Answer,
    )],
    ..listed(
        "aws.guardduty.Detector",
        "guardduty",
        paged("ListDetectors", &[], "NextToken", "NextToken"),
        "",
        "",
    )
}];
