//! What one run is about.

use super::Conversation;

/// What one run is about.
#[derive(Debug, Clone)]
pub struct RunInput {
    /// What the caller has said.
    pub conversation: Conversation,
    /// Our id of the run, sent upstream with every call.
    pub request_id: String,
    /// When the final text leaves.
    pub delivery: Delivery,
    /// The caller's own cap on the final text, in tokens. A text cut by it is a result, not a fault.
    pub answer_cap: Option<u32>,
    /// Whether a refusal in synthesize ends the answer with [`FinishReason::ContentFilter`](super::FinishReason::ContentFilter) instead of
    /// failing the run.
    pub refusal_ends_answer: bool,
}

/// When the final text leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As the model writes it. With strict gates it is held all the same.
    Live,
    /// When the last gate has passed.
    Held,
}
