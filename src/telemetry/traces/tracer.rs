//! What everybody who makes spans shares: which traces are kept, how spans are worded, and where they go.

use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt, TraceFlags, TraceState};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample, SpanData};
use url::Url;

use super::names::GenAiNames;
use super::otlp::SpanQueue;
use crate::trace_context::{TraceContext, new_trace};

/// Where spans begin. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tracer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: SpanQueue,
    style: SpanStyle,
    scope: InstrumentationScope,
}

/// Which traces are kept, and how their spans are worded.
#[derive(Debug, Clone)]
pub struct SpanStyle {
    /// Decides which traces are kept.
    pub sampler: Sampler,
    /// The names of what is about models.
    pub names: GenAiNames,
    /// Whether prompts and replies stand in spans.
    pub content: bool,
}

impl Tracer {
    /// Spans go into `queue`.
    #[must_use]
    pub fn new(queue: SpanQueue, style: SpanStyle) -> Self {
        let scope =
            InstrumentationScope::builder("promptchain").with_version(env!("CARGO_PKG_VERSION")).build();
        Self { shared: Arc::new(Shared { queue, style, scope }) }
    }

    pub(super) fn style(&self) -> &SpanStyle {
        &self.shared.style
    }

    pub(super) fn scope(&self) -> InstrumentationScope {
        self.shared.scope.clone()
    }

    pub(super) fn offer(&self, span: SpanData) {
        self.shared.queue.offer(span);
    }

    /// The place of a span that begins in a trace of its caller's, or in a new one; that it is sampled or not
    /// is decided here.
    pub(super) fn place(&self, caller: Option<&TraceContext>, name: &str, kind: &SpanKind) -> SpanContext {
        let fresh = new_trace(TraceFlags::SAMPLED, TraceState::NONE);
        let (trace_id, parent) = match caller {
            Some(caller) => {
                (caller.span().trace_id(), Context::new().with_remote_span_context(caller.span().clone()))
            }
            None => (fresh.trace_id(), Context::new()),
        };
        let result = self.shared.style.sampler.should_sample(Some(&parent), trace_id, name, kind, &[], &[]);
        let is_sampled = result.decision == SamplingDecision::RecordAndSample;
        let flags = TraceFlags::default().with_sampled(is_sampled);
        SpanContext::new(trace_id, fresh.span_id(), flags, false, result.trace_state)
    }
}

/// Where an upstream is, as spans say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Address {
    /// Of an upstream's origin.
    pub(super) fn of_origin(origin: &str) -> Self {
        match Url::parse(origin) {
            Ok(url) => Self {
                host: url.host_str().unwrap_or(origin).trim_matches(['[', ']']).to_owned(),
                port: url.port_or_known_default(),
            },
            Err(_) => Self { host: origin.to_owned(), port: None },
        }
    }
}
