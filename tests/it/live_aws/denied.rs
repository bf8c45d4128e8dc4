//! Permissions: what is missing is unread, and what is printed is enough.

use super::*;

/// The promise that this program exists for.
#[tokio::test]
async fn six_denied_operations_make_exactly_their_facts_unread() {
    const DENIED: [&str; 6] = [
        "eks:DescribeCluster",
        "elasticloadbalancing:DescribeListeners",
        "kms:GetKeyRotationStatus",
        "logs:DescribeLogGroups",
        "rds:DescribeDBInstances",
        "wafv2:GetWebACLForResource",
    ];
    let (mut whole, _) = through(|_| Act::Pass, everything()).await;
    let (mut torn, _) = through(
        |asked| {
            if DENIED.contains(&asked.name().as_str()) {
                denied(asked)
            } else {
                Act::Pass
            }
        },
        everything(),
    )
    .await;

    let marker = |found: &Value| soc2scan::model::unread_in(found).expect("an unread marker");
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut check = |unread: &Unread, permission: &str| {
        assert_eq!(unread.reason, Reason::Denied);
        assert_eq!(unread.operation, permission);
        assert_eq!(unread.permission.as_deref(), Some(permission));
        named.insert(permission.to_owned());
    };
    // Lists: their coverage says so, and none of their resources is there.
    for (kind, permission) in [
        ("aws.rds.DBInstance", "rds:DescribeDBInstances"),
        ("aws.logs.LogGroup", "logs:DescribeLogGroups"),
    ] {
        check(unread(coverage(&torn, kind)), permission);
        assert!(of(&torn, kind).is_empty());
    }
    // Whole documents: the names stay.
    for cluster in of(&torn, "aws.eks.Cluster") {
        check(&marker(&cluster.document), "eks:DescribeCluster");
        let name = cluster.id.as_str().rsplit('/').next().unwrap();
        assert_eq!(cluster.document["name"], name);
        assert_eq!(cluster.document.as_object().unwrap().len(), 2);
    }
    // Single facts: everything else of the document stays.
    let mut facts = 0;
    let mut fact = |resource: &mut Resource, field: &str, permission: &str| {
        check(&marker(&resource.document[field]), permission);
        resource.document.as_object_mut().unwrap().remove(field);
        facts += 1;
    };
    for resource in &mut torn.resources {
        match resource.kind.as_str() {
            "aws.elbv2.LoadBalancer" => {
                fact(
                    resource,
                    "Listeners",
                    "elasticloadbalancing:DescribeListeners",
                );
                if resource.document["Type"] == "application" {
                    fact(resource, "WebACL", "wafv2:GetWebACLForResource");
                }
            }
            "aws.kms.Key" if resource.document["KeySpec"] == "SYMMETRIC_DEFAULT" => {
                fact(resource, "KeyRotationStatus", "kms:GetKeyRotationStatus");
            }
            _ => {}
        }
    }
    assert_eq!(facts, 3 + 2 + 2);
    assert_eq!(named.iter().map(String::as_str).collect::<Vec<_>>(), DENIED);

    // Everything else is unchanged.
    for snapshot in [&mut whole, &mut torn] {
        let denied = ["aws.rds.DBInstance", "aws.logs.LogGroup"];
        snapshot
            .coverage
            .retain(|row| !denied.contains(&row.kind.as_str()));
        snapshot
            .resources
            .retain(|r| !denied.contains(&r.kind.as_str()) && r.kind.as_str() != "aws.eks.Cluster");
        for resource in &mut snapshot.resources {
            let document = resource.document.as_object_mut().unwrap();
            // The double's clock.
            document.remove("LatestRestorableTime");
            for field in ["Listeners", "WebACL", "KeyRotationStatus"] {
                document.remove(field);
            }
        }
    }
    assert_eq!(torn.coverage, whole.coverage);
    assert_eq!(torn.resources, whole.resources);
}
