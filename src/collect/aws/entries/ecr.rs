//! ECR.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Call, Entry, Id, Items, Parent};

/// The list of all repositories.
const REPOSITORIES: Call = paged(
    "DescribeRepositories",
    &[("maxResults", Arg::Text("1000"))],
    "nextToken",
    "nextToken",
);

pub const ENTRIES: &[Entry] = &[
    Entry {
        parent: Some(Parent {
            call: REPOSITORIES,
            at: "repositories",
            fields: &[],
            gone: &["RepositoryNotFoundException"],
        }),
        id: Id::Template(
            "arn:{partition}:ecr:{region}:{account}:repository/{repositoryName}/{imageDigest}",
        ),
        ..listed(
            "aws.ecr.Image",
            "ecr",
            paged(
                "DescribeImages",
                &[
                    ("repositoryName", Arg::Parent("repositoryName")),
                    ("maxResults", Arg::Text("1000")),
                ],
                "nextToken",
                "nextToken",
            ),
            "imageDetails",
            "",
        )
    },
    Entry {
        items: Items::Answer,
        id: Id::Template("arn:{partition}:ecr:{region}:{account}:registry"),
        ..listed(
            "aws.ecr.Registry",
            "ecr",
            call("GetRegistryScanningConfiguration", &[]),
            "",
            "",
        )
    },
    listed(
        "aws.ecr.Repository",
        "ecr",
        REPOSITORIES,
        "repositories",
        "repositoryArn",
    ),
];
