//! KMS.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[
    listed(
        "aws.kms.Alias",
        "kms",
        paged(
            "ListAliases",
            &[("Limit", Arg::Text("100"))],
            "Marker",
            "NextMarker",
        ),
        "Aliases",
        "AliasArn",
    ),
    Entry {
        describe: Some(Describe {
            call: call("DescribeKey", &[("KeyId", Arg::Field("KeyId"))]),
            at: "KeyMetadata",
            seed: &[("KeyId", "KeyId"), ("Arn", "KeyArn")],
            gone: &["NotFoundException"],
        }),
        facts: &[Fact {
            // Asymmetric and HMAC keys, imported material, custom key stores, and keys of AWS have no rotation to ask
            // for; keys that are pending answer an error.
            when: &[
                ("KeyManager", &["CUSTOMER"]),
                ("KeySpec", &["SYMMETRIC_DEFAULT"]),
                ("Origin", &["AWS_KMS"]),
                ("KeyState", &["Enabled", "Disabled"]),
            ],
            absent: &["UnsupportedOperationException"],
            gone: &["NotFoundException"],
            ..fact(
                "KeyRotationStatus",
                call("GetKeyRotationStatus", &[("KeyId", Arg::Field("KeyId"))]),
                Take::Answer,
            )
        }],
        ..listed(
            "aws.kms.Key",
            "kms",
            paged(
                "ListKeys",
                &[("Limit", Arg::Text("1000"))],
                "Marker",
                "NextMarker",
            ),
            "Keys",
            "KeyArn",
        )
    },
];
