//! Calls through the SDK's own runtime to services whose crate is not in the tree: signing, retries, timeouts and the wire
//! are the SDK's, the request is by the service's model. EC2's crate alone takes 412 s and 8 GB to compile
//! (docs/decisions/0005-services-without-a-crate.md).

use aws_config::{Region, SdkConfig};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use super::call::{Args, Stuck};
use super::decode;
use super::request::{self, Endpoint, Request};
use super::shapes::{self, Service};
use crate::wire::aws::Ear;

/// Asks one operation in the configuration's region; `ear` hears the answer.
pub async fn send(
    config: &SdkConfig,
    partition: &RetryPartition,
    name: &'static str,
    operation: &'static str,
    args: &Args,
    ear: Ear,
) -> Result<(), Stuck> {
    let unsupported = || Stuck::unsupported(operation);
    let service = shapes::service(name).ok_or_else(unsupported)?;
    let model = shapes::operation(name, operation).ok_or_else(unsupported)?;
    let region = config.region().ok_or_else(unsupported)?;
    let endpoint = endpoint(config, service, region.as_ref()).ok_or_else(unsupported)?;
    let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let request = request::request(service, operation, model, &args)
        .map_err(|argument| Stuck::unsupported(&argument))?;

    // S3 signs the path as it is sent, and a hash of the body in a header of its own.
    let is_s3 = service.signing == "s3";
    let mut signing = SigningOptions::default();
    signing.double_uri_encode = !is_s3;
    signing.normalize_uri_path = !is_s3;
    signing.content_sha256_header = is_s3;
    let mut layer = Layer::new("model");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigningName::from(service.signing.clone()));
    layer.store_put(SigningRegion::from(Region::new(endpoint.signing_region)));
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: signing,
        ..SigV4OperationSigningConfig::default()
    });
    layer.store_put(partition.clone());
    let mut components = RuntimeComponentsBuilder::new("model");
    components.set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
        SCHEME_ID,
    ])));
    components.push_auth_scheme(SigV4AuthScheme::new());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    components.set_identity_cache(config.identity_cache());

    let mut builder = Operation::builder()
        .service_name(name)
        .operation_name(operation)
        .endpoint_url(&endpoint.url)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .interceptor(RequestInfoInterceptor::new())
        .interceptor(ear)
        .runtime_plugin(
            StaticRuntimePlugin::new()
                .with_config(layer.freeze())
                .with_runtime_components(components),
        );
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(retry) = config.retry_config() {
        builder = builder.standard_retry(retry);
    }
    if let Some(timeout) = config.timeout_config() {
        builder = builder.timeout_config(timeout.clone());
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    let call = builder
        .serializer(|sent: Request| {
            let mut request = HttpRequest::new(SdkBody::from(sent.body));
            request.set_method(&sent.method)?;
            request.set_uri(sent.uri)?;
            for (name, value) in sent.headers {
                request.headers_mut().try_insert(name, value)?;
            }
            Ok(request)
        })
        .deserializer(deserialize)
        .build();
    call.invoke(request)
        .await
        .map_err(|error| Stuck::of(&error))
}

/// Only success or failure and its code, for the retries: the answer itself is what the ear heard.
fn deserialize(response: &HttpResponse) -> Result<(), OrchestratorError<ErrorMetadata>> {
    if response.status().is_success() {
        return Ok(());
    }
    let body = response.body().bytes().unwrap_or_default();
    // REST services say the code in a header.
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let fault = decode::fault(&headers.collect(), body);
    let mut metadata = ErrorMetadata::builder().message(fault.message);
    if let Some(code) = fault.code {
        metadata = metadata.code(code);
    }
    Err(OrchestratorError::operation(metadata.build()))
}

/// Where the SDK's own crate would ask: what the program sets, else `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` and
/// the profile's settings of the same names, else the partition's endpoint.
fn endpoint(config: &SdkConfig, service: &Service, region: &str) -> Option<Endpoint> {
    let partition = shapes::partition_of(region)?;
    let dual = config.use_dual_stack() == Some(true);
    let fips = config.use_fips() == Some(true);
    let known = request::endpoint(service, partition, region, (fips, dual));
    let key = ServiceConfigKey::builder()
        .service_id(&service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let settings = config.service_config();
    let settings = settings.filter(|_| !config.get_origin("endpoint_url").is_client_config());
    let own = settings.and_then(|settings| settings.load_config(key));
    Some(
        match own.or_else(|| config.endpoint_url().map(str::to_owned)) {
            Some(url) => Endpoint { url, ..known },
            None => known,
        },
    )
}
