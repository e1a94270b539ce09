//! Rules on the conversation: roles, their order, and text that mustn't be blank.

use serde_json::Value;

use super::{Checked, Verdict};
use crate::simulator::api_error::ApiError;

/// The most messages that a request may have.
const MAX_MESSAGES: usize = 100_000;
/// The most blocks that may carry `cache_control`.
const MAX_CACHE_MARKS: usize = 4;

pub(super) fn check(request: &Checked<'_>) -> Verdict {
    let messages = request.get("messages").ok_or_else(|| ApiError::invalid("messages: field required"))?;
    let messages = messages.as_array().ok_or_else(|| ApiError::invalid("messages: must be an array"))?;
    if messages.is_empty() || messages.len() > MAX_MESSAGES {
        return Err(ApiError::invalid(format!("messages: must have 1 to {MAX_MESSAGES} entries")));
    }
    let mut marks = 0;
    if let Some(system) = request.get("system") {
        marks += content(system, "system")?;
    }
    for (at, message) in messages.iter().enumerate() {
        role(request, message, at)?;
        let path = format!("messages.{at}.content");
        let found =
            message.get("content").ok_or_else(|| ApiError::invalid(format!("{path}: field required")))?;
        marks += content(found, &path)?;
    }
    if marks > MAX_CACHE_MARKS {
        return Err(ApiError::invalid(format!(
            "cache_control: on {marks} blocks, at most {MAX_CACHE_MARKS} can have it"
        )));
    }
    prefill(request, messages)
}

fn role(request: &Checked<'_>, message: &Value, at: usize) -> Verdict {
    let system_turns = request.known.is_none_or(|model| model.system_turns);
    match message.get("role").and_then(Value::as_str) {
        Some("user") => Ok(()),
        Some(_) if at == 0 => Err(ApiError::invalid("messages.0.role: the first message must be the user's")),
        Some("assistant") => Ok(()),
        Some("system") if system_turns => Ok(()),
        Some(role) => Err(ApiError::invalid(format!("messages.{at}.role: {role} is not supported"))),
        None => Err(ApiError::invalid(format!("messages.{at}.role: field required"))),
    }
}

/// Checks a content in either of its forms, and counts the blocks marked for caching.
fn content(content: &Value, path: &str) -> Result<usize, ApiError> {
    let blank = || ApiError::invalid(format!("{path}: text must not be blank"));
    match content {
        Value::String(text) if text.trim().is_empty() => Err(blank()),
        Value::String(_) => Ok(0),
        Value::Array(blocks) if blocks.is_empty() => Err(blank()),
        Value::Array(blocks) => {
            for (at, block) in blocks.iter().enumerate() {
                content_block(block, &format!("{path}.{at}"))?;
            }
            Ok(blocks.iter().filter(|block| block.get("cache_control").is_some_and(|c| !c.is_null())).count())
        }
        _ => Err(ApiError::invalid(format!("{path}: must be a string or an array of blocks"))),
    }
}

fn content_block(block: &Value, path: &str) -> Verdict {
    match block.get("type").and_then(Value::as_str) {
        None => Err(ApiError::invalid(format!("{path}.type: field required"))),
        Some("text") => match block.get("text").and_then(Value::as_str) {
            None => Err(ApiError::invalid(format!("{path}.text: field required"))),
            Some(text) if text.trim().is_empty() => {
                Err(ApiError::invalid(format!("{path}.text: text must not be blank")))
            }
            Some(_) => Ok(()),
        },
        Some(_) => Ok(()),
    }
}

fn prefill(request: &Checked<'_>, messages: &[Value]) -> Verdict {
    let last = messages.last().and_then(|message| message.get("role")?.as_str());
    if last != Some("assistant") {
        return Ok(());
    }
    if request.known.is_some_and(|model| !model.prefill) {
        return Err(ApiError::invalid(format!(
            "messages: {} doesn't continue an assistant message, the last must be the user's",
            request.model
        )));
    }
    if request.at("output_config", "format").is_some() {
        return Err(ApiError::invalid("messages: output_config.format can't continue an assistant message"));
    }
    Ok(())
}
