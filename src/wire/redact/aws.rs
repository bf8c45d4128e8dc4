//! Sensitive members of AWS answers: each value becomes the text `$redacted:LENGTH`, or `$redacted:LENGTH:LOOKS_LIKE`,
//! which fits where a string was, in XML too, and which decoding turns into a marker.

use std::borrow::Cow;

use quick_xml::events::{BytesText, Event};
use quick_xml::{Reader, Writer};
use serde_json::Value;

use super::arguments::secrets;
use super::looks::named_looks_like;
use super::outline::{outline, replacement};
use crate::wire::{Answer, Body, Question};

/// A member that can hold a credential.
struct Sensitive {
    /// The service as its signature names it.
    service: &'static str,
    name: &'static str,
    /// Only somewhere below this member, where the name alone says too little.
    within: Option<&'static str>,
    /// What is kept below it all the same.
    but: &'static [&'static str],
    /// Of a text that is a JSON object, its keys are kept, and the values at these paths.
    kept: Option<&'static [&'static str]>,
}

/// A test holds this list against the models: see `collect::aws`.
const SENSITIVE: &[Sensitive] = &[
    sensitive("apigateway", "requestParameters", Some("methodIntegration")),
    sensitive("apigateway", "requestTemplates", None),
    sensitive("apigateway", "stageVariableOverrides", None),
    sensitive("apigateway", "stageVariables", None),
    sensitive("apigateway", "variables", None),
    sensitive("apprunner", "BuildCommand", None),
    sensitive("apprunner", "RuntimeEnvironmentVariables", None),
    sensitive("apprunner", "StartCommand", None),
    sensitive("backup", "RecoveryPointTags", None),
    sensitive("cloudfront", "Comment", None),
    sensitive("cloudfront", "HeaderValue", None),
    // Requests hold whatever was asked.
    Sensitive {
        kept: Some(&[
            "eventName",
            "eventSource",
            "readOnly",
            "recipientAccountId",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
            "userIdentity.invokedBy",
            "userIdentity.type",
        ]),
        ..sensitive("cloudtrail", "CloudTrailEvent", None)
    },
    sensitive("ecs", "driverOpts", None),
    // Log drivers take tokens and headers among their options.
    Sensitive {
        but: LOG_OPTIONS,
        ..sensitive("ecs", "options", None)
    },
    sensitive("ecs", "value", Some("environment")),
    sensitive("ecs", "value", Some("properties")),
    sensitive("eks", "activationCode", None),
    sensitive("elasticloadbalancing", "ClientSecret", None),
    sensitive("firehose", "AttributeName", None),
    sensitive("firehose", "AttributeValue", None),
    sensitive("firehose", "HECToken", None),
    sensitive("firehose", "SnowflakeDestinationDescription", None),
    sensitive("firehose", "Url", Some("EndpointConfiguration")),
    sensitive("firehose", "Username", None),
    sensitive("lambda", "Message", None),
    sensitive("lambda", "Variables", None),
    // Logs hold whatever the application knows of its users.
    Sensitive {
        kept: Some(&[]),
        ..sensitive("logs", "message", Some("events"))
    },
    sensitive("rds", "MasterUserPassword", None),
    sensitive("rds", "Value", Some("OptionSettings")),
    sensitive("sns", "Endpoint", None),
    sensitive("wafv2", "SearchString", None),
    sensitive("wafv2", "Value", Some("InsertHeaders")),
    sensitive("wafv2", "Value", Some("ResponseHeaders")),
];

const fn sensitive(
    service: &'static str,
    name: &'static str,
    within: Option<&'static str>,
) -> Sensitive {
    Sensitive {
        service,
        name,
        within,
        but: &[],
        kept: None,
    }
}

/// Options of log drivers that say where logs go.
const LOG_OPTIONS: &[&str] = &[
    "Name",
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "config-file-type",
    "config-file-value",
    "delivery_stream",
    "enable-ecs-log-metadata",
    "log_group",
    "log_group_name",
    "log_stream_name",
    "log_stream_prefix",
    "max-buffer-size",
    "mode",
    "region",
    "stream",
];

/// Members that are command lines.
const COMMANDS: &[&str] = &["Command", "EntryPoint", "command", "entryPoint"];

/// The answer without sensitive values.
pub fn answer(question: &Question, answer: Answer) -> Answer {
    let members: Vec<&Sensitive> = SENSITIVE
        .iter()
        .filter(|member| member.service == question.service)
        .collect();
    match answer {
        Answer::Response {
            status,
            headers,
            body,
        } if !members.is_empty() => Answer::Response {
            status,
            headers,
            body: match body {
                Body::Json(mut json) => {
                    walk(&mut json, "", &mut Vec::new(), &members);
                    Body::Json(json)
                }
                Body::Text(text) => Body::Text(xml(&text, &members).into_owned()),
            },
        },
        other => other,
    }
}

