//! What is read, to its last page, and what is not asked.

use super::*;

#[tokio::test]
async fn every_kind_is_read_with_its_real_values() {
    let (snapshot, _) = through(|_| Act::Pass, everything()).await;
    for row in &snapshot.coverage {
        assert!(row.is_complete(), "{row:?}");
    }
    let counts = HELD.map(|kind| (kind, of(&snapshot, kind).len()));
    assert_eq!(
        counts,
        [
            ("aws.ecr.Registry", 1),
            ("aws.ecr.Repository", 2),
            ("aws.eks.Cluster", 2),
            ("aws.elbv2.LoadBalancer", 3),
            ("aws.kms.Key", 3),
            ("aws.logs.LogGroup", 60),
            ("aws.rds.DBCluster", 1),
            ("aws.rds.DBClusterParameterGroup", 1),
            ("aws.rds.DBInstance", 2),
            ("aws.rds.DBParameterGroup", 2),
            ("aws.wafv2.WebACL", 2),
        ]
    );

    let orders = document(&snapshot, "aws.rds.DBInstance", ":db:orders");
    assert_eq!(orders["BackupRetentionPeriod"], 14);
    assert_eq!(orders["MultiAZ"], true);
    assert_eq!(
        orders["EnabledCloudwatchLogsExports"],
        json!(["postgresql"])
    );
    assert!(
        orders["LatestRestorableTime"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    let scratch = document(&snapshot, "aws.rds.DBInstance", ":db:scratch");
    assert_eq!(scratch["PubliclyAccessible"], true);
    assert!(scratch.get("LatestRestorableTime").is_none());
    assert!(scratch.get("KmsKeyId").is_none());
    let audited = document(&snapshot, "aws.rds.DBParameterGroup", ":pg:audited");
    assert_eq!(audited["Parameters"][0]["ParameterName"], "rds.force_ssl");

    let prod = document(&snapshot, "aws.eks.Cluster", ":cluster/prod");
    assert_eq!(prod["resourcesVpcConfig"]["endpointPublicAccess"], false);
    assert_eq!(
        prod["logging"]["clusterLogging"][0]["types"],
        json!(["api", "audit"])
    );
    let registry = document(&snapshot, "aws.ecr.Registry", ":registry");
    assert_eq!(
        registry["scanningConfiguration"]["rules"][0]["repositoryFilters"],
        json!([{"filter": "prod-*", "filterType": "WILDCARD"}])
    );
    let api = document(&snapshot, "aws.ecr.Repository", ":repository/api");
    assert_eq!(api["imageTagMutability"], "IMMUTABLE");

    let public = document(&snapshot, "aws.elbv2.LoadBalancer", "/app/public/");
    assert_eq!(public["Listeners"].as_array().unwrap().len(), 2);
    assert_eq!(public["Attributes"]["deletion_protection.enabled"], "false");
    assert_eq!(public["WebACL"]["Name"], "front");
    let bare = document(&snapshot, "aws.elbv2.LoadBalancer", "/app/bare/");
    assert_eq!(bare["Listeners"], json!([]));
    assert!(bare.get("WebACL").is_none());
    // A network load balancer cannot have a web ACL: nothing was asked, and the answer is none.
    let inside = document(&snapshot, "aws.elbv2.LoadBalancer", "/inside/");
    assert!(inside.get("WebACL").is_none());

    let edge = document(&snapshot, "aws.wafv2.WebACL", "/edge/");
    assert_eq!(edge["Scope"], "CLOUDFRONT");
    assert_eq!(edge["Rules"][1]["OverrideAction"], json!({"None": {}}));
    let front = document(&snapshot, "aws.wafv2.WebACL", "/front/");
    assert_eq!(front["Scope"], "REGIONAL");
    assert_eq!(
        front["Rules"][0]["Action"]["Block"]["CustomResponse"]["ResponseHeaders"],
        json!([{"Name": "x-reason", "Value": {"$redacted": {"len": 16}}}])
    );
    let scopes: Vec<Option<&str>> = of(&snapshot, "aws.wafv2.WebACL")
        .iter()
        .map(|r| r.scope.place())
        .collect();
    assert_eq!(scopes, [None, Some("us-east-1")]);

    let asked = &coverage(&snapshot, "aws.kms.Key").asked;
    assert_eq!(asked[..2], ["kms:ListKeys", "kms:DescribeKey"]);
    assert!(asked.contains(&"kms:GetKeyRotationStatus".to_owned()));
    let keys = of(&snapshot, "aws.kms.Key");
    let rotation = |description: &str| {
        let mut keys = keys.iter();
        let key = keys
            .find(|key| key.document["Description"] == description)
            .unwrap();
        key.document.get("KeyRotationStatus").cloned()
    };
    assert_eq!(
        rotation("application data").unwrap()["RotationPeriodInDays"],
        365
    );
    assert_eq!(
        rotation("never rotated").unwrap()["KeyRotationEnabled"],
        false
    );
    assert_eq!(rotation("signs tokens"), None);

    let logged = document(&snapshot, "aws.logs.LogGroup", "log-group:/app/00");
    assert_eq!(logged["retentionInDays"], 400);
    assert_eq!(
        serde_json::to_value(&snapshot.targets).unwrap(),
        json!([{"platform": "aws", "account": SEEDED, "regions": ["us-east-1"],
                "identity": format!("arn:aws:sts::{SEEDED}:user/moto")}])
    );
}

#[tokio::test]
async fn only_what_the_plan_names_is_asked_and_the_rest_is_marked_as_not_asked() {
    let mut plan = Plan::default();
    plan.kinds.insert(
        Kind::new("aws.elbv2.LoadBalancer"),
        BTreeSet::from(["Scheme".to_owned(), "WebACL".to_owned()]),
    );
    let planned = aws::planned_calls(&plan, &Regions::Named(vec!["us-east-1".to_owned()]));
    let (snapshot, proxy) = through(|_| Act::Pass, plan).await;
    let asked: BTreeSet<String> = proxy.asked().iter().map(Asked::name).collect();
    assert_eq!(
        asked.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "elasticloadbalancing:DescribeLoadBalancers",
            "sts:GetCallerIdentity",
            "wafv2:GetWebACLForResource"
        ]
    );
    assert_eq!(
        planned,
        [
            "sts:GetCallerIdentity",
            "elasticloadbalancing:DescribeLoadBalancers in us-east-1",
            "wafv2:GetWebACLForResource in us-east-1, for each aws.elbv2.LoadBalancer",
        ]
    );
    let public = document(&snapshot, "aws.elbv2.LoadBalancer", "/app/public/");
    assert_eq!(public["Scheme"], "internet-facing");
    let marker = soc2scan::model::unread_in(&public["Listeners"]).unwrap();
    assert_eq!(marker.reason, Reason::NotRecorded);
    assert_eq!(snapshot.coverage.len(), 1);
}

#[tokio::test]
async fn what_is_gone_since_it_was_listed_is_not_there() {
    let (snapshot, _) = through(
        |asked| match (asked.name().as_str(), asked.before) {
            ("kms:DescribeKey", 0) => error(asked, 400, "NotFoundException", "Key does not exist"),
            ("kms:GetKeyRotationStatus", 0) => {
                error(asked, 400, "UnsupportedOperationException", "cannot rotate")
            }
            ("wafv2:GetWebACLForResource", 0) => {
                error(asked, 400, "WAFNonexistentItemException", "none")
            }
            _ => Act::Pass,
        },
        only(&["aws.kms.Key", "aws.elbv2.LoadBalancer"]),
    )
    .await;
    assert_eq!(
        coverage(&snapshot, "aws.kms.Key").seen,
        Seen::Complete { count: 2 }
    );
    assert_eq!(of(&snapshot, "aws.kms.Key").len(), 2);
    assert_eq!(of(&snapshot, "aws.elbv2.LoadBalancer").len(), 3);
    assert!(!snapshot.to_json_lines().contains("$unread"));
}

/// Three pages of each list that the double does not page.
fn pages(asked: &Asked) -> Option<Act> {
    let page = ["two", "three"]
        .iter()
        .position(|token| asked.body.contains(token) || asked.path.contains(token));
    let page = page.map_or(0, |index| index + 1);
    let token = ["\"two\"", "\"three\"", "null"][page];
    let body = match asked.name().as_str() {
        "eks:ListClusters" => format!(r#"{{"clusters":["c{page}"],"nextToken":{token}}}"#),
        "eks:DescribeCluster" => {
            let name = asked.path.rsplit('/').next().unwrap();
            format!(
                r#"{{"cluster":{{"name":"{name}","arn":"arn:aws:eks:us-east-1:{SEEDED}:cluster/{name}"}}}}"#
            )
        }
        "ecr:DescribeRepositories" => {
            format!(
                r#"{{"repositories":[{{"repositoryName":"r{page}","repositoryArn":"arn:r{page}"}}],"nextToken":{token}}}"#
            )
        }
        "kms:ListKeys" => format!(
            r#"{{"Keys":[{{"KeyId":"k{page}","KeyArn":"arn:k{page}"}}],"NextMarker":{token},"Truncated":{}}}"#,
            page < 2
        ),
        "kms:DescribeKey" => {
            let name = asked.body.split('"').nth(3).unwrap();
            format!(
                r#"{{"KeyMetadata":{{"KeyId":"{name}","Arn":"arn:{name}","KeyManager":"AWS"}}}}"#
            )
        }
        _ => return None,
    };
    Some(reply(body))
}

const PAGED: [&str; 3] = ["aws.ecr.Repository", "aws.eks.Cluster", "aws.kms.Key"];

#[tokio::test]
async fn every_list_is_read_to_its_last_page() {
    let (snapshot, _) = through(|asked| pages(asked).unwrap_or(Act::Pass), only(&PAGED)).await;
    for kind in PAGED {
        assert_eq!(of(&snapshot, kind).len(), 3, "{kind}");
        assert_eq!(coverage(&snapshot, kind).seen, Seen::Complete { count: 3 });
    }
}

#[tokio::test]
async fn a_page_that_fails_leaves_what_was_listed_and_says_that_the_rest_is_missing() {
    let (snapshot, _) = through(
        |asked| match asked.body.contains("three") || asked.path.contains("three") {
            true => denied(asked),
            false => pages(asked).unwrap_or(Act::Pass),
        },
        only(&PAGED),
    )
    .await;
    for kind in PAGED {
        assert_eq!(of(&snapshot, kind).len(), 2, "{kind}");
        assert_eq!(unread(coverage(&snapshot, kind)).reason, Reason::Denied);
    }
}

#[tokio::test]
async fn pages_that_never_end_are_stopped() {
    let (snapshot, proxy) = through(
        |asked| match asked.name().as_str() {
            "ecr:DescribeRepositories" => {
                reply(r#"{"repositories":[],"nextToken":"again"}"#.to_owned())
            }
            _ => Act::Pass,
        },
        only(&["aws.ecr.Repository"]),
    )
    .await;
    let unread = unread(coverage(&snapshot, "aws.ecr.Repository"));
    assert_eq!(
        (unread.reason, unread.detail.as_str()),
        (Reason::ParseError, "the pages never end")
    );
    assert!(proxy.asked().len() < 5);
}

/// Generated files are never edited by hand, and never older than what they are generated from.
#[test]
fn the_models_are_those_that_the_script_writes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/aws");
    let output = std::process::Command::new(python())
        .arg(folder.join("models.py"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let kept = std::fs::read(folder.join("shapes.json")).unwrap();
    assert!(
        output.stdout == kept,
        "run models.py again: its first lines say how"
    );
}
