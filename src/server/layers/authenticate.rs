//! Lets only those pass whose token holds, before anything of the body is read.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Span;

use super::caller::address_of;
use crate::server::api_error::ApiError;
use crate::server::app::App;
use crate::server::auth::AuthFailure;
use crate::server::rate_limit::{Outcome, RateKey, Scope};

/// Lets a request with a good token pass, with its [`Identity`](crate::server::auth::Identity) among its
/// extensions.
pub(in crate::server) async fn authenticate(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match app.verifier.verify(credentials(request.headers()), SystemTime::now()) {
        Ok(identity) => {
            Span::current().record("user_id", identity.subject.as_str());
            tracing::debug!("Token accepted");
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(failure) => refuse(&app, address_of(&app, &request), failure).await,
    }
}

/// Of several headers none counts: whoever checks the first, and whoever passes on the last, would disagree.
fn credentials(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    all.next().filter(|_| all.next().is_none())
}

/// Failures count, by address, so that nobody can try tokens without end.
async fn refuse(app: &App, address: IpAddr, failure: AuthFailure) -> Response {
    let reason = failure.reason();
    app.token_rejected(failure);
    let decision = match app.limit(Scope::Default, &RateKey::Address(address)).await {
        Ok(Some(decision)) => decision,
        Ok(None) => {
            tracing::warn!(client = %address, reason, "Token rejected");
            return ApiError::from(failure).into_response();
        }
        Err(error) => return error.into_response(),
    };
    let error = if decision.outcome == Outcome::Allowed {
        tracing::warn!(client = %address, reason, "Token rejected");
        ApiError::from(failure)
    } else {
        super::rate_limit::log_refusal(&decision);
        decision.to_api_error()
    };
    (decision.headers(SystemTime::now()), error).into_response()
}
