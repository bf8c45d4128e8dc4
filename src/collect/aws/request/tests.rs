//! Requests of each protocol, and the hosts they go to.

use super::*;
use crate::collect::aws::entries;
use crate::collect::aws::shapes;
use crate::collect::aws::table::{Arg, calls};

fn asked(service: &str, operation: &str, args: &[(&str, &str)]) -> Result<Request, String> {
    let model = shapes::operation(service, operation).unwrap();
    request(shapes::service(service).unwrap(), operation, model, args)
}

#[test]
fn query_services_are_asked_by_form() {
    let request = asked("ec2", "DescribeRegions", &[("RegionName.1", "a b")]).unwrap();
    assert_eq!(
        request.body,
        "Action=DescribeRegions&Version=2016-11-15&RegionName.1=a+b"
    );
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("POST", "/")
    );
}

#[test]
fn json_services_are_asked_by_target_with_typed_arguments() {
    let args = [("Limit", "100"), ("ResourceOwners", "SELF")];
    let request = asked("kms", "ListKeys", &args).unwrap();
    assert_eq!(request.body, r#"{"Limit":100,"ResourceOwners":["SELF"]}"#);
    assert_eq!(
        request.headers,
        [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", "TrentService.ListKeys".to_owned()),
        ]
    );
    assert_eq!(
        asked("kms", "ListKeys", &[("Limit", "many")]),
        Err("Limit".to_owned())
    );
    assert_eq!(
        asked("kms", "ListKeys", &[("Limits", "1")]),
        Err("Limits".to_owned())
    );
}

#[test]
fn rest_services_are_asked_by_path_and_query() {
    let request = asked("eks", "DescribeCluster", &[("name", "a/b")]).unwrap();
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("GET", "/clusters/a%2Fb")
    );
    assert_eq!(request.body, "");
    let request = asked(
        "eks",
        "ListClusters",
        &[("maxResults", "10"), ("nextToken", "a=")],
    );
    assert_eq!(
        request.unwrap().uri,
        "/clusters?maxResults=10&nextToken=a%3D"
    );
    assert!(asked("eks", "DescribeCluster", &[]).is_err());
    let request = asked("s3", "GetBucketVersioning", &[("Bucket", "logs.example")]).unwrap();
    assert_eq!(request.uri, "/logs.example?versioning");
}

/// What the table writes is constant, and no one else reads it before the service does.
#[test]
fn every_constant_of_the_table_is_of_its_argument_s_type() {
    for (service, call) in entries().flat_map(calls) {
        let known: Vec<(&str, &str)> = call
            .args
            .iter()
            .filter_map(|(name, arg)| match arg {
                Arg::Text(text) => Some((*name, *text)),
                _ => None,
            })
            .collect();
        let model = shapes::operation(service, call.operation).unwrap();
        if !matches!(
            shapes::service(service).unwrap().protocol,
            Protocol::Query | Protocol::Ec2
        ) {
            let body = object(model, &known, Position::Body);
            assert!(body.is_ok(), "{}: {body:?}", call.operation);
        }
    }
}

#[test]
fn rest_services_are_told_that_json_is_wanted() {
    let args = [("restApiId", "a1"), ("embed", "methods"), ("limit", "500")];
    let request = asked("apigateway", "GetResources", &args).unwrap();
    assert_eq!(
        request.uri,
        "/restapis/a1/resources?embed=methods&limit=500"
    );
    assert_eq!(request.headers, [("accept", "application/json".to_owned())]);
    let request = asked("cloudfront", "ListDistributions", &[]).unwrap();
    assert_eq!(request.uri, "/2020-05-31/distribution");
    assert_eq!(request.headers, []);
}

#[test]
fn an_argument_that_is_a_structure_travels_as_one() {
    let keys = r#"{"keyTypes":["RSA_4096"]}"#;
    let request = asked("acm", "ListCertificates", &[("Includes", keys)]).unwrap();
    assert_eq!(request.body, format!("{{\"Includes\":{keys}}}"));
    let broken = asked("acm", "ListCertificates", &[("Includes", "{")]);
    assert_eq!(broken, Err("Includes".to_owned()));
}

#[test]
fn a_service_is_where_its_partition_has_it() {
    let at = |service: &str, region: &str, fips, dual| {
        let partition = shapes::partition_of(region).unwrap();
        let service = shapes::service(service).unwrap();
        let endpoint = endpoint(service, partition, region, (fips, dual));
        (endpoint.url, endpoint.signing_region)
    };
    let here = |url: &str, region: &str| (url.to_owned(), region.to_owned());
    assert_eq!(
        at("ec2", "eu-west-1", false, false),
        here("https://ec2.eu-west-1.amazonaws.com", "eu-west-1")
    );
    assert_eq!(
        at("ec2", "cn-north-1", true, false),
        here("https://ec2-fips.cn-north-1.amazonaws.com.cn", "cn-north-1")
    );
    assert_eq!(
        at("ec2", "us-east-1", false, true),
        here("https://ec2.us-east-1.api.aws", "us-east-1")
    );
    assert_eq!(
        at("s3", "eu-west-1", true, true),
        here(
            "https://s3-fips.dualstack.eu-west-1.amazonaws.com",
            "eu-west-1"
        )
    );
    assert_eq!(
        at("iam", "eu-west-1", false, false),
        here("https://iam.amazonaws.com", "us-east-1")
    );
    assert_eq!(
        at("iam", "cn-north-1", false, false),
        here("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
    );
    assert_eq!(
        at("cloudfront", "us-east-1", false, false),
        here("https://cloudfront.amazonaws.com", "us-east-1")
    );
    assert_eq!(
        at("shield", "us-east-1", false, false),
        here("https://shield.us-east-1.amazonaws.com", "us-east-1")
    );
    assert_eq!(
        at("ecr", "us-east-1", false, false),
        here("https://api.ecr.us-east-1.amazonaws.com", "us-east-1")
    );
}
