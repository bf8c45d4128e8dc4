//! Data Firehose.

use super::{call, listed};
use crate::collect::aws::table::{Arg, Describe, Entry, Id};

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template("arn:{partition}:firehose:{region}:{account}:deliverystream/{item}"),
    describe: Some(Describe {
        call: call(
            "DescribeDeliveryStream",
            &[("DeliveryStreamName", Arg::Item)],
        ),
        at: "DeliveryStreamDescription",
        seed: &[("DeliveryStreamName", "")],
        gone: &["ResourceNotFoundException"],
    }),
    ..listed(
        "aws.firehose.DeliveryStream",
        "firehose",
        // It has no token; a page this long is more than an account may have.
        call("ListDeliveryStreams", &[("Limit", Arg::Text("10000"))]),
        "DeliveryStreamNames",
        "",
    )
}];
