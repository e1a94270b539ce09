//! A call to a model in a trace: one span, however often it was tried, and below it one for each attempt.

use std::time::SystemTime;

use opentelemetry::trace::{SpanContext, SpanKind};
use opentelemetry::{KeyValue, Value};

use super::content;
use super::names;
use super::open_span::{Beginning, OpenSpan};
use super::run_trace::TracedCalls;
use super::step_trace::Around;
use super::tracer::{Address, Tracer};
use crate::chain::{AttemptFailure, AttemptRecord, Spend, StepName};
use crate::model::{CallError, CallErrorKind, Cost, ModelRequest, StopReason};
use crate::telemetry::run_log::attempt_error_type;
use crate::trace_context::TraceContext;

/// A call under way.
#[derive(Debug)]
pub(super) struct CallTrace {
    span: OpenSpan,
    /// Requests sent, and how many of them have ended.
    attempts: u32,
    ended: u32,
    /// What they have used.
    spend: Spend,
    /// The request under way.
    attempt: Option<OpenSpan>,
    /// The repair that it is for, and how often that was sent before.
    sent: (u32, u32),
    /// The last request that was answered.
    answered: Option<AttemptRecord>,
    step: StepName,
    worker: Option<u32>,
    is_streamed: bool,
}

/// What is called, and for what.
pub(super) struct Called<'a> {
    pub(super) step: StepName,
    pub(super) worker: Option<u32>,
    pub(super) model: &'a str,
    /// The beginning of the prompt's hash.
    pub(super) prompt: &'a str,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum CallEnd {
    /// With a reply that was accepted.
    Answered,
    /// Without one; the word says why.
    Failed(&'static str),
}

impl CallTrace {
    pub(super) fn begin(
        parent: &SpanContext,
        called: &Called<'_>,
        started: SystemTime,
        around: &Around<'_>,
    ) -> Self {
        let name = format!("{} {}", names::CHAT, called.model);
        let beginning = Beginning { kind: SpanKind::Client, name: name.into(), started };
        let mut span = OpenSpan::below(parent, beginning);
        span.set(names::OPERATION, names::CHAT);
        for name in around.tracer.style().names.provider() {
            span.set(name, names::PROVIDER);
        }
        span.set(names::REQUEST_MODEL, called.model.to_owned());
        span.set(names::REQUEST_STREAM, around.calls != TracedCalls::Batched);
        if around.calls == TracedCalls::AsIs {
            span.set(names::BACKGROUND_TASK, true);
        } else {
            span.set(names::PROMPT_NAME, called.step.as_str());
            span.set(names::PROMPT_VERSION, called.prompt.to_owned());
        }
        span.set(names::STEP, called.step.as_str());
        if let Some(worker) = called.worker {
            span.count(names::WORKER, worker);
        }
        locate(&mut span, around.upstream);
        Self {
            span,
            attempts: 0,
            ended: 0,
            spend: Spend::default(),
            attempt: None,
            sent: (0, 0),
            answered: None,
            step: called.step,
            worker: called.worker,
            is_streamed: around.calls != TracedCalls::Batched,
        }
    }

    /// A request is about to be sent, the attempt and the repair of these numbers.
    pub(super) fn attempt_started(
        &mut self,
        place: &TraceContext,
        (attempt, repair): (u32, u32),
        request: &ModelRequest,
        around: &Around<'_>,
    ) {
        if self.attempts == 0 {
            self.span.count(names::REQUEST_MAX_TOKENS, request.max_tokens);
            self.span.set_known(names::REQUEST_TEMPERATURE, request.temperature);
            if around.tracer.style().content {
                self.span.set(names::SYSTEM_INSTRUCTIONS, content::system(request));
                self.span.set(names::INPUT_MESSAGES, content::turns(request));
            }
        }
        self.attempts += 1;
        if around.calls == TracedCalls::Batched {
            // It isn't sent by itself.
            return;
        }
        self.sent =
            if self.attempts > 1 && self.sent.0 == repair { (repair, self.sent.1 + 1) } else { (repair, 0) };
        let beginning = Beginning { kind: SpanKind::Client, name: "POST".into(), started: around.now };
        let mut span = OpenSpan::new(place.span().clone(), Some(self.span.context()), beginning);
        span.set(names::METHOD, "POST");
        span.set(names::STEP, self.step.as_str());
        if let Some(worker) = self.worker {
            span.count(names::WORKER, worker);
        }
        span.count(names::ATTEMPT, attempt);
        if repair > 0 {
            span.count(names::REPAIR, repair);
        }
        if self.sent.1 > 0 {
            span.count(names::RESEND_COUNT, self.sent.1);
        }
        locate(&mut span, around.upstream);
        self.attempt = Some(span);
    }

