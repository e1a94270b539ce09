//! Takes in a request: its body up to the limit on its size, and the headers that it can't be without.

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::api_error::ApiError;
use super::exchange::Exchange;

/// The most bytes that a request's body may have: 32 MB.
pub(super) const MAX_BODY: usize = 32 * 1024 * 1024;

/// Reads the body, of at most so many bytes, as JSON, and puts it into the log.
pub(super) async fn read_json(
    body: Body,
    headers: &HeaderMap,
    max_bytes: usize,
    exchange: &Exchange,
) -> Result<Arc<Value>, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.starts_with("application/json")) {
        return Err(ApiError::invalid("content-type: must be application/json"));
    }
    let bytes = match axum::body::to_bytes(body, max_bytes).await {
        Ok(bytes) => bytes,
        Err(error) => {
            if is_of_connection(&error) {
                exchange.lose_client();
            }
            return Err(ApiError::new(
                413,
                "request_too_large",
                format!("the body is over {max_bytes} bytes"),
            ));
        }
    };
    let body: Value = serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::invalid(format!("the body is not valid JSON: {error}")))?;
    let body = Arc::new(body);
    exchange.note(|entry| entry.body = Arc::clone(&body));
    Ok(body)
}

/// Whether the connection failed, and not the limit on the body's size.
fn is_of_connection(error: &axum::Error) -> bool {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error| (*error).source()).any(<dyn Error>::is::<hyper::Error>)
}

/// The version of the API that the client speaks.
pub(super) fn api_version(headers: &HeaderMap) -> Result<&str, ApiError> {
    let version = headers.get("anthropic-version").and_then(|value| value.to_str().ok());
    version.ok_or_else(|| ApiError::invalid("anthropic-version: header is required"))
}
