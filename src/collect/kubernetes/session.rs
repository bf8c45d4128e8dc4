//! A session with one cluster: how it is reached, and how one question is asked until it is answered.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::{Body, ClientBuilder};

use super::Options;
use super::kubeconfig::{self, Chosen, OpenError, Surroundings};
use super::table::WHO;
use crate::model::Reason;
use crate::wire::kubernetes::{self as end, Failure, Tapped};
use crate::wire::{Body as Content, Wire};

/// How the cluster's audit log names this program.
const AGENT: &str = concat!("soc2scan/", env!("CARGO_PKG_VERSION"));

const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A credential plugin may open a browser; longer than this, nobody is looking.
const PLUGIN_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a question that is answered with "later" or a server error is asked in all.
const ATTEMPTS: u32 = 4;
/// How often one that is not answered at all is.
const UNANSWERED_ATTEMPTS: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the server answers with its `status`: by what name it knows the one who asks.
const REVIEW: &str = r#"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#;

/// One cluster and the wire to it.
pub struct Session {
    client: Client,
    pub(super) wire: Arc<Wire>,
    pub(super) cluster: String,
    options: Options,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Heard {
    pub status: u16,
    pub body: Content,
}

impl Session {
    /// Finds the cluster and its credentials, but does not call it. A replay needs neither: its options name the cluster.
    ///
    /// What is not configured properly is an error here; a cluster that is and cannot be reached, or whose credentials
    /// have expired, opens, and everything in it is unread.
    pub async fn open(options: &Options, wire: Arc<Wire>) -> Result<Session, OpenError> {
        Self::open_in(options, wire, &Surroundings::read()).await
    }

    async fn open_in(
        options: &Options,
        wire: Arc<Wire>,
        surroundings: &Surroundings,
    ) -> Result<Session, OpenError> {
        let limit = options.timeout_seconds.map(Duration::from_secs);
        let limit = limit.unwrap_or(TIMEOUT);
        if wire.is_replay() {
            let cluster = options.cluster.clone().ok_or(OpenError::NoCluster)?;
            return Ok(Self {
                client: silent(&wire, &cluster, limit, Reason::NotRecorded, "a replay"),
                wire,
                cluster,
                options: options.clone(),
            });
        }
        let chosen = kubeconfig::choose(options, surroundings).await?;
        let options = Options {
            kubeconfig: None,
            context: chosen.context.clone(),
            cluster: Some(chosen.cluster.clone()),
            timeout_seconds: options.timeout_seconds,
        };
        Ok(Self {
            cluster: chosen.cluster.clone(),
            client: connected(chosen, &wire, limit).await?,
            wire,
            options,
        })
    }

    /// The cluster's name in scopes and resource ids.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// What a replay of this session is opened with: the context and the cluster that were chosen, and no local path.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Asks for what is at a path.
    pub(super) async fn ask(&self, path_and_query: &str, accept: &str) -> Result<Heard, Failure> {
        self.insist(|| {
            Request::get(path_and_query)
                .header(ACCEPT, accept)
                .header(USER_AGENT, AGENT)
                .body(Body::empty())
        })
        .await
    }

    /// Asks who asks. It is a POST, and creates nothing.
    pub(super) async fn ask_who(&self) -> Result<Heard, Failure> {
        self.insist(|| {
            Request::post(WHO)
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, "application/json")
                .header(USER_AGENT, AGENT)
                .body(Body::from(REVIEW.as_bytes().to_vec()))
        })
        .await
    }

    /// Asks until there is an answer that asking again would not change, or the attempts run out.
    async fn insist(
        &self,
        request: impl Fn() -> http::Result<Request<Body>>,
    ) -> Result<Heard, Failure> {
        let mut attempt = 1;
        loop {
            let (pause, result) = match self.ask_once(request()).await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let again = matches!(status, 429 | 500 | 502 | 503 | 504);
                    let pause = (again && attempt < ATTEMPTS)
                        .then(|| asked_pause(response.headers()).unwrap_or(backoff(attempt)));
                    (pause, heard(response).await)
                }
                Err(failure) => {
                    let again = matches!(failure.reason, Reason::Timeout | Reason::Unreachable);
                    let pause = (again && attempt < UNANSWERED_ATTEMPTS).then(|| backoff(attempt));
                    (pause, Err(failure))
                }
            };
            let Some(pause) = pause else {
                return result;
            };
            if !self.wire.is_replay() {
                tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
            }
            attempt += 1;
        }
    }

    async fn ask_once(
        &self,
        request: http::Result<Request<Body>>,
    ) -> Result<Response<Body>, Failure> {
        let request = request.map_err(|error| end::failure(&error))?;
        let sent = self.client.send(request).await;
        sent.map_err(|error| end::failure(&error))
    }
}

async fn heard(response: Response<Body>) -> Result<Heard, Failure> {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await;
    let body = body.map_err(|error| end::failure(&error))?;
    Ok(Heard {
        status,
        body: Content::new(&body.to_bytes()),
    })
}

/// The pause that the server asks for, in seconds; it never names a date.
fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn backoff(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.saturating_pow(attempt.saturating_sub(1))
}

/// The client of a cluster that is reached through kube's own HTTP stack.
async fn connected(chosen: Chosen, wire: &Arc<Wire>, limit: Duration) -> Result<Client, OpenError> {
    let mut config = chosen.config;
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT.min(limit));
    config.read_timeout = None;
    // Building the stack runs the credential plugin and waits for it.
    let building = tokio::task::spawn_blocking(move || ClientBuilder::try_from(config));
    let Ok(built) = tokio::time::timeout(PLUGIN_TIMEOUT, building).await else {
        let detail = format!(
            "the credential plugin did not answer within {} s",
            PLUGIN_TIMEOUT.as_secs()
        );
        let reason = Reason::Credentials;
        return Ok(silent(wire, &chosen.cluster, limit, reason, &detail));
    };
    let failed = match built {
        Ok(Ok(builder)) => {
            let layer = tower::layer::layer_fn(|network| Tapped {
                wire: Arc::clone(wire),
                cluster: chosen.cluster.clone(),
                limit,
                network: Ok(network),
            });
            return Ok(builder.with_layer(&layer).build());
        }
        Ok(Err(error)) => end::failure(&error),
        Err(error) => end::failure(&error),
    };
    if failed.reason == Reason::Credentials {
        return Ok(silent(
            wire,
            &chosen.cluster,
            limit,
            failed.reason,
            &failed.detail,
        ));
    }
    Err(OpenError::Unusable {
        context: chosen.context.unwrap_or_default(),
        message: failed.detail,
    })
}

/// The client of a cluster that cannot be called.
fn silent(
    wire: &Arc<Wire>,
    cluster: &str,
    limit: Duration,
    reason: Reason,
    detail: &str,
) -> Client {
    let network: Result<tower::util::BoxService<_, Response<Body>, tower::BoxError>, _> =
        Err(Failure {
            reason,
            detail: detail.to_owned(),
        });
    let tapped = Tapped {
        wire: Arc::clone(wire),
        cluster: cluster.to_owned(),
        limit,
        network,
    };
    Client::new(tapped, "default")
}
