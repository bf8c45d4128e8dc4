//! App Runner.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Call, Describe, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[
    Entry {
        describe: Some(Describe {
            call: call(
                "DescribeAutoScalingConfiguration",
                &[(
                    "AutoScalingConfigurationArn",
                    Arg::Field("AutoScalingConfigurationArn"),
                )],
            ),
            at: "AutoScalingConfiguration",
            seed: &[("AutoScalingConfigurationArn", "AutoScalingConfigurationArn")],
            gone: &["ResourceNotFoundException"],
        }),
        ..listed(
            "aws.apprunner.AutoScalingConfiguration",
            "apprunner",
            // A service keeps the revision that it was given.
            paged(
                "ListAutoScalingConfigurations",
                &[("LatestOnly", Arg::Text("false"))],
                "NextToken",
                "NextToken",
            ),
            "AutoScalingConfigurationSummaryList",
            "AutoScalingConfigurationArn",
        )
    },
    Entry {
        describe: Some(Describe {
            call: call(
                "DescribeService",
                &[("ServiceArn", Arg::Field("ServiceArn"))],
            ),
            at: "Service",
            seed: &[("ServiceArn", "ServiceArn"), ("ServiceName", "ServiceName")],
            gone: &["ResourceNotFoundException"],
        }),
        facts: &[Fact {
            service: Some("wafv2"),
            absent: &["WAFNonexistentItemException"],
            ..fact(
                "WebACL",
                Call {
                    // WAF also verifies that the caller may read the web ACL that it finds, and asks App Runner.
                    also: &["apprunner:DescribeWebAclForService", "wafv2:GetWebACL"],
                    ..call(
                        "GetWebACLForResource",
                        &[("ResourceArn", Arg::Field("ServiceArn"))],
                    )
                },
                Take::Field("WebACL"),
            )
        }],
        ..listed(
            "aws.apprunner.Service",
            "apprunner",
            paged("ListServices", &[], "NextToken", "NextToken"),
            "ServiceSummaryList",
            "ServiceArn",
        )
    },
];
