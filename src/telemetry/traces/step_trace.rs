//! A step in a trace: its calls to a model, and their attempts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::SystemTime;

use opentelemetry::trace::{SpanContext, SpanKind};
use opentelemetry::{KeyValue, Value};

use super::call_trace::{CallEnd, CallTrace, Called};
use super::names;
use super::open_span::{Beginning, OpenSpan};
use super::run_trace::{TracedCalls, words};
use super::tracer::{Address, Tracer};
use crate::chain::{Event, Spend, StepFinished, StepName, Verdict, WorkerMetadata};
use crate::model::{Cost, StopReason};
use crate::telemetry::run_log::error_type;

/// A step that has begun. Its span begins with its first call, when it is known whether it is divided.
#[derive(Debug)]
pub(super) struct StepTrace {
    step: StepName,
    model: String,
    prompt: String,
    started: SystemTime,
    /// The span of a divided step, which makes no calls itself.
    divided: Option<OpenSpan>,
    /// What all its attempts have used.
    spend: Spend,
    /// Its calls to a model: those of its parts, or its own.
    calls: BTreeMap<Option<u32>, CallTrace>,
}

/// What lies round a step.
pub(super) struct Around<'a> {
    pub(super) tracer: &'a Tracer,
    /// The run's span.
    pub(super) parent: &'a SpanContext,
    pub(super) upstream: &'a Address,
    pub(super) calls: TracedCalls,
    pub(super) now: SystemTime,
}

impl StepTrace {
    pub(super) fn new(step: StepName, model: &str, prompt: String, started: SystemTime) -> Self {
        Self {
            step,
            model: model.to_owned(),
            prompt,
            started,
            divided: None,
            spend: Spend::default(),
            calls: BTreeMap::new(),
        }
    }

    /// The next event of the run.
    pub(super) fn hear(&mut self, event: &Event, around: &Around<'_>) {
        match event {
            Event::WorkerStarted { worker, .. } => {
                self.divide(around);
                self.call(Some(*worker), around);
            }
            Event::AttemptStarted { worker, attempt, repair, request, trace: Some(place), .. } => {
                let call = self.call(*worker, around);
                call.attempt_started(place, (*attempt, *repair), request, around);
            }
            Event::AttemptEnded(record) => {
                self.spend.add_attempt(record);
                if let Some(call) = self.calls.get_mut(&record.worker) {
                    call.attempt_ended(record, around);
                }
            }
            Event::GateJudged { worker, verdict, .. } => self.judged(*worker, verdict, around.now),
            Event::WorkerEnded(metadata) => self.worker_ended(metadata, around),
            Event::StepFinished(finished) => self.finished(finished, around),
            _ => {}
        }
    }

    /// It is broken off with all that is under way.
    pub(super) fn broken_off(mut self, tracer: &Tracer, now: SystemTime, why: &'static str) {
        for call in std::mem::take(&mut self.calls).into_values() {
            call.end(tracer, now, CallEnd::Failed(why));
        }
        if let Some(mut span) = self.divided.take() {
            span.failed(why, format!("{} has no result", self.step));
            self.spent(&mut span);
            span.end(tracer, now);
        }
    }

    fn spent(&self, span: &mut OpenSpan) {
        span.set_known(names::STEP_COST, self.spend.cost.map(Cost::usd));
        span.set(names::USAGE_COMPLETE, self.spend.is_complete());
    }

    fn divide(&mut self, around: &Around<'_>) {
        if self.divided.is_some() {
            return;
        }
        let name = Cow::Borrowed(self.step.as_str());
        let beginning = Beginning { kind: SpanKind::Internal, name, started: self.started };
        let mut span = OpenSpan::below(around.parent, beginning);
        span.set(names::STEP, self.step.as_str());
        self.divided = Some(span);
    }

    fn call(&mut self, worker: Option<u32>, around: &Around<'_>) -> &mut CallTrace {
        let Self { step, model, prompt, started, divided, calls, .. } = self;
        calls.entry(worker).or_insert_with(|| {
            let called = Called { step: *step, worker, model, prompt };
            let parent = divided.as_ref().map_or(around.parent, OpenSpan::context);
            let started = if worker.is_some() { around.now } else { *started };
            CallTrace::begin(parent, &called, started, around)
        })
    }

    fn judged(&mut self, worker: Option<u32>, verdict: &Verdict, now: SystemTime) {
        let decision = KeyValue::new(names::DECISION, verdict.decision.as_str());
        let rules = KeyValue::new(names::RULES, words(verdict.findings.iter().map(|finding| finding.rule)));
        if let Some(call) = self.calls.get_mut(&worker) {
            call.happened(names::GATE_EVENT, now, vec![decision, rules]);
        }
    }

    fn worker_ended(&mut self, metadata: &WorkerMetadata, around: &Around<'_>) {
        let Some(mut call) = self.calls.remove(&Some(metadata.worker)) else { return };
        call.count(names::REPAIRS, metadata.repairs);
        call.set_known(names::CONFIDENCE, metadata.confidence);
        let end = match &metadata.failure {
            None => CallEnd::Answered,
            Some(error) => CallEnd::Failed(error_type(error)),
        };
        call.end(around.tracer, around.now, end);
    }

    fn finished(&mut self, finished: &StepFinished, around: &Around<'_>) {
        let StepFinished { output, metadata, reply, .. } = finished;
        if let Some(mut span) = self.divided.take() {
            span.count(names::ATTEMPTS, metadata.attempts);
            span.set_known(names::CONFIDENCE, output.confidence());
            self.spent(&mut span);
            span.end(around.tracer, around.now);
        }
        let Some(mut call) = self.calls.remove(&None) else { return };
        call.count(names::REPAIRS, metadata.repairs);
        call.set_known(names::CONFIDENCE, output.confidence());
        call.set_known(names::FINISH_REASONS, metadata.stop_reason.as_ref().map(finish_reasons));
        if around.tracer.style().content {
            call.replied(reply, metadata.stop_reason.as_ref());
        }
        call.end(around.tracer, around.now, CallEnd::Answered);
    }
}

fn finish_reasons(reason: &StopReason) -> Value {
    words([reason.as_str().to_owned()])
}
