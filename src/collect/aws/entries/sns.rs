//! SNS.

use super::{fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[Entry {
    facts: &[Fact {
        gone: &["NotFound"],
        // The list of all subscriptions leaves out those that another account made.
        ..fact(
            "Subscriptions",
            paged(
                "ListSubscriptionsByTopic",
                &[("TopicArn", Arg::Field("TopicArn"))],
                "NextToken",
                "NextToken",
            ),
            Take::List("Subscriptions"),
        )
    }],
    ..listed(
        "aws.sns.Topic",
        "sns",
        paged("ListTopics", &[], "NextToken", "NextToken"),
        "Topics",
        "TopicArn",
    )
}];
