//! What happens in a run, as it happens. Everything that shows, stores, counts or sends a run is a
//! reader of these events.
//!
//! Events aren't serialised: each boundary has wire types of its own, because those are promises.

use std::sync::Arc;
use std::time::Duration;

use super::{ChainError, Decision, PerStep, Spend, StepName, StepOutput, Verdict};
use crate::model::{AttemptUsage, CallError, Cost, ModelRequest, StopReason};
use crate::trace_context::TraceContext;

/// Something that happened in a run. The first is [`RunStarted`](Self::RunStarted); the last is
/// [`RunFinished`](Self::RunFinished), once.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run has begun.
    RunStarted {
        /// Our id of the run; it goes upstream with every call.
        request_id: String,
        /// The model of each step.
        models: PerStep<String>,
        /// The limit on the whole run.
        time_limit: Duration,
    },
    /// A step has begun.
    StepStarted {
        /// The step.
        step: StepName,
        /// Its model.
        model: String,
    },
    /// A request is about to be sent.
    AttemptStarted {
        /// The step.
        step: StepName,
        /// Which part of a divided step it is for, from 1.
        worker: Option<u32>,
        /// The attempt's number within the step, or within its part, from 1.
        attempt: u32,
        /// 0 for the step's first call, then the number of the repair.
        repair: u32,
        /// What is asked.
        request: Arc<ModelRequest>,
        /// The attempt's own place in a trace, if the run has one.
        trace: Option<TraceContext>,
    },
    /// A request has been answered, or has failed.
    AttemptEnded(Box<AttemptRecord>),
    /// The next characters of the final text.
    OutputDelta {
        /// The characters, decoded.
        text: String,
    },
    /// A gate has judged a reply.
    GateJudged {
        /// The step.
        step: StepName,
        /// Whose reply, if it is a part's, from 1.
        worker: Option<u32>,
        /// What was found, and what follows.
        verdict: Verdict,
    },
    /// A part of process has begun, which is divided.
    WorkerStarted {
        /// The part's number, from 1.
        worker: u32,
        /// Its title.
        title: String,
    },
    /// A part of process has ended by itself, well or not. One that is cut off with the whole step has none.
    WorkerEnded(Box<WorkerMetadata>),
    /// A step has ended well. The next begins when the reader has come back for more: what it has kept by
    /// then isn't paid for twice.
    StepFinished(Box<StepFinished>),
    /// A step isn't run, because an earlier run has finished it: what it returned, and how it went then.
    /// Nothing of that was spent by this run.
    StepReused(Box<StepFinished>),
    /// The run has ended.
    RunFinished {
        /// How.
        outcome: Result<FinishReason, ChainError>,
        /// How long it took.
        elapsed: Duration,
    },
}

/// How an attempt went.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// The step.
    pub step: StepName,
    /// Which part of a divided step it was for, from 1.
    pub worker: Option<u32>,
    /// The attempt's number within the step, or within its part, from 1.
    pub attempt: u32,
    /// The model asked for.
    pub model: String,
    /// Why it failed; `None` if it was answered, or as far as it was wanted: up to a stop text.
    pub failure: Option<AttemptFailure>,
    /// How long until it is tried again; `None` if it isn't.
    pub retry_in: Option<Duration>,
    /// From its start to its end.
    pub elapsed: Duration,
    /// From its start to the first content.
    pub first_content: Option<Duration>,
    /// What it used.
    pub usage: AttemptUsage,
    /// What the counted part of that cost; `None` if a price isn't known, or nothing was counted.
    pub cost: Option<Cost>,
    /// The output's share of it.
    pub output_cost: Option<Cost>,
    /// What the estimated part would cost; `None` if there is none, or no price is known.
    pub estimated_cost: Option<Cost>,
    /// The upstream's own id of the request.
    pub request_id: Option<String>,
    /// The upstream's id of the message that it answered with.
    pub response_id: Option<String>,
    /// The model that answered, as the upstream names it.
    pub response_model: Option<String>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AttemptFailure {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The upstream sent no content for too long.
    #[error("upstream sent no content for {}", super::limits::seconds(*limit))]
    Silence {
        /// How long was too long.
        limit: Duration,
    },
    /// A time limit was reached meanwhile.
    #[error("cut off by the {0}")]
    TimedOut(super::LimitReached),
    /// The run was dropped meanwhile.
    #[error("cancelled")]
    Cancelled,
}

impl AttemptFailure {
    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Call(error) => error.is_retryable(),
            Self::Silence { .. } => true,
            Self::TimedOut(_) | Self::Cancelled => false,
        }
    }

    /// The HTTP status that the upstream answered, or stands for.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Call(error) => error.status(),
            Self::Silence { .. } | Self::TimedOut(_) | Self::Cancelled => None,
        }
    }
}

/// What a step that has ended leaves behind.
#[derive(Debug, Clone)]
pub struct StepFinished {
    /// The step.
    pub step: StepName,
    /// What it returned.
    pub output: StepOutput,
    /// The model's reply as it came, the accepted one.
    pub reply: String,
    /// What is worth knowing about how it went.
    pub metadata: StepMetadata,
}

/// What is worth knowing about how a step went.
#[derive(Debug, Clone)]
pub struct StepMetadata {
    /// The model asked for.
    pub model: String,
    /// Requests sent, repairs included.
    pub attempts: u32,
    /// Calls beyond the first that were made to put a reply right.
    pub repairs: u32,
    /// From the step's start to its end.
    pub elapsed: Duration,
    /// What was used and what it cost, over all attempts.
    pub spend: Spend,
    /// What the last gate decided.
    pub verdict: Decision,
    /// The upstream's ids of the requests.
    pub request_ids: Vec<String>,
    /// Why the accepted reply stopped, be it by itself or at a stop text of the caller's; `None` if it never
    /// said.
    pub stop_reason: Option<StopReason>,
    /// Whether fences, prose or raw line breaks round the JSON had to be put up with.
    pub tolerated: bool,
    /// Whether the output was made from a reply that couldn't be decoded.
    pub degraded: bool,
    /// How its parts went, in order, where it was divided.
    pub workers: Vec<WorkerMetadata>,
}

/// What is worth knowing about how a part of a divided step went.
#[derive(Debug, Clone)]
pub struct WorkerMetadata {
    /// Its number, from 1.
    pub worker: u32,
    /// Its title.
    pub title: String,
    /// Requests sent, repairs included.
    pub attempts: u32,
    /// Calls beyond the first that were made to put a reply right.
    pub repairs: u32,
    /// From its start, when there was a place for it, to its end.
    pub elapsed: Duration,
    /// What was used and what it cost, over all attempts.
    pub spend: Spend,
    /// The upstream's ids of the requests.
    pub request_ids: Vec<String>,
    /// What the last gate decided; `None` if no reply was accepted.
    pub verdict: Option<Decision>,
    /// How sure the model is of it, where it said so.
    pub confidence: Option<f64>,
    /// Whether fences, prose or raw line breaks round the JSON had to be put up with.
    pub tolerated: bool,
    /// Whether the output was made from a reply that couldn't be decoded.
    pub degraded: bool,
    /// Why it was left out; `None` if it wasn't.
    pub failure: Option<ChainError>,
}

/// Why the final text ends where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// It is complete, or ends before a stop text.
    Stop,
    /// It was cut by a limit on its length.
    Length,
    /// The model declined to finish it.
    ContentFilter,
}

impl FinishReason {
    /// `stop`, `length`, `content_filter`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
        }
    }
}
