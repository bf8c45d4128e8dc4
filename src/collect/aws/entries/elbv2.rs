//! Elastic Load Balancing.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Call, Entry, Fact, Parent, Take};

const BALANCERS: Call = paged("DescribeLoadBalancers", &[], "Marker", "NextMarker");

pub const ENTRIES: &[Entry] = &[
    Entry {
        parent: Some(Parent {
            call: BALANCERS,
            at: "LoadBalancers",
            fields: &[],
            gone: &["LoadBalancerNotFound"],
        }),
        facts: &[Fact {
            // Only application load balancers have rules beside the default actions.
            when: &[("Protocol", &["HTTP", "HTTPS"])],
            gone: &["ListenerNotFound"],
            ..fact(
                "Rules",
                paged(
                    "DescribeRules",
                    &[
                        ("ListenerArn", Arg::Field("ListenerArn")),
                        ("PageSize", Arg::Text("400")),
                    ],
                    "Marker",
                    "NextMarker",
                ),
                Take::List("Rules"),
            )
        }],
        ..listed(
            "aws.elbv2.Listener",
            "elbv2",
            paged(
                "DescribeListeners",
                &[("LoadBalancerArn", Arg::Parent("LoadBalancerArn"))],
                "Marker",
                "NextMarker",
            ),
            "Listeners",
            "ListenerArn",
        )
    },
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
            BALANCERS,
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
