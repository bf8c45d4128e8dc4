//! A session with AWS: credentials, regions and clients, live or on a tape.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::imds::client::error::ImdsError;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use tokio::sync::Semaphore;

use super::call::Clients;
use super::regions::{self, UnknownRegion};
use super::{Options, Regions, profile};
use crate::model::{Reason, Unread};
use crate::wire::{Answer, Question, Wire, aws as wire_aws};

/// Why there is no session: mistakes that the user can mend. Everything else is part of what a scan sees.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("no AWS region is configured")]
    NoRegion {
        /// Without these either, AWS is simply not configured.
        has_credentials: bool,
        /// Whether one is wanted only to ask it for all.
        all: bool,
    },
    #[error(transparent)]
    UnknownRegion(#[from] UnknownRegion),
    #[error("there is no AWS profile {name:?}")]
    UnknownProfile {
        name: String,
        /// The profile that was probably meant.
        suggestion: Option<String>,
    },
    #[error("the AWS profile {name:?} cannot be used: {detail}")]
    Profile { name: String, detail: String },
    #[error("the AWS configuration cannot be read: {0}")]
    Configuration(String),
}

impl OpenError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            OpenError::NoRegion { all: true, .. } => {
                "--all-regions asks one region which others there are: set AWS_REGION, for example to us-east-1"
                    .to_owned()
            }
            OpenError::NoRegion { all: false, .. } => {
                "name regions with --region, or set AWS_REGION".to_owned()
            }
            OpenError::UnknownRegion(error) => error.hint(),
            OpenError::UnknownProfile {
                suggestion: Some(name),
                ..
            } => format!("did you mean {name:?}?"),
            OpenError::UnknownProfile { .. } => {
                "`aws configure list-profiles` lists them".to_owned()
            }
            OpenError::Profile { name, .. } => {
                format!("`aws sts get-caller-identity --profile {name}` uses it too")
            }
            OpenError::Configuration(_) => {
                "it is read from ~/.aws/config and ~/.aws/credentials, or from the files that \
                 AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name"
                    .to_owned()
            }
        }
    }
}

/// How patient a session is.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until there are credentials: what fetches them may open a browser.
    pub credentials: Duration,
    pub connect: Duration,
    /// Until the first byte of an answer.
    pub read: Duration,
    /// Until the whole answer is there.
    pub attempt: Duration,
    pub attempts: u32,
    pub first_backoff: Duration,
    pub longest_backoff: Duration,
    /// Calls in flight to one service in one region.
    pub calls_per_service: usize,
    /// Calls in flight altogether.
    pub calls: usize,
}

impl Default for Limits {
    /// AWS's own defaults wait for ever for an answer, and give up on throttling after three attempts; adaptive retries
    /// stall every service behind one (measured: 38 s for one 429).
    fn default() -> Self {
        Self {
            credentials: Duration::from_secs(60),
            connect: Duration::from_secs(5),
            read: Duration::from_secs(20),
            attempt: Duration::from_secs(25),
            // Through a bucket of ten calls a second (what AWS gives), eight attempts left 10 of 1,700 calls throttled.
            attempts: 12,
            first_backoff: Duration::from_millis(100),
            longest_backoff: Duration::from_secs(5),
            calls_per_service: 8,
            calls: 64,
        }
    }
}

/// A session; [`Session::collect`] reads an account with it.
#[derive(Debug)]
pub struct Session {
    pub(super) options: Options,
    pub(super) home: String,
    pub(super) wire: Arc<Wire>,
    /// Why there are no credentials, if there are none.
    credentials: Result<(), Unread>,
    configured: bool,
    config: SdkConfig,
    partition: RetryPartition,
    limits: Limits,
    clients: Mutex<BTreeMap<String, Arc<Clients>>>,
    gates: Mutex<BTreeMap<(String, &'static str), Arc<Semaphore>>>,
    gate: Arc<Semaphore>,
}

impl Session {
    /// Resolves profile, credentials and region as every AWS SDK does; on a replay, asks nothing and nobody.
    pub async fn open(options: &Options, wire: Arc<Wire>) -> Result<Self, OpenError> {
        if !wire.is_replay() {
            profile::check(options.profile.as_deref()).await?;
        }
        let loader = aws_config::defaults(BehaviorVersion::latest());
        Self::open_with(options, wire, loader, Limits::default()).await
    }

