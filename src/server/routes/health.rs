//! Whether the server lives, and whether it should be sent requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::api_error::{ApiError, ErrorBody};
use crate::server::app::App;

/// When it is worth looking again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct Health {
    /// `healthy`, `ready` or `not ready`.
    status: &'static str,
    /// Why it isn't ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The same as an error, as everywhere.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
}

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "Health", security(()),
    responses((status = 200, description = "The process answers", body = Health)))]
pub(in crate::server) async fn live() -> Json<Health> {
    Json(Health { status: "healthy", reason: None, error: None })
}

/// Whether the server should be sent requests. Nothing is asked of the upstream for it: that would cost.
#[utoipa::path(get, path = "/health/ready", tag = "Health", security(()),
    responses(
        (status = 200, description = "Send requests", body = Health),
        (status = 503, description = "Send them elsewhere for now", body = Health)))]
pub(in crate::server) async fn ready(State(app): State<Arc<App>>) -> Response {
    let reason = if app.lifecycle.is_draining() {
        Some("draining".to_owned())
    } else {
        app.broken_model().map(|model| format!("the circuit for {model} is open"))
    };
    match reason {
        None => Json(Health { status: "ready", reason: None, error: None }).into_response(),
        Some(reason) => {
            tracing::debug!(reason, "Not ready");
            let error = not_ready(&reason);
            let health = Health { status: "not ready", reason: Some(reason), error: Some(error.body()) };
            (error.status, error.headers(), Json(health)).into_response()
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
