//! Reads what [`StateReport`](super::StateReport) writes: the state of a run, for another to go on from.
//!
//! The file may have been edited, or come from elsewhere: whatever is in it, it is read or refused whole.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::deep_json::read_deep;
use super::wire::{STATE_KIND, WIRE_VERSION};
use crate::chain::{
    Conversation, ConversationError, Decision, Message, MessageRole, PerStep, Spend, StepFinished,
    StepMetadata, StepName, StepOutput,
};
use crate::model::{Cost, StopReason, Usage};

/// The most bytes that a state file may have: 64 MiB, four times the largest reply.
pub const MAX_STATE_BYTES: u64 = 64 << 20;

/// The state of a run.
#[derive(Debug)]
pub struct SavedState {
    /// Whether the replies came from the simulator.
    pub simulated: bool,
    /// What was asked.
    pub conversation: Conversation,
    /// The finished steps: none without those before it.
    pub steps: PerStep<Option<SavedStep>>,
}

/// A finished step.
#[derive(Debug)]
pub struct SavedStep {
    /// What it returned, and how it went.
    pub finished: StepFinished,
    /// The hash of its prompt.
    pub prompt_sha256: String,
    /// As it stands in the file.
    pub raw: Value,
}

/// Why a text isn't the state of a run. None of the texts quotes it.
#[derive(Debug, Error)]
pub enum StateError {
    /// It is no JSON, or of another shape.
    #[error("isn't a state that `run --save` has written: {0}")]
    Malformed(String),
    /// It is of another version.
    #[error("is of version {found}; this program reads version {WIRE_VERSION}")]
    OtherVersion {
        /// Its version.
        found: u64,
    },
    /// Its conversation can't be run.
    #[error("can't be run: {0}")]
    Conversation(#[from] ConversationError),
}

impl SavedState {
    /// Reads `text`.
    ///
    /// # Errors
    /// If it isn't a state of this version, or its conversation can't be run.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let document = read_deep(text).map_err(|error| malformed(&error))?;
        if document.get("kind").and_then(Value::as_str) != Some(STATE_KIND) {
            return Err(StateError::Malformed(format!("`kind` isn't {STATE_KIND}")));
        }
        match document.get("version").and_then(Value::as_u64) {
            Some(version) if version == u64::from(WIRE_VERSION) => {}
            Some(found) => return Err(StateError::OtherVersion { found }),
            None => return Err(StateError::Malformed("it has no `version`".to_owned())),
        }
        let file: StateFile = read(document)?;
        let messages: Option<Vec<Message>> =
            file.conversation.into_iter().map(MessageFile::message).collect();
        let messages = messages.ok_or_else(|| StateError::Malformed("a `role` is unknown".to_owned()))?;
        let mut steps = PerStep::default();
        for (expected, raw) in StepName::ALL.iter().zip(&file.steps) {
            let saved = SavedStep::read(raw)?;
            if saved.finished.step != *expected {
                let message = format!("its steps aren't {}", StepName::ALL.map(StepName::as_str).join(", "));
                return Err(StateError::Malformed(message));
            }
            *steps.get_mut(*expected) = Some(saved);
        }
        if file.steps.len() > StepName::ALL.len() {
            return Err(StateError::Malformed("it has too many steps".to_owned()));
        }
        Ok(Self { simulated: file.simulated, conversation: Conversation::new(messages)?, steps })
    }

    /// The first step that isn't finished, if there is one.
    #[must_use]
    pub fn first_unfinished(&self) -> Option<StepName> {
        self.steps.iter().find(|(_, step)| step.is_none()).map(|(step, _)| step)
    }
}

#[derive(Deserialize)]
struct StateFile {
    simulated: bool,
    conversation: Vec<MessageFile>,
    steps: Vec<Value>,
}

#[derive(Deserialize)]
struct MessageFile {
    role: String,
    content: String,
}