fn is_sensitive<S: AsRef<str>>(path: &[S], members: &[&Sensitive]) -> bool {
    sensitive_of(path, members).is_some()
}

fn sensitive_of<'a, S: AsRef<str>>(path: &[S], members: &[&'a Sensitive]) -> Option<&'a Sensitive> {
    let has = |wanted: &str| path.iter().any(|name| name.as_ref() == wanted);
    members.iter().copied().find(|member| {
        let kept = path
            .last()
            .is_some_and(|last| member.but.contains(&last.as_ref()));
        has(member.name) && member.within.is_none_or(has) && !kept
    })
}

/// `name` is what the value is called: its key, or what stands beside it as its name.
fn walk(json: &mut Value, name: &str, path: &mut Vec<String>, members: &[&Sensitive]) {
    match json {
        Value::Object(fields) => {
            let named = fields
                .get("name")
                .and_then(Value::as_str)
                .map(str::to_owned);
            for (key, value) in fields {
                let name = named.as_deref().filter(|_| key == "value").unwrap_or(key);
                path.push(key.clone());
                walk(value, name, path, members);
                path.pop();
            }
        }
        Value::Array(items) => {
            if path
                .last()
                .is_some_and(|last| COMMANDS.contains(&last.as_str()))
            {
                hide_words(items);
            }
            for item in items {
                walk(item, name, path, members);
            }
        }
        Value::String(text) if !text.is_empty() => match sensitive_of(path, members) {
            Some(Sensitive {
                kept: Some(kept), ..
            }) => *text = outline(text, kept),
            Some(_) => *text = replacement(text, named_looks_like(name, text)),
            None => {}
        },
        _ => {}
    }
}

fn hide_words(items: &mut [Value]) {
    let secrets = secrets(items);
    for (item, secret) in items.iter_mut().zip(secrets) {
        if let (Value::String(text), Some(looks)) = (item, secret) {
            *text = replacement(text, looks);
        }
    }
}

fn xml<'a>(text: &'a str, members: &[&Sensitive]) -> Cow<'a, str> {
    // What cannot be read cannot be redacted either, JSON with half a character in it no more than XML that was cut off.
    // Nothing is left of it, and decoding says so.
    if !text.trim_start().starts_with('<') {
        return Cow::Borrowed("");
    }
    if !members.iter().any(|member| text.contains(member.name)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(rewrite(text, members).unwrap_or_default())
}

