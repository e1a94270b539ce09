//! Lets so many requests pass, and no more.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::caller::address_of;
use crate::server::app::App;
use crate::server::auth::Identity;
use crate::server::rate_limit::{Decision, Outcome, RateKey, Scope};

/// Counts the request under its subject, or under its address where it has none.
pub(in crate::server) async fn rate_limit(
    State((app, scope)): State<(Arc<App>, Scope)>,
    request: Request,
    next: Next,
) -> Response {
    let key = match request.extensions().get::<Identity>() {
        Some(identity) => RateKey::Subject(identity.subject.clone()),
        None => RateKey::Address(address_of(&app, &request)),
    };
    let decision = match app.limit(scope, &key).await {
        Ok(Some(decision)) => decision,
        Ok(None) => return next.run(request).await,
        Err(error) => return error.into_response(),
    };
    // Now: the answer may take its time.
    let headers = decision.headers(SystemTime::now());
    let mut response = if decision.outcome == Outcome::Allowed {
        next.run(request).await
    } else {
        log_refusal(&decision);
        decision.to_api_error().into_response()
    };
    response.headers_mut().extend(headers);
    response
}

/// Says that a request was refused.
pub(super) fn log_refusal(decision: &Decision) {
    tracing::warn!(
        limit = %decision.limit,
        remaining = decision.remaining,
        reset = decision.reset_at(SystemTime::now()),
        "Refused by the rate limit"
    );
}
