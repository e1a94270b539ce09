//! Which other origins' pages may call the API.

use std::time::Duration;

use axum::http::Method;
use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::settings::Cors;

/// How long browsers may remember what they were told.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Everything.
const ANY: &str = "*";

/// Response headers that such pages may read.
const EXPOSED: [HeaderName; 6] = [
    super::request_id::X_REQUEST_ID,
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("x-should-retry"),
    RETRY_AFTER,
];

/// The layer for those settings; `None` if no other origin may do anything.
pub(in crate::server) fn cors(settings: &Cors) -> Option<CorsLayer> {
    if settings.origins.is_empty() {
        return None;
    }
    let is_any = |words: &[String]| words.iter().any(|word| word == ANY);
    let origins = if is_any(&settings.origins) {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(settings.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    // With credentials `*` would be a name like any other, so what the browser asks for is named instead.
    let methods = match is_any(&settings.allow_methods) {
        true if settings.allow_credentials => AllowMethods::mirror_request(),
        true => AllowMethods::any(),
        false => settings
            .allow_methods
            .iter()
            .filter_map(|name| name.parse::<Method>().ok())
            .collect::<Vec<_>>()
            .into(),
    };
    // `*` doesn't cover `Authorization`, without which nothing can be called.
    let headers = if is_any(&settings.allow_headers) {
        AllowHeaders::mirror_request()
    } else {
        settings
            .allow_headers
            .iter()
            .filter_map(|name| name.parse::<HeaderName>().ok())
            .collect::<Vec<_>>()
            .into()
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
        .allow_headers(headers)
        .allow_credentials(settings.allow_credentials)
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE);
    Some(layer)
}
