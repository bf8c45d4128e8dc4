//! Credentials, profiles and regions.

use aws_credential_types::provider::{ProvideCredentials, future};

use super::*;

fn all_unread(snapshot: &Snapshot, reason: Reason) {
    assert!(snapshot.resources.is_empty());
    assert_eq!(snapshot.coverage.len(), HELD.len() + 1);
    for row in &snapshot.coverage {
        assert_eq!(unread(row).reason, reason);
        assert_eq!(row.scope.owner(), "unknown");
    }
    let targets = serde_json::to_value(&snapshot.targets).unwrap();
    assert_eq!(
        targets,
        json!([{"platform": "aws", "account": "unknown", "regions": ["us-east-1"]}])
    );
}

#[tokio::test]
async fn with_expired_credentials_everything_is_unread() {
    let (snapshot, proxy) = through(
        |asked| {
            error(
                asked,
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            )
        },
        everything(),
    )
    .await;
    all_unread(&snapshot, Reason::Credentials);
    assert!(unread(&snapshot.coverage[0]).detail.contains("is expired"));
    assert_eq!(proxy.asked().len(), 1, "nothing else was asked");
}

#[tokio::test]
async fn without_a_network_everything_is_unread() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let snapshot = read(&url, &Options::default(), everything()).await;
    all_unread(&snapshot, Reason::Unreachable);
}

#[tokio::test]
async fn without_credentials_everything_is_unread_and_a_replay_says_the_same() {
    let wire = Arc::new(Wire::record());
    let loader = loader("http://127.0.0.1:1").no_credentials();
    let session = Session::open_with(&Options::default(), Arc::clone(&wire), loader, limits())
        .await
        .unwrap();
    assert!(!session.has_credentials());
    let recorded = session.collect(&scan(everything(), &wire)).await;
    all_unread(&recorded, Reason::Credentials);

    let options = session.options();
    let wire = Arc::new(Wire::replay(wire.tape()));
    let session = Session::open(&options, Arc::clone(&wire)).await.unwrap();
    let replayed = session.collect(&scan(everything(), &wire)).await;
    assert_eq!(replayed.to_json_lines(), recorded.to_json_lines());
}

