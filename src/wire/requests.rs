//! Requests: every exchange of a tape as a row, so that an auditor finds the same calls in the provider's own log.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Answer, Body, Question, Tape};
use crate::model::{Reason, sha256};

/// One question and one answer to it. What a tape does not hold (the order in time, durations) is not here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request<'a> {
    /// The place among the tape's exchanges, which are sorted by question and not by time.
    pub seq: usize,
    pub provider: &'static str,
    /// The AWS account, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<&'a str>,
    /// The region of the signature, or the cluster.
    pub region: &'a str,
    pub service: &'a str,
    pub operation: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    /// The query and the body, decoded.
    pub params: Map<String, Value>,
    /// Which page of a list it is, where that follows from the tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<usize>,
    /// The how-manieth answer to the same question: more than 1 after a throttle or an error.
    pub attempt: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Reason>,
    /// The provider's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<&'a str>,
    /// `x-amzn-requestid` in CloudTrail, `audit-id` in the Kubernetes audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// Of the body as the tape keeps it: redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_sha256: Option<String>,
    /// How many things the answer lists, where its form tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
}

/// How an operation was asked in one region or cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Operation {
    pub service: String,
    pub region: String,
    pub operation: String,
    /// Answers and failures, attempts included.
    pub requests: usize,
    /// Questions.
    pub pages: usize,
    /// How many things the answers list, where the form of all of them tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// Answers with an error status.
    pub errors: usize,
    /// Questions that no answer came to.
    pub failures: usize,
    /// Whether every page was asked for that an answer promised.
    pub exhausted: bool,
}

/// The names under which a question and an answer hand on where a list goes on. A test holds them against the table of
/// AWS kinds. CloudFront says in `Marker` where its page began, beside the `NextMarker`.
pub const TOKENS: [&str; 12] = [
    "ContinuationToken",
    "ExclusiveStartTableName",
    "LastEvaluatedTableName",
    "NextMarker",
    "Marker",
    "NextToken",
    "PaginationToken",
    "continuation-token",
    "continue",
    "marker",
    "nextToken",
    "position",
];

/// Every exchange of a tape.
pub fn requests<'a>(tape: &'a Tape, account: Option<&'a str>) -> Vec<Request<'a>> {
    let pages = Pages::new(tape);
    let mut requests = Vec::new();
    for (index, (question, answers)) in tape.exchanges().iter().enumerate() {
        let kubernetes = question.service == "kubernetes";
        for (nth, answer) in answers.iter().enumerate() {
            let mut request = Request {
                seq: requests.len() + 1,
                provider: if kubernetes { "kubernetes" } else { "aws" },
                account: account.filter(|_| !kubernetes),
                region: &question.region,
                service: &question.service,
                operation: &question.operation,
                method: &question.method,
                path: &question.path,
                params: params(question),
                page: pages.numbers.get(&index).copied(),
                attempt: nth + 1,
                status: None,
                failure: None,
                date: None,
                request_id: None,
                response_sha256: None,
                items: None,
            };
            match answer {
                Answer::Response {
                    status,
                    headers,
                    body,
                } => {
                    let header = |name: &str| headers.get(name).map(String::as_str);
                    let ids = ["x-amzn-requestid", "x-amz-request-id", "audit-id"];
                    request.status = Some(*status);
                    request.date = header("date");
                    request.request_id = ids.into_iter().find_map(header);
                    request.response_sha256 = Some(sha256(&body.to_bytes()));
                    request.items = items(body).filter(|_| *status < 300);
                }
                Answer::Failure { reason, .. } => request.failure = Some(*reason),
            }
            requests.push(request);
        }
    }
    requests
}

/// Every operation that a tape asks, sorted by service, region or cluster, and name.
pub fn operations(tape: &Tape) -> Vec<Operation> {
    let pages = Pages::new(tape);
    let mut operations: BTreeMap<Key<'_>, Operation> = BTreeMap::new();
    for (question, answers) in tape.exchanges() {
        let key = key(question);
        let operation = operations.entry(key).or_insert_with(|| Operation {
            service: question.service.clone(),
            region: question.region.clone(),
            operation: question.operation.clone(),
            items: Some(0),
            exhausted: !pages.unasked.contains(&key),
            ..Operation::default()
        });
        operation.pages += 1;
        for answer in answers {
            operation.requests += 1;
            match answer {
                Answer::Response { status, .. } if *status >= 300 => operation.errors += 1,
                Answer::Response { body, .. } => {
                    let both = operation.items.zip(items(body));
                    operation.items = both.map(|(before, more)| before + more);
                }
                Answer::Failure { .. } => operation.failures += 1,
            }
        }
    }
    operations.into_values().collect()
}

/// Service, region or cluster, and operation.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key(question: &Question) -> Key<'_> {
    (&question.service, &question.region, &question.operation)
}

