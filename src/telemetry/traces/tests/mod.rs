//! Spans that were made, as a tree that can be read at a glance.

mod delivery;

use std::fmt::Write;
use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use super::otlp::{Losses, OtlpLimits, Spans, queue};
use super::{GenAiNames, Sampler, SpanStyle, Tracer};

/// All traces, in the older names, without content.
pub(crate) fn everything() -> SpanStyle {
    SpanStyle { sampler: Sampler::AlwaysOn, names: GenAiNames::Older, content: false }
}

/// What was traced.
pub(crate) struct Collected {
    spans: Spans,
}

/// A tracer, and what comes of it.
pub(crate) fn collected(style: SpanStyle) -> (Tracer, Collected) {
    let (queue, spans) = queue(OtlpLimits::default(), Arc::new(Losses::default()));
    (Tracer::new(queue, style), Collected { spans })
}

impl Collected {
    /// The spans that have ended since they were last taken.
    pub(crate) fn spans(&mut self) -> Vec<SpanData> {
        std::iter::from_fn(|| self.spans.waiting.try_recv().ok().map(|waiting| waiting.span)).collect()
    }

    /// These as a tree: each with how long it took, what was said of it, and its children in their order.
    pub(crate) fn tree(&mut self) -> String {
        let mut spans = self.spans();
        spans.sort_by_key(|span| span.start_time);
        let mut text = String::new();
        let is_ours = |id: SpanId| spans.iter().any(|span| span.span_context.span_id() == id);
        for root in spans.iter().filter(|span| !is_ours(span.parent_span_id)) {
            branch(&mut text, root, &spans, 0);
        }
        text
    }
}

/// What differs from run to run.
const RANDOM: [&str; 2] = ["promptchain.request_id", "gen_ai.prompt.version"];

fn branch(text: &mut String, span: &SpanData, spans: &[SpanData], depth: usize) {
    let indent = "  ".repeat(depth);
    let took = span.end_time.duration_since(span.start_time).unwrap();
    let kind = match span.span_kind {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        _ => "internal",
    };
    write!(text, "{indent}{} ({kind}, {}ms)", span.name, took.as_millis()).unwrap();
    match &span.status {
        Status::Unset => text.push('\n'),
        Status::Ok => panic!("nobody sets that"),
        Status::Error { description } => writeln!(text, " failed: {description}").unwrap(),
    }
    for attribute in &span.attributes {
        let name = attribute.key.as_str();
        let value = if RANDOM.contains(&name) { "…".into() } else { attribute.value.to_string() };
        writeln!(text, "{indent}  | {name} = {value}").unwrap();
    }
    for event in &span.events.events {
        let attributes: Vec<String> =
            event.attributes.iter().map(|said| format!("{}={}", said.key, said.value)).collect();
        writeln!(text, "{indent}  * {} {}", event.name, attributes.join(" ")).unwrap();
    }
    let id = span.span_context.span_id();
    for child in spans.iter().filter(|child| child.parent_span_id == id) {
        assert_eq!(child.span_context.trace_id(), span.span_context.trace_id());
        branch(text, child, spans, depth + 1);
    }
}

/// The span's own place, as it is said to whoever is called.
pub(crate) fn place(context: &SpanContext) -> (String, String) {
    (context.trace_id().to_string(), context.span_id().to_string())
}
