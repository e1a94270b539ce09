//! What the caller asks of the final text, beyond what the conversation says.

use std::sync::Arc;

use super::AnswerSchema;

/// What the caller asks of the final text. The default asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct AnswerOptions {
    /// The caller's own cap on the final text, in tokens. A text cut by it is a result, not a fault, unless
    /// it was to be JSON.
    pub cap: Option<u32>,
    /// Sampling temperature of synthesize instead of the configured one, 0.0–1.0; sent only where model and
    /// API version accept it.
    pub temperature: Option<f64>,
    /// The final text ends before the earliest of these that occurs in it; an empty one never does. They
    /// aren't sent upstream. A text delivered live ends the call there, and the step with it: fields that
    /// were to come after the text are missing. One that is held is read to its end, passes its gate as a
    /// whole, and is cut then.
    pub stop: Vec<String>,
    /// What the final text has to be.
    pub format: AnswerFormat,
    /// Whether a refusal in synthesize ends the answer with
    /// [`FinishReason::ContentFilter`](super::FinishReason::ContentFilter) instead of failing the run.
    pub refusal_ends_answer: bool,
}

/// What the final text has to be. Anything but text is held until the last gate has checked it, and fails
/// the run if it doesn't match, with lenient gates too and with validation switched off. A code fence
/// and white space round the JSON are taken off.
#[derive(Debug, Clone, Default)]
pub enum AnswerFormat {
    /// Any text.
    #[default]
    Text,
    /// A JSON object.
    JsonObject,
    /// JSON that matches a schema.
    JsonSchema(Arc<AnswerSchema>),
}

impl AnswerFormat {
    /// Whether any text will do.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text)
    }
}
