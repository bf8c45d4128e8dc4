//! One call: dispatched to the SDK's client, decoded from the body that the wire lets through, or the reason why not.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::OnceLock;

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::endpoint::error::ResolveEndpointError;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value;

use super::decode::{self, Fault};
use super::permissions::{named, permission};
use super::{modeled, shapes};
use crate::model::{Reason, Unread};
use crate::wire::Answer;
use crate::wire::aws::Ear;

/// Arguments by name, as the service's model names them.
pub type Args = BTreeMap<&'static str, String>;

/// Why a call brought no answer.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The service's error code, for those that are answers in themselves: "not configured", "gone".
    pub code: Option<String>,
    pub unread: Unread,
}

/// Why a call ended before anything was asked.
#[derive(Debug)]
pub struct Stuck {
    reason: Reason,
    detail: String,
}

impl Stuck {
    pub fn unsupported(what: &str) -> Self {
        Self {
            reason: Reason::NotSupported,
            detail: format!("{what} has no endpoint there"),
        }
    }

    /// What the SDK says. Without an answer on the wire, this is all there is.
    pub fn of<E: Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> Self {
        let mut reason = match error {
            SdkError::TimeoutError(_) => Reason::Timeout,
            _ => Reason::ApiError,
        };
        let mut detail = error.to_string();
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = source {
            if error.is::<CredentialsError>() {
                reason = Reason::Credentials;
            } else if error.is::<ResolveEndpointError>() {
                reason = Reason::NotSupported;
            }
            detail = error.to_string();
            source = error.source();
        }
        Self { reason, detail }
    }
}

/// The clients of one region, each made when it is first needed.
macro_rules! clients {
    ($($service:literal $field:ident $client:ident {
        $($operation:literal $method:ident ($($name:literal $setter:ident $($conversion:ident)?),*);)*
    })*) => {
        #[derive(Debug)]
        pub struct Clients {
            config: SdkConfig,
            partition: RetryPartition,
            $($field: OnceLock<$client::Client>,)*
        }

        impl Clients {
            /// Clients that share the partition's retry quota.
            pub fn new(config: SdkConfig, partition: RetryPartition) -> Self {
                Self { config, partition, $($field: OnceLock::new(),)* }
            }

            $(fn $field(&self) -> &$client::Client {
                self.$field.get_or_init(|| {
                    let config = $client::config::Builder::from(&self.config);
                    $client::Client::from_conf(config.retry_partition(self.partition.clone()).build())
                })
            })*

            async fn send(
                &self,
                service: &'static str,
                operation: &'static str,
                args: &Args,
                ear: Ear,
            ) -> Result<(), Stuck> {
                match (service, operation) {
                    $($(($service, $operation) => {
                        let request = args.iter().try_fold(self.$field().$method(), |request, (name, value)| {
                            // An operation without arguments uses neither.
                            let _ = (&request, value);
                            match *name {
                                $($name => Ok(request.$setter(clients!(@ value $($conversion)?))),)*
                                _ => Err(Stuck::unsupported(name)),
                            }
                        })?;
                        let request = request.customize().interceptor(ear);
                        Box::pin(request.send()).await.map(drop).map_err(|error| Stuck::of(&error))
                    })*)*
                    _ => {
                        let partition = &self.partition;
                        Box::pin(modeled::send(&self.config, partition, service, operation, args, ear)).await
                    }
                }
            }
        }

        /// Every operation that is dispatched to a client, with the arguments that it takes.
        #[cfg(test)]
        pub const DISPATCHED: &[(&str, &str, &[&str])] = &[
            $($(($service, $operation, &[$($name),*]),)*)*
        ];
    };
    (@ $value:ident) => { $value.clone() };
    (@ $value:ident number) => { $value.parse().map_err(|_| Stuck::unsupported($value))? };
    (@ $value:ident choice) => { $value.as_str().into() };
}

clients! {
    "ecr" ecr aws_sdk_ecr {
        "DescribeRepositories" describe_repositories ("maxResults" max_results number, "nextToken" next_token);
        "GetRegistryScanningConfiguration" get_registry_scanning_configuration ();
    }
    "eks" eks aws_sdk_eks {
        "DescribeCluster" describe_cluster ("name" name);
        "ListClusters" list_clusters ("nextToken" next_token);
    }
    "elbv2" elbv2 aws_sdk_elasticloadbalancingv2 {
        "DescribeListeners" describe_listeners ("LoadBalancerArn" load_balancer_arn, "Marker" marker);
        "DescribeLoadBalancerAttributes" describe_load_balancer_attributes ("LoadBalancerArn" load_balancer_arn);
        "DescribeLoadBalancers" describe_load_balancers ("Marker" marker);
    }
    "kms" kms aws_sdk_kms {
        "DescribeKey" describe_key ("KeyId" key_id);
        "GetKeyRotationStatus" get_key_rotation_status ("KeyId" key_id);
        "ListAliases" list_aliases ("Limit" limit number, "Marker" marker);
        "ListKeys" list_keys ("Limit" limit number, "Marker" marker);
    }
    "logs" logs aws_sdk_cloudwatchlogs {
        "DescribeLogGroups" describe_log_groups ("limit" limit number, "nextToken" next_token);
    }
    "rds" rds aws_sdk_rds {
        "DescribeDBClusterParameterGroups" describe_db_cluster_parameter_groups ("MaxRecords" max_records number, "Marker" marker);
        "DescribeDBClusterParameters" describe_db_cluster_parameters (
            "DBClusterParameterGroupName" db_cluster_parameter_group_name, "Source" source, "Marker" marker);
        "DescribeDBClusters" describe_db_clusters ("MaxRecords" max_records number, "Marker" marker);
        "DescribeDBInstances" describe_db_instances ("MaxRecords" max_records number, "Marker" marker);
        "DescribeDBParameterGroups" describe_db_parameter_groups ("MaxRecords" max_records number, "Marker" marker);
        "DescribeDBParameters" describe_db_parameters (
            "DBParameterGroupName" db_parameter_group_name, "Source" source, "Marker" marker);
    }
    "sts" sts aws_sdk_sts {
        "GetCallerIdentity" get_caller_identity ();
    }
    "wafv2" wafv2 aws_sdk_wafv2 {
        "GetWebACL" get_web_acl ("Name" name, "Scope" scope choice, "Id" id);
        "GetWebACLForResource" get_web_acl_for_resource ("ResourceArn" resource_arn);
        "ListWebACLs" list_web_acls ("Scope" scope choice, "Limit" limit number, "NextMarker" next_marker);
    }
}

