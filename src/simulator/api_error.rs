//! Errors in the Messages API's form.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::exchange::Exchange;

/// An answer that is an HTTP error.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) message: String,
    /// Seconds.
    pub(super) retry_after: Option<f64>,
}

impl ApiError {
    pub(super) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), retry_after: None }
    }

    /// The request is at fault.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// There is nothing of that name.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "not_found_error", message)
    }

    /// The API's error object, for the request of that id.
    pub(super) fn to_json(&self, request_id: &str) -> Value {
        json!({
            "type": "error",
            "error": {"type": self.kind, "message": self.message},
            "request_id": request_id,
        })
    }

    /// The answer to that exchange.
    pub(super) fn answer(&self, exchange: &Exchange) -> Response {
        let body = self.to_json(&exchange.request_id());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.headers(), body.to_string()).into_response()
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after {
            // The plain header has whole seconds; a fraction of one needs the other.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a billion")]
            headers.insert(header::RETRY_AFTER, (seconds.ceil() as u64).into());
            if seconds.fract() > 0.0 {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a billion")]
                let milliseconds = (seconds * 1000.0).round() as u64;
                headers.insert(HeaderName::from_static("retry-after-ms"), milliseconds.into());
            }
        }
        headers
    }
}
