//! Elastic Load Balancing.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Call, Entry, Fact, Take};

pub const ENTRIES: &[Entry] = &[
    Entry {
        facts: &[
            Fact {
                gone: &["LoadBalancerNotFound"],
                ..fact(
                    "Listeners",
                    paged(
                        "DescribeListeners",
                        &[("LoadBalancerArn", Arg::Field("LoadBalancerArn"))],
                        "Marker",
                        "NextMarker",
                    ),
                    Take::List("Listeners"),
                )
            },
            Fact {
                gone: &["LoadBalancerNotFound"],
                ..fact(
                    "Attributes",
                    call(
                        "DescribeLoadBalancerAttributes",
                        &[("LoadBalancerArn", Arg::Field("LoadBalancerArn"))],
                    ),
                    Take::Pairs("Attributes"),
                )
            },
            Fact {
                service: Some("wafv2"),
                // Only application load balancers can have a web ACL.
                when: &[("Type", &["application"])],
                absent: &["WAFNonexistentItemException"],
                ..fact(
                    "WebACL",
                    Call {
                        // WAF also verifies that the caller may read the web ACL that it finds.
                        also: &["wafv2:GetWebACL"],
                        ..call(
                            "GetWebACLForResource",
                            &[("ResourceArn", Arg::Field("LoadBalancerArn"))],
                        )
                    },
                    Take::Field("WebACL"),
                )
            },
        ],
        ..listed(
            "aws.elbv2.LoadBalancer",
            "elbv2",
            paged("DescribeLoadBalancers", &[], "Marker", "NextMarker"),
            "LoadBalancers",
            "LoadBalancerArn",
        )
    },
    Entry {
        facts: &[Fact {
            gone: &["TargetGroupNotFound"],
            ..fact(
                "TargetHealthDescriptions",
                call(
                    "DescribeTargetHealth",
                    &[("TargetGroupArn", Arg::Field("TargetGroupArn"))],
                ),
                Take::List("TargetHealthDescriptions"),
            )
        }],
        ..listed(
            "aws.elbv2.TargetGroup",
            "elbv2",
            paged(
                "DescribeTargetGroups",
                &[("PageSize", Arg::Text("400"))],
                "Marker",
                "NextMarker",
            ),
            "TargetGroups",
            "TargetGroupArn",
        )
    },
];
