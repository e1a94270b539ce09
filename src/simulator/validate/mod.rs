//! Refuses what the Messages API refuses, in its order of severity and with messages that say
//! where. It only judges; what is asked for, the request itself tells.

mod parameters;
mod schema_rules;
#[cfg(test)]
mod tests;
mod turns;

use serde_json::{Map, Value};

use super::api_error::ApiError;
use super::models::{self, SimulatedModel};

/// The first API version without sampling parameters. Versions are dates, so text compares well.
const FIRST_VERSION_WITHOUT_SAMPLING: &str = "2026-10-21";

type Verdict = Result<(), ApiError>;

/// What a request is for; each has its own fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `POST /v1/messages`.
    Reply,
    /// `POST /v1/messages/count_tokens`.
    Count,
}

/// What the checks look at.
struct Checked<'a> {
    body: &'a Map<String, Value>,
    purpose: Purpose,
    version: &'a str,
    model: &'a str,
    /// What is known of it; nothing of a local server's.
    known: Option<&'static SimulatedModel>,
}

impl<'a> Checked<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    fn at(&self, outer: &str, inner: &str) -> Option<&'a Value> {
        self.get(outer)?.get(inner).filter(|value| !value.is_null())
    }
}

/// Judges a request.
pub(super) fn validate(body: &Value, version: &str, purpose: Purpose) -> Verdict {
    let body = body.as_object().ok_or_else(|| ApiError::invalid("the body must be a JSON object"))?;
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.trim().is_empty() => model,
        Some(_) => return Err(ApiError::invalid("model: must be a string that isn't empty")),
        None => return Err(ApiError::invalid("model: field required")),
    };
    if !models::exists(model) {
        return Err(ApiError::not_found(format!("model: {model}")));
    }
    let checked = Checked { body, purpose, version, model, known: models::find(model) };
    parameters::check(&checked)?;
    turns::check(&checked)?;
    match checked.at("output_config", "format") {
        Some(format) => schema_rules::check(format),
        None => Ok(()),
    }
}
