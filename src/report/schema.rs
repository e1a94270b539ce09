//! The published JSON Schemas of what the program writes: made from the wire types, so that they can't
//! fall behind.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::wire::{ErrorDocument, EventLine, RunReport, WIRE_VERSION};

/// A kind of document that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaKind {
    /// The result object of a run.
    Run,
    /// A line of the event stream.
    Events,
    /// The error object.
    Error,
}

impl SchemaKind {
    /// `run`, `events`, `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Events => "events",
            Self::Error => "error",
        }
    }
}

/// The schema of that kind of document, in draft 2020-12.
#[must_use]
pub fn schema(kind: SchemaKind) -> Value {
    let (dialect, body) = match kind {
        SchemaKind::Run => schema_of::<RunReport<'static>>(),
        SchemaKind::Events => schema_of::<EventLine<'static>>(),
        SchemaKind::Error => schema_of::<ErrorDocument>(),
    };
    let id = format!("urn:promptchain:{}:{WIRE_VERSION}", kind.as_str());
    let mut schema = Map::new();
    schema.extend(dialect.map(|dialect| ("$schema".to_owned(), dialect)));
    schema.insert("$id".to_owned(), Value::String(id));
    schema.extend(body);
    Value::Object(schema)
}

/// The dialect and the rest of a type's schema, as it is written: every member is required.
fn schema_of<T: JsonSchema>() -> (Option<Value>, Map<String, Value>) {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut body = match Value::from(schema) {
        Value::Object(body) => body,
        // A schema may also be `true`, which no struct's is.
        _ => Map::new(),
    };
    (body.shift_remove("$schema"), body)
}
