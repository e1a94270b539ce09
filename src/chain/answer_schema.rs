//! A JSON Schema that the caller wants the final text to match.

use std::fmt;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError};
use serde_json::Value;

/// Faults that are told at once: one mistake often makes many.
const MOST_FAULTS: usize = 8;

/// Characters of a fault that are told: names of properties may be of any length.
const LONGEST_FAULT: usize = 300;

/// The most bytes of a schema.
const MAX_SCHEMA: usize = 256 * 1024;

/// The most bytes of a pattern, compiled.
const MAX_PATTERN: usize = 1024 * 1024;

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
        if serde_json::to_string(&schema).map_or(0, |text| text.len()) > MAX_SCHEMA {
            return Err(format!("it has more than {MAX_SCHEMA} bytes"));
        }
        // The engine whose time is linear: a pattern is a stranger's.
        let patterns = PatternOptions::regex().size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN);
        let options = jsonschema::options().with_pattern_options(patterns).offline();
        let validator = options.build(&schema).map_err(|error| unusable(&error))?;
        Ok(Self { schema, validator })
    }

    /// The schema as the caller gave it.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// What is wrong with `value`, in words for the model that is asked to put it right, each with its place
    /// as a JSON pointer; at most the first eight, and nothing if it matches. No value is quoted.
    #[must_use]
    pub fn faults(&self, value: &Value) -> Vec<String> {
        self.validator.iter_errors(value).take(MOST_FAULTS).map(|error| fault(&error)).collect()
    }
}

fn unusable(error: &ValidationError<'_>) -> String {
    let why = match error.kind() {
        ValidationErrorKind::Referencing(_) => {
            "it has a reference that leads nowhere, or out of it; nothing is fetched".to_owned()
        }
        _ => error.to_string(),
    };
    let place = error.instance_path().as_str();
    let place = if place.is_empty() { String::new() } else { format!("at {place}: ") };
    format!("{place}{why}").chars().take(LONGEST_FAULT).collect()
}

fn fault(error: &ValidationError<'_>) -> String {
    let place = error.instance_path().as_str();
    let place = if place.is_empty() { String::new() } else { format!("at {place}: ") };
    format!("{place}{}", error.masked()).chars().take(LONGEST_FAULT).collect()
}

impl fmt::Debug for AnswerSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerSchema").field("schema", &self.schema).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_names_its_place_and_quotes_no_value() {
        let schema = json!({
            "type": "object",
            "properties": {"name": {}, "age": {"type": "integer"}, "tags": {"items": {"maxLength": 3}}},
            "required": ["name"],
            "additionalProperties": false,
        });
        let schema = AnswerSchema::new(schema).unwrap();
        let mut faults = schema.faults(&json!({"age": "secret", "tags": ["ok", "secret"], "x": 1}));
        faults.sort();
        assert_eq!(
            faults,
            [
                "\"name\" is a required property",
                "Additional properties are not allowed ('x' was unexpected)",
                "at /age: value is not of type \"integer\"",
                "at /tags/1: value is longer than 3 characters",
            ]
        );
        assert!(schema.faults(&json!({"name": null})).is_empty());
    }

    #[test]
    fn what_is_told_of_faults_has_an_end() {
        let schema =
            AnswerSchema::new(json!({"items": {"properties": {"a": {}}, "additionalProperties": false}}))
                .unwrap();
        let faults = schema.faults(&vec![json!({"x".repeat(5000): 1}); 100].into());
        assert_eq!((faults.len(), faults[0].len()), (MOST_FAULTS, LONGEST_FAULT));
    }

    #[test]
    fn a_schema_that_is_none_or_refers_out_of_itself_is_an_error() {
        for schema in [json!({"type": "colour"}), json!({"$ref": "https://example.com/schema.json"})] {
            assert!(AnswerSchema::new(schema.clone()).is_err(), "{schema}");
        }
    }
}
