//! `POST /v1/messages` and `POST /v1/messages/count_tokens`: from a request to its answer.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::api_error::ApiError;
use super::calls;
use super::cut::CutOrder;
use super::exchange::Exchange;
use super::fault::Fault;
use super::fault_rule::FaultRule;
use super::head_faults;
use super::injected::Injected;
use super::intake::{MAX_BODY, api_version, read_json};
use super::log::Ledger;
use super::making::{Making, prompt_tokens};
use super::playback::Wire;
use super::reply::Reply;
use super::request::Request;
use super::routes::Shared;
use super::script::{self, Cadence};
use super::validate::{Purpose, validate};

/// The longest text of a reply that the log keeps, in bytes.
const MAX_REMEMBERED: usize = 16 * 1024;

/// Answers a request for a reply.
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    Extension(order): Extension<CutOrder>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let wire = Wire { exchange: Arc::clone(&exchange), order };
    let answer = async {
        let body = read_json(body, &parts.headers, MAX_BODY, &exchange).await?;
        let request = Request { body: &body };
        let injected = admit(&shared, &exchange, &parts.headers, request)?;
        validate(&body, api_version(&parts.headers)?, Purpose::Reply)?;
        exchange.note(|entry| entry.fault = injected.map(|injected| injected.fault));
        tokio::time::sleep(shared.config.latency).await;
        Call { shared: &shared, request, injected, wire }.answer().await
    };
    answer.await.unwrap_or_else(|error| error.answer(&exchange))
}

/// Answers a request for a count.
pub(super) async fn count_tokens(
    Extension(exchange): Extension<Arc<Exchange>>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let answer = async {
        let body = read_json(body, &parts.headers, MAX_BODY, &exchange).await?;
        validate(&body, api_version(&parts.headers)?, Purpose::Count)?;
        let count = json!({"input_tokens": prompt_tokens(Request { body: &body })});
        Ok::<_, ApiError>(json_response(count.to_string().into()))
    };
    answer.await.unwrap_or_else(|error| error.answer(&exchange))
}

/// Counts the call, writes down what it is, and picks its fault.
fn admit(
    shared: &Shared,
    exchange: &Exchange,
    headers: &HeaderMap,
    request: Request<'_>,
) -> Result<Option<Injected>, ApiError> {
    let (step, part) = (request.step(), request.part().map(|part| part.number));
    exchange.note(|entry| {
        (entry.step, entry.part) = (step, part);
        entry.model = Some(request.model().to_owned()).filter(|model| !model.is_empty());
    });
    let call = shared.calls.count(step, part);
    let asked = asked_faults(headers)?;
    let rules = asked.iter().chain(&shared.config.faults);
    Ok(calls::pick(rules, call, request, Fault::strikes_alone))
}

/// The faults that the request itself asks for.
pub(super) fn asked_faults(headers: &HeaderMap) -> Result<Vec<FaultRule>, ApiError> {
    let invalid = |why: String| ApiError::invalid(format!("x-simulate-fault: {why}"));
    let Some(value) = headers.get("x-simulate-fault") else { return Ok(Vec::new()) };
    let rules = value.to_str().map_err(|_| invalid("has characters that aren't ASCII".to_owned()))?;
    FaultRule::parse_list(rules).map_err(|error| invalid(error.to_string()))
}

/// A valid request, on its way to an answer.
struct Call<'a> {
    shared: &'a Shared,
    request: Request<'a>,
    injected: Option<Injected>,
    wire: Wire,
}

impl Call<'_> {
    async fn answer(self) -> Result<Response, ApiError> {
        if let Some(injected) = self.injected {
            // Without a stream nothing can be sent to keep the connection alive.
            if injected.fault == Fault::PingsOnly && !self.request.stream() {
                std::future::pending::<()>().await;
            }
            if let Some(response) = head_faults::instead(injected.fault, &self.wire).await {
                return Ok(response);
            }
            if let Some(error) = super::refusal::of(injected, self.request) {
                return Err(error);
            }
        }
        let Self { shared, request, injected, .. } = self;
        let sequence = self.wire.exchange.sequence();
        let reply = Making { shared, request, injected, sequence }.reply()?;
        self.wire.exchange.bill_prompt(Ledger::of_prompt(reply.prompt));
        remember_text(&self.wire.exchange, reply.content.text());
        Ok(self.send(&reply).await)
    }

    async fn send(self, reply: &Reply) -> Response {
        let cadence = Cadence::of(&self.shared.config);
        let whole = self.injected.is_some_and(|injected| injected.fault == Fault::JsonInsteadOfStream);
        if self.request.stream() && !whole {
            let request_id = self.wire.exchange.request_id();
            let beats = script::of_stream(reply, cadence, self.injected, &request_id);
            let headers = [
                (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            return (headers, self.wire.body(beats)).into_response();
        }
        self.wire.pass(script::of_making(reply, cadence)).await;
        let message = reply.to_json().to_string();
        if self.injected.is_none() {
            // Of known length, unlike a body that is played.
            return json_response(message.into());
        }
        json_response(self.wire.body(script::of_message(message.into(), self.injected)))
    }
}

/// Writes what the reply says into the log, unless that would fill the memory.
fn remember_text(exchange: &Exchange, text: &str) {
    if !text.is_empty() && text.len() <= MAX_REMEMBERED {
        exchange.note(|entry| entry.reply = Some(text.into()));
    }
}

pub(super) fn json_response(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
