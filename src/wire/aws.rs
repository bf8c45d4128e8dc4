//! The AWS end of the wire: an HTTP client for the SDK that asks the tape, or asks AWS and tells the tape.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, ConnectorBuilder, tls};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::{BodyExt, Limited};

use super::{Answer, Body, KEPT_HEADERS, Question, Wire};
use crate::model::Reason;

/// Larger bodies are not read: the largest page of any list is a hundredth of this.
const MAX_BODY_BYTES: usize = 64 << 20;

/// An HTTP client for the SDK's service clients. No exchange takes longer than `limit`, its body included.
///
/// The clients that fetch credentials must not be given this one: what they exchange belongs on no tape.
pub fn client(wire: Arc<Wire>, limit: Duration) -> SharedHttpClient {
    let network = (!wire.is_replay()).then(network);
    SharedHttpClient::new(Tap {
        wire,
        network,
        limit,
    })
}

/// The SDK's own default client: rustls, the system's roots, and the environment's proxies.
fn network() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = ConnectorBuilder::default().tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ));
        builder.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        builder.set_proxy_config(Some(ProxyConfig::from_env()));
        builder.build()
    })
}

/// Hears the answer to one call: the last attempt's, as it may be kept.
#[derive(Clone, Debug, Default)]
pub struct Ear(Arc<Mutex<Option<Answer>>>);

impl Ear {
    /// What was heard; `None` if the last attempt got no further than credentials or the endpoint's name.
    pub fn heard(&self) -> Option<Answer> {
        self.set(None)
    }

    fn set(&self, answer: Option<Answer>) -> Option<Answer> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut heard, answer)
    }
}

/// Travels with a request from the SDK's interceptor to the connector.
#[derive(Clone, Debug)]
struct Asking {
    operation: String,
    ear: Ear,
}

#[dyn_dispatch_hint]
impl Intercept for Ear {
    fn name(&self) -> &'static str {
        "Ear"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.set(None);
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map_or("", Metadata::name);
        context.request_mut().add_extension(Asking {
            operation: operation.to_owned(),
            ear: self.clone(),
        });
        Ok(())
    }
}

#[derive(Debug)]
struct Tap {
    wire: Arc<Wire>,
    network: Option<SharedHttpClient>,
    limit: Duration,
}

impl HttpClient for Tap {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let network = self.network.as_ref();
        SharedHttpConnector::new(Connector {
            wire: Arc::clone(&self.wire),
            network: network.map(|client| client.http_connector(settings, components)),
            limit: self.limit,
        })
    }
}

#[derive(Debug)]
struct Connector {
    wire: Arc<Wire>,
    network: Option<SharedHttpConnector>,
    limit: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asking = request.extension::<Asking>().cloned();
        let operation = asking.as_ref().map(|asking| asking.operation.as_str());
        let question = question(&request, operation);
        let again = !is_first_attempt(&request);
        let respond = move |answer: Answer| {
            if let Some(asking) = &asking {
                asking.ear.set(Some(answer.clone()));
            }
            response(answer, again)
        };
        if let Some(answer) = self.wire.recall(&question) {
            return HttpConnectorFuture::ready(respond(answer));
        }
        let Some(network) = &self.network else {
            return HttpConnectorFuture::ready(respond(Answer::Failure {
                reason: Reason::NotRecorded,
                detail: String::new(),
            }));
        };
        let exchange = network.call(request);
        let (wire, limit) = (Arc::clone(&self.wire), self.limit);
        HttpConnectorFuture::new(async move {
            let answer = tokio::time::timeout(limit, read(exchange))
                .await
                .unwrap_or_else(|_| Answer::Failure {
                    reason: Reason::Timeout,
                    detail: format!("no whole answer within {} s", limit.as_secs_f32()),
                });
            respond(wire.heard(question, answer))
        })
    }
}

