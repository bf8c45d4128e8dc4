//! CloudFront.

use super::{listed, paged};
use crate::collect::aws::table::{Entry, Items, Reach, Sweep};

pub const ENTRIES: &[Entry] = &[Entry {
    sweeps: &[Sweep {
        reach: Reach::Global {
            partitions: &["aws", "aws-cn"],
        },
        args: &[],
        fields: &[],
    }],
    items: Items::Sparse("DistributionList.Items"),
    ..listed(
        "aws.cloudfront.Distribution",
        "cloudfront",
        paged(
            "ListDistributions",
            &[],
            "Marker",
            "DistributionList.NextMarker",
        ),
        "",
        "ARN",
    )
}];
