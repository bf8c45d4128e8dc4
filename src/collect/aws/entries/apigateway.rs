//! API Gateway, REST APIs.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Items, Take};

const API: (&str, Arg) = ("restApiId", Arg::Field("id"));
const LIMIT: (&str, Arg) = ("limit", Arg::Text("500"));

const fn gone(fact: Fact) -> Fact {
    Fact {
        gone: &["NotFoundException"],
        ..fact
    }
}

pub const ENTRIES: &[Entry] = &[Entry {
    items: Items::Sparse("items"),
    id: Id::Template("arn:{partition}:apigateway:{region}::/restapis/{id}"),
    facts: &[
        gone(fact(
            "RequestValidators",
            paged(
                "GetRequestValidators",
                &[API, LIMIT],
                "position",
                "position",
            ),
            Take::Sparse("items"),
        )),
        gone(fact(
            "Resources",
            paged(
                "GetResources",
                &[API, LIMIT, ("embed", Arg::Text("methods"))],
                "position",
                "position",
            ),
            Take::Sparse("items"),
        )),
        gone(fact(
            "Stages",
            call("GetStages", &[API]),
            Take::Field("item"),
        )),
    ],
    ..listed(
        "aws.apigateway.RestApi",
        "apigateway",
        paged("GetRestApis", &[LIMIT], "position", "position"),
        "",
        "",
    )
}];
