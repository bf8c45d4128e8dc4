//! Bodies of every protocol, good, bad and hostile.

mod stores;

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
fn a_policy_that_travels_as_text_is_read() {
    let body = r#"{"accountPolicies":[{"policyName":"archive","lastUpdatedTime":1768478400000,
        "policyDocument":"{\"DestinationArn\":\"arn:d\",\"FilterPattern\":\"\"}"}]}"#;
    assert_eq!(
        decoded("logs", "DescribeAccountPolicies", body).unwrap(),
        json!({"accountPolicies": [{
            "policyName": "archive",
            "lastUpdatedTime": 1768478400000u64,
            "policyDocument": {"DestinationArn": "arn:d", "FilterPattern": ""},
        }]})
    );
}

#[test]
fn an_image_tells_what_its_scan_found_and_when() {
    let body = r#"{"imageDetails":[{"repositoryName":"app","imageDigest":"sha256:1","imagePushedAt":1768478400.0,
        "imageScanStatus":{"status":"COMPLETE"},
        "imageScanFindingsSummary":{"imageScanCompletedAt":1768478460.5,"findingSeverityCounts":{"CRITICAL":2}}}]}"#;
    assert_eq!(
        decoded("ecr", "DescribeImages", body).unwrap(),
        json!({"imageDetails": [{
            "repositoryName": "app",
            "imageDigest": "sha256:1",
            "imagePushedAt": "2026-01-15T12:00:00Z",
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindingsSummary": {
                "imageScanCompletedAt": "2026-01-15T12:01:00.5Z",
                "findingSeverityCounts": {"CRITICAL": 2},
            },
        }]})
    );
}

#[test]
fn alarms_of_every_type_share_an_answer() {
    let body = "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult>\
                <CompositeAlarms><member><AlarmName>shop</AlarmName><AlarmRule>ALARM(&quot;a&quot;)</AlarmRule>\
                <ActionsEnabled>true</ActionsEnabled><AlarmActions><member>arn:t</member></AlarmActions></member>\
                </CompositeAlarms><MetricAlarms/></DescribeAlarmsResult></DescribeAlarmsResponse>";
    assert_eq!(
        decoded("cloudwatch", "DescribeAlarms", body).unwrap(),
        json!({
            "MetricAlarms": [],
            "CompositeAlarms": [{
                "AlarmName": "shop",
                "AlarmRule": "ALARM(\"a\")",
                "ActionsEnabled": true,
                "AlarmActions": ["arn:t"],
            }],
        })
    );
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
fn a_security_group_has_its_rules_whatever_they_let_in() {
    let body = "<DescribeSecurityGroupsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>0</requestId>\
                <securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-1</groupId><groupName>web</groupName>\
                <ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups/>\
                <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp><description>all</description></item></ipRanges>\
                <ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges>\
                <prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item>\
                <item><ipProtocol>-1</ipProtocol><groups><item><userId>111122223333</userId><groupId>sg-1</groupId></item></groups>\
                <ipRanges/><ipv6Ranges/><prefixListIds/></item></ipPermissions><ipPermissionsEgress/></item></securityGroupInfo>\
                </DescribeSecurityGroupsResponse>";
    assert_eq!(
        decoded("ec2", "DescribeSecurityGroups", body).unwrap(),
        json!({"SecurityGroups": [{
            "OwnerId": "111122223333",
            "GroupId": "sg-1",
            "GroupName": "web",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [],
                 "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}],
                 "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                 "PrefixListIds": [{"PrefixListId": "pl-1"}]},
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"UserId": "111122223333", "GroupId": "sg-1"}],
                 "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": []},
            ],
            "IpPermissionsEgress": [],
        }]})
    );
}

#[test]
fn a_list_of_distributions_is_the_answer_itself_and_may_be_left_out() {
    let list = |inner: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<DistributionList xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Marker></Marker>\
             <MaxItems>100</MaxItems><IsTruncated>false</IsTruncated>{inner}</DistributionList>"
        )
    };
    let body = list(
        "<Quantity>1</Quantity><Items><DistributionSummary><ARN>arn:aws:cloudfront::111122223333:distribution/E1</ARN>\
         <Enabled>true</Enabled><Comment>$redacted:7</Comment><WebACLId></WebACLId><Origins><Quantity>1</Quantity><Items><Origin>\
         <Id>app</Id><CustomOriginConfig><OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol></Items>\
         </OriginSslProtocols></CustomOriginConfig></Origin></Items></Origins></DistributionSummary></Items>",
    );
    let found = decoded("cloudfront", "ListDistributions", &body).unwrap();
    assert_eq!(
        found["DistributionList"]["Items"],
        json!([{
            "ARN": "arn:aws:cloudfront::111122223333:distribution/E1",
            "Enabled": true,
            "Comment": {"$redacted": {"len": 7}},
            "WebACLId": "",
            "Origins": {"Quantity": 1, "Items": [{
                "Id": "app",
                "CustomOriginConfig": {"OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}},
            }]},
        }])
    );
    let none = decoded(
        "cloudfront",
        "ListDistributions",
        &list("<Quantity>0</Quantity>"),
    )
    .unwrap();
    assert_eq!(none["DistributionList"]["Quantity"], 0);
    assert!(none["DistributionList"].get("Items").is_none());
}

