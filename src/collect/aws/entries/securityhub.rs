//! Security Hub.

use super::{call, listed};
use crate::collect::aws::table::{Entry, Id, Items};

pub const ENTRIES: &[Entry] = &[Entry {
    items: Items::Answer,
    // The answer of a region in which it is off. Who is denied gets AccessDeniedException.
    absent: &["InvalidAccessException"],
    id: Id::Template("arn:{partition}:securityhub:{region}:{account}:hub/default"),
    ..listed(
        "aws.securityhub.Hub",
        "securityhub",
        call("DescribeHub", &[]),
        "",
        "",
    )
}];
