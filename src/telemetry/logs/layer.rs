//! Turns events into lines. What passes is for the filter to say, how lines look for the format.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde_json::Value;
use tracing::{Event, Subscriber, span};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::fields::{CRITICAL, ERROR_TYPE, Fields, INHERITED, MESSAGE, SpanFields};
use super::format::Line;
use super::{LevelSwitch, LogConfig, LogLevel, LogSink};
use crate::telemetry::loki::LokiQueue;

pub(super) struct LogLayer {
    pub(super) config: LogConfig,
    pub(super) sink: LogSink,
    pub(super) switch: LevelSwitch,
    pub(super) loki: Arc<OnceLock<LokiQueue>>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        // Read before the span is locked: a value that logs while it is formatted must not block.
        let fields = SpanFields::of(|visitor| attributes.record(visitor));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let later = SpanFields::of(|visitor| values.record(visitor));
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<SpanFields>()
        {
            fields.extend(later);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let mut level = LogLevel::of(*event.metadata().level());
        if level == LogLevel::Error && own.take(CRITICAL) == Some(Value::Bool(true)) {
            level = LogLevel::Critical;
        }
        if level < self.switch.now() {
            return;
        }
        let message = own.take(MESSAGE);
        let mut fields = inherited(event, &context);
        // An own field keeps the place of the inherited one that it replaces.
        fields.extend(own);
        if level >= LogLevel::Error && fields.get(ERROR_TYPE).is_none() {
            // Libraries don't know of our fields.
            fields.put(ERROR_TYPE, "library");
        }
        let line = Line {
            timestamp: Timestamp::now(),
            level,
            logger: event.metadata().target(),
            message: message.as_ref().and_then(Value::as_str).unwrap_or_default(),
            fields,
        };
        if let Some(loki) = self.loki.get() {
            loki.offer(line.timestamp, level, line.json());
        }
        (self.sink)(&line.write(self.config));
    }
}

/// What the spans around `event` lend to it; of several, the innermost that has it.
fn inherited<S>(event: &Event<'_>, context: &Context<'_, S>) -> Fields
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut lent = INHERITED.map(|name| (name, None));
    for span in context.event_scope(event).into_iter().flatten() {
        if let Some(fields) = span.extensions().get::<SpanFields>() {
            for (name, value) in &mut lent {
                *value = value.take().or_else(|| fields.get(name).cloned());
            }
        }
    }
    lent.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