/// The pages of the lists of a tape.
struct Pages<'a> {
    /// By the place of the question.
    numbers: BTreeMap<usize, usize>,
    /// The operations of which an answer promised a page that nobody asked for.
    unasked: BTreeSet<Key<'a>>,
}

impl<'a> Pages<'a> {
    fn new(tape: &'a Tape) -> Self {
        // A list is what is asked but for the token; its pages by the token that asks for them.
        type List<'a> = BTreeMap<Option<String>, (usize, &'a Question)>;
        let mut lists: BTreeMap<(Key<'_>, String), List<'_>> = BTreeMap::new();
        let mut next: BTreeMap<usize, String> = BTreeMap::new();
        for (index, (question, answers)) in tape.exchanges().iter().enumerate() {
            let mut params = params(question);
            let mut token = None;
            for name in TOKENS {
                if let Some(Value::String(text)) = params.remove(name) {
                    token = Some(text);
                }
            }
            let asked = format!("{} {}", question.path, Value::Object(params));
            let list = lists.entry((key(question), asked)).or_default();
            list.insert(token, (index, question));
            if let Some(Answer::Response { status, body, .. }) = answers.last()
                && *status < 300
                && let Some(token) = promised(body)
            {
                next.insert(index, token);
            }
        }
        let mut pages = Self {
            numbers: BTreeMap::new(),
            unasked: BTreeSet::new(),
        };
        for list in lists.values_mut() {
            let mut token = None;
            let mut number = 0;
            // Taken out as it is numbered, so that a token that leads back ends the list.
            while let Some((index, question)) = list.remove(&token) {
                number += 1;
                pages.numbers.insert(index, number);
                let Some(more) = next.get(&index) else {
                    break;
                };
                token = Some(more.clone());
                if !list.contains_key(&token) {
                    pages.unasked.insert(key(question));
                }
            }
        }
        pages
    }
}

