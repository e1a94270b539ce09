//! One event on a line of its own, as it happens.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::run_report::finish_reason;
use super::{
    DecisionWord, ErrorReport, FailureKind, FindingReport, FinishWord, RunStatus, SpendReport,
    StepOutputReport, StepWord, WIRE_VERSION, seconds,
};
use crate::chain::{AttemptFailure, AttemptRecord, Event, PerStep, StepFinished, Summary, Verdict};
use crate::model::StopReason;

/// Something that happened in a run. The first is `run_started`, the last is `run_finished`, once,
/// also where the run failed or was interrupted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Event of a run")]
pub struct EventLine<'a> {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// When, in seconds from the run's start.
    pub seconds: f64,
    /// What.
    #[serde(flatten)]
    pub(in crate::report) body: EventBody<'a>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(in crate::report) enum EventBody<'a> {
    /// The run has begun.
    RunStarted(RunStartedLine<'a>),
    /// A step has begun.
    StepStarted {
        /// The step.
        step: StepWord,
        /// Its model.
        model: &'a str,
    },
    /// A request is about to be sent.
    AttemptStarted {
        /// The step.
        step: StepWord,
        /// The attempt's number within the step, from 1.
        attempt: u32,
        /// 0 for the step's first call, then the number of the repair.
        repair: u32,
    },
    /// A request has been answered, or has failed.
    AttemptEnded(AttemptEndedLine<'a>),
    /// The next characters of the final text.
    OutputDelta {
        /// The characters.
        text: &'a str,
    },
    /// A gate has judged a reply.
    GateJudged {
        /// The step.
        step: StepWord,
        /// What it decided.
        verdict: DecisionWord,
        /// What it found.
        findings: Vec<FindingReport<'a>>,
    },
    /// A step has ended well.
    StepFinished(Box<StepFinishedLine<'a>>),
    /// The run has ended, or was interrupted.
    RunFinished(Box<RunFinishedLine>),
}

/// How a run began.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct RunStartedLine<'a> {
    /// Our id of the run, sent upstream with every call.
    request_id: &'a str,
    /// The model of each step.
    models: ModelsReport<'a>,
    /// The limit on the whole run.
    time_limit_seconds: f64,
    /// Whether the replies come from the built-in simulator instead of a model.
    simulated: bool,
}

/// The model of each step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
struct ModelsReport<'a> {
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
    /// The attempt's number within the step, from 1.
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
    /// Why the text ends where it does; `null` if the run didn't come to its end.
    finish_reason: Option<FinishWord>,
    /// Why it failed; `null` if it didn't.
    error: Option<ErrorReport>,
    /// What all attempts of all steps used and cost.
    #[serde(flatten)]
    spend: SpendReport,
}

impl<'a> EventLine<'a> {
    pub(in crate::report) fn new(at: Duration, body: EventBody<'a>) -> Self {
        Self { version: WIRE_VERSION, seconds: seconds(at), body }
    }
}

impl<'a> EventBody<'a> {
    /// The event on the wire; `None` for the run's end, which only a summary can tell in full.
    pub(in crate::report) fn of(event: &'a Event, simulated: bool) -> Option<Self> {
        Some(match event {
            Event::RunStarted { request_id, models, time_limit } => Self::RunStarted(RunStartedLine {
                request_id,
                models: models.into(),
                time_limit_seconds: seconds(*time_limit),
                simulated,
            }),
            Event::StepStarted { step, model } => Self::StepStarted { step: (*step).into(), model },
            Event::AttemptStarted { step, attempt, repair } => {
                Self::AttemptStarted { step: (*step).into(), attempt: *attempt, repair: *repair }
            }
            Event::AttemptEnded(record) => Self::AttemptEnded(record.into()),
            Event::OutputDelta { text } => Self::OutputDelta { text },
            Event::GateJudged { step, verdict: Verdict { decision, findings } } => Self::GateJudged {
                step: (*step).into(),
                verdict: (*decision).into(),
                findings: findings.iter().map(FindingReport::from).collect(),
            },
            Event::StepFinished(finished) => Self::StepFinished(Box::new(finished.as_ref().into())),
            Event::RunFinished { .. } => return None,
        })
    }
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
