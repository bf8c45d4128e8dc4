//! What a scan may do in an account, and what it will ask: from the table and the plan, without asking anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::entries::entries;
use super::table::{Call, Entry, Fact, Reach, Sweep, own_calls, service_of};
use super::{Regions, shapes};
use crate::collect::Plan;
use crate::model::Kind;

/// The IAM policy that allows exactly what the plan asks for. `sts:GetCallerIdentity` needs no permission.
pub fn policy(plan: &Plan, all_regions: bool) -> Value {
    let mut actions: BTreeSet<String> = BTreeSet::new();
    for (entry, facts) in planned(plan) {
        let own = own_calls(entry).map(|call| (entry.service, call));
        let facts = facts.iter();
        let facts = facts.map(|fact| (service_of(entry, fact), &fact.call));
        for (service, call) in own.chain(facts) {
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
pub fn planned_calls(plan: &Plan, regions: &Regions) -> Vec<String> {
    let mut found = vec!["sts:GetCallerIdentity".to_owned()];
    if *regions == Regions::All {
        found.push("ec2:DescribeRegions".to_owned());
    }
    let regions = regions.names();
    for (entry, facts) in planned(plan) {
        for sweep in entry.sweeps {
            let places: Vec<&str> = match sweep.reach {
                Reach::Regional => regions.iter().map(String::as_str).collect(),
                Reach::Global { .. } => vec!["the home region of the partition"],
            };
            for place in places {
                found.extend(swept(entry, &facts, sweep, place));
            }
        }
    }
    found
}

/// What reading an entry asks, in order.
pub fn asked(entry: &Entry, facts: &[&Fact]) -> Vec<String> {
    let own = |call: &Call| named(entry.service, call.operation);
    let prepare = entry.prepare.as_ref().map(|prepare| own(&prepare.call));
    let parent = entry.parent.as_ref().map(|parent| own(&parent.call));
    let describe = entry.describe.as_ref().map(|describe| own(&describe.call));
    let facts = facts.iter();
    let facts = facts.map(|fact| named(service_of(entry, fact), fact.call.operation));
    let own = [prepare, parent, Some(own(&entry.list)), describe];
    own.into_iter().flatten().chain(facts).collect()
}

/// What one list in one place takes.
fn swept(entry: &Entry, facts: &[&Fact], sweep: &Sweep, place: &str) -> Vec<String> {
    let own = |call: &Call| named(entry.service, call.operation);
    let prepare = entry.prepare.as_ref().map(|prepare| own(&prepare.call));
    let parent = entry.parent.as_ref().map(|parent| own(&parent.call));
    let args = sweep.args.iter();
    let args: String = args
        .map(|(name, value)| format!(" {name}={value}"))
        .collect();
    let each = match &parent {
        Some(parent) => format!(", for each of {parent}"),
        None => String::new(),
    };
    let list = format!("{}{args} in {place}{each}", own(&entry.list));
    let describe = entry.describe.iter().map(|describe| own(&describe.call));
    let facts = facts.iter();
    let facts = facts.map(|fact| named(service_of(entry, fact), fact.call.operation));
    let before = prepare.into_iter().chain(parent);
    let after = describe.chain(facts);
    before
        .map(|call| format!("{call} in {place}"))
        .chain([list])
        .chain(after.map(|call| format!("{call} in {place}, for each {}", entry.kind)))
        .collect()
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
        let regions = Regions::Named(vec!["eu-west-1".to_owned(), "us-east-1".to_owned()]);
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

    #[test]
    fn planned_calls_stand_in_the_order_in_which_they_are_asked() {
        let calls = |kind: &str, fields: &[&str], regions| {
            planned_calls(&plan(&[(kind, fields)]), &regions)
        };
        assert_eq!(
            calls("aws.ecs.Service", &[], Regions::All),
            [
                "sts:GetCallerIdentity",
                "ec2:DescribeRegions",
                "ecs:ListClusters in each enabled region",
                "ecs:ListServices in each enabled region, for each of ecs:ListClusters",
                "ecs:DescribeServices in each enabled region, for each aws.ecs.Service",
            ]
        );
        let report = calls("aws.iam.CredentialReport", &[], Regions::Home);
        assert_eq!(
            report,
            [
                "sts:GetCallerIdentity",
                "iam:GenerateCredentialReport in the home region of the partition",
                "iam:GetCredentialReport in the home region of the partition",
            ]
        );
    }
}
