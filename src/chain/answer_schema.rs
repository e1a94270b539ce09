//! A JSON Schema that the caller wants the final text to match.

mod cost;

use std::fmt;

use jsonschema::{PatternOptions, ValidationError};
use serde_json::Value;

use cost::Cost;

/// Faults that are told at once: one mistake often makes many.
const MOST_FAULTS: usize = 8;

/// Characters of a fault that are told: names of properties may be of any length.
const LONGEST_FAULT: usize = 300;

/// The most patterns of a schema, those for names of properties among them.
const MOST_PATTERNS: usize = 64;

/// How large each of them may become when it is made ready, in bytes, and as much again while it is matched.
const PATTERN_SIZE: usize = 512 * 1024;

/// A JSON Schema, ready to check a text by.
pub struct AnswerSchema {
    schema: Value,
    cost: Cost,
    validator: jsonschema::Validator,
}

impl AnswerSchema {
    /// Makes the schema ready. Nothing is fetched: a reference out of the schema is an error. Its patterns
    /// are matched in linear time, and so without looking ahead or back.
    ///
    /// # Errors
    /// If `schema` is none, or checking by it would cost too much, in words for the caller, of bounded length.
    pub fn new(schema: Value) -> Result<Self, String> {
        if patterns(&schema) > MOST_PATTERNS {
            return Err(format!("there are more than {MOST_PATTERNS} patterns"));
        }
        let cost = Cost::of(&schema)?;
        let by_size = PatternOptions::regex().size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE);
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(by_size)
            .build(&schema)
            .map_err(|error| error.to_string().chars().take(LONGEST_FAULT).collect::<String>())?;
        Ok(Self { schema, cost, validator })
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
        let depth = cost::depth(value);
        if !self.cost.can_check(depth) {
            return vec!["the value nests too deeply to be checked".to_owned()];
        }
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        if !self.cost.can_name_faults(depth, cost::parts(value)) {
            return vec!["the value doesn't match the schema".to_owned()];
        }
        self.validator.iter_errors(value).take(MOST_FAULTS).map(|error| fault(&error)).collect()
    }
}

/// How many patterns stand in a schema, at the most.
fn patterns(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => items.iter().map(patterns).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("pattern", Value::String(_)) => 1,
                ("patternProperties", Value::Object(named)) => named.len() + patterns(value),
                _ => patterns(value),
            })
            .sum(),
        _ => 0,
    }
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
mod tests;
