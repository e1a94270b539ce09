//! What a run leaves behind for another to go on from.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{CodeOf, RunStatus, SpendReport, StepOutputReport, StepReport, WIRE_VERSION};
use crate::chain::{PerStep, StepName, Summary};

/// The word by which a state file is told from other documents.
pub(in crate::report) const STATE_KIND: &str = "promptchain-state";

/// What a run leaves behind for another to go on from: what was asked, and what its finished steps
/// returned.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "State of a run")]
pub struct StateReport<'a> {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// What this document is.
    #[schemars(extend("const" = STATE_KIND))]
    pub kind: &'static str,
    /// Our id of the run that wrote it.
    pub request_id: &'a str,
    /// Whether the replies came from the built-in simulator instead of a model.
    pub simulated: bool,
    /// How that run ended; `interrupted` also while it is under way.
    pub status: RunStatus,
    /// What was asked: the whole conversation, without the steps' replies.
    pub conversation: Vec<MessageReport<'a>>,
    /// The finished steps, in the order in which they ran. One that an earlier run had finished stands as it
    /// stood in the file that it was taken from.
    #[schemars(with = "Vec<FinishedStepReport<'static>>")]
    pub steps: Vec<Value>,
    /// What that run used and cost, steps that it took from an earlier one not included.
    #[serde(flatten)]
    pub spend: SpendReport,
}

/// A message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageReport<'a> {
    /// `system`, `developer`, `user` or `assistant`.
    pub role: &'static str,
    /// What was said.
    pub content: &'a str,
}

/// A finished step: how it went, what it was told, and what it returned.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FinishedStepReport<'a> {
    /// How it went.
    #[serde(flatten)]
    pub report: StepReport<'a>,
    /// The SHA-256 of its prompt, rendered, and of the fields that it declares, in hexadecimal digits.
    pub prompt_sha256: &'a str,
    /// The model's reply as it came, the accepted one.
    pub reply: &'a str,
    /// What it returned.
    pub output: StepOutputReport<'a>,
}

/// What a state is made of beside the run.
#[derive(Debug)]
pub struct StateParts<'a> {
    /// How many messages the conversation had before the steps' replies.
    pub asked: usize,
    /// Whether the replies came from the simulator.
    pub simulated: bool,
    /// The hash of each step's prompt.
    pub prompts: &'a PerStep<String>,
    /// The steps that were taken from an earlier run, as its state has them.
    pub kept: &'a PerStep<Option<Value>>,
}

impl<'a> StateReport<'a> {
    /// What the run has come to so far. `code_of` knows the words for parts that failed.
    ///
    /// # Errors
    /// None that a summary can lead to.
    pub fn new(
        summary: &'a Summary,
        parts: &StateParts<'a>,
        code_of: CodeOf,
    ) -> Result<Self, serde_json::Error> {
        let (asked, replies) = summary.state.messages.split_at(parts.asked.min(summary.state.messages.len()));
        let mut replies = replies.iter();
        let mut steps = Vec::new();
        for (step, report) in StepName::ALL.into_iter().zip(StepReport::all(summary, code_of)) {
            let Some(output) = summary.state.outputs.get(step) else { continue };
            let reply = replies.next().map_or("", |reply| &reply.content);
            steps.push(match parts.kept.get(step) {
                Some(kept) => kept.clone(),
                None => serde_json::to_value(FinishedStepReport {
                    report,
                    prompt_sha256: parts.prompts.get(step),
                    reply,
                    output: output.into(),
                })?,
            });
        }
        Ok(Self {
            version: WIRE_VERSION,
            kind: STATE_KIND,
            request_id: &summary.request_id,
            simulated: parts.simulated,
            status: RunStatus::from(summary),
            conversation: asked
                .iter()
                .map(|message| MessageReport { role: message.role.as_str(), content: &message.content })
                .collect(),
            steps,
            spend: SpendReport::from(&summary.spend()),
        })
    }
}
