//! Calls through the SDK's own runtime to a query service whose crate is not in the tree: EC2 alone takes 412 s and 8 GB
//! to compile (docs/decisions).

use aws_config::SdkConfig;
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
    let service = shapes::service(name).ok_or_else(|| Stuck::unsupported(operation))?;
    let region = config
        .region()
        .ok_or_else(|| Stuck::unsupported(operation))?;
    let endpoint = endpoint(config, name, service, region.as_ref())
        .ok_or_else(|| Stuck::unsupported(operation))?;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation);
    form.append_pair("Version", &service.version);
    form.extend_pairs(args);
    let body = form.finish();

    let mut signing = SigningOptions::default();
    signing.double_uri_encode = true;
    signing.normalize_uri_path = true;
    let mut layer = Layer::new("query");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigningName::from(service.signing.clone()));
    layer.store_put(SigningRegion::from(region.clone()));
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: signing,
        ..SigV4OperationSigningConfig::default()
    });
    layer.store_put(partition.clone());
    let mut components = RuntimeComponentsBuilder::new("query");
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
        .endpoint_url(&endpoint)
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
        .serializer(move |body: String| {
            let mut request = HttpRequest::new(SdkBody::from(body));
            request.set_method("POST")?;
            request.set_uri("/")?;
            request
                .headers_mut()
                .try_insert("content-type", "application/x-www-form-urlencoded")?;
            Ok(request)
        })
        .deserializer(deserialize)
        .build();
    call.invoke(body).await.map_err(|error| Stuck::of(&error))
}

/// Only success or failure and its code, for the retries: the answer itself is what the ear heard.
fn deserialize(response: &HttpResponse) -> Result<(), OrchestratorError<ErrorMetadata>> {
    if response.status().is_success() {
        return Ok(());
    }
    let body = response.body().bytes().unwrap_or_default();
    let fault = decode::fault(&Default::default(), body);
    let mut metadata = ErrorMetadata::builder().message(fault.message);
    if let Some(code) = fault.code {
        metadata = metadata.code(code);
    }
    Err(OrchestratorError::operation(metadata.build()))
}

/// Where the SDK's own crate would ask: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, or the partition's endpoint.
fn endpoint(config: &SdkConfig, name: &str, service: &Service, region: &str) -> Option<String> {
    let env = format!("AWS_ENDPOINT_URL_{}", name.to_uppercase());
    let key = ServiceConfigKey::builder()
        .service_id(name)
        .env(&env)
        .profile("endpoint_url")
        .build()
        .ok()?;
    let own = config
        .service_config()
        .and_then(|settings| settings.load_config(key));
    if let Some(url) = own.or_else(|| config.endpoint_url().map(str::to_owned)) {
        return Some(url);
    }
    let (_, partition) = shapes::partition_of(region)?;
    let fips = if config.use_fips() == Some(true) {
        "-fips"
    } else {
        ""
    };
    let domain = if config.use_dual_stack() == Some(true) {
        &partition.dual
    } else {
        &partition.dns
    };
    Some(format!(
        "https://{}{fips}.{region}.{domain}",
        service.signing
    ))
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[test]
    fn the_endpoint_is_the_partitions_or_the_one_that_is_configured() {
        let at = |region: &'static str| SdkConfig::builder().region(Region::from_static(region));
        let of = |config: SdkConfig| {
            let region = config.region().unwrap().to_string();
            endpoint(&config, "ec2", shapes::service("ec2").unwrap(), &region)
        };
        assert_eq!(
            of(at("eu-west-1").build()).as_deref(),
            Some("https://ec2.eu-west-1.amazonaws.com")
        );
        assert_eq!(
            of(at("cn-north-1").use_fips(true).build()).as_deref(),
            Some("https://ec2-fips.cn-north-1.amazonaws.com.cn")
        );
        assert_eq!(
            of(at("us-east-1").use_dual_stack(true).build()).as_deref(),
            Some("https://ec2.us-east-1.api.aws")
        );
        assert_eq!(
            of(at("us-east-1").endpoint_url("http://localhost:1").build()).as_deref(),
            Some("http://localhost:1")
        );
        assert_eq!(of(at("mars-1").build()), None);
    }
}
