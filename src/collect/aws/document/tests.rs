//! Documents put together from answers.

use serde_json::json;

use super::*;
use crate::collect::aws::entries;
use crate::collect::aws::table::Reach;
use crate::model::{Reason, unread_in};

fn entry(kind: &str) -> &'static Entry {
    entries().find(|entry| entry.kind == kind).unwrap()
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
fn where_a_log_group_sends_its_events_is_asked_only_of_those_that_forget_them() {
    let filters = fact("aws.logs.LogGroup", "SubscriptionFilters");
    let asked = |group: Value| applies(filters, &object(group));
    assert!(asked(json!({"retentionInDays": 30})));
    assert!(asked(
        json!({"retentionInDays": 30, "logGroupClass": "STANDARD"})
    ));
    assert!(!asked(json!({"logGroupName": "/app"})));
    assert!(!asked(json!({"retentionInDays": null})));
    assert!(!asked(
        json!({"retentionInDays": 30, "logGroupClass": "INFREQUENT_ACCESS"})
    ));
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
    let parent = json!({"Name": "vault"});
    let of = |arg, from: Value| {
        let asked = Asked {
            from: &from,
            parent: &parent,
            sweep: &sweep,
            account: "123456789012",
            taken_at: jiff::Timestamp::from_second(86_400).unwrap(),
        };
        argument(arg, asked)
    };
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
    assert_eq!(
        of(Arg::Filled("/aws/{name}/log"), json!({"name": "prod"})).as_deref(),
        Some("/aws/prod/log")
    );
    assert_eq!(of(Arg::Filled("/aws/{name}/log"), json!({})), None);
    assert_eq!(of(Arg::Field("KeyId"), json!({})), None);
    assert_eq!(
        of(Arg::Account, json!(null)).as_deref(),
        Some("123456789012")
    );
    assert_eq!(
        of(Arg::Parent("Name"), json!(null)).as_deref(),
        Some("vault")
    );
    assert_eq!(of(Arg::Parent(""), json!(null)), None);
    assert_eq!(
        of(Arg::Before(24), json!(null)).as_deref(),
        Some("1970-01-01T00:00:00Z")
    );
    let ids = json!({"DetectorIds": ["d", "e"]});
    assert_eq!(of(Arg::First("DetectorIds"), ids).as_deref(), Some("d"));
    assert_eq!(
        of(Arg::First("DetectorIds"), json!({"DetectorIds": []})),
        None
    );
}

#[test]
fn an_id_is_filled_with_the_fields_of_the_item() {
    let place = Place {
        partition: "aws",
        account: "1",
        region: "us-east-1",
    };
    let bucket = entry("aws.s3.Bucket");
    let id = |item: Value| id(bucket, &item, place).map(|id| id.as_str().to_owned());
    assert_eq!(
        id(json!({"Name": "logs"})).as_deref(),
        Some("arn:aws:s3:::logs")
    );
    assert_eq!(id(json!({})), None);
}

#[test]
fn a_csv_file_becomes_its_rows() {
    let answer =
        |text: &str| json!({"Content": BASE64_STANDARD.encode(text), "ReportFormat": "text/csv"});
    let found = rows(
        answer("user,arn\n\"a,b\",arn:1\nc,arn:2\n"),
        "Content",
        &["user", "arn"],
    );
    assert_eq!(
        found.unwrap(),
        [
            json!({"user": "a,b", "arn": "arn:1", "ReportFormat": "text/csv"}),
            json!({"user": "c", "arn": "arn:2", "ReportFormat": "text/csv"}),
        ]
    );
    let lost = rows(answer("user\nx\n"), "Content", &["user", "arn"]).unwrap_err();
    assert!(lost.contains("no column arn"), "{lost}");
    assert!(rows(answer("user,arn\nx\n"), "Content", &["user"]).is_err());
    assert!(rows(json!({"Content": "%"}), "Content", &["user"]).is_err());
    assert!(rows(json!({}), "Content", &["user"]).is_err());
}

#[test]
fn what_stands_deep_in_an_answer_is_found() {
    let mut answer = json!({"DistributionList": {"Items": [1]}});
    assert_eq!(
        taken(&mut answer, "DistributionList.Items"),
        Some(json!([1]))
    );
    assert_eq!(taken(&mut answer, "DistributionList.NextMarker"), None);
    assert_eq!(taken(&mut answer, "Items"), None);
}

#[test]
fn a_time_before_all_times_is_no_argument() {
    let asked = |taken_at| Asked {
        from: &Value::Null,
        parent: &Value::Null,
        sweep: &entry("aws.kms.Key").sweeps[0],
        account: "1",
        taken_at,
    };
    let then = argument(Arg::Before(24), asked(Timestamp::UNIX_EPOCH));
    assert_eq!(then.as_deref(), Some("1969-12-31T00:00:00Z"));
    assert_eq!(argument(Arg::Before(24), asked(Timestamp::MIN)), None);
}

#[test]
fn only_a_list_that_may_be_left_out_is_empty_without_a_word() {
    let resources = fact("aws.apigateway.RestApi", "Resources");
    assert_eq!(take(resources, json!({})), Ok(Some(json!([]))));
    let listeners = fact("aws.elbv2.LoadBalancer", "Listeners");
    assert!(take(listeners, json!({})).is_err());
}
