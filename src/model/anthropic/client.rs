//! Sends one request and hands over its reply. It tries once: retries, limits on time and the
//! circuit breaker are for whoever calls it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{ClientBuilder, Method, RequestBuilder, Response, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::config::{ClientConfig, ClientError, Credentials};
use super::encoding::refuse_encoded;
use super::endpoint::messages_url;
use super::error_text::ErrorText;
use super::recording::Scrubber;
use super::reply_reader::read_reply;
use super::request_body::request_body;
use super::status_error::status_error;
use super::transport::{Tape, Transport};
use super::transport_error::{innermost_cause, no_answer};
use crate::model::{CallError, CallFuture, Model, ModelRequest, ReplyStream};
use crate::trace_context::{TRACEPARENT, TRACESTATE, TraceContext};

const USER_AGENT: &str = concat!("promptchain/", env!("CARGO_PKG_VERSION"));
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long an idle connection is kept for the next call. Longer, and servers and the gateways
/// before them tend to have closed it: the call would fail through no fault of theirs.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);
/// How long a connection may be silent before the system checks that its peer is still there.
/// Address translators forget silent connections after a minute or more.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

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
        let http =
            builder(&config, &tape).build().map_err(|error| ClientError::Setup(innermost_cause(error)))?;
        let secret = config.credentials.map(|credentials| match credentials {
            Credentials::ApiKey(secret) | Credentials::AuthToken(secret) => secret,
        });
        let texts = ErrorText::new(secret);
        let transport = Transport {
            http,
            upstream: url.origin().ascii_serialization(),
            connect_timeout: config.connect_timeout,
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
        let body = Bytes::from(request_body(request).to_string());
        let texts = Arc::new(self.texts.about(body.clone()));
        let request = self.transport.http.post(self.url.clone()).headers(headers).body(body);
        let reply = match self.answer(request).await {
            Ok(response) => read_reply(response, Arc::clone(&texts)),
            Err(error) => Err(error),
        };
        reply.map_err(|error| texts.clean_error(error))
    }

    /// The answer to `request`, if it is a success.
    async fn answer(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let unsendable = |error| no_answer(error, self.upstream(), self.transport.connect_timeout);
        let response = self.transport.send(request.build().map_err(unsendable)?).await?;
        if response.status().is_success() {
            refuse_encoded(response.headers(), &self.texts)?;
            Ok(response)
        } else {
            Err(status_error(response, &self.texts).await)
        }
    }

    /// A request for something else than a reply, as whom the client is.
    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.transport.http.request(method, url).headers(headers)
    }

    /// The answer to such a request, if it is a success.
    pub(super) async fn exchange(&self, request: RequestBuilder) -> Result<Response, CallError> {
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

/// No limit on the whole call, because a long reply is a good one; no redirects, because the
/// credentials would travel along; no retries, because each one may be billed.
fn builder(config: &ClientConfig, tape: &Tape) -> ClientBuilder {
    let mut builder = ClientBuilder::new()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_nodelay(true)
        .tcp_keepalive(TCP_KEEPALIVE);
    if config.direct {
        builder = builder.no_proxy();
    }
    if config.base_url.scheme() == "http" || matches!(tape, Tape::Replay(_)) {
        // Reading the system's root certificates takes time, and nothing asks for them but a proxy
        // that is itself reached by https, which is not worth the wait at each start.
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// The headers that all calls share.
fn headers(config: &ClientConfig) -> Result<HeaderMap, ClientError> {
    let mut headers = HeaderMap::new();
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
