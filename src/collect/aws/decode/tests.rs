//! Bodies of every protocol, good, bad and hostile.

use serde_json::json;

use super::*;
use crate::collect::aws::shapes;
use crate::wire::{Answer, Body, Question, Wire};

fn decoded(service: &str, operation: &str, body: &str) -> Result<Value, String> {
    let models = shapes::service(service).unwrap();
    let operation = shapes::operation(service, operation).unwrap();
    answer(models, operation, body.as_bytes()).map_err(|misfit| misfit.to_string())
}

fn databases(inner: &str) -> String {
    format!(
        "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\n  <DescribeDBInstancesResult>\n\
         {inner}\n  </DescribeDBInstancesResult>\n  <ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>\n\
         </DescribeDBInstancesResponse>"
    )
}

#[test]
fn query_xml_becomes_what_the_cli_prints() {
    let body = databases(
        "<DBInstances>
           <DBInstance>
             <DBInstanceIdentifier>orders</DBInstanceIdentifier>
             <BackupRetentionPeriod>14</BackupRetentionPeriod>
             <MultiAZ>true</MultiAZ>
             <InstanceCreateTime>2026-01-15T09:30:00.250Z</InstanceCreateTime>
             <EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports>
             <DBSecurityGroups/>
             <Endpoint><Port>5432</Port></Endpoint>
             <PendingModifiedValues><MasterUserPassword>$redacted:12</MasterUserPassword></PendingModifiedValues>
             <TagList><Tag><Key>owner</Key><Value>a &lt;b&gt; &amp; &#99;</Value></Tag></TagList>
             <AddedByAWSTomorrow>1</AddedByAWSTomorrow>
           </DBInstance>
         </DBInstances>",
    );
    assert_eq!(
        decoded("rds", "DescribeDBInstances", &body).unwrap(),
        json!({"DBInstances": [{
            "DBInstanceIdentifier": "orders",
            "BackupRetentionPeriod": 14,
            "MultiAZ": true,
            "InstanceCreateTime": "2026-01-15T09:30:00.25Z",
            "EnabledCloudwatchLogsExports": ["postgresql"],
            "DBSecurityGroups": [],
            "Endpoint": {"Port": 5432},
            "PendingModifiedValues": {"MasterUserPassword": {"$redacted": {"len": 12}}},
            "TagList": [{"Key": "owner", "Value": "a <b> & c"}],
        }]})
    );
}

#[test]
fn an_empty_list_is_a_list_and_an_absent_one_is_absent() {
    let empty = decoded("rds", "DescribeDBInstances", &databases("<DBInstances/>"));
    assert_eq!(empty.unwrap(), json!({"DBInstances": []}));
    let absent = decoded(
        "rds",
        "DescribeDBInstances",
        &databases("<Marker>x</Marker>"),
    );
    assert_eq!(absent.unwrap(), json!({"Marker": "x"}));
}

#[test]
fn ec2_xml_has_names_of_its_own() {
    let body = "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>0</requestId>\
                <regionInfo><item><regionName>eu-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>\
                </regionInfo></DescribeRegionsResponse>";
    assert_eq!(
        decoded("ec2", "DescribeRegions", body).unwrap(),
        json!({"Regions": [{"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"}]})
    );
}

