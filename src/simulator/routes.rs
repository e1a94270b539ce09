//! The routes, and what surrounds every one of them: the log's entry, the key, the request id.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::api_error::ApiError;
use super::batches::{Batches, Orders};
use super::cache::PromptCache;
use super::calls::CallCounter;
use super::exchange::Exchange;
use super::log::{Credential, LogEntry, SimulatorLog};
use super::{SimulatorConfig, batches, messages, models};

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: SimulatorConfig,
    pub(super) calls: CallCounter,
    pub(super) cache: PromptCache,
    pub(super) batches: Batches,
    log: Arc<SimulatorLog>,
    stopping: Arc<AtomicBool>,
}

impl Shared {
    /// What they share, and the batches that are going to be ordered.
    pub(super) fn new(
        config: SimulatorConfig,
        log: Arc<SimulatorLog>,
        stopping: Arc<AtomicBool>,
    ) -> (Self, Orders) {
        let (batches, orders) = Batches::new();
        let (calls, cache) = (CallCounter::default(), PromptCache::default());
        (Self { config, calls, cache, batches, log, stopping }, orders)
    }

    /// Opens an entry in the log; `entry` makes it for the number it is given.
    pub(super) fn open(&self, entry: impl FnOnce(u64) -> LogEntry) -> Arc<Exchange> {
        Exchange::open(&self.log, &self.stopping, entry)
    }
}

/// The whole API.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::create))
        .route("/v1/messages/count_tokens", post(messages::count_tokens))
        .route("/v1/messages/batches", post(batches::create).get(batches::list))
        .route("/v1/messages/batches/{id}", get(batches::show).delete(batches::delete))
        .route("/v1/messages/batches/{id}/results", get(batches::results))
        .route("/v1/messages/batches/{id}/cancel", post(batches::cancel))
        .route("/v1/models", get(list_models))
        .route("/v1/models/{id}", get(show_model))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&shared), record))
        .with_state(shared)
}

/// Surrounds every answer.
async fn record(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let exchange = shared.open(|sequence| entry(sequence, &request));
    let mut response = match authorize(&shared, request.headers()) {
        Ok(()) => {
            request.extensions_mut().insert(Arc::clone(&exchange));
            next.run(request).await
        }
        Err(error) => error.answer(&exchange),
    };
    if let Ok(id) = HeaderValue::from_str(&exchange.request_id()) {
        response.headers_mut().insert("request-id", id);
    }
    let status = response.status();
    response.map(|body| exchange.follow(status, body))
}

fn entry(sequence: u64, request: &Request) -> LogEntry {
    let header = |name: &str| request.headers().get(name)?.to_str().ok().map(str::to_owned);
    LogEntry {
        x_request_id: header("x-request-id"),
        traceparent: header("traceparent"),
        anthropic_version: header("anthropic-version"),
        credential: match (api_key(request.headers()), bearer(request.headers())) {
            (Some(_), Some(_)) => Some(Credential::Both),
            (Some(_), None) => Some(Credential::XApiKey),
            (None, Some(_)) => Some(Credential::Bearer),
            (None, None) => None,
        },
        ..LogEntry::new(sequence, request.method().as_str(), request.uri().path())
    }
}

fn api_key(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-api-key")?.to_str().ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn authorize(shared: &Shared, headers: &HeaderMap) -> Result<(), ApiError> {
    let refused = |message: &str| Err(ApiError::new(401, "authentication_error", message));
    let (key, token) = (api_key(headers), bearer(headers));
    if let (Some(key), Some(token)) = (key, token)
        && key != token
    {
        return refused("x-api-key and authorization hold different credentials");
    }
    let Some(required) = &shared.config.require_key else { return Ok(()) };
    match key.or(token) {
        None => refused("x-api-key: header is required"),
        Some(given) if given != required.expose_secret() => refused("the key is not valid"),
        Some(_) => Ok(()),
    }
}

async fn list_models() -> Response {
    let models: Vec<Value> = models::MODELS.iter().map(models::SimulatedModel::to_json).collect();
    let id = |model: Option<&models::SimulatedModel>| model.map(|model| model.id);
    Json(json!({
        "data": models,
        "has_more": false,
        "first_id": id(models::MODELS.first()),
        "last_id": id(models::MODELS.last()),
    }))
    .into_response()
}

async fn show_model(Extension(exchange): Extension<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    match models::find(&id) {
        Some(model) => Json(model.to_json()).into_response(),
        None => ApiError::not_found(format!("model: {id}")).answer(&exchange),
    }
}

async fn no_such_path(Extension(exchange): Extension<Arc<Exchange>>, request: Request) -> Response {
    ApiError::not_found(format!("there is nothing at {}", request.uri().path())).answer(&exchange)
}

async fn wrong_method(Extension(exchange): Extension<Arc<Exchange>>, request: Request) -> Response {
    let message = format!("{} is not allowed here", request.method());
    ApiError::new(405, "invalid_request_error", message).answer(&exchange)
}
