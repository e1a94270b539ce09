//! Headers that tell browsers to be careful.

use axum::extract::{Request, State};
use axum::http::header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use axum::http::uri::Scheme;
use axum::middleware::Next;
use axum::response::Response;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What every response carries.
pub(in crate::server) const SECURITY_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
    (HeaderName::from_static("x-xss-protection"), HeaderValue::from_static("1; mode=block")),
];

/// Only over HTTPS: over HTTP browsers pass it over, and it would keep developers from their own machine.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds the security headers, if they are wanted.
pub(in crate::server) async fn security_headers(
    State(wanted): State<bool>,
    request: Request,
    next: Next,
) -> Response {
    let is_https = is_https(&request);
    let mut response = next.run(request).await;
    if wanted {
        response.headers_mut().extend(SECURITY_HEADERS);
        if is_https {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }
    response
}

/// Whether the client speaks HTTPS, to us or to a proxy before us. Of several proxies' words the first
/// counts, which is that of the one nearest to the client.
fn is_https(request: &Request) -> bool {
    let forwarded = request.headers().get(X_FORWARDED_PROTO).and_then(|value| value.to_str().ok());
    let nearest = forwarded.and_then(|protocols| protocols.split(',').next());
    nearest.is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("https"))
        || request.uri().scheme() == Some(&Scheme::HTTPS)
}
