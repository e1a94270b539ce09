//! `POST /v1/chat/completions`: a run of the chain as a chat completion, streamed or whole.

mod active_run;
mod failure;
mod heartbeat;
mod kept_run;
mod reasoning;
mod step_progress;
mod stream;
mod whole;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::Instant;

use super::api_error::{ApiError, ErrorBody};
use super::app::App;
use super::auth::Identity;
use super::connection::{ConnectionWatch, Peer};
use super::layers::{Arrival, RequestId, read_body};
use super::openai::{ChatChunk, ChatCompletion, ChatCompletionRequest, ChatRequest, CompletionId};
use super::repeats::{Asked, Claim, IdempotencyKey, Opened};
use super::routes::models::not_found;
use crate::chain::{Delivery, Plan, RunInput};
use crate::telemetry::metrics::CheckpointUse;
use crate::trace_context::TraceContext;
use active_run::{ActiveRun, Beginning};
use kept_run::Repeat;

/// What a response is about, whatever its form.
struct Reply {
    /// Boxed, because it is large, and an answer is handed around.
    run: Box<ActiveRun>,
    id: CompletionId,
    /// When it was made, in seconds of unix time.
    created: u64,
    /// The model's listed name.
    model: String,
    watch: Option<ConnectionWatch>,
}

/// Runs the chain on a conversation.
#[utoipa::path(post, path = "/v1/chat/completions", tag = "Chat",
    request_body = ChatCompletionRequest,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
        description = "A name of your own for this request and its repeats: a repeat with the same body pays only for \
            the steps that hadn't finished")),
    responses(
        (status = 200, description = "The answer; with `stream: true` as server-sent events, each a chunk, the last \
            `[DONE]`", content((ChatCompletion = "application/json"), (ChatChunk = "text/event-stream"))),
        (status = 400, description = "The request can't be honoured; `error.param` names the field", body = ErrorBody),
        (status = 401, description = "No token, or an expired one", body = ErrorBody),
        (status = 403, description = "A bad token", body = ErrorBody),
        (status = 404, description = "There is no such model", body = ErrorBody),
        (status = 408, description = "The request's body took too long", body = ErrorBody),
        (status = 413, description = "The request's body is too large", body = ErrorBody),
        (status = 415, description = "The request's body isn't declared as JSON", body = ErrorBody),
        (status = 422, description = "A gate rejected the answer, the model declined, or the Idempotency-Key was used for \
            another request", body = ErrorBody),
        (status = 429, description = "Too many requests, ours or the model provider's limit", body = ErrorBody),
        (status = 500, description = "A bug", body = ErrorBody),
        (status = 502, description = "The model provider failed, or refused our request", body = ErrorBody),
        (status = 503, description = "Overloaded, shutting down, or the request can't be counted", body = ErrorBody),
        (status = 504, description = "A time limit was reached", body = ErrorBody)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    Extension(arrival): Extension<Arrival>,
    request: Request,
) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    expect_json(&head.headers)?;
    let asked_for_body = Instant::now();
    let body = read_body(body, app.settings.max_body_bytes.into()).await?;
    // That is the client's time.
    let reading = asked_for_body.elapsed();
    let asked = ChatRequest::parse(&body)?;
    let key = IdempotencyKey::of(&head.headers)?;
    let served = app.models.find(&asked.model).ok_or_else(|| not_found(&app, &asked.model))?;
    let place = app.begin_run()?;
    let direct = app.background_task(asked.conversation.request()).is_some();
    let repeat = match key.zip(head.extensions.get::<Identity>()) {
        None => Repeat::No,
        Some((key, Identity { subject, .. })) => {
            let (chain, upstream) = (&served.chain.fingerprint(), app.upstream());
            let claim = Claim::new(Asked { subject, key: &key, body: &body, chain, upstream, direct });
            repeat(&app, claim).await?
        }
    };
    drop(body);

    let purse = head.extensions.get::<Identity>().and_then(|identity| app.budgets.purse(identity));
    let input = RunInput {
        purse,
        plan: Plan { direct, ..Plan::default() },
        conversation: asked.conversation,
        request_id: id.as_str().to_owned(),
        trace: head.extensions.get::<TraceContext>().cloned(),
        delivery: if asked.stream { Delivery::Live } else { Delivery::Held },
        answer: asked.answer,
    };
    let spent = arrival.elapsed().saturating_sub(reading);
    let run = Box::new(ActiveRun::start(&app, Beginning { served, input, place, repeat, spent }));
    let reply = Reply {
        run,
        id: CompletionId::new(),
        created: super::unix_time(),
        model: served.name.clone(),
        watch: head.extensions.get::<Peer>().map(|peer| peer.watch.clone()),
    };
    // Its fields are parts of a buffer as large as what was read at a time, and a run is long.
    drop(head);
    if asked.stream {
        let options =
            stream::Options { include_usage: asked.include_usage, include_steps: asked.include_steps };
        stream::respond(&app, reply, options).await
    } else {
        whole::respond(&app, reply).await
    }
}

/// How a request stands to earlier ones of its key.
async fn repeat(app: &App, claim: Claim) -> Result<Repeat, ApiError> {
    let checkpoints = app.checkpoints.clone();
    match checkpoints.open(&claim).await {
        Opened::Mine(lease, checkpoint) => Ok(Repeat::Ours(checkpoints, lease, checkpoint)),
        Opened::Busy => Ok(Repeat::UnderWay(checkpoints, claim)),
        Opened::Unavailable(error) => {
            checkpoints.are_unavailable(&error);
            Ok(Repeat::No)
        }
        Opened::OtherBody => {
            checkpoints.used(CheckpointUse::conflict);
            let message =
                "This Idempotency-Key was used for another request; a key is for one and its repeats";
            let error = ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_request_error",
                "idempotency_key_reused",
                message,
            );
            Err(ApiError { should_retry: Some(false), ..error })
        }
    }
}

/// A body that isn't declared as JSON isn't read as such.
fn expect_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    let message = "The request's body must be JSON, declared by the header Content-Type: application/json";
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "invalid_request_error",
        "unsupported_media_type",
        message,
    ))
}