#[tokio::test]
async fn credentials_that_never_come_are_not_waited_for() {
    #[derive(Debug)]
    struct Never;
    impl ProvideCredentials for Never {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(std::future::pending())
        }
    }
    let wire = Arc::new(Wire::live());
    let loader = loader("http://127.0.0.1:1").credentials_provider(Never);
    let limits = Limits {
        credentials: Duration::from_millis(100),
        ..limits()
    };
    let options = Options::default();
    let opened = Session::open_with(&options, Arc::clone(&wire), loader, limits);
    let opened = tokio::time::timeout(Duration::from_secs(20), opened).await;
    let session = opened.expect("an end").unwrap();
    assert!(session.has_credentials(), "something is configured");
    all_unread(
        &session.collect(&scan(everything(), &wire)).await,
        Reason::Credentials,
    );
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_unread_as_such() {
    let proxy = Proxy::start(SEEDED, |asked| {
        match (asked.region.as_str(), asked.service.as_str()) {
            ("me-south-1", "rds") => error(
                asked,
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid",
            ),
            ("me-south-1", _) => error(
                asked,
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            _ => Act::Pass,
        }
    });
    let options = Options {
        regions: Regions::Named(vec!["us-east-1".to_owned(), "me-south-1".to_owned()]),
        ..Options::default()
    };
    let snapshot = read(
        &proxy.url,
        &options,
        only(&["aws.rds.DBInstance", "aws.ecr.Registry"]),
    )
    .await;
    let rows: Vec<(&str, Option<Reason>)> = snapshot
        .coverage
        .iter()
        .map(|row| {
            let reason = match &row.seen {
                Seen::Unread(unread) => Some(unread.reason),
                _ => None,
            };
            (row.scope.place().unwrap(), reason)
        })
        .collect();
    let disabled = ("me-south-1", Some(Reason::DisabledRegion));
    assert_eq!(
        rows,
        [disabled, ("us-east-1", None), disabled, ("us-east-1", None)]
    );
}

#[tokio::test]
async fn all_enabled_regions_are_read_and_global_lists_once() {
    const REGIONS: &str = "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><regionInfo>\
        <item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>\
        <item><regionName>me-south-1</regionName><optInStatus>not-opted-in</optInStatus></item>\
        <item><regionName>eu-west-1</regionName><optInStatus>opted-in</optInStatus></item>\
        </regionInfo></DescribeRegionsResponse>";
    let proxy = Proxy::start(SEEDED, |asked| match asked.operation.as_str() {
        "DescribeRegions" if asked.before == 0 => throttled(asked),
        "DescribeRegions" => Act::Reply {
            status: 200,
            headers: vec![],
            body: REGIONS.to_owned(),
        },
        _ => Act::Pass,
    });
    let options = Options {
        regions: Regions::All,
        ..Options::default()
    };
    let snapshot = read(
        &proxy.url,
        &options,
        only(&["aws.rds.DBInstance", "aws.wafv2.WebACL"]),
    )
    .await;
    let ids: Vec<&str> = of(&snapshot, "aws.rds.DBInstance")
        .iter()
        .map(|r| r.id.as_str())
        .collect();
    assert_eq!(ids[0], format!("arn:aws:rds:eu-west-1:{SEEDED}:db:berlin"));
    assert_eq!(ids.len(), 3);
    let scopes: Vec<(&str, Option<&str>)> = snapshot
        .coverage
        .iter()
        .map(|row| (row.kind.as_str(), row.scope.place()))
        .collect();
    assert_eq!(
        scopes,
        [
            ("aws.rds.DBInstance", Some("eu-west-1")),
            ("aws.rds.DBInstance", Some("us-east-1")),
            ("aws.wafv2.WebACL", None),
            ("aws.wafv2.WebACL", Some("eu-west-1")),
            ("aws.wafv2.WebACL", Some("us-east-1")),
        ]
    );
    let ec2 = proxy
        .asked()
        .into_iter()
        .find(|asked| asked.service == "ec2")
        .unwrap();
    assert_eq!(
        (ec2.region.as_str(), ec2.body.as_str()),
        ("us-east-1", "Action=DescribeRegions&Version=2016-11-15")
    );
}

#[tokio::test]
async fn the_double_lists_its_regions() {
    let proxy = Proxy::start(EMPTY, |_| Act::Pass);
    let options = Options {
        regions: Regions::All,
        ..Options::default()
    };
    let snapshot = read(&proxy.url, &options, only(&["aws.ecr.Registry"])).await;
    let regions: Vec<&str> = snapshot
        .coverage
        .iter()
        .filter_map(|row| row.scope.place())
        .collect();
    assert!(
        regions.contains(&"eu-central-1") && regions.len() > 10,
        "{regions:?}"
    );
    assert!(snapshot.coverage.iter().all(Coverage::is_complete));
}

#[tokio::test]
async fn without_the_list_of_regions_home_is_read_and_the_rest_known_to_be_missing() {
    let proxy = Proxy::start(SEEDED, |asked| match asked.operation.as_str() {
        "DescribeRegions" => denied(asked),
        _ => Act::Pass,
    });
    let options = Options {
        regions: Regions::All,
        ..Options::default()
    };
    let snapshot = read(&proxy.url, &options, only(&["aws.rds.DBInstance"])).await;
    assert_eq!(of(&snapshot, "aws.rds.DBInstance").len(), 2);
    let [everywhere, home] = snapshot.coverage.as_slice() else {
        panic!("{:?}", snapshot.coverage);
    };
    assert_eq!(everywhere.scope, Scope::aws(SEEDED, None));
    assert_eq!(
        unread(everywhere).permission.as_deref(),
        Some("ec2:DescribeRegions")
    );
    assert_eq!(home.seen, Seen::Complete { count: 2 });
}

/// Runs this very test again with an environment of its own, in which it is the program under test.
#[tokio::test]
async fn the_environment_and_the_profile_are_those_of_every_sdk() {
    const NAME: &str = "live_aws::session::the_environment_and_the_profile_are_those_of_every_sdk";
    if std::env::var_os("SOC2SCAN_TEST_CHILD").is_some() {
        let wire = Arc::new(Wire::live());
        let profile =
            std::env::var_os("SOC2SCAN_TEST_PROFILE").map(|name| name.into_string().unwrap());
        let options = Options {
            profile,
            ..Options::default()
        };
        match Session::open(&options, Arc::clone(&wire)).await {
            Ok(session) => {
                let kind = std::env::var_os("SOC2SCAN_TEST_KIND");
                let kind = kind.map_or("aws.rds.DBInstance".to_owned(), |kind| {
                    kind.into_string().unwrap()
                });
                let snapshot = session.collect(&scan(only(&[&kind]), &wire)).await;
                let lines = snapshot.to_json_lines();
                println!("whole: {}", !lines.contains("unreachable"));
                println!(
                    "ids: {}",
                    snapshot
                        .resources
                        .iter()
                        .map(|r| r.id.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                );
                println!("credentials: {}", session.has_credentials());
                println!(
                    "targets: {}",
                    serde_json::to_string(&snapshot.targets).unwrap()
                );
                println!("calls: {}", serde_json::to_string(&snapshot.calls).unwrap());
            }
            Err(OpenError::UnknownProfile { name, suggestion }) => {
                println!("error: there is no AWS profile {name:?} {suggestion:?}");
            }
            Err(error) => println!("error: {error}"),
        }
        return;
    }
    let proxy = Proxy::start(SEEDED, |_| Act::Pass);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let profile = "[profile berlin]\nregion = eu-west-1\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n\
                   [profile auditor]\nregion = us-east-1\nrole_arn = arn:aws:iam::111122223333:role/auditor\nsource_profile = berlin\n\
                   [profile broken]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = nowhere\n\
                   [profile empty]\nregion = eu-west-1\n";
    std::fs::write(&config, profile).unwrap();
    let child = |variables: &[(&str, &str)]| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .env_clear()
            .env("SOC2SCAN_TEST_CHILD", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", &config)
            .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
            .env("AWS_ENDPOINT_URL", &proxy.url)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "us-east-1"),
    ];
    let environment = child(&keys);
    assert!(
        environment.contains(&format!(
            "ids: arn:aws:rds:us-east-1:{SEEDED}:db:orders arn"
        )),
        "{environment}"
    );
    assert!(environment.contains("credentials: true"));
    let profile = child(&[("SOC2SCAN_TEST_PROFILE", "berlin")]);
    assert!(
        profile.contains(&format!("ids: arn:aws:rds:eu-west-1:{SEEDED}:db:berlin\n")),
        "{profile}"
    );
    // Fetching credentials is no part of the scan: it is not counted, and would not be recorded.
    let assumed = child(&[("AWS_PROFILE", "auditor")]);
    assert!(assumed.contains(":assumed-role/auditor/"), "{assumed}");
    assert!(!assumed.contains("\"AssumeRole\""), "{assumed}");
    let roles = proxy.asked();
    let roles = roles.iter().filter(|asked| asked.operation == "AssumeRole");
    assert_eq!(roles.count(), 1, "the role was assumed once");
    // A profile that is named is the one that is meant, whatever keys the environment holds.
    let named = child(&[&keys[..], &[("SOC2SCAN_TEST_PROFILE", "auditor")]].concat());
    assert!(named.contains(":assumed-role/auditor/"), "{named}");
    let without = child(&[&keys[..], &[("SOC2SCAN_TEST_PROFILE", "empty")]].concat());
    assert!(
        without.contains("error: the AWS profile \"empty\" cannot be used: "),
        "{without}"
    );
    let by_name = child(&[("AWS_PROFILE", "berlin")]);
    assert!(by_name.contains(":db:berlin\n"), "{by_name}");
    let own = child(
        &[
            &keys[..],
            &[
                ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                ("AWS_ENDPOINT_URL_RDS", &proxy.url),
                ("AWS_ENDPOINT_URL_STS", &proxy.url),
            ],
        ]
        .concat(),
    );
    assert!(own.contains(":db:orders arn"), "{own}");
    // One service has one endpoint, whether its crate asks or its model.
    for (kind, variable) in [
        ("aws.logs.LogGroup", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
        (
            "aws.secretsmanager.Secret",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        ),
    ] {
        let own = child(
            &[
                &keys[..],
                &[
                    ("SOC2SCAN_TEST_KIND", kind),
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_STS", &proxy.url),
                    (variable, &proxy.url),
                ],
            ]
            .concat(),
        );
        assert!(own.contains("whole: true"), "{own}");
    }
    let us = ("AWS_REGION", "us-east-1");
    let broken = child(&[("SOC2SCAN_TEST_PROFILE", "broken"), us]);
    assert!(
        broken.contains("error: the AWS profile \"broken\" cannot be used: "),
        "{broken}"
    );
    for variable in ["SOC2SCAN_TEST_PROFILE", "AWS_PROFILE"] {
        let missing = child(&[(variable, "berlni"), us]);
        assert!(
            missing.contains("error: there is no AWS profile \"berlni\" Some(\"berlin\")"),
            "{missing}"
        );
    }
    let malformed = folder.path().join("malformed");
    std::fs::write(&malformed, "[profile x\n").unwrap();
    let malformed = child(
        &[
            &keys[..],
            &[("AWS_CONFIG_FILE", malformed.to_str().unwrap())],
        ]
        .concat(),
    );
    assert!(
        malformed.contains("error: the AWS configuration cannot be read: "),
        "{malformed}"
    );
    // What a host says whose metadata service is switched off, as on many a build machine.
    let metadata = Proxy::start(SEEDED, |_| Act::Reply {
        status: 403,
        headers: vec![],
        body: String::new(),
    });
    let refused = child(&[
        us,
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url),
    ]);
    assert!(refused.contains("credentials: false"), "{refused}");
    let nothing = child(&[("AWS_REGION", "us-east-1")]);
    assert!(nothing.contains("credentials: false"), "{nothing}");
    let nowhere = child(&[
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ]);
    assert!(
        nowhere.contains("error: no AWS region is configured"),
        "{nowhere}"
    );
    let mistyped = child(&[&keys[..], &[("AWS_REGION", "us-esat-1")]].concat());
    assert!(
        mistyped.contains("error: there is no AWS region \"us-esat-1\""),
        "{mistyped}"
    );
}
