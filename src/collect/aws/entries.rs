//! Every AWS kind, declared.

use super::table::{Arg, Call, Describe, Entry, Fact, Id, Items, Paging, Reach, Sweep, Take};

const REGIONAL: &[Sweep] = &[Sweep {
    reach: Reach::Regional,
    args: &[],
    fields: &[],
}];

const fn call(operation: &'static str, args: &'static [(&'static str, Arg)]) -> Call {
    Call {
        operation,
        args,
        paging: None,
        also: &[],
    }
}

const fn paged(
    operation: &'static str,
    args: &'static [(&'static str, Arg)],
    send: &'static str,
    receive: &'static str,
) -> Call {
    Call {
        paging: Some(Paging { send, receive }),
        ..call(operation, args)
    }
}

/// A kind whose list answers whole documents with their ARN.
const fn listed(
    kind: &'static str,
    service: &'static str,
    list: Call,
    items: &'static str,
    id: &'static str,
) -> Entry {
    Entry {
        kind,
        service,
        sweeps: REGIONAL,
        list,
        items: Items::List(items),
        id: Id::Field(id),
        describe: None,
        facts: &[],
    }
}

const fn fact(field: &'static str, call: Call, take: Take) -> Fact {
    Fact {
        field,
        service: None,
        call,
        take,
        when: &[],
        absent: &[],
        gone: &[],
    }
}

/// Every AWS kind, sorted by name.
pub static ENTRIES: &[Entry] = &[
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
        paged(
            "DescribeRepositories",
            &[("maxResults", Arg::Text("1000"))],
            "nextToken",
            "nextToken",
        ),
        "repositories",
        "repositoryArn",
    ),
    Entry {
        id: Id::Template("arn:{partition}:eks:{region}:{account}:cluster/{item}"),
        describe: Some(Describe {
            call: call("DescribeCluster", &[("name", Arg::Item)]),
            at: "cluster",
            seed: &[("name", "")],
            gone: &["ResourceNotFoundException"],
        }),
        ..listed(
            "aws.eks.Cluster",
            "eks",
            paged("ListClusters", &[], "nextToken", "nextToken"),
            "clusters",
            "",
        )
    },
    Entry {
        facts: &[
            Fact {
                gone: &["LoadBalancerNotFound"],
                ..fact(
                    "Listeners",
                    paged(
                        "DescribeListeners",
                        &[("LoadBalancerArn", Arg::Field("LoadBalancerArn"))],
                        "Marker",
                        "NextMarker",
                    ),
                    Take::List("Listeners"),
                )
            },
            Fact {
                gone: &["LoadBalancerNotFound"],
                ..fact(
                    "Attributes",
                    call(
                        "DescribeLoadBalancerAttributes",
                        &[("LoadBalancerArn", Arg::Field("LoadBalancerArn"))],
                    ),
                    Take::Pairs("Attributes"),
                )
            },
            Fact {
                service: Some("wafv2"),
                // Only application load balancers can have a web ACL.
                when: &[("Type", &["application"])],
                absent: &["WAFNonexistentItemException"],
                ..fact(
                    "WebACL",
                    Call {
                        // WAF also verifies that the caller may read the web ACL that it finds.
                        also: &["wafv2:GetWebACL"],
                        ..call(
                            "GetWebACLForResource",
                            &[("ResourceArn", Arg::Field("LoadBalancerArn"))],
                        )
                    },
                    Take::Field("WebACL"),
                )
            },
        ],
        ..listed(
            "aws.elbv2.LoadBalancer",
            "elbv2",
            paged("DescribeLoadBalancers", &[], "Marker", "NextMarker"),
            "LoadBalancers",
            "LoadBalancerArn",
        )
    },
    Entry {
        describe: Some(Describe {
            call: call("DescribeKey", &[("KeyId", Arg::Field("KeyId"))]),
            at: "KeyMetadata",
            seed: &[("KeyId", "KeyId"), ("Arn", "KeyArn")],
            gone: &["NotFoundException"],
        }),
        facts: &[Fact {
            // Asymmetric and HMAC keys, imported material, custom key stores, and keys of AWS have no rotation to ask
            // for; keys that are pending answer an error.
            when: &[
                ("KeyManager", &["CUSTOMER"]),
                ("KeySpec", &["SYMMETRIC_DEFAULT"]),
                ("Origin", &["AWS_KMS"]),
                ("KeyState", &["Enabled", "Disabled"]),
            ],
            absent: &["UnsupportedOperationException"],
            gone: &["NotFoundException"],
            ..fact(
                "KeyRotationStatus",
                call("GetKeyRotationStatus", &[("KeyId", Arg::Field("KeyId"))]),
                Take::Answer,
            )
        }],
        ..listed(
            "aws.kms.Key",
            "kms",
            paged(
                "ListKeys",
                &[("Limit", Arg::Text("1000"))],
                "Marker",
                "NextMarker",
            ),
            "Keys",
            "KeyArn",
        )
    },
    Entry {
        id: Id::FirstOf(&["logGroupArn", "arn"]),
        ..listed(
            "aws.logs.LogGroup",
            "logs",
            paged(
                "DescribeLogGroups",
                &[("limit", Arg::Text("50"))],
                "nextToken",
                "nextToken",
            ),
            "logGroups",
            "",
        )
    },
    listed(
        "aws.rds.DBCluster",
        "rds",
        paged(
            "DescribeDBClusters",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "DBClusters",
        "DBClusterArn",
    ),
    Entry {
        facts: &[Fact {
            gone: &["DBParameterGroupNotFound"],
            ..fact(
                "Parameters",
                paged(
                    "DescribeDBClusterParameters",
                    &[
                        (
                            "DBClusterParameterGroupName",
                            Arg::Field("DBClusterParameterGroupName"),
                        ),
                        // What someone set; the engine's defaults are several hundred rows for each group.
                        ("Source", Arg::Text("user")),
                    ],
                    "Marker",
                    "Marker",
                ),
                Take::List("Parameters"),
            )
        }],
        ..listed(
            "aws.rds.DBClusterParameterGroup",
            "rds",
            paged(
                "DescribeDBClusterParameterGroups",
                &[("MaxRecords", Arg::Text("100"))],
                "Marker",
                "Marker",
            ),
            "DBClusterParameterGroups",
            "DBClusterParameterGroupArn",
        )
    },
    listed(
        "aws.rds.DBInstance",
        "rds",
        paged(
            "DescribeDBInstances",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "DBInstances",
        "DBInstanceArn",
    ),
    Entry {
        facts: &[Fact {
            gone: &["DBParameterGroupNotFound"],
            ..fact(
                "Parameters",
                paged(
                    "DescribeDBParameters",
                    &[
                        ("DBParameterGroupName", Arg::Field("DBParameterGroupName")),
                        ("Source", Arg::Text("user")),
                    ],
                    "Marker",
                    "Marker",
                ),
                Take::List("Parameters"),
            )
        }],
        ..listed(
            "aws.rds.DBParameterGroup",
            "rds",
            paged(
                "DescribeDBParameterGroups",
                &[("MaxRecords", Arg::Text("100"))],
                "Marker",
                "Marker",
            ),
            "DBParameterGroups",
            "DBParameterGroupArn",
        )
    },
    Entry {
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
    },
];
