//! Cognito user pools.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Id};

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template("arn:{partition}:cognito-idp:{region}:{account}:userpool/{Id}"),
    describe: Some(Describe {
        call: call("DescribeUserPool", &[("UserPoolId", Arg::Field("Id"))]),
        at: "UserPool",
        seed: &[("Id", "Id"), ("Name", "Name")],
        gone: &["ResourceNotFoundException"],
    }),
    ..listed(
        "aws.cognitoidp.UserPool",
        "cognitoidp",
        paged(
            "ListUserPools",
            &[("MaxResults", Arg::Text("60"))],
            "NextToken",
            "NextToken",
        ),
        "UserPools",
        "",
    )
}];