/// Reads an answer to its end.
async fn read(exchange: HttpConnectorFuture) -> Answer {
    let response = match exchange.await {
        Ok(response) => response,
        Err(error) => return failure(&error),
    };
    let status = response.status().as_u16();
    let headers: BTreeMap<String, String> = response
        .headers()
        .iter()
        .filter(|(name, _)| KEPT_HEADERS.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    match Limited::new(response.into_body(), MAX_BODY_BYTES)
        .collect()
        .await
    {
        Ok(body) => Answer::Response {
            status,
            headers,
            body: Body::new(&body.to_bytes()),
        },
        Err(error) => Answer::Failure {
            reason: Reason::Unreachable,
            detail: format!("the answer broke off: {}", innermost(error.as_ref())),
        },
    }
}

fn failure(error: &ConnectorError) -> Answer {
    let reason = if error.is_timeout() {
        Reason::Timeout
    } else {
        Reason::Unreachable
    };
    Answer::Failure {
        reason,
        detail: innermost(error),
    }
}

/// The cause at the bottom of a chain of errors, which is the one that says something.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What a signed request asks.
fn question(request: &HttpRequest, operation: Option<&str>) -> Question {
    let header = |name| request.headers().get(name).unwrap_or_default();
    let (region, service) = scope(header("authorization")).unwrap_or_default();
    let uri: http::Uri = request.uri().parse().unwrap_or_default();
    let mut pairs: Vec<&str> = uri.query().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    let body = request.body().bytes().unwrap_or_default();
    Question {
        service: service.to_owned(),
        region: region.to_owned(),
        operation: operation.unwrap_or_default().to_owned(),
        method: request.method().to_owned(),
        path: uri.path().to_owned(),
        query: pairs.join("&"),
        target: header("x-amz-target").to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// Region and service of `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/rds/aws4_request, ...`.
fn scope(authorization: &str) -> Option<(&str, &str)> {
    let credential = authorization.split_once("Credential=")?.1;
    let mut parts = credential.split(',').next()?.split('/').skip(2);
    Some((parts.next()?, parts.next()?))
}

/// The SDK numbers its attempts in a header.
fn is_first_attempt(request: &HttpRequest) -> bool {
    let header = request.headers().get("amz-sdk-request").unwrap_or_default();
    header.split(';').any(|part| part.trim() == "attempt=1")
}

/// An answer as the SDK expects it. A second timeout is final: whatever hangs twice would hold up the whole scan.
fn response(answer: Answer, again: bool) -> Result<HttpResponse, ConnectorError> {
    match answer {
        Answer::Response {
            status,
            headers,
            body,
        } => {
            let status = status
                .try_into()
                .map_err(|_| ConnectorError::other("not an HTTP status".into(), None))?;
            let mut response = HttpResponse::new(status, SdkBody::from(body.to_bytes()));
            for (name, value) in headers {
                // A tape is not trusted to hold valid headers.
                let _ = response.headers_mut().try_insert(name, value);
            }
            Ok(response)
        }
        Answer::Failure { reason, detail } => {
            let source = Box::new(Unanswered(detail));
            Err(match reason {
                Reason::Timeout if !again => ConnectorError::timeout(source),
                Reason::Unreachable => ConnectorError::io(source),
                _ => ConnectorError::other(source, None),
            })
        }
    }
}

#[derive(Debug)]
struct Unanswered(String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, headers: &[(&'static str, &'static str)], body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_uri(uri).unwrap();
        request.set_method("POST").unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, *value);
        }
        request
    }

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260115/eu-west-1/rds/aws4_request, \
                          SignedHeaders=host;x-amz-date, Signature=0123456789abcdef";

    #[test]
    fn a_question_is_free_of_host_credentials_and_time() {
        let ask = |host: &str, date, token| {
            question(
                &request(
                    &format!("https://{host}/?b=2&a=1"),
                    &[
                        ("authorization", SIGNED),
                        ("x-amz-date", date),
                        ("x-amz-security-token", token),
                    ],
                    "Action=DescribeDBInstances",
                ),
                Some("DescribeDBInstances"),
            )
        };
        let first = ask("rds.eu-west-1.amazonaws.com", "20260115T000000Z", "one");
        let second = ask("127.0.0.1:5000", "20260116T000000Z", "two");
        assert_eq!(first, second);
        assert_eq!(first.service, "rds");
        assert_eq!(first.region, "eu-west-1");
        assert_eq!(first.query, "a=1&b=2");
        let text = serde_json::to_string(&first).unwrap();
        for secret in ["AKIA", "0123456789abcdef", "one", "2026"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn a_request_without_a_signature_is_still_a_question() {
        let asked = question(&request("http://localhost/clusters", &[], ""), None);
        assert_eq!(
            (asked.service.as_str(), asked.path.as_str()),
            ("", "/clusters")
        );
    }

    #[test]
    fn what_hangs_twice_is_not_asked_again() {
        let timeout = || Answer::Failure {
            reason: Reason::Timeout,
            detail: String::new(),
        };
        assert!(response(timeout(), false).unwrap_err().is_timeout());
        assert!(response(timeout(), true).unwrap_err().is_other());
    }

    #[test]
    fn the_attempt_is_read_from_the_sdks_header() {
        let attempt = |header| {
            is_first_attempt(&request(
                "http://localhost",
                &[("amz-sdk-request", header)],
                "",
            ))
        };
        assert!(attempt("attempt=1; max=5"));
        assert!(attempt("ttl=20260115T000000Z; attempt=1; max=5"));
        assert!(!attempt("ttl=20260115T000000Z; attempt=2; max=5"));
        assert!(!attempt("attempt=2; max=5"));
    }
}
