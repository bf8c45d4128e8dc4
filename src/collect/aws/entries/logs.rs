//! CloudWatch Logs.

use super::{fact, listed, paged};
use crate::collect::aws::table::{Arg, Call, Entry, Fact, Id, Items, Parent, Sampled, Take};

const GROUPS: Call = paged(
    "DescribeLogGroups",
    &[("limit", Arg::Text("50"))],
    "nextToken",
    "nextToken",
);

pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::Template("arn:{partition}:logs:{region}:{account}:account-policy:{policyName}"),
        // The policies that send the events of many groups on; there are other types.
        ..listed(
            "aws.logs.AccountPolicy",
            "logs",
            Call {
                also: &["logs:DescribeSubscriptionFilters"],
                ..paged(
                    "DescribeAccountPolicies",
                    &[("policyType", Arg::Text("SUBSCRIPTION_FILTER_POLICY"))],
                    "nextToken",
                    "nextToken",
                )
            },
            "accountPolicies",
            "",
        )
    },
    // What was logged in the last day: of each event, only whether it is a JSON object and with which keys.
    Entry {
        id: Id::FirstOf(&["logGroupArn", "arn"]),
        sampled: Some(Sampled::Parent("logGroupName")),
        parent: Some(Parent {
            call: GROUPS,
            at: "logGroups",
            fields: &[("logGroupName", "logGroupName")],
            gone: &["ResourceNotFoundException"],
        }),
        items: Items::Sample {
            at: "events",
            most: 100,
        },
        ..listed(
            "aws.logs.EventSample",
            "logs",
            paged(
                "FilterLogEvents",
                &[
                    ("logGroupName", Arg::Parent("logGroupName")),
                    ("startTime", Arg::Before(24)),
                    ("limit", Arg::Text("100")),
                ],
                "nextToken",
                "nextToken",
            ),
            "",
            "",
        )
    },
    Entry {
        facts: &[Fact {
            // A group of another class has none, and what a group that keeps everything sends on no rule asks: accounts
            // have thousands of such groups, and this is one call for each.
            when: &[("logGroupClass", &["STANDARD"]), ("retentionInDays", &[])],
            gone: &["ResourceNotFoundException"],
            ..fact(
                "SubscriptionFilters",
                paged(
                    "DescribeSubscriptionFilters",
                    &[("logGroupName", Arg::Field("logGroupName"))],
                    "nextToken",
                    "nextToken",
                ),
                Take::List("subscriptionFilters"),
            )
        }],
        id: Id::FirstOf(&["logGroupArn", "arn"]),
        ..listed("aws.logs.LogGroup", "logs", GROUPS, "logGroups", "")
    },
    Entry {
        id: Id::Template(
            "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:metric-filter:{filterName}",
        ),
        ..listed(
            "aws.logs.MetricFilter",
            "logs",
            paged(
                "DescribeMetricFilters",
                &[("limit", Arg::Text("50"))],
                "nextToken",
                "nextToken",
            ),
            "metricFilters",
            "",
        )
    },
];
