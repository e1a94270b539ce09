//! What the Messages API sends, as far as it means something to us. Every field may be missing or
//! null, and any other may be there: the API grows, and its imitations leave things out. What is only
//! good to know may even be of another form; it counts as not given then.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient::read_alone;
use super::wire_usage::WireUsage;
use crate::model::StopReason;

/// The word for a stop reason that the upstream never gave. It isn't taken for `end_turn`: that
/// the model had said all it wanted to isn't known.
const UNSAID: &str = "unknown";

/// The `type` of an event, the first thing to know of it.
#[derive(Deserialize)]
pub(super) struct EventType<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) name: Cow<'a, str>,
}

/// `message_start`.
#[derive(Deserialize)]
pub(super) struct MessageStart<'a> {
    #[serde(borrow)]
    pub(super) message: Option<MessageHead<'a>>,
}

/// The message as it is before any content.
#[derive(Deserialize, Default)]
pub(super) struct MessageHead<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

impl<'a> MessageHead<'a> {
    /// The message's id.
    pub(super) fn id(&self) -> Option<String> {
        read_alone(self.id)
    }

    /// The model that answers.
    pub(super) fn model(&self) -> Option<String> {
        read_alone(self.model)
    }

    /// What has been counted so far.
    pub(super) fn usage(&self) -> WireUsage<'a> {
        read_alone(self.usage).unwrap_or_default()
    }
}

/// `content_block_start`.
#[derive(Deserialize)]
pub(super) struct ContentBlockStart<'a> {
    #[serde(borrow)]
    pub(super) content_block: Option<Piece<'a>>,
}

/// `content_block_delta`.
#[derive(Deserialize)]
pub(super) struct ContentBlockDelta<'a> {
    /// As in [`EventType`], to be read together with the rest.
    #[serde(borrow, default, rename = "type")]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) delta: Option<Piece<'a>>,
}

/// A content block or a delta of one.
#[derive(Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    pub(super) text: Option<String>,
}

/// `message_delta`.
#[derive(Deserialize)]
pub(super) struct MessageDelta<'a> {
    #[serde(borrow)]
    pub(super) delta: Option<Stop<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

impl<'a> MessageDelta<'a> {
    /// What has been counted by the end.
    pub(super) fn usage(&self) -> WireUsage<'a> {
        read_alone(self.usage).unwrap_or_default()
    }
}

/// A whole message, as it comes from servers that don't stream. Its head and its stop, which stand
/// beside the content here, are read as parts of their own.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) content: Content,
}

/// The texts of a message's blocks, in one. The blocks aren't kept: there may be millions in a message.
#[derive(Default)]
pub(super) struct Content(pub(super) String);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of content blocks")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<Content, A::Error> {
        let mut texts = String::new();
        while let Some(Piece { kind, text }) = blocks.next_element()? {
            if kind == "text" {
                texts.push_str(text.as_deref().unwrap_or_default());
            }
        }
        Ok(Content(texts))
    }
}

/// Why the reply stopped.
#[derive(Deserialize, Default)]
pub(super) struct Stop<'a> {
    #[serde(borrow)]
    stop_reason: Option<&'a RawValue>,
    #[serde(borrow)]
    stop_details: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct StopDetails<'a> {
    #[serde(borrow)]
    category: Option<&'a RawValue>,
    #[serde(borrow)]
    explanation: Option<&'a RawValue>,
}

impl Stop<'_> {
    /// The reason, if one is given.
    pub(super) fn reason(&self) -> Option<StopReason> {
        let word: String = read_alone(self.stop_reason)?;
        Some(match word.as_str() {
            "end_turn" => StopReason::EndTurn,
            "max_tokens" => StopReason::MaxTokens,
            "model_context_window_exceeded" => StopReason::ContextWindow,
            "stop_sequence" => StopReason::StopSequence,
            "refusal" => {
                let said: StopDetails<'_> = read_alone(self.stop_details).unwrap_or_default();
                StopReason::Refusal {
                    category: read_alone(said.category),
                    explanation: read_alone(said.explanation),
                }
            }
            _ => StopReason::Other(word),
        })
    }
}

