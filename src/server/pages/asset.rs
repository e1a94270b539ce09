//! A file of the pages and how it is served: with its type, the policy that keeps a page to this server,
//! and a tag by which a browser's copy is found fresh.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// What a page may load and whom it may ask: this server alone. Scripts and styles are files, never part of
/// a page; Swagger UI does without exceptions too.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the pages.
#[derive(Debug)]
pub(super) struct Asset {
    /// Where it is served.
    pub(super) path: &'static str,
    content_type: &'static str,
    body: &'static str,
    /// The `ETag`: it changes with the body.
    etag: String,
}

impl Asset {
    /// A page.
    pub(super) fn html(path: &'static str, body: &'static str) -> Self {
        Self::new(path, "text/html; charset=utf-8", body)
    }

    /// A style sheet.
    pub(super) fn css(path: &'static str, body: &'static str) -> Self {
        Self::new(path, "text/css; charset=utf-8", body)
    }

    /// A script.
    pub(super) fn script(path: &'static str, body: &'static str) -> Self {
        Self::new(path, "text/javascript; charset=utf-8", body)
    }

    fn new(path: &'static str, content_type: &'static str, body: &'static str) -> Self {
        let etag = format!("\"{}\"", hex(&Sha256::digest(body)));
        Self { path, content_type, body, etag }
    }

    /// The answer to a GET: the file, or word that the browser's copy is still right.
    fn answer(&self, request: &HeaderMap) -> Response {
        let headers = self.headers();
        if is_held(request, &self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let content_type = [(CONTENT_TYPE, HeaderValue::from_static(self.content_type))];
        (headers, content_type, self.body).into_response()
    }

    fn headers(&self) -> [(HeaderName, &str); 4] {
        [
            (ETAG, &self.etag),
            // Kept by the browser, but shown only after asking: a new version is seen at once.
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
        ]
    }
}

/// Serves each of those files at its path, to GET and HEAD.
pub(super) fn routes<S>(assets: &'static [Asset]) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    assets.iter().fold(Router::new(), |router, asset| {
        router.route(asset.path, get(move |request: HeaderMap| async move { asset.answer(&request) }))
    })
}

/// Whether the request says that its sender has a copy with that tag. A weak tag is as good as a strong one.
fn is_held(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}
