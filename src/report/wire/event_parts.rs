//! What the lines of an event stream hold beyond a few words: starts, ends and results.

use schemars::JsonSchema;
use serde::Serialize;

use super::run_report::finish_reason;
use super::{
    DecisionWord, ErrorReport, FailureKind, FinishWord, RunStatus, SpendReport, StepOutputReport, StepWord,
    seconds,
};
use crate::chain::{AttemptFailure, AttemptRecord, PerStep, StepFinished, Summary};
use crate::model::StopReason;

/// How a run began.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct RunStartedLine<'a> {
    /// Our id of the run, sent upstream with every call.
    pub(super) request_id: &'a str,
    /// The model of each step.
    pub(super) models: ModelsReport<'a>,
    /// The limit on the whole run.
    pub(super) time_limit_seconds: f64,
    /// Whether the replies come from the built-in simulator instead of a model.
    pub(super) simulated: bool,
    /// Whether the replies come from recordings, of whatever upstream, instead of a model that is asked.
    pub(super) replayed: bool,
}

/// The model of each step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct ModelsReport<'a> {
    /// Analyze's.
    analyze: &'a str,
    /// Process's.
    process: &'a str,
    /// Synthesize's.
    synthesize: &'a str,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct AttemptEndedLine<'a> {
    /// The step.
    step: StepWord,
    /// Which part of a divided step it was for, from 1; `null` for a whole step.
    worker: Option<u32>,
    /// The attempt's number within the step, or within its part, from 1.
    attempt: u32,
    /// Why it failed; `null` if it was answered.
    failure: Option<FailureReport>,
    /// How long until it is tried again; `null` if it isn't.
    retry_in_seconds: Option<f64>,
    /// From its start to its end.
    elapsed_seconds: f64,
    /// From its start to the first content; `null` if none came.
    first_content_seconds: Option<f64>,
    /// What it used and cost.
    #[serde(flatten)]
    spend: SpendReport,
    /// The upstream's id of the request; `null` if it gave none.
    request_id: Option<&'a str>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
struct FailureReport {
    /// In which way.
    kind: FailureKind,
    /// What happened, for people.
    message: String,
    /// The HTTP status that the upstream answered, or stands for; `null` if there was none.
    status: Option<u16>,
    /// Whether the same request may succeed a little later.
    retryable: bool,
}

/// How a step went that ended well.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct StepFinishedLine<'a> {
    /// The step.
    step: StepWord,
    /// Its model.
    model: &'a str,
    /// What its gate decided last.
    verdict: DecisionWord,
    /// Requests sent, repairs included.
    attempts: u32,
    /// Calls made to put a reply right.
    repairs: u32,
    /// From the step's start to its end.
    elapsed_seconds: f64,
    /// What its attempts used and cost.
    #[serde(flatten)]
    spend: SpendReport,
    /// The upstream's ids of the requests.
    request_ids: &'a [String],
    /// Why the accepted reply stopped, in the upstream's word; `null` if it never said.
    stop_reason: Option<&'a str>,
    /// Whether fences, prose or raw line breaks round the JSON had to be put up with.
    tolerated: bool,
    /// Whether the output was made from a reply that couldn't be decoded.
    degraded: bool,
    /// What the step returned.
    output: StepOutputReport<'a>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct RunFinishedLine {
    /// How.
    status: RunStatus,
    /// Why the text ends where it does; `null` if there is none.
    finish_reason: Option<FinishWord>,
    /// Why it failed; `null` if it didn't.
    error: Option<ErrorReport>,
    /// What all attempts of all steps used and cost.
    #[serde(flatten)]
    spend: SpendReport,
}

impl<'a> From<&'a PerStep<String>> for ModelsReport<'a> {
    fn from(models: &'a PerStep<String>) -> Self {
        Self { analyze: &models.analyze, process: &models.process, synthesize: &models.synthesize }
    }
}

impl<'a> From<&'a AttemptRecord> for AttemptEndedLine<'a> {
    fn from(record: &'a AttemptRecord) -> Self {
        Self {
            step: record.step.into(),
            worker: record.worker,
            attempt: record.attempt,
            failure: record.failure.as_ref().map(FailureReport::from),
            retry_in_seconds: record.retry_in.map(seconds),
            elapsed_seconds: seconds(record.elapsed),
            first_content_seconds: record.first_content.map(seconds),
            spend: record.into(),
            request_id: record.request_id.as_deref(),
        }
    }
}

impl From<&AttemptFailure> for FailureReport {
    fn from(failure: &AttemptFailure) -> Self {
        Self {
            kind: failure.into(),
            message: failure.to_string(),
            status: failure.status(),
            retryable: failure.is_retryable(),
        }
    }
}

impl<'a> From<&'a StepFinished> for StepFinishedLine<'a> {
    fn from(finished: &'a StepFinished) -> Self {
        let metadata = &finished.metadata;
        Self {
            step: finished.step.into(),
            model: &metadata.model,
            verdict: metadata.verdict.into(),
            attempts: metadata.attempts,
            repairs: metadata.repairs,
            elapsed_seconds: seconds(metadata.elapsed),
            spend: (&metadata.spend).into(),
            request_ids: &metadata.request_ids,
            stop_reason: metadata.stop_reason.as_ref().map(StopReason::as_str),
            tolerated: metadata.tolerated,
            degraded: metadata.degraded,
            output: (&finished.output).into(),
        }
    }
}

impl RunFinishedLine {
    pub(in crate::report) fn new(summary: &Summary, error: Option<ErrorReport>) -> Self {
        Self {
            status: RunStatus::from(summary),
            finish_reason: finish_reason(summary),
            error,
            spend: SpendReport::from(&summary.spend()),
        }
    }
}