    /// [`Session::open`] with settings of one's own.
    pub async fn open_with(
        options: &Options,
        wire: Arc<Wire>,
        loader: ConfigLoader,
        limits: Limits,
    ) -> Result<Self, OpenError> {
        if let Some(home) = &options.home {
            regions::check(home)?;
        }
        let mut named: Vec<String> = match &options.regions {
            Regions::Named(named) => named.clone(),
            Regions::Home | Regions::All => Vec::new(),
        };
        for name in &named {
            regions::check(name)?;
        }
        named.sort_unstable();
        named.dedup();

        let (config, credentials) = if wire.is_replay() {
            (replayed(), Ok(()))
        } else {
            let config = loaded(options, loader, &limits).await;
            match credentials(&config, limits.credentials).await {
                Ok(provider) => {
                    let config = config.into_builder().credentials_provider(provider);
                    (config.build(), Ok(()))
                }
                Err(missing) => (config, Err(missing)),
            }
        };
        let has_credentials = credentials.is_ok();
        if let (Err(missing), Some(name)) = (&credentials, &options.profile)
            && (missing.misconfigured || missing.nothing_configured)
        {
            return Err(OpenError::Profile {
                name: name.clone(),
                detail: if missing.misconfigured {
                    missing.detail.clone()
                } else {
                    "it is not defined, or has no credentials".to_owned()
                },
            });
        }
        let configured = !matches!(&credentials, Err(missing) if missing.nothing_configured);
        let home = options
            .home
            .clone()
            .or_else(|| config.region().map(|region| region.as_ref().to_owned()))
            .or_else(|| named.first().cloned())
            .ok_or(OpenError::NoRegion {
                has_credentials,
                all: options.regions == Regions::All,
            })?;
        regions::check(&home)?;

        let replay = wire.is_replay();
        let retry = RetryConfig::standard()
            .with_max_attempts(limits.attempts)
            // A replay has no one to wait for.
            .with_initial_backoff(if replay {
                Duration::ZERO
            } else {
                limits.first_backoff
            })
            .with_max_backoff(limits.longest_backoff);
        let client = wire_aws::client(Arc::clone(&wire), limits.attempt);
        let config = config
            .into_builder()
            .region(Region::new(home.clone()))
            .http_client(client)
            .retry_config(retry)
            .timeout_config(timeouts(&limits))
            // What trickles in too slowly is cut off by the wire, so that a tape knows of it.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let options = Options {
            profile: None,
            home: Some(home.clone()),
            regions: match &options.regions {
                Regions::Named(_) => Regions::Named(named),
                other => other.clone(),
            },
        };
        let session = Self {
            options,
            home,
            wire,
            credentials: credentials.map_err(Missing::unread),
            configured,
            config,
            // The SDK's quota is shared by the whole process and dries up after a hundred retries.
            partition: RetryPartition::custom("soc2scan")
                .token_bucket(TokenBucket::unlimited())
                .build(),
            limits,
            clients: Mutex::default(),
            gates: Mutex::default(),
            gate: Arc::new(Semaphore::new(limits.calls)),
        };
        session.tell_missing_credentials();
        Ok(session)
    }

    /// The options with everything resolved that a replay cannot find out: the home region. The profile's name is left
    /// out, because a replay needs none.
    pub fn options(&self) -> Options {
        self.options.clone()
    }

    /// Whether any credentials are configured at all, good or bad: without them, AWS may simply not be meant.
    pub fn has_credentials(&self) -> bool {
        self.configured
    }

    /// Why no call can be made, if none can.
    pub(super) fn credentials(&self) -> Result<(), Unread> {
        self.credentials.clone()
    }

