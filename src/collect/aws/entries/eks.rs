//! EKS.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Fact, Id, Take};

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template("arn:{partition}:eks:{region}:{account}:cluster/{item}"),
    describe: Some(Describe {
        call: call("DescribeCluster", &[("name", Arg::Item)]),
        at: "cluster",
        seed: &[("name", "")],
        gone: &["ResourceNotFoundException"],
    }),
    facts: &[
        Fact {
            service: Some("logs"),
            absent: &["ResourceNotFoundException"],
            ..fact(
                "ContainerInsightsLogStreams",
                // One page: the stream with the newest event is the first.
                paged(
                    "DescribeLogStreams",
                    &[
                        (
                            "logGroupName",
                            Arg::Filled("/aws/containerinsights/{name}/application"),
                        ),
                        ("orderBy", Arg::Text("LastEventTime")),
                        ("descending", Arg::Text("true")),
                        ("limit", Arg::Text("1")),
                    ],
                    "nextToken",
                    "nextToken",
                ),
                Take::Field("logStreams"),
            )
        },
        fact(
            "PodIdentityAssociations",
            paged(
                "ListPodIdentityAssociations",
                &[
                    ("clusterName", Arg::Field("name")),
                    ("maxResults", Arg::Text("100")),
                ],
                "nextToken",
                "nextToken",
            ),
            Take::List("associations"),
        ),
    ],
    ..listed(
        "aws.eks.Cluster",
        "eks",
        paged("ListClusters", &[], "nextToken", "nextToken"),
        "clusters",
        "",
    )
}];
