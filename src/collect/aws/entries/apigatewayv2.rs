//! API Gateway, HTTP and WebSocket APIs.

use super::{fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Take};

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template("arn:{partition}:apigateway:{region}::/apis/{ApiId}"),
    facts: &[Fact {
        gone: &["NotFoundException"],
        ..fact(
            "Stages",
            paged(
                "GetStages",
                &[("ApiId", Arg::Field("ApiId"))],
                "NextToken",
                "NextToken",
            ),
            Take::List("Items"),
        )
    }],
    ..listed(
        "aws.apigatewayv2.Api",
        "apigatewayv2",
        paged("GetApis", &[], "NextToken", "NextToken"),
        "Items",
        "",
    )
}];
