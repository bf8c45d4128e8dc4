//! The Kubernetes end of the wire: a layer between kube's client and its HTTP stack.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{ACCEPT, HeaderMap};
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::{AuthError, Body};
use thiserror::Error;
use tower::{BoxError, Service};

use super::{Answer, KEPT_HEADERS, Question, Wire};
use crate::model::Reason;

/// The service name of Kubernetes questions.
pub const SERVICE: &str = "kubernetes";

/// A page of 500 objects of the largest size that etcd holds is smaller.
const MAX_BODY_BYTES: usize = 1 << 30;

/// No answer came, or none that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}: {detail}")]
pub struct Failure {
    pub reason: Reason,
    pub detail: String,
}

/// The service that kube's client talks to: it recalls on a replay; otherwise it sends, redacts and records.
pub struct Tapped<S> {
    pub wire: Arc<Wire>,
    pub cluster: String,
    /// How long one call may take, its body included.
    pub limit: Duration,
    /// The HTTP stack, or why there is none: a failure that every question is answered with, and that is recorded.
    pub network: Result<S, Failure>,
}

impl<S, B> Service<Request<Body>> for Tapped<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: BodyExt<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match &mut self.network {
            Ok(network) => network.poll_ready(context).map_err(Into::into),
            Err(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let question = question(&request, &self.cluster);
        if let Some(answer) = self.wire.recall(&question) {
            return Box::pin(async move { response(answer) });
        }
        let wire = Arc::clone(&self.wire);
        let limit = self.limit;
        match &mut self.network {
            Ok(network) => {
                let sent = network.call(request);
                Box::pin(async move {
                    let answer = match tokio::time::timeout(limit, hear(sent)).await {
                        Ok(Ok(answer)) => answer,
                        Ok(Err(error)) => failure(&*error).into(),
                        Err(_) => Failure {
                            reason: Reason::Timeout,
                            detail: format!("no answer within {} s", limit.as_secs()),
                        }
                        .into(),
                    };
                    response(wire.heard(question, answer))
                })
            }
            Err(failure) => {
                let answer = wire.heard(question, failure.clone().into());
                Box::pin(async move { response(answer) })
            }
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Answer::Failure {
            reason: failure.reason,
            detail: failure.detail,
        }
    }
}

/// What a request asks, whatever the host and the credentials.
fn question(request: &Request<Body>, cluster: &str) -> Question {
    let uri = request.uri();
    let mut pairs: Vec<&str> = uri.query().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    Question {
        service: SERVICE.to_owned(),
        region: cluster.to_owned(),
        operation: format!("{} {}", request.method(), uri.path()),
        method: request.method().to_string(),
        path: uri.path().to_owned(),
        query: pairs.join("&"),
        target: accept
            .filter(|accept| *accept != "application/json")
            .unwrap_or_default()
            .to_owned(),
        body: String::new(),
    }
}

/// The whole answer of a call that was sent.
async fn hear<B, E>(sent: impl Future<Output = Result<Response<B>, E>>) -> Result<Answer, BoxError>
where
    E: Into<BoxError>,
    B: BodyExt<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (head, body) = sent.await.map_err(Into::into)?.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await?;
    Ok(Answer::Response {
        status: head.status.as_u16(),
        headers: kept(&head.headers),
        body: super::Body::new(&body.to_bytes()),
    })
}

fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let kept = KEPT_HEADERS.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    kept.collect()
}

/// The answer as kube's client expects it.
fn response(answer: Answer) -> Result<Response<Body>, BoxError> {
    match answer {
        Answer::Response {
            status,
            headers,
            body,
        } => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            Ok(response.body(Body::from(body.to_bytes()))?)
        }
        Answer::Failure { reason, detail } => Err(Box::new(Failure { reason, detail })),
    }
}

/// Why no answer came, in words that hold no credentials.
pub fn failure(error: &(dyn StdError + 'static)) -> Failure {
    let mut reason = Reason::Unreachable;
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return failure.clone();
        }
        if let Some(error) = error.downcast_ref::<AuthError>() {
            return Failure {
                reason: Reason::Credentials,
                detail: authentication(error),
            };
        }
        if error.is::<LengthLimitError>() {
            reason = Reason::ApiError;
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::TimedOut
        {
            reason = Reason::Timeout;
        }
        next = error.source();
        let said = error.to_string();
        // The HTTP client's own summary of what follows.
        let summary = said.starts_with("client error") && next.is_some();
        if !summary && !words.iter().any(|word| word.contains(&said)) {
            words.push(said);
        }
    }
    Failure {
        reason,
        detail: words.join(": "),
    }
}

/// A credential plugin's own words, and never what it printed on its standard output: that is where the token is.
fn authentication(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { cmd, out } => {
            let program = cmd.split_whitespace().next().unwrap_or_default();
            let program = program.trim_matches('"');
            let said = String::from_utf8_lossy(&out.stderr);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let said: String = said.chars().take(300).collect();
            format!(
                "the credential plugin {program} failed ({}): {said}",
                out.status
            )
        }
        AuthError::AuthExecStart(error) => {
            format!("the credential plugin cannot be started: {error}")
        }
        AuthError::AuthExecParse(_) => {
            "the credential plugin printed something that is not an ExecCredential".to_owned()
        }
        AuthError::ReadTokenFile(error, path) => {
            format!("cannot read the token file {}: {error}", path.display())
        }
        AuthError::InvalidBasicAuth(_) | AuthError::InvalidBearerToken(_) => {
            "the kubeconfig's credentials hold characters that no header can carry".to_owned()
        }
        other => other.to_string(),
    }
}