    pub(super) fn attempt_ended(&mut self, record: &AttemptRecord, around: &Around<'_>) {
        self.ended += 1;
        self.spend.add_attempt(record);
        if record.failure.is_none() {
            self.answered = Some(record.clone());
        }
        let Some(mut span) = self.attempt.take() else { return };
        let usage = record.usage.counted();
        span.count_known(names::ATTEMPT_INPUT_TOKENS, usage.prompt_tokens());
        span.count_known(names::ATTEMPT_OUTPUT_TOKENS, usage.output);
        span.set_known(names::ATTEMPT_COST, record.cost.map(Cost::usd));
        span.set(names::USAGE_COMPLETE, record.usage.is_complete());
        span.set_known(names::UPSTREAM_REQUEST_ID, record.request_id.clone());
        span.set_known(names::RETRY_IN, record.retry_in.map(|wait| wait.as_secs_f64()));
        span.set_known(names::FIRST_CHUNK, record.first_content.map(|first| first.as_secs_f64()));
        match &record.failure {
            None => span.count(names::STATUS_CODE, 200),
            Some(failure) => {
                let status = http_status(failure);
                span.count_known(names::STATUS_CODE, status.map(u64::from));
                let refusal = status.filter(|status| *status >= 400).map(|status| status.to_string());
                let error_type = refusal.unwrap_or_else(|| attempt_error_type(failure).to_owned());
                span.failed(error_type, failure.to_string());
            }
        }
        span.end(around.tracer, around.now);
    }

    /// Something happened while it lasts.
    pub(super) fn happened(&mut self, name: &'static str, at: SystemTime, attributes: Vec<KeyValue>) {
        self.span.happened(name, at, attributes);
    }

    pub(super) fn set_known(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        self.span.set_known(name, value);
    }

    pub(super) fn count(&mut self, name: &'static str, count: u32) {
        self.span.count(name, count);
    }

    /// What all of its attempts have used and cost.
    fn spent(&mut self, tracer: &Tracer) {
        let spend = self.spend;
        let cost = if self.worker.is_some() { names::WORKER_COST } else { names::STEP_COST };
        self.span.count_known(names::INPUT_TOKENS, spend.usage.prompt_tokens());
        self.span.count_known(names::OUTPUT_TOKENS, spend.usage.output);
        self.span.count_known(names::CACHE_READ_TOKENS, spend.usage.cache_read);
        self.span.count_known(tracer.style().names.cache_write_tokens(), spend.usage.cache_write());
        self.span.set_known(cost, spend.cost.map(Cost::usd));
        self.span.set(names::USAGE_COMPLETE, spend.is_complete());
    }

    /// The reply that was accepted.
    pub(super) fn replied(&mut self, reply: &str, reason: Option<&StopReason>) {
        self.span.set(names::OUTPUT_MESSAGES, content::reply(reply, reason));
    }

    pub(super) fn end(mut self, tracer: &Tracer, now: SystemTime, end: CallEnd) {
        if let Some(mut attempt) = self.attempt.take() {
            // Nobody has heard how it ended.
            attempt.failed("cancelled", "dropped on its way".to_owned());
            attempt.end(tracer, now);
        }
        self.spend.uncounted_attempts += self.attempts.saturating_sub(self.ended);
        self.span.count(names::ATTEMPTS, self.attempts);
        if let Some(record) = self.answered.take() {
            self.span.set_known(names::RESPONSE_ID, record.response_id);
            self.span.set_known(names::RESPONSE_MODEL, record.response_model);
            let first = record.first_content.filter(|_| self.is_streamed);
            self.span.set_known(names::FIRST_CHUNK, first.map(|first| first.as_secs_f64()));
        }
        self.spent(tracer);
        if let CallEnd::Failed(why) = end {
            self.span.failed(why, format!("{} has no result", self.step));
        }
        self.span.end(tracer, now);
    }
}

/// The status that the upstream has answered, where that is known. A reply that tells of an error, or breaks off,
/// began well.
fn http_status(failure: &AttemptFailure) -> Option<u16> {
    match failure {
        AttemptFailure::Call(CallError {
            kind: CallErrorKind::ErrorEvent { .. } | CallErrorKind::Truncated,
            ..
        }) => Some(200),
        _ => failure.status(),
    }
}

fn locate(span: &mut OpenSpan, upstream: &Address) {
    span.set(names::SERVER_ADDRESS, upstream.host.clone());
    if let Some(port) = upstream.port {
        span.count(names::SERVER_PORT, port);
    }
}
