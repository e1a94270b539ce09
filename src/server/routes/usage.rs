//! What a caller has spent today.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Cost;
use crate::server::api_error::{ApiError, ErrorBody};
use crate::server::app::App;
use crate::server::auth::Identity;

/// When it is worth asking again: the store is looked for all the time.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a caller has spent today. Where it has no budget, nothing is counted, and all is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct UsageReport {
    /// Always `usage`.
    object: &'static str,
    /// The most that it may spend in a day, in US dollars.
    limit_usd: Option<f64>,
    /// What it has spent today; calls of unknown cost at their worst case.
    spent_usd: Option<f64>,
    /// What is set aside for calls under way.
    reserved_usd: Option<f64>,
    /// What is left.
    remaining_usd: Option<f64>,
    /// When a new day begins, in seconds of unix time.
    resets_at: Option<u64>,
}

/// What the token's subject has spent today, of all its tokens together.
#[utoipa::path(get, path = "/v1/usage", tag = "Usage",
    responses(
        (status = 200, description = "What was spent", body = UsageReport),
        (status = 401, description = "No token, or an expired one", body = ErrorBody),
        (status = 403, description = "A bad token", body = ErrorBody),
        (status = 429, description = "Too many requests", body = ErrorBody),
        (status = 503, description = "What was spent can't be found out, or the request not be counted", body = ErrorBody)))]
pub(in crate::server) async fn own(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
) -> Result<Json<UsageReport>, ApiError> {
    let standing = app.budgets.standing(&identity).await.map_err(|_| {
        let message = "What you have spent can't be found out at the moment. Try again in a moment.";
        let error =
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "budget_unavailable", message);
        ApiError { retry_after: Some(RETRY_AFTER), ..error }
    })?;
    let part = |of: fn(Cost, Cost, Cost) -> Cost| {
        standing.map(|it| of(it.limit, it.standing.spent, it.standing.reserved).usd())
    };
    Ok(Json(UsageReport {
        object: "usage",
        limit_usd: part(|limit, _, _| limit),
        spent_usd: part(|_, spent, _| spent),
        reserved_usd: part(|_, _, reserved| reserved),
        remaining_usd: part(|limit, spent, reserved| {
            Cost::from_picos(limit.picos().saturating_sub((spent + reserved).picos()))
        }),
        resets_at: standing.map(|it| it.resets_at),
    }))
}
