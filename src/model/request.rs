//! What is asked of a model in one call, in no provider's dialect.

use std::sync::Arc;

use super::{ReplySchema, SharedText};

/// One call: everything in it is sent as it stands. Whoever builds it has already asked the
/// catalog what the model accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// The model's id or alias, as the upstream knows it.
    pub model: String,
    /// The most tokens the reply may have, thinking included.
    pub max_tokens: u32,
    /// Sampling temperature, 0.0–1.0; `None` leaves it to the upstream.
    pub temperature: Option<f64>,
    /// The system prompt, in blocks so that the first can be cached apart from the rest.
    pub system: Vec<SystemBlock>,
    /// The turns, the first and the last by the user.
    pub turns: Vec<Turn>,
    /// The JSON Schema that the reply's text must match, for upstreams that can enforce one.
    pub schema: Option<Arc<ReplySchema>>,
    /// What is said about thinking.
    pub thinking: Thinking,
    /// Our id of the run, sent along so that both sides' logs can be matched.
    pub request_id: String,
}

/// A part of the system prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemBlock {
    /// The text.
    pub text: SharedText,
    /// Whether the upstream is asked to cache the prompt up to the end of this block.
    pub cache: bool,
}

/// One turn of the conversation with the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What they say. Never blank: the API refuses blank text.
    pub text: String,
}

/// Who speaks in a [`Turn`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The caller.
    User,
    /// The model.
    Assistant,
}

/// What a request says about thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// Nothing: the model's own default holds.
    #[default]
    Unspecified,
    /// Switched off.
    Disabled,
    /// Only between tool calls, which without tools is never: the nearest thing to "off" that
    /// some models accept.
    BetweenTools,
}
