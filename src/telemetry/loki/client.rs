//! One push over HTTP. It tries once: when and how often is for the pusher.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{LokiConfig, LokiError};
use crate::own_secret::without_secrets;

const PUSH_PATH: &str = "/loki/api/v1/push";
const TENANT: HeaderName = HeaderName::from_static("x-scope-orgid");
const USER_AGENT: &str = concat!("promptchain/", env!("CARGO_PKG_VERSION"));

/// How long an idle connection is kept.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The most bytes of an answer that are read, more than any password has, and the most characters of it that are
/// told.
const ANSWER_BYTES: usize = 64 * 1024;
const ANSWER_CHARS: usize = 200;

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// Loki has it.
    Taken,
    /// It may be taken later.
    Later {
        /// What happened.
        error: String,
        /// When Loki wants to be asked again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It won't ever be taken.
    Refused(String),
}

/// A client of one Loki.
#[derive(Debug)]
pub(super) struct LokiClient {
    http: Client,
    url: Url,
    headers: HeaderMap,
    secret: Option<SecretString>,
}

impl LokiClient {
    pub(super) fn new(config: &LokiConfig) -> Result<Self, LokiError> {
        let http = Client::builder()
            .user_agent(USER_AGENT)
            // Credentials and lines go where they were meant to go, and nowhere else.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_idle_timeout(IDLE_CONNECTION)
            .timeout(config.limits.attempt)
            .build()
            .map_err(|error| LokiError::Client(cause(&error)))?;
        let secret = config.credentials.as_ref().map(|(_, password)| password.clone());
        Ok(Self { http, url: push_url(&config.url), headers: headers(config)?, secret })
    }

    pub(super) async fn push(&self, body: Bytes) -> Pushed {
        let request = self.http.post(self.url.clone()).headers(self.headers.clone()).body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Pushed::Taken,
            Ok(response) => self.not_taken(response).await,
            Err(error) => {
                let error = if error.is_timeout() { "no answer in time".to_owned() } else { cause(&error) };
                Pushed::Later { error: format!("Loki can't be reached: {error}"), retry_after: None }
            }
        }
    }

    async fn not_taken(&self, response: Response) -> Pushed {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let error = match self.said(response).await {
            said if said.is_empty() => format!("Loki answered {}", status.as_u16()),
            said => format!("Loki answered {}: {said}", status.as_u16()),
        };
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            Pushed::Later { error, retry_after }
        } else {
            Pushed::Refused(error)
        }
    }

    /// The beginning of what an answer says, without our password, whatever it quotes.
    async fn said(&self, mut response: Response) -> String {
        let mut bytes = Vec::new();
        while bytes.len() < ANSWER_BYTES
            && let Ok(Some(chunk)) = response.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
        let text = without_secrets(String::from_utf8_lossy(&bytes).trim(), &self.secrets());
        text.chars().take(ANSWER_CHARS).collect()
    }

    /// The password, and the form in which it is sent.
    fn secrets(&self) -> Vec<SecretString> {
        let sent = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.strip_prefix("Basic ")).map(SecretString::from);
        sent.into_iter().chain(self.secret.clone()).collect()
    }
}

/// The URL of the push endpoint: as it is, or below the base URL.
fn push_url(url: &Url) -> Url {
    let path = url.path().trim_end_matches('/');
    let mut url = url.clone();
    let path = if path.ends_with(PUSH_PATH) { path.to_owned() } else { format!("{path}{PUSH_PATH}") };
    url.set_path(&path);
    url
}

fn headers(config: &LokiConfig) -> Result<HeaderMap, LokiError> {
    let unfit = |_| LokiError::Client("a value doesn't fit into a header".to_owned());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some((user, password)) = &config.credentials {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{}", password.expose_secret()));
        let mut value = HeaderValue::from_str(&format!("Basic {credentials}")).map_err(unfit)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(tenant) = &config.tenant {
        headers.insert(TENANT, HeaderValue::from_str(tenant).map_err(unfit)?);
    }
    Ok(headers)
}

/// Whole seconds, as Loki and the gateways before it send them.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// What lies behind an error: what stands above it only names the request.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_and_the_push_endpoint_both_lead_to_the_endpoint() {
        for (given, expected) in [
            ("http://loki:3100", "http://loki:3100/loki/api/v1/push"),
            ("http://loki:3100/", "http://loki:3100/loki/api/v1/push"),
            ("https://gateway/team/", "https://gateway/team/loki/api/v1/push"),
            ("https://gateway/team/loki/api/v1/push", "https://gateway/team/loki/api/v1/push"),
            ("http://loki:3100/loki/api/v1/push/", "http://loki:3100/loki/api/v1/push"),
        ] {
            assert_eq!(push_url(&Url::parse(given).unwrap()).as_str(), expected);
        }
    }
}
