//! All routes, and everything that a request passes through: the whole onion, in one function.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};

use super::app::App;
use super::layers::{
    access_log, authenticate, body_limit, catch_panic, cors, host, rate_limit, security_headers,
};
use super::rate_limit::Scope;
use super::routes::{health, metrics, models, openapi, unknown, usage};
use super::{chat, pages};

/// The server as one service. From the outside in, a request passes through: request id and access log,
/// security headers, CORS, catching of panics, host, body limit, authentication, rate limit, handler. The last
/// two layers are each route's own, so that what doesn't exist is 404 or 405 to everybody.
pub(super) fn router(app: &Arc<App>) -> Router {
    let settings = &app.settings;
    let limited = |scope, route: MethodRouter<Arc<App>>| {
        route.route_layer(from_fn_with_state((Arc::clone(app), scope), rate_limit))
    };
    let authenticated =
        |scope, route| limited(scope, route).route_layer(from_fn_with_state(Arc::clone(app), authenticate));

    let mut router = Router::new()
        .route("/v1/chat/completions", authenticated(Scope::ChatCompletions, post(chat::create)))
        .route("/v1/models", authenticated(Scope::Models, get(models::list)))
        .route("/v1/models/{*model}", authenticated(Scope::Models, get(models::one)))
        .route("/v1/usage", authenticated(Scope::Default, get(usage::own)))
        .route("/health", get(health::live))
        .route("/health/", get(health::live))
        .route("/health/ready", get(health::ready));
    if settings.metrics_bind.is_none() {
        let route = get(metrics::text).route_layer(from_fn_with_state(Arc::clone(app), authenticate));
        router = router.route("/metrics", route);
    }
    if settings.docs {
        router = router
            .route("/openapi.json", limited(Scope::Default, get(openapi::document)))
            .merge(pages::docs_routes());
    }
    if settings.playground {
        router = router.merge(pages::playground_routes());
    }
    onion(app, router)
}

/// The metrics as a service of their own, which asks nobody for a token.
pub(super) fn metrics_router(app: &Arc<App>) -> Router {
    onion(app, Router::new().route("/metrics", get(metrics::text)))
}

/// What all requests pass through, whatever they are for.
fn onion(app: &Arc<App>, router: Router<Arc<App>>) -> Router {
    let settings = &app.settings;
    let mut router = router.fallback(unknown::path).method_not_allowed_fallback(unknown::method);

    // Each further layer lies round those before it.
    let max_body = u64::from(settings.max_body_bytes);
    router = router.layer(from_fn_with_state(max_body, body_limit)).layer(from_fn(host)).layer(catch_panic());
    if let Some(cors) = cors(&settings.cors) {
        router = router.layer(cors);
    }
    router
        .layer(from_fn_with_state(settings.security_headers, security_headers))
        .layer(from_fn_with_state(Arc::clone(app), access_log))
        .with_state(Arc::clone(app))
}