#[test]
fn json_times_are_seconds_or_text_and_unknown_enum_values_stay() {
    let key = |date: &str| {
        format!(
            r#"{{"KeyMetadata":{{"KeyId":"k","CreationDate":{date},"KeyState":"Melted","Enabled":true,"Origin":null}}}}"#
        )
    };
    let of = |date: &str| {
        decoded("kms", "DescribeKey", &key(date))
            .map(|found| found["KeyMetadata"]["CreationDate"].clone())
    };
    assert_eq!(of("1700000000.123").unwrap(), "2023-11-14T22:13:20.123Z");
    assert_eq!(of("1.7E9").unwrap(), "2023-11-14T22:13:20Z");
    assert_eq!(of("1700000000").unwrap(), "2023-11-14T22:13:20Z");
    assert_eq!(
        of("\"2023-11-14T23:13:20+01:00\"").unwrap(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(
        of("\"2023-11-14T22:13:20\"").unwrap(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(
        of("\"Tue, 14 Nov 2023 22:13:20 GMT\"").unwrap(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(
        of("true").unwrap_err(),
        "KeyMetadata.CreationDate: expected a time, found true or false"
    );
    let found = decoded("kms", "DescribeKey", &key("0")).unwrap();
    assert_eq!(found["KeyMetadata"]["KeyState"], "Melted");
    assert!(found["KeyMetadata"].get("Origin").is_none());
}

#[test]
fn rest_json_keeps_empty_lists_objects_and_maps() {
    let body = json!({"cluster": {"name": "prod", "encryptionConfig": [], "tags": {"a": "b"}, "health": {},
                      "logging": {"clusterLogging": [{"types": ["api"], "enabled": true}, {"types": [], "enabled": false}]}}});
    assert_eq!(
        decoded("eks", "DescribeCluster", &body.to_string()).unwrap(),
        body
    );
}

#[test]
fn an_empty_action_of_a_web_acl_does_not_vanish() {
    let body =
        json!({"WebACL": {"Rules": [{"Action": {"Block": {}}, "OverrideAction": {"None": {}}}]}});
    assert_eq!(
        decoded("wafv2", "GetWebACL", &body.to_string()).unwrap(),
        body
    );
}

#[test]
fn a_body_that_does_not_fit_is_an_error_and_never_an_empty_success() {
    let wrong = |service, operation, body: &str| decoded(service, operation, body).unwrap_err();
    for body in [
        "",
        "garbage",
        "<html><body>busy</body></html>",
        "{}",
        "<DescribeDBInstancesResponse/>",
    ] {
        wrong("rds", "DescribeDBInstances", body);
    }
    let whole =
        databases("<DBInstances><DBInstance><MultiAZ>true</MultiAZ></DBInstance></DBInstances>");
    for end in [20, whole.len() / 2, whole.len() - 5] {
        wrong("rds", "DescribeDBInstances", &whole[..end]);
    }
    for body in [
        "",
        "garbage",
        "[]",
        "null",
        "\"x\"",
        "<html></html>",
        "{\"Keys\": {}}",
        "{\"Keys\": [1]}",
        "{\"Keys\":",
    ] {
        wrong("kms", "ListKeys", body);
    }
    for body in [
        "<Response><Errors><Error><Code>X</Code></Error></Errors></Response>",
        "<html/>",
    ] {
        wrong("ec2", "DescribeRegions", body);
    }
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_its_path_and_never_quoted() {
    let of = |inner: &str| {
        let body = databases(&format!(
            "<DBInstances><DBInstance>{inner}</DBInstance></DBInstances>"
        ));
        decoded("rds", "DescribeDBInstances", &body).unwrap_err()
    };
    assert_eq!(
        of("<BackupRetentionPeriod>hunter2</BackupRetentionPeriod>"),
        "DBInstances.0.BackupRetentionPeriod: expected a whole number, found 7 characters"
    );
    assert_eq!(
        of("<MultiAZ>yes</MultiAZ>"),
        "DBInstances.0.MultiAZ: expected true or false, found 3 characters"
    );
    assert_eq!(
        of("<MultiAZ>true</MultiAZ><MultiAZ>false</MultiAZ>"),
        "DBInstances.0.MultiAZ: more than one element"
    );
    assert_eq!(
        of("<Endpoint>x</Endpoint>"),
        "DBInstances.0.Endpoint: expected a structure, found 1 characters"
    );
    assert_eq!(
        of("<Engine><b>x</b></Engine>"),
        "DBInstances.0.Engine: expected text, found 3 characters"
    );
}

#[test]
fn hostile_xml_is_refused() {
    let deep = format!("{}x{}", "<a>".repeat(5000), "</a>".repeat(5000));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>";
    for body in [deep.as_str(), bomb, "<x>&a;</x>", "<a></a><a>"] {
        decoded("rds", "DescribeDBInstances", body).unwrap_err();
    }
}

/// Shapes that no operation used today has, so that the next service finds them ready.
#[test]
fn flat_lists_attributes_maps_and_payloads_are_read() {
    let service: Service = serde_json::from_value(json!({
        "protocol": "rest-xml", "version": "1", "signing": "s3",
        "operations": {"GetThing": {"output": "GetThingOutput", "payload": "Thing", "http": "GET /thing"}},
        "shapes": {
            "GetThingOutput": {"Thing": "Thing"},
            "Thing": {
                "Rules": {"of": "[Rule]", "as": "Rule", "flat": true},
                "Kind": {"of": "string", "as": "xsi:type", "attr": true},
                "Tags": "{string}",
                "Ratio": "number",
            },
            "Rule": {"ID": "string"},
        },
    }))
    .unwrap();
    let body = "<Thing xmlns:xsi=\"x\" xsi:type=\"Group\"><Rule><ID>a</ID></Rule><Rule><ID>b</ID></Rule><Ratio>0.5</Ratio>\
                <Tags><entry><key>k</key><value>v</value></entry></Tags></Thing>";
    let operation = &service.operations["GetThing"];
    assert_eq!(
        answer(&service, operation, body.as_bytes()).unwrap(),
        json!({"Thing": {"Rules": [{"ID": "a"}, {"ID": "b"}], "Kind": "Group", "Ratio": 0.5, "Tags": {"k": "v"}}})
    );
    let none = answer(&service, operation, b"<Thing/>").unwrap();
    assert_eq!(none, json!({"Thing": {}}));
}

#[test]
fn a_secret_leaves_its_length_however_it_arrives() {
    let of = |text| scalar(&Type::Secret, text).unwrap();
    assert_eq!(of("hunter2"), json!({"$redacted": {"len": 7}}));
    assert_eq!(of("$redacted:31"), json!({"$redacted": {"len": 31}}));
    assert_eq!(
        of("$redacted:31:jwt"),
        json!({"$redacted": {"len": 31, "looks_like": "jwt"}})
    );
    assert_eq!(of("$redacted:x:jwt"), json!({"$redacted": {"len": 15}}));
}

fn said(headers: &[(&str, &str)], body: &str) -> (Option<String>, String) {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let fault = fault(&headers.collect(), body.as_bytes());
    (fault.code, fault.message)
}

#[test]
fn an_error_is_read_in_every_protocol() {
    let denied = |code: &str| (Some(code.to_owned()), "no".to_owned());
    assert_eq!(
        said(
            &[],
            "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        ),
        denied("AccessDenied")
    );
    assert_eq!(
        said(
            &[],
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
        ),
        denied("UnauthorizedOperation")
    );
    assert_eq!(
        said(
            &[],
            r#"{"__type":"com.amazonaws.kms#AccessDeniedException","Message":"no"}"#
        ),
        denied("AccessDeniedException")
    );
    assert_eq!(
        said(
            &[("x-amzn-errortype", "AccessDeniedException:http://internal/")],
            r#"{"message":"no"}"#
        ),
        denied("AccessDeniedException")
    );
}

#[test]
fn a_page_of_some_proxy_is_an_error_without_a_code() {
    for body in [
        "<html><body><h1>Not Found</h1></body></html>",
        "<!doctype html>\n<title>500</title>\n<p>x & y",
        "busy",
        "",
    ] {
        assert_eq!(said(&[], body), (None, String::new()), "{body}");
    }
}

const KEEP_OUT: &str = "must-not-be-kept";

/// A body of the shape with every member filled, as the service would write it.
fn filled(service: &Service, of: &Type, above: &mut Vec<String>) -> String {
    let xml = service.protocol.is_xml();
    let text = match of {
        Type::Secret => KEEP_OUT,
        Type::String | Type::Blob | Type::Any => "text",
        Type::Boolean => "true",
        Type::Integer | Type::Number | Type::Timestamp => "1",
        Type::List(item) => {
            let item = filled(service, item, above);
            return if xml {
                format!("<member>{item}</member>")
            } else {
                format!("[{item}]")
            };
        }
        Type::Map(value) => {
            let value = filled(service, value, above);
            return if xml {
                format!("<entry><key>k</key><value>{value}</value></entry>")
            } else {
                format!("{{\"k\":{value}}}")
            };
        }
        Type::Structure(name) => {
            let members: Vec<String> = service.shapes[name]
                .iter()
                .filter(|_| !above.contains(name))
                .map(|(member, of)| (of.wire.as_ref().unwrap_or(member), &of.of))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|(wire, of)| {
                    above.push(name.clone());
                    let inner = filled(service, of, above);
                    above.pop();
                    if xml {
                        format!("<{wire}>{inner}</{wire}>")
                    } else {
                        format!("\"{wire}\":{inner}")
                    }
                })
                .collect();
            return if xml {
                members.concat()
            } else {
                format!("{{{}}}", members.join(","))
            };
        }
    };
    if xml
        || matches!(
            of,
            Type::Boolean | Type::Integer | Type::Number | Type::Timestamp
        )
    {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    }
}

/// The wire knows sensitive members by name, because it stands below the models: the models say whether it knows all.
#[test]
fn every_sensitive_member_of_every_operation_is_redacted_by_the_wire() {
    let mut secrets = 0;
    for service in shapes::models().services.values() {
        for (name, operation) in &service.operations {
            let output = Type::Structure(operation.output.clone());
            let inner = filled(service, &output, &mut Vec::new());
            let body = match (&operation.wrapper, service.protocol) {
                (Some(wrapper), _) => format!("<R><{wrapper}>{inner}</{wrapper}></R>"),
                (None, Protocol::Ec2) => format!("<{name}Response>{inner}</{name}Response>"),
                _ => inner,
            };
            secrets += body.matches(KEEP_OUT).count();
            let question = Question {
                service: service.signing.clone(),
                region: String::new(),
                operation: name.clone(),
                method: String::new(),
                path: String::new(),
                query: String::new(),
                target: String::new(),
                body: String::new(),
            };
            let given = Answer::Response {
                status: 200,
                headers: BTreeMap::new(),
                body: Body::new(body.as_bytes()),
            };
            let Answer::Response { body, .. } = Wire::live().heard(question, given) else {
                panic!("{name}");
            };
            let kept = String::from_utf8(body.to_bytes()).unwrap();
            assert!(!kept.contains(KEEP_OUT), "{name}: {kept}");
            let found = answer(service, operation, kept.as_bytes())
                .unwrap_or_else(|misfit| panic!("{name}: {misfit}"));
            let marker = format!("\"{REDACTED}\":{{\"len\":{}}}", KEEP_OUT.len());
            assert_eq!(
                found.to_string().matches(&marker).count(),
                kept.matches("$redacted").count(),
                "{name}"
            );
        }
    }
    assert!(secrets > 5, "the models mark {secrets}");
}
