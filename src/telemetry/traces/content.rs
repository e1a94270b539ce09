//! Prompts and replies as the conventions have them: JSON in an attribute. Only where they were asked for.

use serde_json::{Value, json};

use crate::chain::Message;
use crate::model::{ModelRequest, Role, StopReason};

/// The most bytes of a text that stand in a span. Collectors refuse exports of several megabytes whole, and spans
/// that wait take memory.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The most bytes of all texts of an attribute, as JSON.
const MAX_BYTES: usize = 256 * 1024;

/// What stands for the rest of a text.
const CUT: &str = "… [cut]";

/// The system prompt of a request.
pub(super) fn system(request: &ModelRequest) -> String {
    latest(request.system.iter().map(|block| part(&block.text)), part)
}

/// The turns of a request.
pub(super) fn turns(request: &ModelRequest) -> String {
    let turns = request.turns.iter().map(|turn| match turn.role {
        Role::User => message("user", &turn.text),
        Role::Assistant => message("assistant", &turn.text),
    });
    latest(turns, |cut| message("user", cut))
}

/// A model's reply.
pub(super) fn reply(text: &str, reason: Option<&StopReason>) -> String {
    let reason = reason.map(StopReason::as_str);
    json!([{ "role": "assistant", "parts": [part(text)], "finish_reason": reason }]).to_string()
}

/// What the caller said.
pub(super) fn conversation(messages: &[Message]) -> String {
    let messages = messages.iter().map(|said| message(said.role.as_str(), &said.content));
    latest(messages, |cut| message("user", cut))
}

/// What the caller gets.
pub(super) fn answer(text: &str) -> String {
    json!([message("assistant", text)]).to_string()
}

/// As many of these as have room in an attribute, the latest; before them, that there were more.
fn latest(texts: impl DoubleEndedIterator<Item = Value>, cut: impl Fn(&str) -> Value) -> String {
    let mut kept = Vec::new();
    let mut bytes = 0;
    for text in texts.rev() {
        let text = text.to_string();
        bytes += text.len();
        if bytes > MAX_BYTES {
            kept.push(cut(CUT).to_string());
            break;
        }
        kept.push(text);
    }
    kept.reverse();
    format!("[{}]", kept.join(","))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::MessageRole;

    fn said(count: usize, text: &str) -> Vec<Message> {
        (0..count).map(|n| Message { role: MessageRole::User, content: format!("{n} {text}") }).collect()
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let text: Value = serde_json::from_str(&answer(&"é".repeat(MAX_TEXT_BYTES))).unwrap();
        let text = text[0]["parts"][0]["content"].as_str().unwrap();
        assert!(text.ends_with("é… [cut]") && text.len() < MAX_TEXT_BYTES + 20, "{}", text.len());
    }

    #[test]
    fn of_many_texts_the_latest_are_kept() {
        // As JSON, each of these takes six bytes a character.
        let all = said(1000, &"\u{1}".repeat(1000));
        let text = conversation(&all);
        assert!(text.len() < MAX_BYTES + 200, "{}", text.len());
        let kept: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(kept[0]["parts"][0]["content"], CUT);
        let last = kept.last().unwrap()["parts"][0]["content"].as_str().unwrap();
        assert!(last.starts_with("999 "), "{}", kept.len());
        let few: Vec<Value> = serde_json::from_str(&conversation(&said(3, "x"))).unwrap();
        assert_eq!(few.len(), 3);
    }
}
