//! Whether the server lives, and whether it should be sent requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::api_error::{ApiError, ErrorBody, ErrorObject};
use crate::server::app::App;

/// When it is worth looking again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct Health {
    /// `healthy` or `ready`.
    status: &'static str,
}

/// Why the server shouldn't be sent requests.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct NotReady {
    /// `not ready`.
    status: &'static str,
    /// Why.
    reason: String,
    /// The same as an error, as everywhere.
    detail: String,
    /// The same in parts.
    error: ErrorObject,
}

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "Health", security(()),
    responses((status = 200, description = "The process answers", body = Health)))]
pub(in crate::server) async fn live() -> Json<Health> {
    Json(Health { status: "healthy" })
}

/// Whether the server should be sent requests. Nothing is asked of the upstream for it: that would cost.
#[utoipa::path(get, path = "/health/ready", tag = "Health", security(()),
    responses(
        (status = 200, description = "Send requests", body = Health),
        (status = 503, description = "Send them elsewhere for now", body = NotReady)))]
pub(in crate::server) async fn ready(State(app): State<Arc<App>>) -> Response {
    let reason = if app.lifecycle.is_draining() {
        Some("draining".to_owned())
    } else {
        app.broken_model().map(|model| format!("the circuit for {model} is open"))
    };
    match reason {
        None => Json(Health { status: "ready" }).into_response(),
        Some(reason) => {
            tracing::debug!(reason, "Not ready");
            let error = not_ready(&reason);
            let ErrorBody { detail, error: parts } = error.body();
            let body = NotReady { status: "not ready", reason, detail, error: parts };
            (error.status, error.headers(), Json(body)).into_response()
        }
    }
}

fn not_ready(reason: &str) -> ApiError {
    let message = format!("The server isn't ready: {reason}");
    ApiError {
        retry_after: Some(RETRY_AFTER),
        ..ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "not_ready", message)
    }
}
