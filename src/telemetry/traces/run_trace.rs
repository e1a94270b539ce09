//! A run in a trace: a reader of the engine's events, like the log.
//!
//! ```text
//! POST /v1/chat/completions          the request, where there is one
//! └─ invoke_workflow NAME            the run
//!    ├─ chat MODEL                   analyze, with all its attempts and repairs
//!    │  └─ POST                      each attempt
//!    ├─ process                      a step that is divided
//!    │  └─ chat MODEL                each of its parts
//!    │     └─ POST
//!    └─ chat MODEL                   synthesize
//! ```

use opentelemetry::trace::SpanKind;
use opentelemetry::{KeyValue, StringValue, Value};

use super::clock::Clock;
use super::content;
use super::names;
use super::open_span::{Beginning, OpenSpan};
use super::step_trace::StepTrace;
use super::tracer::{Address, Tracer};
use crate::chain::{ChainConfig, Event, Message, PerStep, Summary};
use crate::model::Cost;
use crate::telemetry::run_log::{RunEnd, error_type};
use crate::trace_context::TraceContext;

/// A run on its way into a trace. It has to be [ended](Self::end).
#[derive(Debug)]
pub struct RunTrace {
    tracer: Tracer,
    clock: Clock,
    span: OpenSpan,
    upstream: Address,
    calls: TracedCalls,
    /// The beginning of each prompt's hash.
    prompts: PerStep<String>,
    step: Option<StepTrace>,
}

/// What a run is, for its trace.
#[derive(Debug, Clone, Copy)]
pub struct TracedRun<'a> {
    /// The name under which the chain was asked for.
    pub name: &'a str,
    /// What it goes by.
    pub chain: &'a ChainConfig,
    /// The upstream's origin.
    pub upstream: &'a str,
    /// How its calls are made.
    pub calls: TracedCalls,
}

/// How a run's calls to a model are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracedCalls {
    /// Each by itself, with a prompt of ours.
    Own,
    /// By itself, with what the caller has sent and nothing of ours.
    AsIs,
    /// Many of several runs in one request, answered much later.
    Batched,
}

/// How many digits of a prompt's hash tell it from others.
const HASH_DIGITS: usize = 12;

impl RunTrace {
    /// Of a run that begins now, below a span of ours or of a caller's, or by itself. Beside it stands its
    /// place, which the upstream is to be told; if the trace isn't kept, only that.
    #[must_use]
    pub fn begin(
        tracer: &Tracer,
        parent: Option<&TraceContext>,
        run: TracedRun<'_>,
    ) -> (Option<Self>, TraceContext) {
        let name = format!("{} {}", names::INVOKE_WORKFLOW, run.name);
        let kind = SpanKind::Internal;
        let context = match parent {
            Some(parent) if parent.has_spans() => parent.below().span().clone(),
            other => tracer.place(other, &name, &kind),
        };
        let place = TraceContext::of_span(context.clone());
        if !context.is_sampled() {
            return (None, place);
        }
        let clock = Clock::start();
        let beginning = Beginning { kind, name: name.into(), started: clock.now() };
        let mut span = OpenSpan::new(context, parent.map(TraceContext::span), beginning);
        span.set(names::OPERATION, names::INVOKE_WORKFLOW);
        span.set(tracer.style().names.chain(), run.name.to_owned());
        if run.calls == TracedCalls::AsIs {
            span.set(names::BACKGROUND_TASK, true);
        }
        let trace = Self {
            tracer: tracer.clone(),
            clock,
            span,
            upstream: Address::of_origin(run.upstream),
            calls: run.calls,
            prompts: run
                .chain
                .prompt_hashes()
                .as_ref()
                .map(|_, hash| hash.chars().take(HASH_DIGITS).collect()),
            step: None,
        };
        (Some(trace), place)
    }

    /// The next event.
    pub fn hear(&mut self, event: &Event) {
        let now = self.clock.now();
        match event {
            Event::RunStarted { request_id, .. } => self.span.set(names::REQUEST_ID, request_id.clone()),
            Event::StepStarted { step, model } => {
                let prompt = self.prompts.get(*step).clone();
                self.step = Some(StepTrace::new(*step, model, prompt, now));
            }
            Event::StepReused(finished) => {
                let step = KeyValue::new(names::STEP, finished.step.as_str());
                self.span.happened(names::REUSED_EVENT, now, vec![step]);
            }
            Event::RunFinished { outcome: Ok(reason), .. } => {
                self.span.set(names::FINISH_REASON, reason.as_str());
            }
            _ => {}
        }
        let Some(step) = &mut self.step else { return };
        step.hear(
            event,
            &super::step_trace::Around {
                tracer: &self.tracer,
                parent: self.span.context(),
                upstream: &self.upstream,
                calls: self.calls,
                now,
            },
        );
        if matches!(event, Event::StepFinished(_)) {
            self.step = None;
        }
    }

    /// The run has ended, like that.
    pub fn end(mut self, summary: &Summary, end: RunEnd) {
        let now = self.clock.now();
        let failure = summary.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
        let (outcome, error_type) = match end {
            RunEnd::Completed => ("completed", None),
            RunEnd::Cancelled => ("cancelled", None),
            RunEnd::Failed { error_code } => ("failed", Some(failure.map_or(error_code, error_type))),
        };
        if let Some(step) = self.step.take() {
            step.broken_off(&self.tracer, now, error_type.unwrap_or(outcome));
        }
        self.span.set(names::OUTCOME, outcome);
        if let (Some(error_type), RunEnd::Failed { error_code }) = (error_type, end) {
            self.span.failed(error_type, error_code.to_owned());
        }
        let spend = summary.spend();
        self.span.count_known(names::RUN_INPUT_TOKENS, spend.usage.prompt_tokens());
        self.span.count_known(names::RUN_OUTPUT_TOKENS, spend.usage.output);
        self.span.set_known(names::RUN_COST, spend.cost.map(Cost::usd));
        self.span.set(names::USAGE_COMPLETE, spend.is_complete());
        if self.tracer.style().content {
            self.span.set(names::INPUT_MESSAGES, content::conversation(asked(summary)));
            self.span.set(names::OUTPUT_MESSAGES, content::answer(&summary.delivered));
        }
        self.span.end(&self.tracer, now);
    }
}

/// What the caller said: a run's messages but for the steps' replies.
fn asked(summary: &Summary) -> &[Message] {
    let messages = &summary.state.messages;
    let replies = summary.state.outputs.iter().filter(|(_, output)| output.is_some()).count();
    messages.get(..messages.len().saturating_sub(replies)).unwrap_or_default()
}

/// Several words as one attribute.
pub(super) fn words(words: impl IntoIterator<Item = impl Into<StringValue>>) -> Value {
    Value::Array(words.into_iter().map(Into::into).collect::<Vec<StringValue>>().into())
}