    /// The region's clients.
    pub(super) fn clients(&self, region: &str) -> Arc<Clients> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let made = clients.entry(region.to_owned()).or_insert_with(|| {
            let config = self.config.to_builder();
            let config = config.region(Region::new(region.to_owned())).build();
            Arc::new(Clients::new(config, self.partition.clone()))
        });
        Arc::clone(made)
    }

    /// The gates that a call goes through: its service's in its region, and everyone's.
    pub(super) fn gates(
        &self,
        region: &str,
        service: &'static str,
    ) -> (Arc<Semaphore>, Arc<Semaphore>) {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let own = gates
            .entry((region.to_owned(), service))
            .or_insert_with(|| Arc::new(Semaphore::new(self.limits.calls_per_service)));
        (Arc::clone(own), Arc::clone(&self.gate))
    }

    /// Puts missing credentials on the tape as the failure of the call that they prevent, so that a replay sees them too.
    fn tell_missing_credentials(&self) {
        let Err(unread) = &self.credentials else {
            return;
        };
        let question = Question {
            service: "sts".to_owned(),
            region: self.home.clone(),
            operation: "GetCallerIdentity".to_owned(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            target: String::new(),
            body: "Action=GetCallerIdentity&Version=2011-06-15".to_owned(),
        };
        let failure = Answer::Failure {
            reason: unread.reason,
            detail: unread.detail.clone(),
        };
        self.wire.heard(question, failure);
    }
}

fn timeouts(limits: &Limits) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        // A little longer than the wire's own, so that the wire is the one to tell of it.
        .operation_attempt_timeout(limits.attempt + Duration::from_secs(5))
        .build()
}

async fn loaded(options: &Options, loader: ConfigLoader, limits: &Limits) -> SdkConfig {
    let mut loader = loader.timeout_config(timeouts(limits));
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(home) = &options.home {
        loader = loader.region(Region::new(home.clone()));
    }
    let config = loader.load().await;
    let Some(profile) = &options.profile else {
        return config;
    };
    // The default chain asks the environment first, and its keys can be another account's.
    let asking = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack())
        .with_timeout_config(timeouts(limits));
    let own = ProfileFileCredentialsProvider::builder()
        .configure(&asking)
        .profile_name(profile)
        .build();
    let own = SharedCredentialsProvider::new(own);
    config.into_builder().credentials_provider(own).build()
}

/// What a replay needs: credentials that sign for nobody.
fn replayed() -> SdkConfig {
    let credentials = Credentials::new("REPLAY", "replay", None, None, "replay");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .build()
}

/// Why there are no credentials.
struct Missing {
    detail: String,
    /// The whole chain was asked, and nothing is configured anywhere.
    nothing_configured: bool,
    /// Something is configured, and is wrong.
    misconfigured: bool,
}

impl Missing {
    fn unread(self) -> Unread {
        Unread {
            reason: Reason::Credentials,
            operation: "sts:GetCallerIdentity".to_owned(),
            permission: None,
            detail: self.detail,
        }
    }
}

/// Credentials that were fetched once and are given out before any are fetched again: what asks a person, as a
/// `credential_process` with a second factor does, must ask once.
#[derive(Debug)]
struct Fetched {
    first: Mutex<Option<Credentials>>,
    then: SharedCredentialsProvider,
}

impl ProvideCredentials for Fetched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.take() {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None => self.then.provide_credentials(),
        }
    }
}

async fn credentials(
    config: &SdkConfig,
    limit: Duration,
) -> Result<SharedCredentialsProvider, Missing> {
    let Some(provider) = config.credentials_provider() else {
        return Err(Missing {
            detail: "no credentials are configured".to_owned(),
            nothing_configured: true,
            misconfigured: false,
        });
    };
    let fetched = tokio::time::timeout(limit, provider.provide_credentials()).await;
    let error = match fetched {
        Err(_) => {
            return Err(Missing {
                detail: format!("no credentials came within {} s", limit.as_secs()),
                nothing_configured: false,
                misconfigured: false,
            });
        }
        Ok(Ok(credentials)) => {
            return Ok(SharedCredentialsProvider::new(Fetched {
                first: Mutex::new(Some(credentials)),
                then: provider,
            }));
        }
        Ok(Err(error)) => error,
    };
    // The instance's own metadata service is asked last: when it refuses, nothing else is configured.
    let refused = sources(&error)
        .filter_map(|error| error.downcast_ref::<ImdsError>())
        .any(|error| matches!(error, ImdsError::FailedToLoadToken(_)));
    let nothing_configured = refused || matches!(error, CredentialsError::CredentialsNotLoaded(_));
    let misconfigured = matches!(error, CredentialsError::InvalidConfiguration(_));
    let mut words: Vec<String> = Vec::new();
    for said in sources(&error).map(ToString::to_string) {
        if !words.contains(&said) {
            words.push(said);
        }
    }
    Err(Missing {
        detail: words.join(": "),
        nothing_configured,
        misconfigured,
    })
}

/// An error and all that caused it.
fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
