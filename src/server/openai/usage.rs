//! Tokens, as `OpenAI` tells them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::chain::Spend;

/// The tokens of a whole run: all steps, all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    /// Input tokens, those read from a cache or written to one included.
    pub prompt_tokens: u64,
    /// Output tokens, thinking included.
    pub completion_tokens: u64,
    /// Both.
    pub total_tokens: u64,
    /// What the input consists of.
    pub prompt_tokens_details: PromptTokens,
    /// What the output consists of.
    pub completion_tokens_details: CompletionTokens,
    /// Present, and `true`, where a part of the figures is an estimate, because the upstream was cut off
    /// before it had counted it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// What input tokens consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PromptTokens {
    /// Read from the upstream's cache.
    pub cached_tokens: u64,
    /// Written to it.
    pub cache_write_tokens: u64,
    /// None: there is no audio.
    pub audio_tokens: u64,
}

/// What output tokens consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompletionTokens {
    /// `null`: the upstream's figures don't tell thinking from the rest.
    pub reasoning_tokens: Option<u64>,
    /// None: there is no audio.
    pub audio_tokens: u64,
    /// None: nothing is predicted.
    pub accepted_prediction_tokens: u64,
    /// None: nothing is predicted.
    pub rejected_prediction_tokens: u64,
}

impl From<&Spend> for Usage {
    fn from(spend: &Spend) -> Self {
        let prompt = spend.usage.prompt_tokens().unwrap_or(0).saturating_add(spend.estimated_input);
        let completion = spend.usage.output.unwrap_or(0).saturating_add(spend.estimated_output);
        Self {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: prompt.saturating_add(completion),
            prompt_tokens_details: PromptTokens {
                cached_tokens: spend.usage.cache_read.unwrap_or(0),
                cache_write_tokens: spend.usage.cache_write().unwrap_or(0),
                audio_tokens: 0,
            },
            completion_tokens_details: CompletionTokens {
                reasoning_tokens: None,
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
            estimated: !spend.is_complete(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_are_input_and_an_estimate_says_so() {
        let mut spend = Spend::default();
        spend.usage.input = Some(10);
        spend.usage.cache_read = Some(5);
        spend.usage.cache_write_5m = Some(3);
        spend.usage.output = Some(7);
        let usage = Usage::from(&spend);
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (18, 7, 25));
        let json = serde_json::to_value(usage).unwrap();
        assert_eq!(json["prompt_tokens_details"]["cached_tokens"], 5);
        assert_eq!(json["prompt_tokens_details"]["cache_write_tokens"], 3);
        assert_eq!(json.get("estimated"), None, "nothing is");

        spend.uncounted_attempts = 1;
        (spend.estimated_input, spend.estimated_output) = (100, 20);
        let usage = Usage::from(&spend);
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (118, 27, 145));
        assert_eq!(serde_json::to_value(usage).unwrap()["estimated"], true);
    }
}
