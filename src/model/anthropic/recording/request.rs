//! A request as it is written down, and as it is found again.

use std::collections::BTreeMap;

use reqwest::Request;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::hash;
use super::scrubber::Scrubber;

/// The request's headers that say something about the reply. Never among them: credentials.
const HEADERS: [&str; 2] = ["anthropic-version", "content-type"];

/// How a recording's name quotes its request's hash: so many digits.
const DIGITS_IN_NAME: usize = 12;

/// A request, without credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::model::anthropic) struct RecordedRequest {
    pub(super) method: String,
    /// From `/v1` on: what comes before is the server's address, which may be another one next time.
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    /// Over method, path and body.
    pub(super) hash: String,
    /// `null` if there is none.
    pub(super) body: Value,
}

impl RecordedRequest {
    /// What is sent with `request`.
    pub(in crate::model::anthropic) fn of(request: &Request, scrubber: &Scrubber) -> Self {
        let bytes = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let body = scrubber.value(serde_json::from_slice(bytes).unwrap_or(Value::Null));
        let (method, path) = (request.method().as_str().to_owned(), path(request));
        let headers = kept(request.headers(), scrubber, |name| HEADERS.contains(&name));
        Self { hash: hash(&method, &path, &body), method, path, headers, body }
    }

    /// The hash of what stands here, which is the one that is said unless somebody has changed either.
    pub(super) fn fresh_hash(&self) -> String {
        hash(&self.method, &self.path, &self.body)
    }

    /// The hash as names of files quote it.
    pub(super) fn short_hash(&self) -> &str {
        self.hash.get(..DIGITS_IN_NAME).unwrap_or(&self.hash)
    }
}

/// The headers that `is_kept` wants, without credentials. Of several of a name the first, by which the client
/// goes too.
pub(super) fn kept(
    headers: &HeaderMap,
    scrubber: &Scrubber,
    is_kept: impl Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let names = headers.keys().filter(|name| is_kept(name.as_str()));
    let kept = names.filter_map(|name| {
        let value = String::from_utf8_lossy(headers.get(name)?.as_bytes());
        Some((name.as_str().to_owned(), scrubber.text(&value)))
    });
    kept.collect()
}

fn path(request: &Request) -> String {
    let url = request.url();
    let path = url.path().rfind("/v1/").and_then(|start| url.path().get(start..)).unwrap_or(url.path());
    match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
