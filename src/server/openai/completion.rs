//! The answer as one object.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Usage;
use crate::chain::FinishReason;

/// What every response carries as its service tier: there is one.
pub(super) const SERVICE_TIER: &str = "default";

/// The id of a response; in a stream, of all its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionId(String);

impl CompletionId {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self(format!("chatcmpl-{}", Uuid::new_v4().simple()))
    }

    /// `chatcmpl-…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for CompletionId {
    fn default() -> Self {
        Self::new()
    }
}

/// The answer as one object. Every member is present, as strict clients expect.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatCompletion {
    id: String,
    #[schema(example = "chat.completion")]
    object: &'static str,
    /// Seconds of unix time.
    created: u64,
    model: String,
    choices: [Choice; 1],
    usage: Usage,
    service_tier: &'static str,
    #[schema(value_type = Option<String>)]
    system_fingerprint: (),
}

/// The one answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Choice {
    index: u32,
    message: AnswerMessage,
    #[schema(value_type = Option<Object>)]
    logprobs: (),
    /// `stop`, `length` or `content_filter`.
    finish_reason: &'static str,
}

/// The answer as a turn of the conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnswerMessage {
    #[schema(example = "assistant")]
    role: &'static str,
    content: String,
    #[schema(value_type = Option<String>)]
    refusal: (),
    /// What the steps before the last returned, if the server shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
}

/// What a response is made of.
#[derive(Debug, Clone)]
pub struct CompletionParts<'a> {
    /// Its id.
    pub id: &'a CompletionId,
    /// When it was made, in seconds of unix time.
    pub created: u64,
    /// The model's name.
    pub model: &'a str,
    /// The final text.
    pub content: &'a str,
    /// Why the text ends where it does.
    pub finish_reason: FinishReason,
    /// What the whole run used.
    pub usage: Usage,
    /// What the steps before the last returned, if that is shown.
    pub reasoning: Option<String>,
}

impl From<CompletionParts<'_>> for ChatCompletion {
    fn from(parts: CompletionParts<'_>) -> Self {
        let CompletionParts { id, created, model, content, finish_reason, usage, reasoning } = parts;
        let message = AnswerMessage {
            role: "assistant",
            content: content.to_owned(),
            refusal: (),
            reasoning_content: reasoning,
        };
        Self {
            id: id.as_str().to_owned(),
            object: "chat.completion",
            created,
            model: model.to_owned(),
            choices: [Choice { index: 0, message, logprobs: (), finish_reason: finish_reason.as_str() }],
            usage,
            service_tier: SERVICE_TIER,
            system_fingerprint: (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Spend;

    #[test]
    fn a_completion_has_every_member() {
        let parts = CompletionParts {
            id: &CompletionId("chatcmpl-1".into()),
            created: 1_700_000_000,
            model: "prompt-chaining",
            content: "Hello",
            finish_reason: FinishReason::Stop,
            usage: Usage::from(&Spend::default()),
            reasoning: None,
        };
        let json = serde_json::to_string_pretty(&ChatCompletion::from(parts)).unwrap();
        insta::assert_snapshot!(json, @r##"
        {
          "id": "chatcmpl-1",
          "object": "chat.completion",
          "created": 1700000000,
          "model": "prompt-chaining",
          "choices": [
            {
              "index": 0,
              "message": {
                "role": "assistant",
                "content": "Hello",
                "refusal": null
              },
              "logprobs": null,
              "finish_reason": "stop"
            }
          ],
          "usage": {
            "prompt_tokens": 0,
            "completion_tokens": 0,
            "total_tokens": 0,
            "prompt_tokens_details": {
              "cached_tokens": 0,
              "cache_write_tokens": 0,
              "audio_tokens": 0
            },
            "completion_tokens_details": {
              "reasoning_tokens": null,
              "audio_tokens": 0,
              "accepted_prediction_tokens": 0,
              "rejected_prediction_tokens": 0
            }
          },
          "service_tier": "default",
          "system_fingerprint": null
        }
        "##);
    }

    #[test]
    fn ids_are_new_each_time() {
        let (one, other) = (CompletionId::new(), CompletionId::new());
        assert_ne!(one, other);
        assert!(one.as_str().starts_with("chatcmpl-") && one.as_str().len() == 41, "{one:?}");
    }
}
