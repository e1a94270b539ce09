#![allow(clippy::all, clippy::pedantic, clippy::indexing_slicing, clippy::allow_attributes_without_reason)]
//! stub
use crate::chain::*;
use crate::server::api_error::ApiError;
pub struct ChatRequest {
    pub model: String,
    pub conversation: Conversation,
    pub answer: AnswerOptions,
    pub stream: bool,
    pub include_usage: bool,
    pub include_steps: bool,
}
impl ChatRequest {
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let v: serde_json::Value = serde_json::from_slice(body)
            .map_err(|e| ApiError::invalid_request("invalid_json", e.to_string()))?;
        let messages = v["messages"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .iter()
            .map(|m| Message {
                role: MessageRole::parse(m["role"].as_str().unwrap_or("user")).unwrap_or(MessageRole::User),
                content: m["content"].as_str().unwrap_or("").to_owned(),
            })
            .collect();
        let stop = v["stop"].as_str().map(str::to_owned).into_iter().collect();
        Ok(Self {
            model: v["model"].as_str().unwrap_or("").to_owned(),
            conversation: Conversation::new(messages)
                .map_err(|e| ApiError::invalid_request("x", e.to_string()).about("messages"))?,
            answer: AnswerOptions { stop, refusal_ends_answer: true, ..Default::default() },
            stream: v["stream"].as_bool().unwrap_or(false),
            include_usage: v["stream_options"]["include_usage"].as_bool().unwrap_or(false),
            include_steps: v["stream_options"]["include_steps"].as_bool().unwrap_or(false),
        })
    }
}
#[derive(utoipa::ToSchema, serde::Deserialize)]
pub struct ChatCompletionRequest {
    pub model: String,
}
