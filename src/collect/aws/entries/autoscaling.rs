//! EC2 Auto Scaling.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Entry};

const LIMIT: &[(&str, Arg)] = &[("MaxRecords", Arg::Text("100"))];

pub const ENTRIES: &[Entry] = &[
    listed(
        "aws.autoscaling.AutoScalingGroup",
        "autoscaling",
        paged("DescribeAutoScalingGroups", LIMIT, "NextToken", "NextToken"),
        "AutoScalingGroups",
        "AutoScalingGroupARN",
    ),
    listed(
        "aws.autoscaling.ScalingPolicy",
        "autoscaling",
        paged("DescribePolicies", LIMIT, "NextToken", "NextToken"),
        "ScalingPolicies",
        "PolicyARN",
    ),
];
