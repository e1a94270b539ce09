//! Sends one request and hands over its reply. It tries once: retries, limits on time and the
//! circuit breaker are for whoever calls it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::config::{ClientConfig, ClientError, Credentials};
use super::connection::Connections;
use super::encoding::refuse_encoded;
use super::endpoint::messages_url;
use super::error_text::ErrorText;
use super::recording::Scrubber;
use super::reply_reader::read_reply;
use super::request_body::RequestBody;
use super::status_error::status_error;
use super::transport::{Tape, Transport};
use crate::model::{CallError, CallFuture, Model, ModelRequest, ReplyStream};
use crate::trace_context::{TRACEPARENT, TRACESTATE, TraceContext};

/// What the program calls itself.
pub(super) const PRODUCT: &str = concat!("promptchain/", env!("CARGO_PKG_VERSION"));
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A client of one server that speaks the Messages API.
///
/// Connections are HTTP/1.1, one call at a time on each. So dropping a call, or its reply, closes
/// that call's connection and no other, and the upstream sees at once that nobody listens.
pub struct AnthropicClient {
    transport: Transport,
    url: Url,
    headers: HeaderMap,
    texts: Arc<ErrorText>,
}

impl AnthropicClient {
    /// A client for that configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// If the base URL or a value that goes into a header is unfit, or the HTTP client can't be
    /// set up.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        Self::with_tape(config, Tape::None)
    }

    /// The same, of which the exchanges are recorded, or come from recordings.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_tape(config: ClientConfig, tape: Tape) -> Result<Self, ClientError> {
        let url = messages_url(&config.base_url)?;
        let headers = headers(&config)?;
        let connections = Connections::new(&config, !matches!(tape, Tape::Replay(_)))?;
        let secret = config.credentials.map(|credentials| match credentials {
            Credentials::ApiKey(secret) | Credentials::AuthToken(secret) => secret,
        });
        let texts = ErrorText::new(secret);
        let transport = Transport {
            connections,
            upstream: url.origin().ascii_serialization(),
            tape,
            scrubber: Scrubber::new(texts.secret()),
        };
        Ok(Self { transport, url, headers, texts: Arc::new(texts) })
    }

    async fn send(
        &self,
        request: &ModelRequest,
        trace: Option<&TraceContext>,
    ) -> Result<ReplyStream, CallError> {
        let mut headers = self.headers.clone();
        // The id serves only to match logs: a call isn't given up because it can't be sent.
        if let Ok(id) = HeaderValue::from_str(&request.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(trace) = trace {
            insert_trace(&mut headers, trace);
        }
        let body = Bytes::from(RequestBody::of(request).to_json());
        let texts = Arc::new(self.texts.about(body.clone()));
        let mut call = Request::new(Method::POST, self.url.clone());
        *call.headers_mut() = headers;
        *call.body_mut() = Some(body.into());
        let reply = match self.answer(call).await {
            Ok(response) => read_reply(response, Arc::clone(&texts)),
            Err(error) => Err(error),
        };
        reply.map_err(|error| texts.clean_error(error))
    }

    /// The answer to `request`, if it is a success.
    async fn answer(&self, request: Request) -> Result<Response, CallError> {
        let response = self.transport.send(request).await?;
        if response.status().is_success() {
            refuse_encoded(response.headers(), &self.texts)?;
            Ok(response)
        } else {
            Err(status_error(response, &self.texts).await)
        }
    }

    /// A request for something else than a reply, as whom the client is.
    pub(super) fn request(&self, method: Method, url: Url) -> Request {
        let mut request = Request::new(method, url);
        request.headers_mut().clone_from(&self.headers);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        request
    }

    /// The answer to such a request, if it is a success.
    pub(super) async fn exchange(&self, request: Request) -> Result<Response, CallError> {
        self.answer(request).await.map_err(|error| self.clean(error))
    }

    /// The same failure without our secret, whatever the upstream has quoted.
    pub(super) fn clean(&self, error: CallError) -> CallError {
        self.texts.clean_error(error)
    }

    /// What cleans texts of the upstream's.
    pub(super) fn texts(&self) -> &Arc<ErrorText> {
        &self.texts
    }

    /// Where messages are sent.
    pub(super) fn messages_url(&self) -> &Url {
        &self.url
    }
}

/// Says where in a trace the call stands.
fn insert_trace(headers: &mut HeaderMap, trace: &TraceContext) {
    let values = [(TRACEPARENT, Some(trace.traceparent())), (TRACESTATE, trace.tracestate())];
    for (name, value) in values {
        if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
            headers.insert(name, value);
        }
    }
}

impl Model for AnthropicClient {
    fn upstream(&self) -> &str {
        &self.transport.upstream
    }

    fn call<'a>(&'a self, request: &'a ModelRequest, trace: Option<&'a TraceContext>) -> CallFuture<'a> {
        Box::pin(async move { self.send(request, trace).await })
    }
}

impl fmt::Debug for AnthropicClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnthropicClient").field("upstream", &self.transport.upstream).finish_non_exhaustive()
    }
}

/// The headers that all calls share.
fn headers(config: &ClientConfig) -> Result<HeaderMap, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    headers.insert(API_VERSION, header_value(&config.api_version, "API version")?);
    match &config.credentials {
        None => {}
        Some(Credentials::ApiKey(key)) => {
            headers.insert(API_KEY, secret_value("", key, "API key")?);
        }
        Some(Credentials::AuthToken(token)) => {
            headers.insert(AUTHORIZATION, secret_value("Bearer ", token, "auth token")?);
        }
    }
    Ok(headers)
}

fn secret_value(scheme: &str, secret: &SecretString, what: &'static str) -> Result<HeaderValue, ClientError> {
    header_value(secret.expose_secret(), what)?;
    let mut value = header_value(&format!("{scheme}{}", secret.expose_secret()), what)?;
    value.set_sensitive(true);
    Ok(value)
}

fn header_value(text: &str, what: &'static str) -> Result<HeaderValue, ClientError> {
    match HeaderValue::from_str(text) {
        Ok(value) if !text.trim().is_empty() => Ok(value),
        _ => Err(ClientError::Header { what }),
    }
}