#[derive(Deserialize)]
struct StepFile {
    step: String,
    model: String,
    prompt_sha256: String,
    reply: String,
    output: Map<String, Value>,
    verdict: Option<String>,
    attempts: u32,
    repairs: u32,
    elapsed_seconds: Option<f64>,
    usage: SavedUsage,
    cost_usd: Option<f64>,
    estimated_cost_usd: Option<f64>,
    request_ids: Vec<String>,
    stop_reason: Option<String>,
    tolerated: Option<bool>,
    degraded: Option<bool>,
}

/// What was used and what it cost, as [`SpendReport`](super::wire::SpendReport) writes it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct SavedSpend {
    usage: SavedUsage,
    cost_usd: Option<f64>,
    estimated_cost_usd: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct SavedUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    uncounted_attempts: u32,
    estimated_input_tokens: Option<u64>,
    estimated_output_tokens: Option<u64>,
}

impl MessageFile {
    fn message(self) -> Option<Message> {
        Some(Message { role: MessageRole::parse(&self.role)?, content: self.content })
    }
}

impl SavedStep {
    /// Reads a step of a state.
    ///
    /// # Errors
    /// If it isn't one.
    pub fn read(raw: &Value) -> Result<Self, StateError> {
        let file: StepFile = read(raw.clone())?;
        let step: StepName =
            file.step.parse().map_err(|()| StateError::Malformed("a `step` is unknown".to_owned()))?;
        let changed = || StateError::Malformed(format!("the output of {step} isn't as that step returns it"));
        let written = Value::Object(file.output.clone());
        let output = StepOutput::from_json(step, file.output);
        // What can't be read as it is written would be passed on as something else.
        let output = output.filter(|output| output.to_json() == written).ok_or_else(changed)?;
        let verdict = file.verdict.as_deref().map(|word| {
            Decision::parse(word).ok_or_else(|| StateError::Malformed("a `verdict` is unknown".to_owned()))
        });
        let verdict = verdict.transpose()?.unwrap_or(Decision::Pass);
        let elapsed = file.elapsed_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // Not flattened: the place of what is wrong would be lost.
        let StepFile { usage, cost_usd, estimated_cost_usd, .. } = file;
        let spend = SavedSpend { usage, cost_usd, estimated_cost_usd };
        let metadata = StepMetadata {
            model: file.model,
            attempts: file.attempts,
            repairs: file.repairs,
            elapsed: elapsed.unwrap_or_default(),
            spend: spend.to_spend(),
            verdict,
            request_ids: file.request_ids,
            stop_reason: file.stop_reason.as_deref().map(StopReason::parse),
            tolerated: file.tolerated.unwrap_or_default(),
            degraded: file.degraded.unwrap_or_default(),
            // They stay in the file.
            workers: Vec::new(),
        };
        let finished = StepFinished { step, output, reply: file.reply, metadata };
        Ok(Self { finished, prompt_sha256: file.prompt_sha256, raw: raw.clone() })
    }
}

impl SavedSpend {
    /// As sums that can be added to.
    #[must_use]
    pub fn to_spend(&self) -> Spend {
        let SavedUsage { uncounted_attempts, .. } = self.usage;
        let usage = Usage {
            input: self.usage.input_tokens,
            output: self.usage.output_tokens,
            cache_read: self.usage.cache_read_tokens,
            cache_write_5m: self.usage.cache_write_tokens,
            cache_write_1h: None,
        };
        Spend {
            usage,
            cost: self.cost_usd.map(Cost::from_usd),
            output_cost: None,
            unpriced: self.cost_usd.is_none() && usage != Usage::default(),
            uncounted_attempts,
            estimated_input: self.usage.estimated_input_tokens.unwrap_or_default(),
            estimated_output: self.usage.estimated_output_tokens.unwrap_or_default(),
            estimated_cost: self.estimated_cost_usd.map(Cost::from_usd).unwrap_or_default(),
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, StateError> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| StateError::Malformed(format!("`{}` is missing or of another type", error.path())))
}

fn malformed(error: &serde_json::Error) -> StateError {
    StateError::Malformed(format!("it isn't JSON (line {}, column {})", error.line(), error.column()))
}

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
#[cfg(test)]
pub(super) mod tests;
