//! Classic load balancers, which Elastic Load Balancing reads with an API of their own.

use super::{call, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Take};

/// A list that is asked for each load balancer.
const fn of_balancer(field: &'static str, operation: &'static str, list: &'static str) -> Fact {
    Fact {
        gone: &["LoadBalancerNotFound"],
        ..fact(
            field,
            call(
                operation,
                &[("LoadBalancerName", Arg::Field("LoadBalancerName"))],
            ),
            Take::List(list),
        )
    }
}

pub const ENTRIES: &[Entry] = &[Entry {
    id: Id::Template(
        "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}",
    ),
    facts: &[
        of_balancer("InstanceStates", "DescribeInstanceHealth", "InstanceStates"),
        of_balancer(
            "PolicyDescriptions",
            "DescribeLoadBalancerPolicies",
            "PolicyDescriptions",
        ),
    ],
    ..listed(
        "aws.elb.LoadBalancer",
        "elb",
        paged(
            "DescribeLoadBalancers",
            &[("PageSize", Arg::Text("400"))],
            "Marker",
            "NextMarker",
        ),
        "LoadBalancerDescriptions",
        "",
    )
}];
