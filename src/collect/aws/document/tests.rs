//! Documents put together from answers.

use serde_json::json;

use super::*;
use crate::collect::aws::entries::ENTRIES;
use crate::collect::aws::table::Reach;
use crate::model::{Reason, unread_in};

fn entry(kind: &str) -> &'static Entry {
    ENTRIES.iter().find(|entry| entry.kind == kind).unwrap()
}

fn fact(kind: &str, field: &str) -> &'static Fact {
    let mut facts = entry(kind).facts.iter();
    facts.find(|fact| fact.field == field).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn an_id_is_the_arn_however_the_list_tells_it() {
    let place = Place {
        partition: "aws-cn",
        account: "1",
        region: "cn-north-1",
    };
    let of = |kind, item: Value| id(entry(kind), &item, place).map(|id| id.as_str().to_owned());
    assert_eq!(
        of("aws.rds.DBInstance", json!({"DBInstanceArn": "arn:x"})).as_deref(),
        Some("arn:x")
    );
    assert_eq!(
        of("aws.eks.Cluster", json!("prod")).as_deref(),
        Some("arn:aws-cn:eks:cn-north-1:1:cluster/prod")
    );
    assert_eq!(
        of("aws.ecr.Registry", json!({})).as_deref(),
        Some("arn:aws-cn:ecr:cn-north-1:1:registry")
    );
    assert_eq!(
        of(
            "aws.logs.LogGroup",
            json!({"arn": "arn:g:*", "logGroupArn": "arn:g"})
        )
        .as_deref(),
        Some("arn:g")
    );
    assert_eq!(
        of("aws.logs.LogGroup", json!({"arn": "arn:g:*"})).as_deref(),
        Some("arn:g")
    );
    assert_eq!(of("aws.logs.LogGroup", json!({"logGroupName": "g"})), None);
}

#[test]
fn what_cannot_be_described_keeps_what_the_list_told_and_says_that_the_rest_is_unread() {
    let unread = Unread {
        reason: Reason::Denied,
        operation: "kms:DescribeKey".to_owned(),
        permission: Some("kms:DescribeKey".to_owned()),
        detail: String::new(),
    };
    let seed = entry("aws.kms.Key").describe.as_ref().unwrap().seed;
    let item = json!({"KeyId": "k", "KeyArn": "arn:k"});
    let document = Value::Object(undescribed(seed, &item, &unread));
    assert_eq!(
        (&document["KeyId"], &document["Arn"]),
        (&json!("k"), &json!("arn:k"))
    );
    assert_eq!(unread_in(&document), Some(unread.clone()));
    let cluster = undescribed(&[("name", "")], &json!("prod"), &unread);
    assert_eq!(cluster["name"], "prod");
}

#[test]
fn rotation_is_asked_only_of_keys_that_can_rotate() {
    let rotation = fact("aws.kms.Key", "KeyRotationStatus");
    let asked = |change: Value| {
        let mut key = object(
            json!({"KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyState": "Disabled"}),
        );
        key.extend(object(change));
        applies(rotation, &key)
    };
    assert!(asked(json!({})));
    for other in [
        json!({"KeyManager": "AWS"}),
        json!({"KeySpec": "RSA_2048"}),
        json!({"Origin": "EXTERNAL"}),
        json!({"Origin": "AWS_CLOUDHSM"}),
        json!({"KeyState": "PendingDeletion"}),
    ] {
        assert!(!asked(other.clone()), "{other}");
    }
    assert!(
        applies(rotation, &Map::new()),
        "what is absent is no reason not to ask"
    );
}

#[test]
fn a_fact_is_taken_from_where_the_table_says() {
    let attributes = fact("aws.elbv2.LoadBalancer", "Attributes");
    let answer = json!({"Attributes": [{"Key": "a.b", "Value": "true"}, {"Key": "c"}]});
    assert_eq!(
        take(attributes, answer),
        Ok(Some(json!({"a.b": "true", "c": null})))
    );
    assert_eq!(
        take(attributes, json!({})),
        Err("the answer has no Attributes".to_owned())
    );
    let acl = fact("aws.elbv2.LoadBalancer", "WebACL");
    assert_eq!(
        take(acl, json!({"WebACL": {"Name": "x"}})),
        Ok(Some(json!({"Name": "x"})))
    );
    assert_eq!(take(acl, json!({})), Ok(None));
    let rotation = fact("aws.kms.Key", "KeyRotationStatus");
    assert_eq!(take(rotation, json!({"a": 1})), Ok(Some(json!({"a": 1}))));
}

#[test]
fn an_argument_comes_from_the_item_the_document_or_the_sweep() {
    let sweep = Sweep {
        reach: Reach::Regional,
        args: &[("Scope", "REGIONAL")],
        fields: &[],
    };
    let of = |arg, from: Value| argument(arg, &from, &sweep);
    assert_eq!(of(Arg::Text("x"), json!(null)).as_deref(), Some("x"));
    assert_eq!(of(Arg::Item, json!("prod")).as_deref(), Some("prod"));
    assert_eq!(
        of(Arg::Field("KeyId"), json!({"KeyId": "k"})).as_deref(),
        Some("k")
    );
    assert_eq!(
        of(Arg::Sweep("Scope"), json!(null)).as_deref(),
        Some("REGIONAL")
    );
    assert_eq!(of(Arg::Field("KeyId"), json!({})), None);
}
