//! What a scan may do in an account, and what it will ask: from the table and the plan, without asking anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::entries::entries;
use super::shapes;
use super::table::{Call, Entry, Fact, Reach, own_calls, service_of};
use crate::collect::Plan;
use crate::model::Kind;

/// The IAM policy that allows exactly what the plan asks for. `sts:GetCallerIdentity` needs no permission.
pub fn policy(plan: &Plan, all_regions: bool) -> Value {
    let mut actions: BTreeSet<String> = BTreeSet::new();
    for (entry, facts) in planned(plan) {
        for (service, call) in calls(entry, &facts) {
            actions.insert(permission(service, call.operation));
            actions.extend(call.also.iter().map(|also| (*also).to_owned()));
        }
    }
    if all_regions {
        actions.insert("ec2:DescribeRegions".to_owned());
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Soc2scanReadsConfiguration",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}

/// The calls that a scan of these regions would make, in words; none is made.
pub fn planned_calls(plan: &Plan, regions: &[String]) -> Vec<String> {
    let mut found = vec!["sts:GetCallerIdentity".to_owned()];
    for (entry, facts) in planned(plan) {
        for sweep in entry.sweeps {
            let places: Vec<&str> = match sweep.reach {
                Reach::Regional => regions.iter().map(String::as_str).collect(),
                Reach::Global { .. } => vec!["the home region of the partition"],
            };
            let args: String = sweep
                .args
                .iter()
                .map(|(name, value)| format!(" {name}={value}"))
                .collect();
            for place in places {
                let list = named(entry.service, entry.list.operation);
                found.push(format!("{list}{args} in {place}"));
                for (service, call) in calls(entry, &facts).skip(1) {
                    let each = named(service, call.operation);
                    found.push(format!("{each} in {place}, for each {}", entry.kind));
                }
            }
        }
    }
    found
}

/// The entries that a plan asks for, with the facts of each that it reads.
pub fn planned(plan: &Plan) -> impl Iterator<Item = (&'static Entry, Vec<&'static Fact>)> {
    entries().filter_map(|entry| {
        let fields = plan.kinds.get(&Kind::new(entry.kind))?;
        let facts = entry.facts.iter();
        Some((
            entry,
            facts.filter(|fact| fields.contains(fact.field)).collect(),
        ))
    })
}

/// The list first, then what is asked of each resource.
fn calls<'a>(
    entry: &'static Entry,
    facts: &'a [&'static Fact],
) -> impl Iterator<Item = (&'static str, &'static Call)> + 'a {
    let facts = facts.iter();
    own_calls(entry)
        .map(|call| (entry.service, call))
        .chain(facts.map(|fact| (service_of(entry, fact), &fact.call)))
}

/// An operation's name in reports: `rds:DescribeDBInstances`.
pub fn named(service: &str, operation: &str) -> String {
    format!("{}:{operation}", prefix(service))
}

/// The permission that an operation needs. It has the operation's name, but for a few of the oldest services.
pub fn permission(service: &str, operation: &str) -> String {
    let action = match (service, operation) {
        ("apigateway" | "apigatewayv2", _) => "GET",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
        ("s3", "GetBucketReplication") => "GetReplicationConfiguration",
        ("s3", "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        _ => operation,
    };
    format!("{}:{action}", prefix(service))
}

/// The service's name in permissions: the one in signatures, but for one.
fn prefix(service: &str) -> &str {
    match service {
        "cloudwatch" => "cloudwatch",
        _ => shapes::service(service).map_or(service, |service| &service.signing),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn plan(kinds: &[(&str, &[&str])]) -> Plan {
        let kinds = kinds.iter().map(|(kind, fields)| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            (Kind::new(*kind), fields)
        });
        Plan {
            kinds: BTreeMap::from_iter(kinds),
            ..Plan::default()
        }
    }

    #[test]
    fn the_policy_holds_what_the_plan_asks_for_and_nothing_else() {
        let plan = plan(&[
            ("aws.elbv2.LoadBalancer", &["Scheme", "WebACL"]),
            ("aws.kms.Key", &["KeyState"]),
            ("k8s.Deployment", &["spec"]),
        ]);
        let policy = policy(&plan, false);
        assert_eq!(
            policy["Statement"][0]["Action"],
            json!([
                "elasticloadbalancing:DescribeLoadBalancers",
                "kms:DescribeKey",
                "kms:ListKeys",
                "wafv2:GetWebACL",
                "wafv2:GetWebACLForResource",
            ])
        );
    }

    #[test]
    fn the_two_services_of_api_gateway_share_one_permission() {
        let plan = plan(&[
            ("aws.apigateway.RestApi", &["Stages"]),
            ("aws.apigatewayv2.Api", &["Stages"]),
        ]);
        let actions = &policy(&plan, false)["Statement"][0]["Action"];
        assert_eq!(actions, &json!(["apigateway:GET"]));
    }

    #[test]
    fn listing_the_regions_needs_a_permission_of_its_own() {
        let actions = &policy(&plan(&[]), true)["Statement"][0]["Action"];
        assert_eq!(actions, &json!(["ec2:DescribeRegions"]));
    }

    #[test]
    fn planned_calls_name_every_region_and_every_list() {
        let plan = plan(&[("aws.wafv2.WebACL", &["Rules"])]);
        let regions = ["eu-west-1".to_owned(), "us-east-1".to_owned()];
        assert_eq!(
            planned_calls(&plan, &regions),
            [
                "sts:GetCallerIdentity",
                "wafv2:ListWebACLs Scope=REGIONAL in eu-west-1",
                "wafv2:GetWebACL in eu-west-1, for each aws.wafv2.WebACL",
                "wafv2:ListWebACLs Scope=REGIONAL in us-east-1",
                "wafv2:GetWebACL in us-east-1, for each aws.wafv2.WebACL",
                "wafv2:ListWebACLs Scope=CLOUDFRONT in the home region of the partition",
                "wafv2:GetWebACL in the home region of the partition, for each aws.wafv2.WebACL",
            ]
        );
    }
}