impl Clients {
    /// Asks, and decodes what came back.
    pub async fn ask(
        &self,
        service: &'static str,
        operation: &'static str,
        args: &Args,
    ) -> Result<Value, Failure> {
        let ear = Ear::default();
        let sent = self.send(service, operation, args, ear.clone()).await;
        judge(service, operation, ear.heard(), sent.err())
    }
}

/// What an answer means. The SDK's own opinion counts only where nothing came over the wire: it takes an unreadable
/// success for an error, and an empty body for an empty list.
fn judge(
    service: &str,
    operation: &str,
    heard: Option<Answer>,
    stuck: Option<Stuck>,
) -> Result<Value, Failure> {
    let unread = |reason, detail: String| Unread {
        reason,
        operation: named(service, operation),
        permission: None,
        detail: shortened(&detail),
    };
    let failure = |reason, detail| Failure {
        code: None,
        unread: unread(reason, detail),
    };
    match heard {
        Some(Answer::Response {
            status,
            body,
            headers: _,
        }) if (200..300).contains(&status) => {
            let models = shapes::service(service).zip(shapes::operation(service, operation));
            let Some((service, operation)) = models else {
                return Err(failure(Reason::ParseError, "no model".to_owned()));
            };
            decode::answer(service, operation, &body.to_bytes())
                .map_err(|misfit| failure(Reason::ParseError, misfit.to_string()))
        }
        Some(Answer::Response {
            status,
            headers,
            body,
        }) => {
            let fault = decode::fault(&headers, &body.to_bytes());
            let reason = reason(status, &fault);
            let mut unread = unread(reason, said(status, &fault));
            if reason == Reason::Denied {
                let needed = refused(&fault.message).map(str::to_owned);
                unread.permission = needed.or_else(|| Some(permission(service, operation)));
            }
            Err(Failure {
                code: fault.code,
                unread,
            })
        }
        Some(Answer::Failure { reason, detail }) => Err(failure(reason, detail)),
        None => Err(match stuck {
            Some(stuck) => failure(stuck.reason, stuck.detail),
            None => failure(Reason::ApiError, "nothing was asked".to_owned()),
        }),
    }
}

/// What an error answer means for the fact that was asked for.
fn reason(status: u16, fault: &Fault) -> Reason {
    let code = fault.code.as_deref().unwrap_or_default();
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "NotAuthorized"
        | "NotAuthorizedException"
        | "UnauthorizedOperation"
        | "UnauthorizedException" => Reason::Denied,
        "OptInRequired" => Reason::DisabledRegion,
        "InvalidAction" | "UnknownOperationException" => Reason::NotSupported,
        "RequestTimeout" | "RequestTimeoutException" => Reason::Timeout,
        _ if CREDENTIALS.contains(&code) => Reason::Credentials,
        _ if aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code) => {
            Reason::Throttled
        }
        _ if status == 429 => Reason::Throttled,
        _ => Reason::ApiError,
    }
}

const CREDENTIALS: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
];

/// Codes that a region gives to good credentials when it is not enabled for the account.
const NOT_KNOWN_HERE: &[&str] = &[
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

/// Credentials that are good at home and unknown in another region: that region is not enabled.
pub fn elsewhere(mut failure: Failure) -> Failure {
    let code = failure.code.as_deref().unwrap_or_default();
    if NOT_KNOWN_HERE.contains(&code) {
        failure.unread.reason = Reason::DisabledRegion;
    }
    failure
}

fn said(status: u16, fault: &Fault) -> String {
    match (&fault.code, fault.message.as_str()) {
        (Some(code), "") => code.clone(),
        (Some(code), message) => format!("{code}: {message}"),
        (None, _) => format!("HTTP {status} without an error code"),
    }
}

/// The action that an access denied message names: it can be another than the operation's own.
fn refused(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?.trim_end_matches('.');
    let (service, name) = action.split_once(':')?;
    let plain = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (plain(service) && plain(name)).then_some(action)
}

/// The provider's words on one line of bearable length, without control characters.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| !c.is_control()).collect())
        .collect();
    let line = words.join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
