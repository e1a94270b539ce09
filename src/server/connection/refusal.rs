//! The answer to a request that can't be read as one: nothing that answers requests ever sees it.

use std::net::SocketAddr;

use axum::http::StatusCode;

use crate::server::api_error::ApiError;
use crate::server::layers::{RequestId, SECURITY_HEADERS};

/// The whole answer, as bytes. The connection ends with it.
pub(super) fn refusal(status: StatusCode, client: SocketAddr, security_headers: bool) -> Vec<u8> {
    let id = RequestId::new();
    let error = error(status);
    tracing::warn!(
        request_id = id.as_str(), status_code = status.as_u16(), client = %client.ip(), error = error.message,
        "Request refused"
    );
    // None of the body's types can fail to be written.
    let body = serde_json::to_string(&error.body()).unwrap_or_default();
    let mut head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\
         x-request-id: {}\r\n",
        body.len(),
        id.as_str()
    );
    for (name, value) in SECURITY_HEADERS.iter().filter(|_| security_headers) {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    format!("{head}\r\n{body}").into_bytes()
}

fn error(status: StatusCode) -> ApiError {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request body too large",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The request's headers are too large",
        _ => "The request isn't well-formed HTTP/1.1",
    };
    let code = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "headers_too_large",
        _ => "malformed_request",
    };
    ApiError::new(status, "invalid_request_error", code, message)
}
