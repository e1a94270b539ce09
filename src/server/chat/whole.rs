//! The answer as one JSON object, when all of it is there.

use axum::Json;
use axum::response::{IntoResponse, Response};

use super::Reply;
use super::active_run::Cut;
use super::reasoning::reasoning;
use crate::chain::Event;
use crate::server::api_error::ApiError;
use crate::server::app::App;
use crate::server::layers::internal_error;
use crate::server::openai::{ChatCompletion, CompletionParts, Usage};

/// Waits for the run's end. Dropped meanwhile, because the client has left, it drops the run.
pub(super) async fn respond(app: &App, reply: Reply) -> Result<Response, ApiError> {
    let Reply { mut run, id, created, model, .. } = reply;
    let mut cut = std::pin::pin!(app.lifecycle.clone().cut_off());
    let outcome = loop {
        tokio::select! {
            biased;
            () = &mut cut => return Err(run.cut_off(Cut::Shutdown)),
            event = run.next_event() => match event {
                Some(Event::RunFinished { outcome, .. }) => break outcome,
                Some(_) => {}
                // A run ends with its last event, which breaks the loop.
                None => return Err(internal_error()),
            },
        }
    };
    let finish_reason = outcome.map_err(|error| run.failure(&error).to_api_error())?;
    let summary = run.summary();
    let completion = ChatCompletion::from(CompletionParts {
        id: &id,
        created,
        model: &model,
        content: &summary.delivered,
        finish_reason,
        usage: Usage::from(&summary.spend()),
        reasoning: reasoning(&summary.state, app.settings.stream.exposed_steps),
    });
    let response = Json(completion).into_response();
    run.answered();
    Ok(response)
}
