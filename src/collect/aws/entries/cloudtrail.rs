//! CloudTrail.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Sampled, Take};

/// What is asked of a trail, at its home: by its ARN, for it can be another account's.
const fn asked(
    field: &'static str,
    operation: &'static str,
    args: &'static [(&'static str, Arg)],
) -> Fact {
    Fact {
        gone: &["TrailNotFoundException"],
        ..fact(field, call(operation, args), Take::Answer)
    }
}

pub const ENTRIES: &[Entry] = &[
    // What changed something in the last day. CloudTrail answers two such pages a second.
    Entry {
        id: Id::Template("arn:{partition}:cloudtrail:{region}:{account}:event/{EventId}"),
        sampled: Some(Sampled::Account),
        ..listed(
            "aws.cloudtrail.Event",
            "cloudtrail",
            paged(
                "LookupEvents",
                &[
                    (
                        "LookupAttributes",
                        Arg::Text(r#"[{"AttributeKey":"ReadOnly","AttributeValue":"false"}]"#),
                    ),
                    ("StartTime", Arg::Before(24)),
                    ("MaxResults", Arg::Text("50")),
                ],
                "NextToken",
                "NextToken",
            ),
            "Events",
            "",
        )
    },
    // Every region lists the trails that record it: those of other regions and of the organization too.
    Entry {
        home: Some("HomeRegion"),
        place: Some("HomeRegion"),
        facts: &[
            asked(
                "TrailStatus",
                "GetTrailStatus",
                &[("Name", Arg::Field("TrailARN"))],
            ),
            asked(
                "EventSelectors",
                "GetEventSelectors",
                &[("TrailName", Arg::Field("TrailARN"))],
            ),
        ],
        ..listed(
            "aws.cloudtrail.Trail",
            "cloudtrail",
            call("DescribeTrails", &[]),
            "trailList",
            "TrailARN",
        )
    },
];
