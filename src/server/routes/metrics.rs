//! What the server counts of itself.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};

use crate::server::app::App;
use crate::telemetry::metrics;

/// All metrics, as Prometheus reads them.
pub(in crate::server) async fn text(
    State(app): State<Arc<App>>,
) -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics_text())
}
