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
use super::compose::compose;
use super::cut::{Cut, CutOrder};
use super::exchange::Exchange;
use super::fault::Fault;
use super::fault_rule::FaultRule;
use super::injected::Injected;
use super::intake::{api_version, read_json};
use super::log::Ledger;
use super::models::{self, Thinking};
use super::playback::Wire;
use super::reply::{Content, Reply, Stop};
use super::request::Request;
use super::routes::Shared;
use super::script::{self, Cadence};
use super::subject::Subject;
use super::validate::{Purpose, validate};
use super::{spoil, tokens};

/// The tokens of a thinking block, while there are so many.
const THINKING_TOKENS: u64 = 24;

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
        let body = read_json(body, &parts.headers, &exchange).await?;
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
        let body = read_json(body, &parts.headers, &exchange).await?;
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
    Ok(calls::pick(asked.iter().chain(&shared.config.faults), call, request))
}

/// The faults that the request itself asks for.
fn asked_faults(headers: &HeaderMap) -> Result<Vec<FaultRule>, ApiError> {
    let invalid = |why: String| ApiError::invalid(format!("x-simulate-fault: {why}"));
    let Some(value) = headers.get("x-simulate-fault") else { return Ok(Vec::new()) };
    let rules = value.to_str().map_err(|_| invalid("has characters that aren't ASCII".to_owned()))?;
    FaultRule::parse_list(rules).map_err(|error| invalid(error.to_string()))
}

/// All tokens of the prompt, whatever the cache makes of them.
fn prompt_tokens(request: Request<'_>) -> u64 {
    let segments = request.segments();
    let blocks: u64 = segments.iter().map(|segment| tokens::count(&segment.text)).sum();
    blocks + tokens::count(&request.output_schema_text())
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
            match injected.fault {
                Fault::HangBeforeHead => std::future::pending().await,
                Fault::ResetBeforeHead => {
                    self.wire.exchange.end(super::log::End::AbortedByFault);
                    return self.wire.order.cut(Cut::Reset).await;
                }
                Fault::WrongContentType => return Ok(page()),
                // Without a stream nothing can be sent to keep the connection alive.
                Fault::PingsOnly if !self.request.stream() => std::future::pending().await,
                _ => {}
            }
            if let Some(error) = super::refusal::of(injected, self.request) {
                return Err(error);
            }
        }
        let reply = self.reply()?;
        let ledger = Ledger {
            input_tokens: reply.prompt.uncached,
            output_tokens: 0,
            cache_read_tokens: reply.prompt.read,
            cache_write_tokens: reply.prompt.written_5m + reply.prompt.written_1h,
        };
        self.wire.exchange.bill_prompt(ledger);
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

    fn reply(&self) -> Result<Reply, ApiError> {
        let request = self.request;
        let known = models::find(request.model());
        let size = prompt_tokens(request);
        if let Some(model) = known.filter(|model| size > model.context) {
            let limit = model.context;
            return Err(ApiError::invalid(format!(
                "prompt is too long: {size} tokens, the limit is {limit}"
            )));
        }
        let model = known.map_or(request.model(), |model| model.id);
        let prompt = self.shared.cache.count(
            model,
            known.map(|model| model.cache_min),
            &request.segments(),
            tokens::count(&request.output_schema_text()),
        );
        let step = request.step();
        let composed = compose(
            step,
            request.reply_schema().as_ref(),
            &Subject::of(request),
            self.shared.config.draft_tokens,
        );
        let said = spoil::say(composed, step, self.injected);
        let thinks = request.thinks(known.is_some_and(|model| Thinking::by_default(model.thinking)));
        let mut reply = Reply {
            id: format!("msg_sim_{:06}", self.wire.exchange.sequence()),
            model: model.to_owned(),
            thinking_tokens: if thinks { THINKING_TOKENS.min(request.max_tokens()) } else { 0 },
            content: content(said.text, request),
            stop: said.stop,
            prompt,
            tells_usage: said.tells_usage,
            delta_size: said.delta_size,
        };
        if matches!(reply.content, Content::ToolCall { .. }) && reply.stop.reason == "end_turn" {
            reply.stop = Stop::because("tool_use");
        }
        let left = request.max_tokens() - reply.thinking_tokens;
        if said.limited && reply.content.cut(left) {
            reply.stop = Stop::because("max_tokens");
        }
        Ok(reply)
    }
}

fn content(text: Option<String>, request: Request<'_>) -> Content {
    match (text, request.forced_tool()) {
        (None, _) => Content::Nothing,
        (Some(input), Some(name)) => Content::ToolCall { name: name.to_owned(), input },
        (Some(text), None) => Content::Text(text),
    }
}

fn json_response(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// What a proxy or a login page answers in the API's place.
fn page() -> Response {
    let html = "<!doctype html><title>Welcome</title><p>This is not the API (simulated).</p>\n";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}
