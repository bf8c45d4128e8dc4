//! IAM Identity Center.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Describe, Entry, Fact, Id, Parent, Take};

/// The permission set that was listed.
const SET: &[(&str, Arg)] = &[
    ("InstanceArn", Arg::Parent("InstanceArn")),
    ("PermissionSetArn", Arg::Field("PermissionSetArn")),
];

pub const ENTRIES: &[Entry] = &[Entry {
    parent: Some(Parent {
        call: paged(
            "ListInstances",
            &[("MaxResults", Arg::Text("100"))],
            "NextToken",
            "NextToken",
        ),
        at: "Instances",
        fields: &[("InstanceArn", "InstanceArn")],
        gone: &["ResourceNotFoundException"],
    }),
    id: Id::Template("{item}"),
    describe: Some(Describe {
        call: call(
            "DescribePermissionSet",
            &[
                ("InstanceArn", Arg::Parent("InstanceArn")),
                ("PermissionSetArn", Arg::Item),
            ],
        ),
        at: "PermissionSet",
        seed: &[("PermissionSetArn", "")],
        gone: &["ResourceNotFoundException"],
    }),
    facts: &[
        Fact {
            gone: &["ResourceNotFoundException"],
            ..fact(
                "AttachedManagedPolicies",
                paged(
                    "ListManagedPoliciesInPermissionSet",
                    SET,
                    "NextToken",
                    "NextToken",
                ),
                Take::List("AttachedManagedPolicies"),
            )
        },
        // The policies themselves are in the accounts.
        Fact {
            gone: &["ResourceNotFoundException"],
            ..fact(
                "CustomerManagedPolicyReferences",
                paged(
                    "ListCustomerManagedPolicyReferencesInPermissionSet",
                    SET,
                    "NextToken",
                    "NextToken",
                ),
                Take::List("CustomerManagedPolicyReferences"),
            )
        },
        Fact {
            gone: &["ResourceNotFoundException"],
            ..fact(
                "InlinePolicy",
                call("GetInlinePolicyForPermissionSet", SET),
                Take::Field("InlinePolicy"),
            )
        },
    ],
    ..listed(
        "aws.sso.PermissionSet",
        "sso",
        paged(
            "ListPermissionSets",
            &[
                ("InstanceArn", Arg::Parent("InstanceArn")),
                ("MaxResults", Arg::Text("100")),
            ],
            "NextToken",
            "NextToken",
        ),
        "PermissionSets",
        "",
    )
}];
