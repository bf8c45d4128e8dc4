//! Systems Manager Parameter Store: what is told of parameters, never their values.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Entry, Id};

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::FirstOf(&["ARN", "Name"]),
    ..listed(
        "aws.ssm.Parameter",
        "ssm",
        paged(
            "DescribeParameters",
            &[("MaxResults", Arg::Text("50"))],
            "NextToken",
            "NextToken",
        ),
        "Parameters",
        "",
    )
}];
