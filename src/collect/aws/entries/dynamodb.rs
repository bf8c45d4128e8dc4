//! DynamoDB.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Call, Describe, Entry, Fact, Id, Take};

const TABLE: &[(&str, Arg)] = &[("TableName", Arg::Field("TableName"))];

/// A table's setting.
const fn setting(field: &'static str, call: Call, take: Take) -> Fact {
    Fact {
        gone: &["ResourceNotFoundException", "TableNotFoundException"],
        ..fact(field, call, take)
    }
}

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template("arn:{partition}:dynamodb:{region}:{account}:table/{item}"),
    describe: Some(Describe {
        call: call("DescribeTable", &[("TableName", Arg::Item)]),
        at: "Table",
        seed: &[("TableName", "")],
        gone: &["ResourceNotFoundException"],
    }),
    facts: &[
        setting(
            "ContinuousBackupsDescription",
            call("DescribeContinuousBackups", TABLE),
            Take::Field("ContinuousBackupsDescription"),
        ),
        setting(
            "TimeToLiveDescription",
            call("DescribeTimeToLive", TABLE),
            Take::Field("TimeToLiveDescription"),
        ),
        setting(
            "Tags",
            paged(
                "ListTagsOfResource",
                &[("ResourceArn", Arg::Field("TableArn"))],
                "NextToken",
                "NextToken",
            ),
            Take::List("Tags"),
        ),
    ],
    ..listed(
        "aws.dynamodb.Table",
        "dynamodb",
        paged(
            "ListTables",
            &[("Limit", Arg::Text("100"))],
            "ExclusiveStartTableName",
            "LastEvaluatedTableName",
        ),
        "TableNames",
        "",
    )
}];
