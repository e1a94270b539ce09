//! The state that a run builds up: one fold over its events, for whoever keeps, shows or resumes it.

use super::conversation::{Message, MessageRole};
use super::steps::Analysis;
use super::{PerStep, StepFinished, StepMetadata, StepOutput};

/// What a run has come to so far.
#[derive(Debug, Clone)]
pub struct ChainState {
    /// The conversation, and after it each finished step's reply: only ever added to.
    pub messages: Vec<Message>,
    /// What analyze returned.
    pub analysis: Option<Analysis>,
    /// What process drafted.
    pub processed_content: Option<String>,
    /// What synthesize returned: the final text.
    pub final_response: Option<String>,
    /// How each finished step went.
    pub step_metadata: PerStep<Option<StepMetadata>>,
    /// What each finished step returned, in full.
    pub outputs: PerStep<Option<StepOutput>>,
}

impl ChainState {
    /// Before the first step.
    #[must_use]
    pub fn new(messages: &[Message]) -> Self {
        Self {
            messages: messages.to_vec(),
            analysis: None,
            processed_content: None,
            final_response: None,
            step_metadata: PerStep::default(),
            outputs: PerStep::default(),
        }
    }

    /// A step has finished.
    pub fn record(&mut self, finished: &StepFinished) {
        self.messages.push(Message { role: MessageRole::Assistant, content: finished.reply.clone() });
        match &finished.output {
            StepOutput::Analyze(analysis) => self.analysis = Some(analysis.clone()),
            StepOutput::Process(draft) => self.processed_content = Some(draft.content.clone()),
            StepOutput::Synthesize(answer) => self.final_response = Some(answer.final_text.clone()),
        }
        *self.step_metadata.get_mut(finished.step) = Some(finished.metadata.clone());
        *self.outputs.get_mut(finished.step) = Some(finished.output.clone());
    }
}
