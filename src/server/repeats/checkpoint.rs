//! The finished steps of a run, as bytes and back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::chain::{Decision, FinishReason, Plan, Spend, StepFinished, StepMetadata, StepName, StepOutput};
use crate::model::StopReason;

/// The version of what is kept. Another one is read by nobody.
const VERSION: u32 = 1;

/// The most bytes of a checkpoint, before it is encrypted: 256 KiB. It has to reach the store within 80 ms, or that
/// counts as gone.
pub(super) const MAX_BYTES: usize = 256 << 10;

/// Why a checkpoint can't be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unkeepable {
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("it couldn't be read again as it is")]
    Unreadable,
}

/// The finished steps of a run, and how it ended if it did.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Checkpoint {
    steps: Vec<StepFinished>,
    finish: Option<FinishReason>,
}

impl Checkpoint {
    /// Takes in a step that has ended well.
    pub(in crate::server) fn finished(&mut self, step: &StepFinished) {
        self.steps.push(step.clone());
    }

    /// The run has ended well, and so.
    pub(in crate::server) fn ended(&mut self, finish: FinishReason) {
        self.finish = Some(finish);
    }

    /// Whether the run has ended well: nothing is left to be done.
    pub(in crate::server) fn is_whole(&self) -> bool {
        self.finish.is_some()
    }

    /// The steps that are there.
    pub(in crate::server) fn steps(&self) -> impl Iterator<Item = StepName> {
        self.steps.iter().map(|step| step.step)
    }

    /// A plan in which what is there isn't done again.
    pub(in crate::server) fn plan(&self, direct: bool) -> Plan {
        let mut plan = Plan { direct, finish: self.finish, ..Plan::default() };
        for step in &self.steps {
            *plan.earlier.get_mut(step.step) = Some(Box::new(step.clone()));
        }
        plan
    }

    /// # Errors
    /// If it is too large, or nested so deeply that it couldn't be read again.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Unkeepable> {
        let finish = self.finish.map(|finish| finish.as_str().to_owned());
        let steps = self.steps.iter().map(StepRecord::of).collect();
        let bytes = serde_json::to_vec(&Record { version: VERSION, steps, finish })
            .map_err(|_| Unkeepable::Unreadable)?;
        if bytes.len() > MAX_BYTES {
            return Err(Unkeepable::TooLarge);
        }
        Self::from_bytes(&bytes).ok_or(Unkeepable::Unreadable)?;
        Ok(bytes)
    }

    /// `None` if that isn't what [`to_bytes`](Self::to_bytes) gives.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let record: Record = serde_json::from_slice(bytes).ok()?;
        let steps: Option<Vec<StepFinished>> = record.steps.into_iter().map(StepRecord::step).collect();
        let finish = match record.finish {
            Some(word) => Some(finish_reason(&word)?),
            None => None,
        };
        (record.version == VERSION).then_some(Self { steps: steps?, finish })
    }
}

fn finish_reason(word: &str) -> Option<FinishReason> {
    [FinishReason::Stop, FinishReason::Length, FinishReason::ContentFilter]
        .into_iter()
        .find(|reason| reason.as_str() == word)
}

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    steps: Vec<StepRecord>,
    finish: Option<String>,
}

/// A step without what it cost: whoever takes it over pays nothing for it.
#[derive(Serialize, Deserialize)]
struct StepRecord {
    step: String,
    model: String,
    reply: String,
    output: Map<String, Value>,
    verdict: String,
    attempts: u32,
    repairs: u32,
    elapsed_seconds: f64,
    request_ids: Vec<String>,
    stop_reason: Option<String>,
    tolerated: bool,
    degraded: bool,
}

impl StepRecord {
    fn of(finished: &StepFinished) -> Self {
        let StepFinished { step, output, reply, metadata } = finished;
        let output = match output.to_json() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self {
            step: step.as_str().to_owned(),
            model: metadata.model.clone(),
            reply: reply.clone(),
            output,
            verdict: metadata.verdict.as_str().to_owned(),
            attempts: metadata.attempts,
            repairs: metadata.repairs,
            elapsed_seconds: metadata.elapsed.as_secs_f64(),
            request_ids: metadata.request_ids.clone(),
            stop_reason: metadata.stop_reason.as_ref().map(|reason| reason.as_str().to_owned()),
            tolerated: metadata.tolerated,
            degraded: metadata.degraded,
        }
    }

    fn step(self) -> Option<StepFinished> {
        let step: StepName = self.step.parse().ok()?;
        let written = Value::Object(self.output.clone());
        let output = StepOutput::from_json(step, self.output).filter(|output| output.to_json() == written)?;
        let metadata = StepMetadata {
            model: self.model,
            attempts: self.attempts,
            repairs: self.repairs,
            elapsed: Duration::try_from_secs_f64(self.elapsed_seconds).ok()?,
            spend: Spend::default(),
            verdict: Decision::parse(&self.verdict)?,
            request_ids: self.request_ids,
            stop_reason: self.stop_reason.as_deref().map(StopReason::parse),
            tolerated: self.tolerated,
            degraded: self.degraded,
            workers: Vec::new(),
        };
        Some(StepFinished { step, output, reply: self.reply, metadata })
    }
}
