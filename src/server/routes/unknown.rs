//! What isn't there.

use axum::extract::Request;
use axum::http::StatusCode;

use crate::server::api_error::ApiError;

/// There is nothing at that path.
pub(in crate::server) async fn path(request: Request) -> ApiError {
    let path = cut(request.uri().path());
    let message = format!("There is nothing at {path:?}; /openapi.json tells what there is");
    ApiError::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
}

/// That path doesn't have that method.
pub(in crate::server) async fn method(request: Request) -> ApiError {
    let (path, method) = (cut(request.uri().path()), cut(request.method().as_str()));
    let message = format!("{path:?} doesn't have the method {method}; the header Allow tells which it has");
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "method_not_allowed", message)
}

/// Clients may send words of any length.
fn cut(word: &str) -> String {
    word.chars().take(100).collect()
}
