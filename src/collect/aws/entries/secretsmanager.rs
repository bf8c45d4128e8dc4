//! Secrets Manager: what is told of secrets, never their values.

use super::{fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[Entry {
    facts: &[Fact {
        gone: &["ResourceNotFoundException"],
        ..fact(
            "Versions",
            paged(
                "ListSecretVersionIds",
                &[
                    ("SecretId", Arg::Field("ARN")),
                    ("MaxResults", Arg::Text("100")),
                ],
                "NextToken",
                "NextToken",
            ),
            Take::List("Versions"),
        )
    }],
    ..listed(
        "aws.secretsmanager.Secret",
        "secretsmanager",
        paged(
            "ListSecrets",
            &[("MaxResults", Arg::Text("100"))],
            "NextToken",
            "NextToken",
        ),
        "SecretList",
        "ARN",
    )
}];
