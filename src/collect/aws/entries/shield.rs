//! Shield Advanced. Shield Standard is always on, and there is nothing to ask of it.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Id, Items, Reach, Sweep};

const ONCE: &[Sweep] = &[Sweep {
    reach: Reach::Global {
        partitions: &["aws"],
    },
    args: &[],
    fields: &[],
}];

/// An account without a subscription has neither it nor anything that it protects.
const NOT_SUBSCRIBED: &[&str] = &["ResourceNotFoundException"];

pub const ENTRIES: &[Entry] = &[
    Entry {
        sweeps: ONCE,
        absent: NOT_SUBSCRIBED,
        ..listed(
            "aws.shield.Protection",
            "shield",
            paged(
                "ListProtections",
                &[("MaxResults", Arg::Text("1000"))],
                "NextToken",
                "NextToken",
            ),
            "Protections",
            "ProtectionArn",
        )
    },
    Entry {
        sweeps: ONCE,
        absent: NOT_SUBSCRIBED,
        items: Items::Answer,
        id: Id::Template("arn:{partition}:shield::{account}:subscription"),
        ..listed(
            "aws.shield.Subscription",
            "shield",
            call("DescribeSubscription", &[]),
            "",
            "",
        )
    },
];
