//! IAM.

use super::{call, everywhere, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Items, Prepare, Take};

/// One part of everything that IAM knows of an account; whole documents, policies included, a thousand a page.
const fn details(
    kind: &'static str,
    args: &'static [(&'static str, Arg)],
    items: &'static str,
) -> Entry {
    Entry {
        sweeps: everywhere(),
        ..listed(
            kind,
            "iam",
            paged("GetAccountAuthorizationDetails", args, "Marker", "Marker"),
            items,
            "Arn",
        )
    }
}

pub const ENTRIES: &[Entry] = &[
    Entry {
        sweeps: everywhere(),
        items: Items::Answer,
        id: Id::Template("arn:{partition}:iam::{account}:root"),
        facts: &[
            Fact {
                absent: &["NoSuchEntity"],
                ..fact(
                    "PasswordPolicy",
                    call("GetAccountPasswordPolicy", &[]),
                    Take::Field("PasswordPolicy"),
                )
            },
            // What `aws.iam.Role` lacks: how long a session of each may last.
            fact(
                "Roles",
                paged(
                    "ListRoles",
                    &[("MaxItems", Arg::Text("1000"))],
                    "Marker",
                    "Marker",
                ),
                Take::List("Roles"),
            ),
        ],
        ..listed(
            "aws.iam.Account",
            "iam",
            call("GetAccountSummary", &[]),
            "",
            "",
        )
    },
    Entry {
        sweeps: everywhere(),
        prepare: Some(Prepare {
            call: call("GenerateCredentialReport", &[]),
            field: "State",
            done: "COMPLETE",
        }),
        items: Items::Csv {
            at: "Content",
            columns: &[
                "user",
                "arn",
                "user_creation_time",
                "password_enabled",
                "password_last_used",
                "password_last_changed",
                "password_next_rotation",
                "mfa_active",
                "access_key_1_active",
                "access_key_1_last_rotated",
                "access_key_1_last_used_date",
                "access_key_1_last_used_region",
                "access_key_1_last_used_service",
                "access_key_2_active",
                "access_key_2_last_rotated",
                "access_key_2_last_used_date",
                "access_key_2_last_used_region",
                "access_key_2_last_used_service",
                "cert_1_active",
                "cert_1_last_rotated",
                "cert_2_active",
                "cert_2_last_rotated",
            ],
        },
        id: Id::Field("arn"),
        ..listed(
            "aws.iam.CredentialReport",
            "iam",
            call("GetCredentialReport", &[]),
            "",
            "",
        )
    },
    details(
        "aws.iam.Group",
        &[
            ("Filter.member.1", Arg::Text("Group")),
            ("MaxItems", Arg::Text("1000")),
        ],
        "GroupDetailList",
    ),
    Entry {
        sweeps: everywhere(),
        ..listed(
            "aws.iam.OIDCProvider",
            "iam",
            call("ListOpenIDConnectProviders", &[]),
            "OpenIDConnectProviderList",
            "Arn",
        )
    },
    // Customer managed ones; those of AWS are known by their names.
    details(
        "aws.iam.Policy",
        &[
            ("Filter.member.1", Arg::Text("LocalManagedPolicy")),
            ("MaxItems", Arg::Text("1000")),
        ],
        "Policies",
    ),
    details(
        "aws.iam.Role",
        &[
            ("Filter.member.1", Arg::Text("Role")),
            ("MaxItems", Arg::Text("1000")),
        ],
        "RoleDetailList",
    ),
    details(
        "aws.iam.User",
        &[
            ("Filter.member.1", Arg::Text("User")),
            ("MaxItems", Arg::Text("1000")),
        ],
        "UserDetailList",
    ),
];