/// What stands for the reason that a complete reply doesn't give.
pub(super) fn unsaid_reason() -> StopReason {
    StopReason::Other(UNSAID.to_owned())
}

/// The API's error object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) error_type: Option<String>,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

#[derive(Deserialize)]
struct ErrorResponse<'a> {
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    request_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorObject<'a> {
    #[serde(borrow, rename = "type")]
    error_type: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

impl ApiError {
    /// Reads `{"error": {"type", "message"}, "request_id"}`; some imitations have just a text for
    /// `error`. `None` if `json` is nothing like that. Of what else is there nothing is kept, however much it is.
    pub(super) fn of(json: &[u8]) -> Option<Self> {
        let ErrorResponse { error, request_id } = object(json)?;
        Some(Self { request_id: read_alone(request_id), ..Self::of_object(error?)? })
    }

    /// The same of what stands for `error`.
    pub(super) fn of_object(error: &RawValue) -> Option<Self> {
        if let Some(message) = read_alone(Some(error)) {
            return Some(Self { error_type: None, message, request_id: None });
        }
        let ErrorObject { error_type, message } = object(error.get().as_bytes())?;
        Some(Self { error_type: read_alone(error_type), message: read_alone(message)?, request_id: None })
    }
}

/// The object, and no list that could be read as one.
fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    if json.trim_ascii_start().starts_with(b"{") { serde_json::from_slice(json).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn stop_reasons_are_read_by_their_word() {
        let reason = |json: Value| serde_json::from_str::<Stop<'_>>(&json.to_string()).unwrap().reason();
        for (word, expected) in [
            ("end_turn", StopReason::EndTurn),
            ("max_tokens", StopReason::MaxTokens),
            ("model_context_window_exceeded", StopReason::ContextWindow),
            ("stop_sequence", StopReason::StopSequence),
            ("refusal", StopReason::Refusal { category: None, explanation: None }),
            ("pause_turn", StopReason::Other("pause_turn".into())),
        ] {
            assert_eq!(reason(json!({ "stop_reason": word })), Some(expected));
        }
        assert_eq!(reason(json!({ "stop_reason": null })), None);
        assert_eq!(reason(json!({ "stop_reason": 5 })), None);
        for details in [json!("x"), json!({ "category": 5, "explanation": [] })] {
            let reason = reason(json!({ "stop_reason": "refusal", "stop_details": details }));
            assert_eq!(reason, Some(StopReason::Refusal { category: None, explanation: None }));
        }
        assert_eq!(
            reason(
                json!({ "stop_reason": "refusal", "stop_details": { "type": "refusal", "category": "cyber", "explanation": null } })
            ),
            Some(StopReason::Refusal { category: Some("cyber".into()), explanation: None })
        );
    }

    #[test]
    fn an_error_object_is_known_by_its_error() {
        let error = |error_type: Option<&str>, request_id: Option<&str>| ApiError {
            error_type: error_type.map(str::to_owned),
            message: "no".into(),
            request_id: request_id.map(str::to_owned),
        };
        for (json, expected) in [
            (
                json!({ "type": "error", "error": { "type": "api_error", "message": "no" }, "request_id": "req_1" }),
                Some(error(Some("api_error"), Some("req_1"))),
            ),
            (json!({ "error": { "message": "no", "code": 3 } }), Some(error(None, None))),
            (json!({ "error": "no" }), Some(error(None, None))),
            (json!({ "error": { "code": 3 } }), None),
            (json!({ "message": "no" }), None),
            (json!("no"), None),
            (json!(["no", "req_1"]), None),
            (json!({ "error": ["api_error", "no"] }), None),
        ] {
            assert_eq!(ApiError::of(json.to_string().as_bytes()), expected, "{json}");
        }
    }
}
