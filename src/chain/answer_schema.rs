//! A JSON Schema that the caller wants the final text to match.

use std::fmt;

use serde_json::Value;

/// A JSON Schema, ready to check a text by.
pub struct AnswerSchema {
    schema: Value,
    validator: jsonschema::Validator,
}

impl AnswerSchema {
    /// Makes the schema ready. Nothing is fetched: a reference out of the schema is an error.
    ///
    /// # Errors
    /// If `schema` is none, in words for the caller.
    pub fn new(schema: Value) -> Result<Self, String> {
        let validator = jsonschema::options().build(&schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// The schema as the caller gave it.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// What is wrong with `value`, in words for the model that is asked to put it right; nothing if it
    /// matches.
    #[must_use]
    pub fn faults(&self, value: &Value) -> Vec<String> {
        self.validator.iter_errors(value).map(|error| error.to_string()).collect()
    }
}

impl fmt::Debug for AnswerSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerSchema").field("schema", &self.schema).finish_non_exhaustive()
    }
}
