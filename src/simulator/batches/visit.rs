//! What the endpoints of batches share: the rules that every request to them is under, the faults that strike
//! it, and how its answer travels.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::extract::rejection::ExtensionRejection;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use super::batch::Batch;
use crate::simulator::api_error::ApiError;
use crate::simulator::cut::CutOrder;
use crate::simulator::exchange::Exchange;
use crate::simulator::injected::Injected;
use crate::simulator::intake::api_version;
use crate::simulator::messages::{asked_faults, json_response};
use crate::simulator::playback::Wire;
use crate::simulator::request::Request;
use crate::simulator::routes::Shared;
use crate::simulator::{BatchEndpoint, Fault, FaultRule, head_faults, refusal, script};

/// A request to an endpoint of batches.
pub(in crate::simulator) struct Visit {
    pub(super) shared: Arc<Shared>,
    pub(super) headers: HeaderMap,
    pub(super) query: String,
    exchange: Arc<Exchange>,
    order: CutOrder,
}

/// What it is answered with, once it has got so far.
pub(super) struct Answer {
    pub(super) injected: Option<Injected>,
    pub(super) body: AnswerBody,
}

pub(super) enum AnswerBody {
    Json(Value),
    /// JSON Lines, each with its end.
    Lines(Vec<Bytes>),
}

impl Visit {
    pub(super) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The client's version of the API.
    pub(super) fn version(&self) -> Result<&str, ApiError> {
        api_version(&self.headers)
    }

    /// The faults that the client itself asks for.
    pub(super) fn asked_faults(&self) -> Result<Vec<FaultRule>, ApiError> {
        asked_faults(&self.headers)
    }

    /// Counts the request, and picks its fault.
    pub(super) fn admit(&self, endpoint: BatchEndpoint) -> Result<Option<Injected>, ApiError> {
        self.version()?;
        let number = self.shared.calls.count_at(endpoint);
        let asked = self.asked_faults()?;
        let mut rules = asked.iter().chain(&self.shared.config.faults);
        Ok(rules.find_map(|rule| rule.injected_at(endpoint, number)))
    }

    /// Lets time pass, and answers with an error if that is the fault.
    pub(super) async fn pass(&self, injected: Option<Injected>) -> Result<(), ApiError> {
        self.exchange.note(|entry| entry.fault = injected.map(|injected| injected.fault));
        tokio::time::sleep(self.shared.config.latency).await;
        match injected {
            Some(Injected { fault: Fault::NotFound, .. }) => {
                Err(ApiError::not_found("There is no such batch (simulated)"))
            }
            Some(injected) => refusal::of(injected, Request { body: &Value::Null }).map_or(Ok(()), Err),
            None => Ok(()),
        }
    }

    /// The batch of that id.
    pub(super) fn find(&self, id: &str) -> Result<Arc<Batch>, ApiError> {
        let found = self.shared.batches.find(id);
        found.ok_or_else(|| ApiError::not_found(format!("batch: {id}")))
    }

    /// `batch` as the API tells of it.
    pub(super) fn to_json(&self, batch: &Batch) -> Value {
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let origin = format!("http://{}", host.unwrap_or("localhost"));
        self.shared.batches.to_json(batch, &origin)
    }

    /// The response, unless a fault gets in its way.
    pub(super) async fn respond(self, answer: Result<Answer, ApiError>) -> Response {
        let Answer { injected, body } = match answer {
            Ok(answer) => answer,
            Err(error) => return error.answer(&self.exchange),
        };
        let wire = Wire { exchange: self.exchange, order: self.order };
        if let Some(injected) = injected
            && let Some(response) = head_faults::instead(injected.fault, &wire).await
        {
            return response;
        }
        match (body, injected) {
            (AnswerBody::Json(json), None) => json_response(json.to_string().into()),
            (AnswerBody::Json(json), Some(_)) => {
                json_response(wire.body(script::of_message(json.to_string().into(), injected)))
            }
            (AnswerBody::Lines(lines), None) => lines_response(lines.concat().into()),
            (AnswerBody::Lines(lines), Some(injected)) => {
                lines_response(wire.body(script::of_lines(lines, injected)))
            }
        }
    }
}

fn lines_response(body: axum::body::Body) -> Response {
    ([(header::CONTENT_TYPE, "application/x-jsonl")], body).into_response()
}

impl FromRequestParts<Arc<Shared>> for Visit {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ExtensionRejection> {
        let Extension(exchange) = Extension::from_request_parts(parts, shared).await?;
        let Extension(order) = Extension::from_request_parts(parts, shared).await?;
        Ok(Self {
            shared: Arc::clone(shared),
            headers: parts.headers.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            exchange,
            order,
        })
    }
}
