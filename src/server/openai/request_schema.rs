//! The request as the API's document describes it. What is read is said in `wire_request.rs`; a test keeps the
//! two together.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

/// A conversation to be answered. Fields that aren't here are ignored.
#[derive(ToSchema)]
#[schema(example = json!({
    "model": "prompt-chaining",
    "messages": [{"role": "user", "content": "What makes a good commit message?"}]
}))]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct ChatCompletionRequest {
    /// A listed model, or an alias.
    #[schema(example = "prompt-chaining")]
    model: String,
    /// The conversation; it ends in a user's turn.
    #[schema(min_items = 1, max_items = 1000)]
    messages: Vec<RequestMessage>,
    /// Whether the answer is streamed.
    stream: Option<bool>,
    /// What a stream tells beside the answer.
    stream_options: Option<RequestStreamOptions>,
    /// The most tokens that the last step may write.
    #[schema(minimum = 1)]
    max_tokens: Option<u32>,
    /// The same; of both, the smaller counts.
    #[schema(minimum = 1)]
    max_completion_tokens: Option<u32>,
    /// Sampling temperature of the last step. Above 1 it is lowered to 1.
    #[schema(minimum = 0.0, maximum = 2.0)]
    temperature: Option<f64>,
    /// Texts before the first of which the answer ends.
    stop: Option<RequestStop>,
    /// What the answer has to be.
    response_format: Option<RequestFormat>,
    /// Only 1.
    #[schema(minimum = 1, maximum = 1)]
    n: Option<u32>,
    /// `auto` or `none`: tools are never called.
    #[schema(example = "none")]
    tool_choice: Option<String>,
    /// The same, in the older word.
    #[schema(example = "none")]
    function_call: Option<String>,
    /// Only `text`.
    modalities: Option<Vec<String>>,
    /// Not supported.
    audio: Option<()>,
    /// Only `false`.
    logprobs: Option<bool>,
    /// Only 0.
    #[schema(maximum = 0)]
    top_logprobs: Option<u32>,
    /// Not supported.
    web_search_options: Option<()>,
    /// Accepted, not used.
    user: Option<String>,
    /// Accepted, not used.
    metadata: Option<BTreeMap<String, String>>,
}

/// A turn of the conversation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct RequestMessage {
    /// `system`, `developer`, `user` or `assistant`.
    #[schema(example = "user")]
    role: String,
    /// What is said; only an assistant's may be `null`.
    content: Option<RequestContent>,
}

/// A text, or parts of one.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum RequestContent {
    /// A text.
    Text(String),
    /// Its parts.
    Parts(Vec<RequestPart>),
}

/// A part of a text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct RequestPart {
    /// `text`; an assistant's may be `refusal`.
    #[schema(rename = "type", example = "text")]
    kind: String,
    /// The text.
    text: Option<String>,
    /// The text of a refusal.
    refusal: Option<String>,
}

/// One text, or up to four.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum RequestStop {
    /// One text.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// What a stream tells beside the answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct RequestStreamOptions {
    /// The usage, in a chunk before `[DONE]`.
    include_usage: Option<bool>,
    /// How the steps get on, in chunks with an empty delta.
    include_steps: Option<bool>,
}

/// What the answer has to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct RequestFormat {
    /// `text`, `json_object` or `json_schema`.
    #[schema(rename = "type", example = "json_object")]
    kind: String,
    /// The schema, for `json_schema`.
    json_schema: Option<RequestJsonSchema>,
}

/// The schema that the answer has to match.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
pub struct RequestJsonSchema {
    /// Accepted, not used.
    name: Option<String>,
    /// A JSON Schema. References out of it aren't followed.
    schema: Value,
}
