//! OpenTelemetry's exporter, set up as the settings have it.
//!
//! It would add headers that the environment names, wherever the settings have found its endpoint. Which headers may
//! go where is for the settings to say: all others are taken off again.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::tonic_types::metadata::MetadataMap;
use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tonic::{Request, Status};

use super::collector_words::CollectorWords;
use super::http_client::{Answers, CollectorClient};
use super::{OtlpConfig, OtlpError, OtlpProtocol};

/// The longest wait between two attempts of an export, unless the collector asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The exporter, and what it has last been answered.
#[derive(Debug)]
pub(super) struct Exporter {
    pub(super) spans: SpanExporter,
    pub(super) answers: Arc<Answers>,
    pub(super) words: CollectorWords,
}

pub(super) fn exporter(config: &OtlpConfig) -> Result<Exporter, OtlpError> {
    let answers = Arc::new(Answers::default());
    let mut spans = match config.protocol {
        OtlpProtocol::Http => http(config, &answers)?,
        OtlpProtocol::Grpc => grpc(config)?,
    };
    let attributes = config.resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    spans.set_resource(&Resource::builder_empty().with_attributes(attributes).build());
    Ok(Exporter { spans, answers, words: CollectorWords::of(config) })
}

fn http(config: &OtlpConfig, answers: &Arc<Answers>) -> Result<SpanExporter, OtlpError> {
    let client = CollectorClient::new(config, headers(config)?, Arc::clone(answers))?;
    SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(config.endpoint.as_str())
        .with_timeout(config.limits.export)
        .with_retry_policy(retries(config))
        .build()
        .map_err(|error| OtlpError::Exporter(error.to_string()))
}

fn grpc(config: &OtlpConfig) -> Result<SpanExporter, OtlpError> {
    let mut builder = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(config.endpoint.as_str().trim_end_matches('/'))
        .with_interceptor(only_with(MetadataMap::from_headers(headers(config)?)))
        .with_timeout(config.limits.export)
        .with_retry_policy(retries(config));
    if config.endpoint.scheme() == "https" {
        builder = builder.with_tls_config(ClientTlsConfig::new().with_native_roots());
    }
    builder.build().map_err(|error| OtlpError::Exporter(error.to_string()))
}

/// Has requests go with that metadata, and nothing else.
fn only_with(metadata: MetadataMap) -> impl FnMut(Request<()>) -> Result<Request<()>, Status> + Clone {
    move |mut request| {
        request.metadata_mut().clone_from(&metadata);
        Ok(request)
    }
}

fn headers(config: &OtlpConfig) -> Result<HeaderMap, OtlpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &config.headers {
        let unfit = || OtlpError::Exporter(format!("the header {name} doesn't fit"));
        let header = HeaderName::try_from(name.as_str()).map_err(|_| unfit())?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| unfit())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

fn retries(config: &OtlpConfig) -> RetryPolicy {
    RetryPolicy::recommended().with_max_retries(config.limits.retries).with_max_delay(LONGEST_WAIT)
}