fn rewrite(text: &str, members: &[&Sensitive]) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let mut writer = Writer::new(Vec::new());
    let mut path: Vec<String> = Vec::new();
    let mut hidden = String::new();
    loop {
        let event = reader.read_event().ok()?;
        let content = match &event {
            Event::Text(content) => Some(content.xml10_content().into_owned()),
            Event::CData(content) => Some(content.xml10_content().into_owned()),
            // One character, whatever it is called.
            Event::GeneralRef(_) => Some("&".to_owned()),
            _ => None,
        };
        if let Some(content) = content.filter(|_| is_sensitive(&path, members)) {
            hidden.push_str(&content);
            continue;
        }
        if !hidden.is_empty() {
            let text = std::mem::take(&mut hidden);
            let name = path.last().map_or("", String::as_str);
            let text = replacement(&text, named_looks_like(name, &text));
            writer
                .write_event(Event::Text(BytesText::new(&text)))
                .ok()?;
        }
        match &event {
            Event::Start(start) => path.push(start.local_name().into_inner().to_owned()),
            Event::End(_) => {
                path.pop();
            }
            Event::Eof if path.is_empty() => break,
            Event::Eof => return None,
            _ => {}
        }
        writer.write_event(event).ok()?;
    }
    String::from_utf8(writer.into_inner()).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn redacted(service: &str, body: &str) -> String {
        let question = Question {
            service: service.to_owned(),
            region: String::new(),
            operation: String::new(),
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
        match answer(&question, given) {
            Answer::Response { body, .. } => String::from_utf8(body.to_bytes()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_password_in_xml_leaves_only_its_length() {
        let body = "<?xml version=\"1.0\"?><R xmlns=\"x\"><PendingModifiedValues><Port>5432</Port>\
                    <MasterUserPassword>hunter&amp;2<![CDATA[!]]></MasterUserPassword></PendingModifiedValues></R>";
        assert_eq!(
            redacted("rds", body),
            "<?xml version=\"1.0\"?><R xmlns=\"x\"><PendingModifiedValues><Port>5432</Port>\
             <MasterUserPassword>$redacted:9</MasterUserPassword></PendingModifiedValues></R>"
        );
    }

    #[test]
    fn a_header_that_proves_the_way_in_json_leaves_only_its_length() {
        let body = json!({"WebACL": {"Rules": [{"Action": {"Block": {"CustomResponse": {"ResponseHeaders": [
            {"Name": "x-origin-verify", "Value": "s3cret"}]}}},
            "Statement": {"ByteMatchStatement": {"SearchString": "czNjcmV0"}}}],
            "VisibilityConfig": {"MetricName": "Value"}}});
        let found = redacted("wafv2", &body.to_string());
        assert!(
            !found.contains("s3cret") && !found.contains("czNjcmV0"),
            "{found}"
        );
        assert!(found.contains("x-origin-verify") && found.contains("$redacted:6"));
        assert!(found.contains("\"MetricName\":\"Value\""));
    }

    #[test]
    fn an_environment_keeps_its_names_and_a_log_driver_where_it_writes() {
        let body = json!({"taskDefinition": {"containerDefinitions": [{
            "environment": [
                {"name": "DATABASE_URL", "value": "postgres://app:hunter2@db/app"},
                {"name": "CONFIG_HASH", "value": "8f14e45fceea167a5a36dedd4bea2543"},
                {"name": "EMPTY", "value": ""}],
            "command": ["serve", "--port=8080", "--api-key=hunter2"],
            "healthCheck": {"command": ["CMD-SHELL", "curl -u app:x http://localhost --password hunter2"]},
            "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2", "awslogs-group": "/app"}}}],
            "volumes": [{"dockerVolumeConfiguration": {"driverOpts": {"o": "username=app,password=hunter2"}}}]}});
        let found: Value = serde_json::from_str(&redacted("ecs", &body.to_string())).unwrap();
        let expected = json!({"taskDefinition": {"containerDefinitions": [{
            "environment": [
                {"name": "DATABASE_URL", "value": "$redacted:29:url_userinfo"},
                {"name": "CONFIG_HASH", "value": "$redacted:32"},
                {"name": "EMPTY", "value": ""}],
            "command": ["serve", "--port=8080", "$redacted:17"],
            "healthCheck": {"command": ["CMD-SHELL", "$redacted:49"]},
            "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "$redacted:7", "awslogs-group": "/app"}}}],
            "volumes": [{"dockerVolumeConfiguration": {"driverOpts": {"o": "$redacted:29"}}}]}});
        assert_eq!(found, expected);
    }

    #[test]
    fn what_a_value_looks_like_is_told() {
        let body = "<R><MasterUserPassword>postgres://app:hunter2@db/x</MasterUserPassword></R>";
        assert_eq!(
            redacted("rds", body),
            "<R><MasterUserPassword>$redacted:27:url_userinfo</MasterUserPassword></R>"
        );
    }

    #[test]
    fn of_what_was_logged_only_the_keys_are_kept() {
        let body = json!({"events": [
            {"message": "{\"actor\": \"jane@example.com\", \"n\": {\"ip\": \"10.1.2.3\"}}"},
            {"message": "jane@example.com logged in"},
            {"message": "[1]"}], "nextToken": "message"});
        let found: Value = serde_json::from_str(&redacted("logs", &body.to_string())).unwrap();
        assert_eq!(
            found,
            json!({"events": [
                {"message": "{\"actor\":\"$redacted:16\",\"n\":\"$redacted:17\"}"},
                {"message": "$redacted:26"},
                {"message": "$redacted:3"}], "nextToken": "message"})
        );
        let event = json!({"eventName": "PutObject", "userIdentity": {"type": "IAMUser", "accessKeyId": "AKIA"},
                           "requestParameters": {"password": "hunter2"}});
        let body = json!({"Events": [{"CloudTrailEvent": event.to_string()}]});
        let found: Value =
            serde_json::from_str(&redacted("cloudtrail", &body.to_string())).unwrap();
        let kept: Value =
            serde_json::from_str(found["Events"][0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
        assert_eq!(
            kept,
            json!({"eventName": "PutObject", "requestParameters": "$redacted:22",
                   "userIdentity": {"type": "IAMUser", "accessKeyId": "$redacted:4"}})
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        assert_eq!(
            redacted("rds", "<R><MasterUserPassword>hunter2</MasterUs"),
            ""
        );
        let json = |description: &str| {
            format!(
                r#"{{"Functions":[{{"Description":"{description}","Environment":{{"Variables":{{"PASSWORD":"hunter2"}}}}}}]}}"#
            )
        };
        assert!(redacted("lambda", &json("whole")).contains("PASSWORD"));
        for body in [
            json("cut \\ud83d"),
            format!("{}1{}", "[".repeat(200), json("deep")),
        ] {
            assert_eq!(redacted("lambda", &body), "", "{body}");
        }
        let command =
            r#"{"taskDefinition":{"command":["--password=hunter2"],"family":"cut \ud83d"}}"#;
        assert_eq!(redacted("ecs", command), "");
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let body = "<R>\n  <DBInstanceIdentifier>a &lt; b</DBInstanceIdentifier>\r\n</R>";
        assert_eq!(redacted("rds", body), body);
        assert_eq!(redacted("logs", "{\"Value\":\"x\"}"), "{\"Value\":\"x\"}");
    }
}
