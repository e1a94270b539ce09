//! A turn of the conversation: who speaks, and what they say.

use super::request_error::{invalid_value, missing, unsupported};
use super::wire_request::{Content, Object, Part, WireMessage};
use crate::chain::{Message, MessageRole};
use crate::server::api_error::ApiError;

/// The most characters of a client's word that are sent back.
const MAX_QUOTED: usize = 40;

/// The turn at that place of `messages`.
pub(super) fn message(at: usize, wire: WireMessage) -> Result<Message, ApiError> {
    let WireMessage { role: word, content } = wire;
    let Some(role) = MessageRole::parse(&word) else {
        let param = format!("messages[{at}].role");
        return Err(match word.as_str() {
            "tool" | "function" => unsupported(param, "can't be a tool's: tools aren't called here"),
            _ => {
                let word = quoted(&word);
                invalid_value(param, format!("is {word}; it must be system, developer, user or assistant"))
            }
        });
    };
    let param = || format!("messages[{at}].content");
    let content = match content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => {
            let texts = parts
                .into_iter()
                .enumerate()
                .map(|(part, Object(wire))| text(wire, role, || format!("{}[{part}]", param())));
            texts.collect::<Result<String, _>>()?
        }
        // What it did instead of speaking isn't our concern.
        None if role == MessageRole::Assistant => String::new(),
        None => return Err(missing(param())),
    };
    Ok(Message { role, content })
}

fn text(part: Part, role: MessageRole, param: impl Fn() -> String) -> Result<String, ApiError> {
    let Part { kind, text, refusal } = part;
    match (kind.as_str(), role) {
        ("text", _) => text.ok_or_else(|| missing(format!("{}.text", param()))),
        ("refusal", MessageRole::Assistant) => refusal.ok_or_else(|| missing(format!("{}.refusal", param()))),
        _ => {
            Err(unsupported(param(), format!("is a part of type {}; only text is supported", quoted(&kind))))
        }
    }
}

fn quoted(word: &str) -> String {
    format!("{:?}", word.chars().take(MAX_QUOTED).collect::<String>())
}
