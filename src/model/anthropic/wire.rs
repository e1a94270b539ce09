//! What the Messages API sends, as far as it means something to us. Every field may be missing or
//! null, and any other may be there: the API grows, and its imitations leave things out.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::{StopReason, Usage};

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
pub(super) struct MessageStart {
    pub(super) message: Option<MessageHead>,
}

/// The message as it is before any content.
#[derive(Deserialize, Default)]
pub(super) struct MessageHead {
    pub(super) model: Option<String>,
    pub(super) usage: Option<WireUsage>,
}

/// `content_block_start`.
#[derive(Deserialize)]
pub(super) struct ContentBlockStart<'a> {
    #[serde(borrow)]
    pub(super) content_block: Piece<'a>,
}

/// `content_block_delta`.
#[derive(Deserialize)]
pub(super) struct ContentBlockDelta<'a> {
    #[serde(borrow)]
    pub(super) delta: Piece<'a>,
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
pub(super) struct MessageDelta {
    pub(super) delta: Option<Stop>,
    pub(super) usage: Option<WireUsage>,
}

/// A whole message, as it comes from servers that don't stream.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(flatten)]
    pub(super) head: MessageHead,
    #[serde(borrow)]
    pub(super) content: Vec<Piece<'a>>,
    #[serde(flatten)]
    pub(super) stop: Stop,
}

/// Why the reply stopped.
#[derive(Deserialize, Default)]
pub(super) struct Stop {
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
}

#[derive(Deserialize)]
struct StopDetails {
    category: Option<String>,
    explanation: Option<String>,
}

impl Stop {
    /// The reason, if one is given.
    pub(super) fn reason(self) -> Option<StopReason> {
        Some(match self.stop_reason?.as_str() {
            "end_turn" => StopReason::EndTurn,
            "max_tokens" => StopReason::MaxTokens,
            "model_context_window_exceeded" => StopReason::ContextWindow,
            "stop_sequence" => StopReason::StopSequence,
            "refusal" => {
                let (category, explanation) =
                    self.stop_details.map_or((None, None), |said| (said.category, said.explanation));
                StopReason::Refusal { category, explanation }
            }
            other => StopReason::Other(other.to_owned()),
        })
    }
}

/// What stands for the reason that a complete reply doesn't give.
pub(super) fn unsaid_reason() -> StopReason {
    StopReason::Other(UNSAID.to_owned())
}

/// `usage`, in a message or in `message_delta`.
#[derive(Deserialize, Default)]
pub(super) struct WireUsage {
    #[serde(default, deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    output_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
}

#[derive(Deserialize, Default)]
struct CacheCreation {
    #[serde(default, deserialize_with = "count")]
    ephemeral_5m_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    ephemeral_1h_input_tokens: Option<u64>,
}

/// A figure that isn't a whole number from 0 up counts as not given: no reply is lost over it.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_u64())
}

impl WireUsage {
    /// Replaces in `usage` whatever is said here.
    ///
    /// Cache writes are taken by lifetime where the upstream tells them apart. Of a bare total,
    /// what isn't known to live an hour lives five minutes, which is the API's default.
    pub(super) fn update(self, usage: &mut Usage) {
        let written = self.cache_creation.unwrap_or_default();
        let for_an_hour = written.ephemeral_1h_input_tokens.or(usage.cache_write_1h);
        let the_rest =
            self.cache_creation_input_tokens.map(|total| total.saturating_sub(for_an_hour.unwrap_or(0)));
        usage.replace_with(Usage {
            input: self.input_tokens,
            output: self.output_tokens,
            cache_read: self.cache_read_input_tokens,
            cache_write_5m: written.ephemeral_5m_input_tokens.or(the_rest),
            cache_write_1h: for_an_hour,
        });
    }
}

/// The API's error object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) error_type: Option<String>,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

impl ApiError {
    /// Reads `{"error": {"type", "message"}, "request_id"}`; some imitations have just a text for
    /// `error`. `None` if `json` is nothing like that.
    pub(super) fn of(json: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let error = json.get("error")?;
        let (error_type, message) = match error {
            Value::String(message) => (None, message.clone()),
            _ => (error.get("type").and_then(text), error.get("message").and_then(text)?),
        };
        Some(Self { error_type, message, request_id: json.get("request_id").and_then(text) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usage(said: &[Value]) -> Usage {
        let mut usage = Usage::default();
        for said in said {
            WireUsage::deserialize(said).unwrap().update(&mut usage);
        }
        usage
    }

    #[test]
    fn a_figure_that_is_not_said_is_not_zero() {
        assert_eq!(usage(&[json!({})]), Usage::default());
        let odd = json!({ "input_tokens": null, "output_tokens": -1, "cache_read_input_tokens": "many" });
        assert_eq!(usage(&[odd]), Usage::default());
        let zero = json!({ "input_tokens": 0 });
        assert_eq!(usage(&[zero]), Usage { input: Some(0), ..Usage::default() });
    }

    #[test]
    fn later_figures_replace_earlier_ones() {
        let both = usage(&[json!({ "input_tokens": 9, "output_tokens": 1 }), json!({ "output_tokens": 40 })]);
        assert_eq!(both, Usage { input: Some(9), output: Some(40), ..Usage::default() });
    }

    #[test]
    fn cache_writes_are_told_apart_by_their_lifetime() {
        let split = |five: u64, hour: u64| json!({ "cache_creation": { "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour } });
        let total = json!({ "cache_creation_input_tokens": 12 });
        let both = json!({ "cache_creation_input_tokens": 99, "cache_creation": { "ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7 } });
        for (said, five, hour) in [
            (vec![split(5, 7)], Some(5), Some(7)),
            (vec![both], Some(5), Some(7)),
            (vec![total.clone()], Some(12), None),
            (vec![split(5, 7), total.clone()], Some(5), Some(7)),
            (vec![json!({ "cache_creation": null }), total], Some(12), None),
        ] {
            let usage = usage(&said);
            assert_eq!((usage.cache_write_5m, usage.cache_write_1h), (five, hour), "{said:?}");
        }
    }

    #[test]
    fn stop_reasons_are_read_by_their_word() {
        let reason = |json: Value| Stop::deserialize(json).unwrap().reason();
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
        ] {
            assert_eq!(ApiError::of(&json), expected, "{json}");
        }
    }
}
