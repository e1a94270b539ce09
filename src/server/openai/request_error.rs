//! What is wrong with a request, in one sentence that names the field. The codes:
//!
//! - `invalid_json`: the body isn't JSON, or no object
//! - `missing_field`, `duplicate_field`, `invalid_type`: a field isn't there, is there twice, or has another type
//! - `invalid_value`: a field has a value that it can't have
//! - `unsupported_value`: it could have it, but not here
//! - `too_many_messages`: the conversation is too long

use std::fmt::Display;

use serde_json::error::Category;
use serde_path_to_error::Path;

use super::wire_request::TOO_MANY_MESSAGES;
use crate::server::api_error::ApiError;

/// What the message of `invalid_json` begins with.
pub(super) const NO_JSON: &str = "The request's body isn't a JSON object";

/// The most characters of the reader's own words: they may quote what the client sent.
const MAX_QUOTED: usize = 200;

/// The body isn't JSON.
pub(super) fn invalid_json(why: impl Display) -> ApiError {
    ApiError::invalid_request("invalid_json", format!("{NO_JSON}: {why}"))
}

/// A field has a value that it can't have.
pub(super) fn invalid_value(param: impl Into<String>, what: impl Display) -> ApiError {
    about("invalid_value", param.into(), what)
}

/// A field asks for something that there isn't.
pub(super) fn unsupported(param: impl Into<String>, what: impl Display) -> ApiError {
    about("unsupported_value", param.into(), what)
}

/// A field isn't there.
pub(super) fn missing(param: impl Into<String>) -> ApiError {
    about("missing_field", param.into(), "is missing")
}

/// What the reader found at that path.
pub(super) fn unreadable(path: Option<&Path>, error: &serde_json::Error) -> ApiError {
    let path = path.map(written).unwrap_or_default();
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    // The place in the text is worth something only where there is no field to name.
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    let said = unquoted(said);
    let said: String = said.replace("expected f64", "expected a number").chars().take(MAX_QUOTED).collect();
    if error.classify() != Category::Data {
        return invalid_json(format!("{said} at line {line}, column {column}"));
    }
    let field_in = |prefix: &str| Some(said.strip_prefix(prefix)?.split('`').next()?.to_owned());
    if let Some(name) = field_in("missing field `") {
        missing(joined(&path, &name))
    } else if let Some(name) = field_in("duplicate field `") {
        about("duplicate_field", joined(&path, &name), "is there twice")
    } else if path.is_empty() {
        invalid_json(said)
    } else if said.starts_with(TOO_MANY_MESSAGES) {
        about("too_many_messages", path, format!("has {said}"))
    } else {
        about("invalid_type", path, format!("has an {said}"))
    }
}

/// Without the text that stands where something else is expected: it may be of any length, and a prompt.
fn unquoted(said: &str) -> String {
    match (said.split_once("string \""), said.rsplit_once("\", expected ")) {
        (Some((before, _)), Some((_, after))) => format!("{before}string, expected {after}"),
        _ => said.to_owned(),
    }
}

fn about(code: &'static str, param: String, what: impl Display) -> ApiError {
    ApiError::invalid_request(code, format!("`{param}` {what}")).about(param)
}

/// The path as clients write it; nothing for the whole.
fn written(path: &Path) -> String {
    let path = path.to_string();
    let path = match path.as_str() {
        "." => String::new(),
        // Messages that stand for themselves.
        array if array.starts_with('[') => format!("messages{array}"),
        _ => path,
    };
    path.chars().take(MAX_QUOTED).collect()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
