//! What one run is about.

use std::sync::Arc;

use super::{AnswerOptions, Conversation, Plan, Purse, StepName};
use crate::trace_context::TraceContext;

/// What one run is about.
#[derive(Debug, Clone)]
pub struct RunInput {
    /// What the caller has said.
    pub conversation: Conversation,
    /// Our id of the run, sent upstream with every call.
    pub request_id: String,
    /// Where the run stands in a trace, if it does; the upstream is told with every call.
    pub trace: Option<TraceContext>,
    /// When the final text leaves.
    pub delivery: Delivery,
    /// What the caller asks of the final text.
    pub answer: AnswerOptions,
    /// Which steps are run.
    pub plan: Plan,
    /// What its calls are paid out of beside its own cap, if anything.
    pub purse: Option<Arc<dyn Purse>>,
}

impl RunInput {
    /// What the caller asks of that step's text: of any but the last, nothing.
    pub(super) fn answer_of(&self, step: StepName) -> Option<&AnswerOptions> {
        (step == StepName::Synthesize).then_some(&self.answer)
    }
}

/// When the final text leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As the model writes it. With strict gates it is held all the same, and so is JSON that was asked for.
    Live,
    /// When the last gate has passed.
    Held,
}
