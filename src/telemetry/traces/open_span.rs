//! A span that has begun.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{Event, SpanContext, SpanId, SpanKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::names;
use super::tracer::Tracer;
use crate::trace_context::TraceContext;

/// A span that has begun. It has to be [ended](Self::end), or nobody hears of it.
#[derive(Debug)]
pub(super) struct OpenSpan {
    context: SpanContext,
    parent: SpanId,
    parent_is_remote: bool,
    kind: SpanKind,
    name: Cow<'static, str>,
    started: SystemTime,
    attributes: Vec<KeyValue>,
    events: SpanEvents,
    status: Status,
}

/// What a span begins with.
pub(super) struct Beginning {
    pub(super) kind: SpanKind,
    pub(super) name: Cow<'static, str>,
    pub(super) started: SystemTime,
}

impl OpenSpan {
    /// A span of that place, which lies below `parent`.
    pub(super) fn new(context: SpanContext, parent: Option<&SpanContext>, beginning: Beginning) -> Self {
        let Beginning { kind, name, started } = beginning;
        Self {
            context,
            parent: parent.map_or(SpanId::INVALID, SpanContext::span_id),
            parent_is_remote: parent.is_some_and(SpanContext::is_remote),
            kind,
            name,
            started,
            attributes: Vec::with_capacity(24),
            events: SpanEvents::default(),
            status: Status::Unset,
        }
    }

    /// A span of ours below one of ours.
    pub(super) fn below(parent: &SpanContext, beginning: Beginning) -> Self {
        let context = TraceContext::of_span(parent.clone()).below();
        Self::new(context.span().clone(), Some(parent), beginning)
    }

    pub(super) fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Says something of it.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(name, value));
    }

    /// The same, of what is known.
    pub(super) fn set_known(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// A count; what no trace can hold is more than there can be.
    pub(super) fn count(&mut self, name: &'static str, count: impl TryInto<i64>) {
        self.set(name, count.try_into().unwrap_or(i64::MAX));
    }

    /// The same, of what is known.
    pub(super) fn count_known(&mut self, name: &'static str, count: Option<u64>) {
        if let Some(count) = count {
            self.count(name, count);
        }
    }

    /// Something happened while it lasts.
    pub(super) fn happened(&mut self, name: &'static str, at: SystemTime, attributes: Vec<KeyValue>) {
        self.events.events.push(Event::new(name, at, attributes, 0));
    }

    /// What it stands for has failed.
    pub(super) fn failed(&mut self, error_type: impl Into<Cow<'static, str>>, description: String) {
        let error_type: Cow<'static, str> = error_type.into();
        self.set(names::ERROR_TYPE, error_type.into_owned());
        self.status = Status::error(description);
    }

    /// It has ended: whoever collects spans may have it.
    pub(super) fn end(self, tracer: &Tracer, at: SystemTime) {
        if !self.context.is_sampled() {
            return;
        }
        let Self { context, parent, parent_is_remote, kind, name, started, attributes, events, status } =
            self;
        tracer.offer(SpanData {
            span_context: context,
            parent_span_id: parent,
            parent_span_is_remote: parent_is_remote,
            span_kind: kind,
            name,
            start_time: started,
            // Where it is told late that something has begun.
            end_time: at.max(started),
            attributes,
            dropped_attributes_count: 0,
            events,
            links: SpanLinks::default(),
            status,
            instrumentation_scope: tracer.scope(),
        });
    }
}
