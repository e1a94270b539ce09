//! One request of a batch: counted, logged and answered like one that comes alone.

use std::sync::Arc;

use serde_json::{Value, json};

use super::batch::{Batch, Outcome};
use super::envelope::BatchedRequest;
use crate::simulator::api_error::ApiError;
use crate::simulator::exchange::Exchange;
use crate::simulator::injected::Injected;
use crate::simulator::log::{BATCHED, BatchedCall, End, Ledger, LogEntry};
use crate::simulator::making::Making;
use crate::simulator::request::Request;
use crate::simulator::routes::Shared;
use crate::simulator::validate::{Purpose, validate};
use crate::simulator::{Fault, calls, refusal};

/// What becomes of that request.
pub(super) fn make(shared: &Shared, batch: &Batch, batched: &BatchedRequest) -> Outcome {
    let request = Request { body: &batched.params };
    let (step, part) = (request.step(), request.part().map(|part| part.number));
    let exchange = shared.open(|sequence| LogEntry {
        anthropic_version: Some(batch.order.version.clone()),
        body: Arc::clone(&batched.params),
        step,
        part,
        batch: Some(BatchedCall { batch_id: batch.id.clone(), custom_id: batched.custom_id.clone() }),
        model: Some(request.model().to_owned()).filter(|model| !model.is_empty()),
        ..LogEntry::new(sequence, BATCHED, "/v1/messages")
    });
    let number = shared.calls.count(step, part);
    let rules = batch.order.faults.iter().chain(&shared.config.faults);
    let injected = calls::pick(rules, number, request, Fault::strikes_batched);
    let outcome = match message(shared, &exchange, request, &batch.order.version, injected) {
        Ok(Some(message)) => Outcome::Succeeded(message),
        Ok(None) if injected.is_some_and(|injected| injected.fault == Fault::Canceled) => Outcome::Canceled,
        Ok(None) => Outcome::Expired,
        Err(error) => {
            exchange.note(|entry| entry.status = Some(error.status));
            Outcome::Errored(error.to_json(&exchange.request_id()))
        }
    };
    exchange.end(End::Completed);
    outcome
}

/// The message that answers the request; `None` if it is to come back unmade.
fn message(
    shared: &Shared,
    exchange: &Exchange,
    request: Request<'_>,
    version: &str,
    injected: Option<Injected>,
) -> Result<Option<Value>, ApiError> {
    if request.stream() {
        return Err(ApiError::invalid("stream: a request within a batch can't be streamed"));
    }
    validate(request.body, version, Purpose::Reply)?;
    exchange.note(|entry| entry.fault = injected.map(|injected| injected.fault));
    if let Some(injected) = injected {
        if matches!(injected.fault, Fault::Expired | Fault::Canceled) {
            return Ok(None);
        }
        if let Some(error) = refusal::of(injected, request) {
            return Err(error);
        }
    }
    let reply = Making { shared, request, injected, sequence: exchange.sequence() }.reply()?;
    exchange.bill_prompt(Ledger::of_prompt(reply.prompt));
    exchange.bill_output(reply.output_tokens());
    exchange.note(|entry| entry.status = Some(200));
    let mut message = reply.to_json();
    if let Some(tier) = message.pointer_mut("/usage/service_tier") {
        *tier = json!("batch");
    }
    Ok(Some(message))
}
