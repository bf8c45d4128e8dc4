//! EC2.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Items, Take};

const THOUSAND: (&str, Arg) = ("MaxResults", Arg::Text("1000"));
const HUNDRED: (&str, Arg) = ("MaxResults", Arg::Text("100"));
// Services can hide what they manage from a list.
const MANAGED: (&str, Arg) = ("IncludeManagedResources", Arg::Text("true"));

pub const ENTRIES: &[Entry] = &[
    Entry {
        items: Items::Answer,
        id: Id::Template("arn:{partition}:ec2:{region}:{account}:ebs-encryption-by-default"),
        ..listed(
            "aws.ec2.EbsEncryption",
            "ec2",
            call("GetEbsEncryptionByDefault", &[]),
            "",
            "",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{FlowLogId}"),
        ..listed(
            "aws.ec2.FlowLog",
            "ec2",
            paged("DescribeFlowLogs", &[THOUSAND], "NextToken", "NextToken"),
            "FlowLogs",
            "",
        )
    },
    // AWS's own and the account's.
    Entry {
        facts: &[Fact {
            gone: &["InvalidPrefixListID.NotFound"],
            ..fact(
                "Entries",
                paged(
                    "GetManagedPrefixListEntries",
                    &[("PrefixListId", Arg::Field("PrefixListId")), HUNDRED],
                    "NextToken",
                    "NextToken",
                ),
                Take::List("Entries"),
            )
        }],
        ..listed(
            "aws.ec2.ManagedPrefixList",
            "ec2",
            paged(
                "DescribeManagedPrefixLists",
                &[HUNDRED],
                "NextToken",
                "NextToken",
            ),
            "PrefixLists",
            "PrefixListArn",
        )
    },
    Entry {
        id: Id::Template(
            "arn:{partition}:ec2:{region}:{OwnerId}:network-interface/{NetworkInterfaceId}",
        ),
        ..listed(
            "aws.ec2.NetworkInterface",
            "ec2",
            paged(
                "DescribeNetworkInterfaces",
                &[THOUSAND, MANAGED],
                "NextToken",
                "NextToken",
            ),
            "NetworkInterfaces",
            "",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}"),
        ..listed(
            "aws.ec2.RouteTable",
            "ec2",
            paged(
                "DescribeRouteTables",
                &[("MaxResults", Arg::Text("100"))],
                "NextToken",
                "NextToken",
            ),
            "RouteTables",
            "",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{OwnerId}:security-group/{GroupId}"),
        ..listed(
            "aws.ec2.SecurityGroup",
            "ec2",
            paged(
                "DescribeSecurityGroups",
                &[THOUSAND],
                "NextToken",
                "NextToken",
            ),
            "SecurityGroups",
            "",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{account}:snapshot/{SnapshotId}"),
        ..listed(
            "aws.ec2.Snapshot",
            "ec2",
            paged(
                "DescribeSnapshots",
                &[
                    // Without an owner, every public snapshot there is.
                    ("Owner.1", Arg::Text("self")),
                    ("Filter.1.Name", Arg::Text("owner-id")),
                    ("Filter.1.Value.1", Arg::Account),
                    ("MaxResults", Arg::Text("1000")),
                ],
                "NextToken",
                "NextToken",
            ),
            "Snapshots",
            "",
        )
    },
    listed(
        "aws.ec2.Subnet",
        "ec2",
        paged(
            "DescribeSubnets",
            &[("MaxResults", Arg::Text("1000"))],
            "NextToken",
            "NextToken",
        ),
        "Subnets",
        "SubnetArn",
    ),
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}"),
        ..listed(
            "aws.ec2.Volume",
            "ec2",
            paged(
                "DescribeVolumes",
                &[("MaxResults", Arg::Text("500")), MANAGED],
                "NextToken",
                "NextToken",
            ),
            "Volumes",
            "",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:ec2:{region}:{OwnerId}:vpc/{VpcId}"),
        ..listed(
            "aws.ec2.Vpc",
            "ec2",
            paged("DescribeVpcs", &[THOUSAND], "NextToken", "NextToken"),
            "Vpcs",
            "",
        )
    },
];