/// The query and the body of a question; a name that stands more than once has a list.
fn params(question: &Question) -> Map<String, Value> {
    let mut params = Map::new();
    let mut add = |pairs: &str| {
        for (name, value) in form_urlencoded::parse(pairs.as_bytes()) {
            let value = Value::String(value.into_owned());
            match params.get_mut(name.as_ref()) {
                None => {
                    params.insert(name.into_owned(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
    };
    add(&question.query);
    match serde_json::from_str(&question.body) {
        Ok(Value::Object(body)) => params.extend(body),
        _ => add(&question.body),
    }
    params
}

/// The token of the page after this one.
fn promised(body: &Body) -> Option<String> {
    let mut tokens: Box<dyn Iterator<Item = Cow<'_, str>>> = match body {
        Body::Json(json) => {
            let tokens = TOKENS.iter().filter_map(|name| json.get(name));
            let tokens = tokens.chain(json.pointer("/metadata/continue"));
            Box::new(tokens.filter_map(Value::as_str).map(Cow::from))
        }
        Body::Text(text) if text.contains("<IsTruncated>false</IsTruncated>") => return None,
        Body::Text(text) => Box::new(TOKENS.iter().filter_map(|name| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let (inside, _) = rest.split_once(&format!("</{name}>"))?;
            quick_xml::escape::unescape(inside).ok()
        })),
    };
    tokens.find(|token| !token.is_empty()).map(Cow::into_owned)
}

/// How many things an answer lists: the items of a Kubernetes list, or the one list in an AWS answer.
fn items(body: &Body) -> Option<usize> {
    let Body::Json(Value::Object(json)) = body else {
        return None;
    };
    let mut lists = json.values().filter_map(Value::as_array);
    let list = lists.next()?;
    lists.next().is_none().then_some(list.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(service: &str, operation: &str, query: &str, body: &str) -> Question {
        Question {
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            operation: operation.to_owned(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            target: String::new(),
            body: body.to_owned(),
        }
    }

    fn answered(status: u16, body: &str) -> Answer {
        let headers = [
            ("date", "Sun, 22 Nov 2026 08:08:08 GMT"),
            ("x-amzn-requestid", "id-1"),
        ];
        Answer::Response {
            status,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: Body::new(body.as_bytes()),
        }
    }

    #[test]
    fn a_row_holds_what_the_tape_knows_and_nothing_else() {
        let mut tape = Tape::default();
        let question = asked("rds", "DescribeDBInstances", "", "Action=D&MaxRecords=100");
        tape.push(question.clone(), answered(503, "<busy/>"));
        tape.push(
            question,
            Answer::Failure {
                reason: Reason::Timeout,
                detail: "slow".to_owned(),
            },
        );
        let rows = requests(&tape, Some("123456789012"));
        assert_eq!(
            json!(rows[0]),
            json!({
                "seq": 1, "provider": "aws", "account": "123456789012", "region": "us-east-1", "service": "rds",
                "operation": "DescribeDBInstances", "method": "POST", "path": "/",
                "params": {"Action": "D", "MaxRecords": "100"}, "page": 1, "attempt": 1, "status": 503,
                "date": "Sun, 22 Nov 2026 08:08:08 GMT", "request_id": "id-1",
                "response_sha256": sha256(b"<busy/>"),
            })
        );
        let second = json!(rows[1]);
        assert_eq!(second["attempt"], 2);
        assert_eq!(second["failure"], "timeout");
        assert!(second.get("status").is_none() && second.get("date").is_none());
    }

    #[test]
    fn pages_follow_the_tokens_and_a_list_that_broke_off_is_not_exhausted() {
        let mut tape = Tape::default();
        let kms = |body: &str| asked("kms", "ListKeys", "", body);
        tape.push(
            kms(r#"{"Limit": 1}"#),
            answered(200, r#"{"Keys": [1], "NextMarker": "z"}"#),
        );
        tape.push(
            kms(r#"{"Limit": 1, "Marker": "z"}"#),
            answered(200, r#"{"Keys": [2], "NextMarker": "a"}"#),
        );
        tape.push(
            kms(r#"{"Limit": 1, "Marker": "a"}"#),
            answered(200, r#"{"Keys": [3, 4]}"#),
        );
        tape.push(
            asked("rds", "DescribeDBClusters", "", "Action=D"),
            answered(200, "<D><Marker>x&amp;y</Marker></D>"),
        );
        let pages: Vec<_> = requests(&tape, None)
            .iter()
            .map(|row| (row.params.get("Marker").cloned(), row.page, row.items))
            .collect();
        assert_eq!(
            pages,
            [
                (Some(json!("a")), Some(3), Some(2)),
                (Some(json!("z")), Some(2), Some(1)),
                (None, Some(1), Some(1)),
                (None, Some(1), None),
            ]
        );
        let operations = operations(&tape);
        assert_eq!((operations[0].pages, operations[0].items), (3, Some(4)));
        assert_eq!(operations[1].items, None, "the form of XML does not tell");
        assert!(operations[0].exhausted);
        assert!(!operations[1].exhausted, "the page x&y was never asked for");
    }

    #[test]
    fn the_pages_of_every_service_are_told_by_its_own_tokens() {
        let page = |marker: &str, next: &str| {
            let more = if next.is_empty() { "false" } else { "true" };
            format!(
                "<DistributionList><Marker>{marker}</Marker>{next}<IsTruncated>{more}</IsTruncated></DistributionList>"
            )
        };
        let next = "<NextMarker>b</NextMarker>";
        let pages = [
            (
                "dynamodb",
                "",
                r#"{"TableNames": [], "LastEvaluatedTableName": "b"}"#.to_owned(),
            ),
            (
                "dynamodb",
                r#"{"ExclusiveStartTableName": "b"}"#,
                r#"{"TableNames": []}"#.to_owned(),
            ),
            (
                "s3",
                "",
                "<R><ContinuationToken>b</ContinuationToken></R>".to_owned(),
            ),
            ("s3", "continuation-token=b", "<R/>".to_owned()),
            (
                "apigateway",
                "",
                r#"{"item": [], "position": "b"}"#.to_owned(),
            ),
            ("apigateway", "position=b", r#"{"item": []}"#.to_owned()),
            ("cloudfront", "", page("", next)),
            ("cloudfront", "Marker=b", page("b", "")),
        ];
        for whole in [true, false] {
            let mut tape = Tape::default();
            for (service, asked_with, answer) in &pages {
                if whole || asked_with.is_empty() {
                    let (query, body) = match asked_with.starts_with('{') {
                        true => ("", *asked_with),
                        false => (*asked_with, ""),
                    };
                    tape.push(asked(service, "List", query, body), answered(200, answer));
                }
            }
            let numbers: Vec<_> = requests(&tape, None)
                .iter()
                .map(|row| (row.service.to_owned(), row.page))
                .collect();
            for service in ["apigateway", "cloudfront", "dynamodb", "s3"] {
                let of = numbers.iter().filter(|(of, _)| of == service);
                let of: BTreeSet<_> = of.map(|(_, page)| *page).collect();
                let expected = if whole {
                    vec![Some(1), Some(2)]
                } else {
                    vec![Some(1)]
                };
                assert_eq!(of, expected.into_iter().collect(), "{service}");
            }
            for operation in operations(&tape) {
                assert_eq!(operation.exhausted, whole, "{operation:?}");
            }
        }
    }

    #[test]
    fn a_token_that_leads_back_ends_the_list() {
        let mut tape = Tape::default();
        let list = |token: &str| asked("kubernetes", "GET /api/v1/pods", token, "");
        let more = r#"{"items": [], "metadata": {"continue": "a"}}"#;
        tape.push(list("limit=5"), answered(200, more));
        tape.push(list("continue=a&limit=5"), answered(200, more));
        let pages: Vec<_> = requests(&tape, None).iter().map(|row| row.page).collect();
        assert_eq!(pages, [Some(2), Some(1)]);
    }
}
