//! The HTTP client of the exporter, which remembers what the exporter doesn't tell: why an export failed, and
//! how many spans of one that didn't were refused.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, redirect, retry};

use super::collector_words::CollectorWords;
use super::{OtlpConfig, OtlpError};

const USER_AGENT: &str = concat!("promptchain/", env!("CARGO_PKG_VERSION"));

/// How long an idle connection is kept.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The most bytes of an answer that are read; there is next to nothing in one.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What the collector has last answered, as far as it is worth telling.
#[derive(Debug, Default)]
pub(super) struct Answers {
    last: Mutex<Answer>,
}

/// What is worth telling of an answer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Why there was none, or what it said against the export.
    pub(super) cause: Option<String>,
    /// Whether the export as a whole is refused: it won't be taken later either.
    pub(super) is_refusal: bool,
    /// Spans that were refused in an export that was taken.
    pub(super) refused: u64,
}

impl Answers {
    /// What was answered last, taken out.
    pub(super) fn take(&self) -> Answer {
        self.last.lock().map(|mut last| std::mem::take(&mut *last)).unwrap_or_default()
    }

    fn set(&self, answer: Answer) {
        if let Ok(mut last) = self.last.lock() {
            *last = answer;
        }
    }
}

/// A client of one collector.
#[derive(Debug)]
pub(super) struct CollectorClient {
    http: Client,
    headers: HeaderMap,
    answers: Arc<Answers>,
    words: CollectorWords,
}

impl CollectorClient {
    /// One whose requests go with these headers and no others.
    pub(super) fn new(
        config: &OtlpConfig,
        headers: HeaderMap,
        answers: Arc<Answers>,
    ) -> Result<Self, OtlpError> {
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            // Credentials and spans go where they were meant to go, and nowhere else.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_idle_timeout(IDLE_CONNECTION)
            .timeout(config.limits.export);
        if config.endpoint.scheme() == "http" {
            // Nobody asks for the system's certificates, which there may be none of.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| OtlpError::Exporter(cause(&error)))?;
        Ok(Self { http, headers, answers, words: CollectorWords::of(config) })
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let content_type = request.headers_mut().remove(CONTENT_TYPE);
        request.headers_mut().clone_from(&self.headers);
        if let Some(content_type) = content_type {
            request.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        let sent = async {
            let mut response = self.http.execute(request.try_into()?).await?;
            let mut answer = Response::builder().status(response.status());
            if let Some(headers) = answer.headers_mut() {
                std::mem::swap(headers, response.headers_mut());
            }
            let mut body = Vec::new();
            while body.len() < MAX_ANSWER_BYTES
                && let Some(chunk) = response.chunk().await?
            {
                body.extend_from_slice(&chunk);
            }
            Ok((answer, Bytes::from(body)))
        };
        let (answer, body) = sent.await.map_err(|error: reqwest::Error| {
            let cause = if error.is_timeout() { "no answer in time".to_owned() } else { cause(&error) };
            self.answers.set(Answer { cause: Some(cause), ..Answer::default() });
            HttpError::from(error.without_url())
        })?;
        let response = answer.body(body)?;
        self.answers.set(said(&response, &self.words));
        Ok(response)
    }
}

/// What a collector's answer says.
fn said(response: &Response<Bytes>, words: &CollectorWords) -> Answer {
    let (status, body) = (response.status(), response.body());
    if !status.is_success() {
        let said = words.behind_colon(&String::from_utf8_lossy(body));
        let cause = format!("the collector answered {}{said}", status.as_u16());
        // As OTLP has it, these may be taken later.
        let is_refusal = !matches!(status.as_u16(), 429 | 502 | 503 | 504);
        return Answer { cause: Some(cause), is_refusal, refused: 0 };
    }
    let answer = ExportTraceServiceResponse::decode(body.clone()).unwrap_or_default();
    let partial = answer.partial_success.unwrap_or_default();
    Answer {
        cause: Some(format!(
            "the collector refused some of an export{}",
            words.behind_colon(&partial.error_message)
        )),
        is_refusal: false,
        refused: partial.rejected_spans.try_into().unwrap_or(0),
    }
}

/// What lies behind an error: what stands above it only names the request.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
