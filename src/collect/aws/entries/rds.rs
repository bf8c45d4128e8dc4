//! RDS.

use super::{fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[
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
        "aws.rds.DBClusterSnapshot",
        "rds",
        paged(
            "DescribeDBClusterSnapshots",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "DBClusterSnapshots",
        "DBClusterSnapshotArn",
    ),
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
    listed(
        "aws.rds.DBSnapshot",
        "rds",
        paged(
            "DescribeDBSnapshots",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "DBSnapshots",
        "DBSnapshotArn",
    ),
    listed(
        "aws.rds.DBSubnetGroup",
        "rds",
        paged(
            "DescribeDBSubnetGroups",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "DBSubnetGroups",
        "DBSubnetGroupArn",
    ),
    listed(
        "aws.rds.OptionGroup",
        "rds",
        paged(
            "DescribeOptionGroups",
            &[("MaxRecords", Arg::Text("100"))],
            "Marker",
            "Marker",
        ),
        "OptionGroupsList",
        "OptionGroupArn",
    ),
];
