//! ECS.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Id, Parent, Take};

pub const ENTRIES: &[Entry] = &[
    Entry {
        parent: Some(Parent {
            call: paged(
                "ListClusters",
                &[("maxResults", Arg::Text("100"))],
                "nextToken",
                "nextToken",
            ),
            at: "clusterArns",
            fields: &[],
            gone: &["ClusterNotFoundException"],
        }),
        id: Id::Template("{item}"),
        describe: Some(Describe {
            call: call(
                "DescribeServices",
                &[("cluster", Arg::Parent("")), ("services", Arg::Item)],
            ),
            at: "services",
            seed: &[("serviceArn", "")],
            gone: &["ClusterNotFoundException"],
        }),
        // What the service runs, which need not be the latest revision. Where tasks are deployed by a third party, the
        // service names none.
        facts: &[fact(
            "TaskDefinition",
            call(
                "DescribeTaskDefinition",
                &[("taskDefinition", Arg::Field("taskDefinition"))],
            ),
            Take::Field("taskDefinition"),
        )],
        ..listed(
            "aws.ecs.Service",
            "ecs",
            paged(
                "ListServices",
                &[
                    ("cluster", Arg::Parent("")),
                    ("maxResults", Arg::Text("100")),
                ],
                "nextToken",
                "nextToken",
            ),
            "serviceArns",
            "",
        )
    },
    // The latest active revision of each family.
    Entry {
        id: Id::Template("arn:{partition}:ecs:{region}:{account}:task-definition/{item}"),
        describe: Some(Describe {
            call: call("DescribeTaskDefinition", &[("taskDefinition", Arg::Item)]),
            at: "taskDefinition",
            seed: &[("family", "")],
            gone: &[],
        }),
        ..listed(
            "aws.ecs.TaskDefinition",
            "ecs",
            paged(
                "ListTaskDefinitionFamilies",
                &[
                    ("maxResults", Arg::Text("100")),
                    ("status", Arg::Text("ACTIVE")),
                ],
                "nextToken",
                "nextToken",
            ),
            "families",
            "",
        )
    },
];
