//! WAF.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Reach, Sweep};

pub const ENTRIES: &[Entry] = &[Entry {
    sweeps: &[
        Sweep {
            reach: Reach::Regional,
            args: &[("Scope", "REGIONAL")],
            fields: &[("Scope", "REGIONAL")],
        },
        Sweep {
            reach: Reach::Global {
                partitions: &["aws"],
            },
            args: &[("Scope", "CLOUDFRONT")],
            fields: &[("Scope", "CLOUDFRONT")],
        },
    ],
    describe: Some(Describe {
        call: call(
            "GetWebACL",
            &[
                ("Name", Arg::Field("Name")),
                ("Scope", Arg::Sweep("Scope")),
                ("Id", Arg::Field("Id")),
            ],
        ),
        at: "WebACL",
        seed: &[("Name", "Name"), ("Id", "Id"), ("ARN", "ARN")],
        gone: &["WAFNonexistentItemException"],
    }),
    ..listed(
        "aws.wafv2.WebACL",
        "wafv2",
        paged(
            "ListWebACLs",
            &[("Limit", Arg::Text("100"))],
            "NextMarker",
            "NextMarker",
        ),
        "WebACLs",
        "ARN",
    )
}];
