//! Collects the fields of an event or a span as JSON values. Doesn't know how they are written.

use std::error::Error;
use std::fmt::{self, Write};

use serde_json::{Number, Value};
use tracing::field::{Field, Visit};

/// The field that makes an ERROR a CRITICAL.
pub(super) const CRITICAL: &str = "critical";

/// The field that every ERROR has: what kind of failure it is, in a word.
pub(super) const ERROR_TYPE: &str = "error_type";

/// The field that `tracing` puts an event's text in.
pub(super) const MESSAGE: &str = "message";

/// The fields of spans that the events within them have too, in the order they are written.
pub(super) const INHERITED: [&str; 5] = ["request_id", "user_id", "trace_id", "background_task", "step"];

/// Fields by name, in the order they were recorded; of two with one name, the later in the earlier's place. They
/// are few: looking through them is faster than a hash.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(place).1)
    }

    /// Adds what was recorded later.
    pub(super) fn extend(&mut self, later: Self) {
        later.0.into_iter().for_each(|(name, value)| self.put(name, value));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl FromIterator<(&'static str, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'static str, Value)>>(fields: I) -> Self {
        let mut all = Self::default();
        fields.into_iter().for_each(|(name, value)| all.put(name, value));
        all
    }
}

/// The fields of a span that its events inherit.
#[derive(Debug, Default)]
pub(super) struct SpanFields(Fields);

impl SpanFields {
    /// Of what `record` visits.
    pub(super) fn of(record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut fields = Fields::default();
        record(&mut fields);
        fields.0.retain(|(name, _)| INHERITED.contains(name));
        Self(fields)
    }

    /// Adds what was recorded after the span had been made.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has neither NaN nor infinities: they become null.
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(
            field.name(),
            Number::from_i128(value).map_or_else(|| value.to_string().into(), Value::Number),
        );
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(
            field.name(),
            Number::from_u128(value).map_or_else(|| value.to_string().into(), Value::Number),
        );
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            // Writing to a string doesn't fail.
            _ = write!(text, ": {cause}");
            source = cause.source();
        }
        self.put(field.name(), text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }
}
