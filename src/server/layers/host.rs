//! A request over a connection says for which host it is, once: two readers of one that doesn't could take it for
//! requests to two.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::server::api_error::ApiError;
use crate::server::connection::WithoutHost;

/// Refuses a request that its connection has found not to name one host.
pub(in crate::server) async fn host(request: Request, next: Next) -> Response {
    if request.extensions().get::<WithoutHost>().is_none() {
        return next.run(request).await;
    }
    let message = "The request isn't well-formed HTTP/1.1: it must have one Host header";
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_request_error", "malformed_request", message)
        .into_response()
}
