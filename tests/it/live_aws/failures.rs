//! Throttling, hanging, lying and interrupted answers.

use super::*;

#[tokio::test]
async fn what_is_throttled_and_then_answered_is_read() {
    let (whole, _) = through(
        |_| Act::Pass,
        only(&["aws.kms.Key", "aws.eks.Cluster", "aws.elbv2.LoadBalancer"]),
    )
    .await;
    let (snapshot, proxy) = through(
        |asked| {
            if asked.before < 2 {
                throttled(asked)
            } else {
                Act::Pass
            }
        },
        only(&["aws.kms.Key", "aws.eks.Cluster", "aws.elbv2.LoadBalancer"]),
    )
    .await;
    assert_eq!(snapshot.resources, whole.resources);
    assert_eq!(snapshot.coverage, whole.coverage);
    // Every attempt is counted.
    let asked: u64 = snapshot.calls.iter().map(|call| call.count).sum();
    assert_eq!(usize::try_from(asked).unwrap(), proxy.asked().len());
    assert!(snapshot.calls != whole.calls);
}

#[tokio::test]
async fn what_stays_throttled_is_unread_as_throttled() {
    let (snapshot, proxy) = through(
        |asked| {
            if asked.service == "ecr" {
                throttled(asked)
            } else {
                Act::Pass
            }
        },
        only(&["aws.ecr.Registry"]),
    )
    .await;
    let unread = unread(coverage(&snapshot, "aws.ecr.Registry"));
    assert_eq!(unread.reason, Reason::Throttled);
    assert_eq!(unread.detail, "ThrottlingException: Rate exceeded");
    let attempts = proxy
        .asked()
        .iter()
        .filter(|asked| asked.service == "ecr")
        .count();
    assert_eq!(attempts, 4);
}

#[tokio::test]
async fn what_hangs_is_asked_twice_and_holds_up_nothing_else() {
    let proxy = Proxy::start(SEEDED, |asked| match asked.name().as_str() {
        "rds:DescribeDBClusters" => Act::Hang,
        _ => Act::Pass,
    });
    let limits = Limits {
        attempt: Duration::from_secs(2),
        read: Duration::from_secs(2),
        ..limits()
    };
    let wire = Arc::new(Wire::live());
    let session = Session::open_with(
        &Options::default(),
        Arc::clone(&wire),
        loader(&proxy.url),
        limits,
    )
    .await
    .unwrap();
    let snapshot = session
        .collect(&scan(
            only(&["aws.rds.DBCluster", "aws.rds.DBInstance"]),
            &wire,
        ))
        .await;
    assert_eq!(
        unread(coverage(&snapshot, "aws.rds.DBCluster")).reason,
        Reason::Timeout
    );
    assert_eq!(of(&snapshot, "aws.rds.DBInstance").len(), 2);
    assert_eq!(
        proxy
            .asked()
            .iter()
            .filter(|asked| asked.operation == "DescribeDBClusters")
            .count(),
        2
    );
}

#[tokio::test]
async fn an_answer_that_is_none_is_unread_and_never_nothing_found() {
    let html = |status| Act::Reply {
        status,
        headers: vec![("Content-Type", "text/html".to_owned())],
        body: "<html><body><h1>Not here</h1></body></html>".to_owned(),
    };
    let (snapshot, _) = through(
        move |asked| match asked.name().as_str() {
            "rds:DescribeDBInstances" => html(500),
            "eks:ListClusters" => html(404),
            "elasticloadbalancing:DescribeLoadBalancers" => html(200),
            "wafv2:ListWebACLs" => reply("{}".to_owned()),
            "ecr:DescribeRepositories" => reply("{\"repositories\": {}}".to_owned()),
            "logs:DescribeLogGroups" => reply("garbage".to_owned()),
            "kms:ListKeys" => Act::Halve,
            "rds:DescribeDBParameters" => html(404),
            _ => Act::Pass,
        },
        everything(),
    )
    .await;
    let reason = |kind| unread(coverage(&snapshot, kind)).reason;
    assert_eq!(reason("aws.rds.DBInstance"), Reason::ApiError);
    assert_eq!(reason("aws.eks.Cluster"), Reason::ApiError);
    assert_eq!(reason("aws.elbv2.LoadBalancer"), Reason::ParseError);
    assert_eq!(reason("aws.wafv2.WebACL"), Reason::ParseError);
    assert_eq!(reason("aws.ecr.Repository"), Reason::ParseError);
    assert_eq!(reason("aws.logs.LogGroup"), Reason::ParseError);
    assert_eq!(reason("aws.kms.Key"), Reason::Unreachable);
    let audited = document(&snapshot, "aws.rds.DBParameterGroup", ":pg:audited");
    let marker = soc2scan::model::unread_in(&audited["Parameters"]).unwrap();
    assert_eq!(marker.reason, Reason::ApiError);
    assert_eq!(marker.detail, "HTTP 404 without an error code");
    assert!(coverage(&snapshot, "aws.rds.DBCluster").is_complete());
}

#[tokio::test]
async fn a_scan_that_is_stopped_keeps_what_it_has_read() {
    let proxy = Proxy::start(SEEDED, |asked| match asked.operation.as_str() {
        "DescribeDBClusters" => Act::Hang,
        _ => Act::Pass,
    });
    let wire = Arc::new(Wire::live());
    let session = Session::open_with(
        &Options::default(),
        Arc::clone(&wire),
        loader(&proxy.url),
        limits(),
    )
    .await
    .unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let scan = Scan {
        stop: Stop::new(stopped),
        // The user interrupts once the other list is there.
        progress: Arc::new(move |progress| {
            if matches!(progress, soc2scan::collect::Progress::Finished(_)) {
                stop.send_replace(true);
            }
        }),
        ..scan(only(&["aws.rds.DBCluster", "aws.rds.DBInstance"]), &wire)
    };
    let snapshot = session.collect(&scan).await;
    assert_eq!(
        unread(coverage(&snapshot, "aws.rds.DBCluster")).reason,
        Reason::Interrupted
    );
    assert_eq!(of(&snapshot, "aws.rds.DBInstance").len(), 2);
}

/// Services without a crate are retried as the others are, whether the code stands in the body or in a header.
#[tokio::test]
async fn what_is_throttled_is_asked_again_in_every_protocol() {
    let (snapshot, proxy) = through(
        |asked| {
            if asked.before < 2 && asked.service != "sts" {
                throttled(asked)
            } else {
                Act::Pass
            }
        },
        only(&[
            "aws.backup.BackupVault",
            "aws.dynamodb.Table",
            "aws.ec2.Volume",
            "aws.s3.Bucket",
            "aws.sns.Topic",
        ]),
    )
    .await;
    for row in &snapshot.coverage {
        assert!(row.is_complete(), "{row:?}");
    }
    for operation in [
        "ListBackupVaults",
        "ListTables",
        "DescribeVolumes",
        "ListBuckets",
        "ListTopics",
    ] {
        let asked = proxy.asked();
        let times = asked.iter().filter(|asked| asked.operation == operation);
        assert_eq!(times.count(), 3, "{operation}");
    }
}
