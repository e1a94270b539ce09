//! Prompts and replies as the conventions have them: JSON in an attribute. Only where they were asked for.

use serde_json::{Value, json};

use crate::chain::Message;
use crate::model::{ModelRequest, Role, StopReason};

/// The most bytes of a text that stand in a span: collectors refuse exports of several megabytes whole.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// What stands for the rest of a text.
const CUT: &str = "… [cut]";

/// The system prompt of a request.
pub(super) fn system(request: &ModelRequest) -> String {
    Value::Array(request.system.iter().map(|block| part(&block.text)).collect()).to_string()
}

/// The turns of a request.
pub(super) fn turns(request: &ModelRequest) -> String {
    let turns = request.turns.iter().map(|turn| match turn.role {
        Role::User => message("user", &turn.text),
        Role::Assistant => message("assistant", &turn.text),
    });
    Value::Array(turns.collect()).to_string()
}

/// A model's reply.
pub(super) fn reply(text: &str, reason: Option<&StopReason>) -> String {
    let reason = reason.map(StopReason::as_str);
    json!([{ "role": "assistant", "parts": [part(text)], "finish_reason": reason }]).to_string()
}

/// What the caller said.
pub(super) fn conversation(messages: &[Message]) -> String {
    let messages = messages.iter().map(|said| message(said.role.as_str(), &said.content));
    Value::Array(messages.collect()).to_string()
}

/// What the caller gets.
pub(super) fn answer(text: &str) -> String {
    json!([message("assistant", text)]).to_string()
}

fn message(role: &str, text: &str) -> Value {
    json!({ "role": role, "parts": [part(text)] })
}

fn part(text: &str) -> Value {
    if text.len() <= MAX_TEXT_BYTES {
        return json!({ "type": "text", "content": text });
    }
    let kept = text.get(..text.floor_char_boundary(MAX_TEXT_BYTES)).unwrap_or_default();
    json!({ "type": "text", "content": format!("{kept}{CUT}") })
}
