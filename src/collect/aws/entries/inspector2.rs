//! Inspector.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Id, Items};

pub const ENTRIES: &[Entry] = &[
    Entry {
        items: Items::Answer,
        id: Id::Template("arn:{partition}:inspector2:{region}:{account}:account"),
        ..listed(
            "aws.inspector2.AccountStatus",
            "inspector2",
            call("BatchGetAccountStatus", &[("accountIds", Arg::Account)]),
            "",
            "",
        )
    },
    // What is open and grave in images. An account can have a million findings of all kinds.
    listed(
        "aws.inspector2.Finding",
        "inspector2",
        paged(
            "ListFindings",
            &[
                (
                    "filterCriteria",
                    Arg::Text(
                        r#"{"findingStatus":[{"comparison":"EQUALS","value":"ACTIVE"}],"resourceType":[{"comparison":"EQUALS","value":"AWS_ECR_CONTAINER_IMAGE"}],"severity":[{"comparison":"EQUALS","value":"CRITICAL"},{"comparison":"EQUALS","value":"HIGH"}]}"#,
                    ),
                ),
                ("maxResults", Arg::Text("100")),
            ],
            "nextToken",
            "nextToken",
        ),
        "findings",
        "findingArn",
    ),
];