#[test]
fn an_app_runner_service_keeps_the_names_of_its_environment() {
    let body = json!({"Service": {
        "ServiceArn": "arn:aws:apprunner:us-east-1:111122223333:service/web/1",
        "CreatedAt": 1700000000.5,
        "SourceConfiguration": {"ImageRepository": {"ImageConfiguration": {
            "StartCommand": "$redacted:12",
            "RuntimeEnvironmentVariables": {"DB_PASSWORD": "$redacted:9", "EMPTY": ""},
            "RuntimeEnvironmentSecrets": {"TOKEN": "arn:aws:ssm:us-east-1:111122223333:parameter/token"}}}},
        "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": true}}}});
    let found = decoded("apprunner", "DescribeService", &body.to_string()).unwrap();
    let service = &found["Service"];
    assert_eq!(service["CreatedAt"], "2023-11-14T22:13:20.5Z");
    assert_eq!(
        service["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"],
        json!({
            "StartCommand": {"$redacted": {"len": 12}},
            "RuntimeEnvironmentVariables": {"DB_PASSWORD": {"$redacted": {"len": 9}}, "EMPTY": ""},
            "RuntimeEnvironmentSecrets": {"TOKEN": "arn:aws:ssm:us-east-1:111122223333:parameter/token"},
        })
    );
}

#[test]
fn the_methods_of_an_api_are_embedded_in_its_resources() {
    let body = json!({"item": [{"id": "r1", "path": "/orders", "resourceMethods": {"POST": {
        "httpMethod": "POST", "requestValidatorId": "v1", "requestModels": {"application/json": "Order"},
        "methodIntegration": {"type": "HTTP", "requestParameters": {"integration.request.header.x-api-key": "$redacted:9"}}}}}],
        "position": "next"});
    assert_eq!(
        decoded("apigateway", "GetResources", &body.to_string()).unwrap(),
        json!({"items": [{"id": "r1", "path": "/orders", "resourceMethods": {"POST": {
            "httpMethod": "POST", "requestValidatorId": "v1", "requestModels": {"application/json": "Order"},
            "methodIntegration": {"type": "HTTP",
                "requestParameters": {"integration.request.header.x-api-key": {"$redacted": {"len": 9}}}}}}}],
            "position": "next"})
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
fn policies_stand_decoded_and_a_summary_is_a_map_of_numbers() {
    let body = "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><UserDetailList/>\
                <GroupDetailList/><RoleDetailList><member><Arn>arn:aws:iam::111122223333:role/web</Arn>\
                <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
                <RolePolicyList><member><PolicyName>all</PolicyName><PolicyDocument>%7B%22Statement%22%3A%7B%22Action%22%3A\
                %22%2A%22%7D%7D</PolicyDocument></member></RolePolicyList></member></RoleDetailList><Policies/>\
                <IsTruncated>true</IsTruncated><Marker>next</Marker></GetAccountAuthorizationDetailsResult>\
                </GetAccountAuthorizationDetailsResponse>";
    assert_eq!(
        decoded("iam", "GetAccountAuthorizationDetails", body).unwrap(),
        json!({
            "UserDetailList": [],
            "GroupDetailList": [],
            "RoleDetailList": [{
                "Arn": "arn:aws:iam::111122223333:role/web",
                "AssumeRolePolicyDocument": {"Statement": []},
                "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": {"Statement": {"Action": "*"}}}],
            }],
            "Policies": [],
            "IsTruncated": true,
            "Marker": "next",
        })
    );
    let body = "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>AccountMFAEnabled</key>\
                <value>1</value></entry><entry><key>Users</key><value>32</value></entry></SummaryMap>\
                </GetAccountSummaryResult></GetAccountSummaryResponse>";
    assert_eq!(
        decoded("iam", "GetAccountSummary", body).unwrap(),
        json!({"SummaryMap": {"AccountMFAEnabled": 1, "Users": 32}})
    );
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
        "protocol": "rest-xml", "version": "1", "id": "S3", "signing": "s3",
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
    assert_eq!(of(""), json!(""));
}

#[test]
fn what_the_wire_took_out_is_a_marker_in_any_string() {
    let body = json!({"taskDefinition": {"containerDefinitions": [{
        "command": ["serve", "$redacted:17"],
        "logConfiguration": {"options": {"awslogs-group": "/app", "splunk-token": "$redacted:36:high_entropy"}}}]}});
    let found = decoded("ecs", "DescribeTaskDefinition", &body.to_string()).unwrap();
    let container = &found["taskDefinition"]["containerDefinitions"][0];
    assert_eq!(
        container["command"],
        json!(["serve", {"$redacted": {"len": 17}}])
    );
    assert_eq!(
        container["logConfiguration"]["options"],
        json!({"awslogs-group": "/app", "splunk-token": {"$redacted": {"len": 36, "looks_like": "high_entropy"}}})
    );
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
        Type::Json => "1",
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
                .map(|(member, of)| (of.wire.as_ref().unwrap_or(member), of))
                .collect::<Vec<_>>()
                .into_iter()
                .filter(|(_, member)| !member.attribute)
                .map(|(wire, member)| {
                    above.push(name.clone());
                    let of = match &member.of {
                        // Its items stand where the list would.
                        Type::List(item) if member.flat => item,
                        of => of,
                    };
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
            let payload = operation.payload.as_ref();
            let of = payload.map_or(&output, |name| &service.shapes[&operation.output][name].of);
            let inner = filled(service, of, &mut Vec::new());
            let body = match (&operation.wrapper, service.protocol) {
                (Some(wrapper), _) => format!("<R><{wrapper}>{inner}</{wrapper}></R>"),
                (None, Protocol::RestXml) if matches!(of, Type::Structure(_)) => {
                    format!("<R>{inner}</R>")
                }
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
            let marker = format!("\"{REDACTED}\":{{\"len\":");
            let found = found.to_string();
            // What was logged stays text, with its values replaced.
            let outlined = found.matches("\"$redacted:").count();
            assert_eq!(
                found.matches(&marker).count() + outlined,
                kept.matches("$redacted:").count(),
                "{name}"
            );
        }
    }
    assert!(secrets > 5, "the models mark {secrets}");
}
