//! Collects the fields of an event or a span as JSON values. Doesn't know how they are written.

use std::error::Error;
use std::fmt::{self, Write};

use serde_json::{Map, Number, Value};
use tracing::field::{Field, Visit};

/// The field that makes an ERROR a CRITICAL.
pub(super) const CRITICAL: &str = "critical";

/// The field that every ERROR has: what kind of failure it is, in a word.
pub(super) const ERROR_TYPE: &str = "error_type";

/// The field that `tracing` puts an event's text in.
pub(super) const MESSAGE: &str = "message";

/// The fields of spans that the events within them have too, in the order they are written.
pub(super) const INHERITED: [&str; 5] = ["request_id", "user_id", "trace_id", "background_task", "step"];

/// Fields by name, in the order they were recorded; of two with one name, the later.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

/// The fields of a span that its events inherit.
#[derive(Debug, Default)]
pub(super) struct SpanFields(Map<String, Value>);

impl SpanFields {
    /// Of what `record` visits.
    pub(super) fn of(record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut fields = Fields::default();
        record(&mut fields);
        Self(fields.0.into_iter().filter(|(name, _)| INHERITED.contains(&name.as_str())).collect())
    }

    /// Adds what was recorded after the span had been made.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has neither NaN nor infinities: they become null.
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, Number::from_i128(value).map_or_else(|| value.to_string().into(), Value::Number));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, Number::from_u128(value).map_or_else(|| value.to_string().into(), Value::Number));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            // Writing to a string doesn't fail.
            _ = write!(text, ": {cause}");
            source = cause.source();
        }
        self.put(field, text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}
