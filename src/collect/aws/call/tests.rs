//! What an answer means, and that every call of the table can be made.

use serde_json::json;

use super::*;
use crate::collect::aws::entries;
use crate::collect::aws::table::calls;
use crate::wire::Body;

/// An argument that its client or its model does not take would be found only when it is asked.
#[test]
fn every_call_of_the_table_can_be_made_with_every_argument() {
    let takes = |service: &str, operation: &str, name: &str| {
        let mut dispatched = DISPATCHED.iter();
        match dispatched.find(|(of, known, _)| (*of, *known) == (service, operation)) {
            Some((_, _, takes)) => takes.contains(&name),
            None => {
                let input = &shapes::operation(service, operation).unwrap().input;
                // `Owner.1` is the first element of the argument `Owner`.
                input.contains_key(name.split('.').next().unwrap())
            }
        }
    };
    for (service, call) in entries().flat_map(calls) {
        let sent = call.args.iter().map(|(name, _)| *name);
        for name in sent.chain(call.paging.iter().map(|paging| paging.send)) {
            let operation = call.operation;
            assert!(takes(service, operation, name), "{operation} {name}");
        }
    }
    for entry in entries() {
        for (name, _) in entry.sweeps.iter().flat_map(|sweep| sweep.args) {
            let operation = entry.list.operation;
            assert!(takes(entry.service, operation, name), "{operation} {name}");
        }
    }
}

fn answered(status: u16, body: &str) -> Failure {
    let heard = Answer::Response {
        status,
        headers: BTreeMap::new(),
        body: Body::new(body.as_bytes()),
    };
    judge("kms", "ListKeys", Some(heard), None).unwrap_err()
}

fn coded(code: &str, message: &str) -> Unread {
    answered(
        400,
        &json!({"__type": code, "message": message}).to_string(),
    )
    .unread
}

#[test]
fn an_error_code_says_why_something_was_not_read() {
    let reason = |code| coded(code, "").reason;
    assert_eq!(reason("AccessDeniedException"), Reason::Denied);
    assert_eq!(reason("UnauthorizedOperation"), Reason::Denied);
    assert_eq!(reason("ThrottlingException"), Reason::Throttled);
    assert_eq!(reason("ExpiredTokenException"), Reason::Credentials);
    assert_eq!(reason("UnrecognizedClientException"), Reason::Credentials);
    assert_eq!(reason("OptInRequired"), Reason::DisabledRegion);
    assert_eq!(reason("UnknownOperationException"), Reason::NotSupported);
    assert_eq!(reason("InternalFailure"), Reason::ApiError);
    assert_eq!(answered(429, "").unread.reason, Reason::Throttled);
    assert_eq!(
        answered(404, "<html></html>").unread.reason,
        Reason::ApiError
    );
    assert_eq!(
        answered(404, "<html></html>").unread.detail,
        "HTTP 404 without an error code"
    );
}

#[test]
fn a_denied_call_names_the_permission_that_the_message_names() {
    let denied = |message| coded("AccessDeniedException", message).permission;
    let message = "User: arn:aws:iam::1:user/x is not authorized to perform: wafv2:GetWebACL on resource: arn";
    assert_eq!(denied(message).as_deref(), Some("wafv2:GetWebACL"));
    assert_eq!(denied("no").as_deref(), Some("kms:ListKeys"));
    assert_eq!(
        denied("not authorized to perform: <b>:\u{1b}[1m").as_deref(),
        Some("kms:ListKeys")
    );
    assert_eq!(coded("ThrottlingException", message).permission, None);
}

#[test]
fn good_credentials_that_a_region_does_not_know_mean_that_it_is_not_enabled() {
    let there = |code: &str| {
        elsewhere(answered(400, &json!({"__type": code}).to_string()))
            .unread
            .reason
    };
    assert_eq!(there("UnrecognizedClientException"), Reason::DisabledRegion);
    assert_eq!(there("ExpiredTokenException"), Reason::Credentials);
    assert_eq!(there("AccessDeniedException"), Reason::Denied);
}

#[test]
fn a_success_that_cannot_be_read_is_a_parse_error() {
    for body in ["", "<html></html>", "{\"Keys\": 1}", "{\"Keys\":["] {
        assert_eq!(
            answered(200, body).unread.reason,
            Reason::ParseError,
            "{body}"
        );
    }
}

#[test]
fn the_providers_words_are_kept_short_and_on_one_line() {
    let detail = coded("InternalFailure", &"word\n".repeat(1000)).detail;
    assert!(detail.starts_with("InternalFailure: word word"), "{detail}");
    assert_eq!(detail.chars().count(), 301);
    assert_eq!(
        coded("X", "\u{1b}[31mred\u{7}").detail,
        "X: [31mred",
        "no escapes for terminals"
    );
}

#[test]
fn without_an_answer_the_wire_or_the_sdk_says_why() {
    let failure = Answer::Failure {
        reason: Reason::NotRecorded,
        detail: "not on the tape".to_owned(),
    };
    let of = |heard, stuck| {
        judge("kms", "ListKeys", heard, stuck)
            .unwrap_err()
            .unread
            .reason
    };
    assert_eq!(of(Some(failure), None), Reason::NotRecorded);
    assert_eq!(
        of(None, Some(Stuck::unsupported("x"))),
        Reason::NotSupported
    );
    let expired: SdkError<std::io::Error, ()> = SdkError::construction_failure(
        CredentialsError::provider_error("the SSO session has expired"),
    );
    let stuck = Stuck::of(&expired);
    assert_eq!(stuck.detail, "the SSO session has expired");
    assert_eq!(of(None, Some(stuck)), Reason::Credentials);
}
