//! Application Auto Scaling.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Entry, Id, Reach, Sweep};

/// A list for each service that is scaled, because none has them all.
const SCALED: &[Sweep] = &[Sweep {
    reach: Reach::Regional,
    args: &[("ServiceNamespace", "ecs")],
    fields: &[],
}];

pub const ENTRIES: &[Entry] = &[
    Entry {
        sweeps: SCALED,
        id: Id::Template(
            "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{ResourceId}/{ScalableDimension}",
        ),
        ..listed(
            "aws.applicationautoscaling.ScalableTarget",
            "applicationautoscaling",
            paged(
                "DescribeScalableTargets",
                &[("MaxResults", Arg::Text("50"))],
                "NextToken",
                "NextToken",
            ),
            "ScalableTargets",
            "",
        )
    },
    Entry {
        sweeps: SCALED,
        ..listed(
            "aws.applicationautoscaling.ScalingPolicy",
            "applicationautoscaling",
            paged(
                "DescribeScalingPolicies",
                &[("MaxResults", Arg::Text("10"))],
                "NextToken",
                "NextToken",
            ),
            "ScalingPolicies",
            "PolicyARN",
        )
    },
];
