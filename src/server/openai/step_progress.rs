//! How a step is getting on: our own addition to chunks, for clients that ask for it by
//! `stream_options.include_steps`.

use serde::Serialize;
use utoipa::ToSchema;

/// How a step, or a part of one that is written in several at the same time, is getting on. What isn't known
/// is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StepProgress {
    /// `analyze`, `process` or `synthesize`.
    pub step: &'static str,
    /// Which of its parts this is about, from 1; `null` if it is about the whole step, whose figures hold
    /// those of its parts.
    pub worker: Option<u32>,
    /// The part's title.
    pub title: Option<String>,
    /// What has happened.
    pub state: StepState,
    /// The model that the step calls.
    pub model: String,
    /// Requests sent so far, of the step or of the part.
    pub attempt: u32,
    /// How long the step, the part or the attempt that failed took.
    pub seconds: Option<f64>,
    /// What was counted of the step or of the part.
    pub tokens: StepTokens,
    /// What that cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// How long until the next attempt.
    pub retry_in_seconds: Option<f64>,
}

/// What has happened to a step or to a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// It has begun.
    Started,
    /// An attempt has failed, and another is to come.
    Retrying,
    /// It has ended well.
    Finished,
    /// It wasn't run: an earlier request with the same `Idempotency-Key` had finished it.
    Reused,
    /// A part has failed: the draft does without it, or the run fails.
    Failed,
}

/// Tokens of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepTokens {
    /// Input, those read from a cache or written to one included.
    pub input: Option<u64>,
    /// Output.
    pub output: Option<u64>,
}
