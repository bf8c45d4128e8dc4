//! Sensitive members of AWS answers: each value becomes the text `$redacted:LENGTH`, or `$redacted:LENGTH:LOOKS_LIKE`,
//! which fits where a string was, in XML too, and which decoding turns into a marker.

use std::borrow::Cow;

use quick_xml::events::{BytesText, Event};
use quick_xml::{Reader, Writer};
use serde_json::Value;

use super::looks::looks_like;
use crate::wire::{Answer, Body, Question};

/// A member that can hold a credential.
struct Sensitive {
    /// The service as its signature names it.
    service: &'static str,
    name: &'static str,
    /// Only somewhere below this member, where the name alone says too little.
    within: Option<&'static str>,
}

/// A test holds this list against the models: see `collect::aws`.
const SENSITIVE: &[Sensitive] = &[
    sensitive("eks", "activationCode", None),
    sensitive("elasticloadbalancing", "ClientSecret", None),
    sensitive("rds", "MasterUserPassword", None),
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
    }
}

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
                    walk(&mut json, &mut Vec::new(), &members);
                    Body::Json(json)
                }
                Body::Text(text) => Body::Text(xml(&text, &members).into_owned()),
            },
        },
        other => other,
    }
}

fn is_sensitive<S: AsRef<str>>(path: &[S], members: &[&Sensitive]) -> bool {
    path.iter().any(|name| {
        members.iter().any(|member| {
            let within = member.within.is_none_or(|within| {
                let mut above = path.iter();
                above.any(|name| name.as_ref() == within)
            });
            member.name == name.as_ref() && within
        })
    })
}

fn walk(json: &mut Value, path: &mut Vec<String>, members: &[&Sensitive]) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push(name.clone());
                walk(value, path, members);
                path.pop();
            }
        }
        Value::Array(items) => {
            for item in items {
                walk(item, path, members);
            }
        }
        Value::String(text) if is_sensitive(path, members) => *text = replacement(text),
        _ => {}
    }
}

fn replacement(text: &str) -> String {
    let length = text.chars().count();
    match looks_like(text) {
        Some(looks) => format!("$redacted:{length}:{}", looks.as_str()),
        None => format!("$redacted:{length}"),
    }
}

fn xml<'a>(text: &'a str, members: &[&Sensitive]) -> Cow<'a, str> {
    if !members.iter().any(|member| text.contains(member.name)) {
        return Cow::Borrowed(text);
    }
    // What cannot be read cannot be redacted either. Nothing is left of it, and decoding says so.
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
            let text = replacement(&std::mem::take(&mut hidden));
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
    fn what_a_value_looks_like_is_told() {
        let body = "<R><MasterUserPassword>postgres://app:hunter2@db/x</MasterUserPassword></R>";
        assert_eq!(
            redacted("rds", body),
            "<R><MasterUserPassword>$redacted:27:url_userinfo</MasterUserPassword></R>"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        assert_eq!(
            redacted("rds", "<R><MasterUserPassword>hunter2</MasterUs"),
            ""
        );
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let body = "<R>\n  <DBInstanceIdentifier>a &lt; b</DBInstanceIdentifier>\r\n</R>";
        assert_eq!(redacted("rds", body), body);
        assert_eq!(redacted("logs", "{\"Value\":\"x\"}"), "{\"Value\":\"x\"}");
    }
}
