//! How much of a request is read: no more than allowed, be it announced or not, and not for ever.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::TryStreamExt;
use tokio::time::timeout;

use crate::server::api_error::ApiError;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Refuses a request whose headers announce a larger body than `max` bytes.
pub(in crate::server) async fn body_limit(State(max): State<u64>, request: Request, next: Next) -> Response {
    let can_have_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    match announced(&request).filter(|size| can_have_body && *size > max) {
        Some(size) => too_large(max, size).into_response(),
        None => next.run(request).await,
    }
}

/// Reads a body of at most `max` bytes.
///
/// # Errors
/// If it is larger, breaks off or takes too long.
pub(in crate::server) async fn read_body(body: Body, max: u64) -> Result<Bytes, ApiError> {
    let read = async {
        let mut pieces = body.into_data_stream();
        let mut whole = BytesMut::new();
        while let Some(piece) = pieces.try_next().await.map_err(|_| broken_off())? {
            whole.extend_from_slice(&piece);
            let size = u64::try_from(whole.len()).unwrap_or(u64::MAX);
            if size > max {
                return Err(too_large(max, size));
            }
        }
        Ok(whole.freeze())
    };
    timeout(BODY_TIMEOUT, read).await.unwrap_or_else(|_| Err(too_slow()))
}

fn announced(request: &Request) -> Option<u64> {
    request.body().size_hint().exact().or_else(|| {
        // A size that isn't a number has been refused by whoever read the head.
        request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    })
}

fn too_large(max: u64, size: u64) -> ApiError {
    let message = format!("Request body too large. Maximum size: {max} bytes, received: {size} bytes");
    tracing::warn!(max_bytes = max, received_bytes = size, error = message, "Request body too large");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", "request_too_large", message)
}

fn too_slow() -> ApiError {
    let message = format!("The request's body wasn't complete after {}s", BODY_TIMEOUT.as_secs());
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "invalid_request_error", "request_timeout", message)
}

fn broken_off() -> ApiError {
    ApiError::invalid_request("incomplete_body", "The request's body broke off before its end")
}
