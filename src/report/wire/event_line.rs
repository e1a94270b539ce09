//! One event on a line of its own, as it happens.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::event_parts::{AttemptEndedLine, RunFinishedLine, RunStartedLine, StepFinishedLine};
use super::worker_report::WorkerEndedLine;
use super::{CodeOf, DecisionWord, FindingReport, StepOutputReport, StepWord, WIRE_VERSION, seconds};
use crate::chain::{Event, StepName, Verdict};
use crate::report::Replies;

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
        /// Which part of a divided step it is for, from 1; `null` for a whole step.
        worker: Option<u32>,
        /// The attempt's number within the step, or within its part, from 1.
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
        /// Which part's reply, of a divided step, from 1; `null` for a whole step.
        worker: Option<u32>,
        /// What it decided.
        verdict: DecisionWord,
        /// What it found.
        findings: Vec<FindingReport<'a>>,
    },
    /// A part of a divided step has begun.
    WorkerStarted {
        /// The step.
        step: StepWord,
        /// The part's number, from 1.
        worker: u32,
        /// Its title, in the model's words.
        title: &'a str,
    },
    /// A part of a divided step has ended by itself, well or not. One that is cut off with the whole step has
    /// no such line.
    WorkerEnded(Box<WorkerEndedLine<'a>>),
    /// A step has ended well.
    StepFinished(Box<StepFinishedLine<'a>>),
    /// A step isn't run, because an earlier run has finished it.
    StepReused {
        /// The step.
        step: StepWord,
        /// The model that was asked then.
        model: &'a str,
        /// What it returned.
        output: StepOutputReport<'a>,
    },
    /// The run has ended, or was interrupted.
    RunFinished(Box<RunFinishedLine>),
}

impl<'a> EventLine<'a> {
    pub(in crate::report) fn new(at: Duration, body: EventBody<'a>) -> Self {
        Self { version: WIRE_VERSION, seconds: seconds(at), body }
    }
}

impl<'a> EventBody<'a> {
    /// The event on the wire; `None` for the run's end, which only a summary can tell in full.
    pub(in crate::report) fn of(event: &'a Event, replies: Replies, code_of: CodeOf) -> Option<Self> {
        Some(match event {
            Event::RunStarted { request_id, models, time_limit } => Self::RunStarted(RunStartedLine {
                request_id,
                models: models.into(),
                time_limit_seconds: seconds(*time_limit),
                simulated: replies.are_simulated(),
                replayed: replies.are_replayed(),
            }),
            Event::StepStarted { step, model } => Self::StepStarted { step: (*step).into(), model },
            Event::AttemptStarted { step, worker, attempt, repair, .. } => Self::AttemptStarted {
                step: (*step).into(),
                worker: *worker,
                attempt: *attempt,
                repair: *repair,
            },
            Event::AttemptEnded(record) => Self::AttemptEnded(record.as_ref().into()),
            Event::OutputDelta { text } => Self::OutputDelta { text },
            Event::GateJudged { step, worker, verdict: Verdict { decision, findings, .. } } => {
                Self::GateJudged {
                    step: (*step).into(),
                    worker: *worker,
                    verdict: (*decision).into(),
                    findings: findings.iter().map(FindingReport::from).collect(),
                }
            }
            Event::StepFinished(finished) => Self::StepFinished(Box::new(finished.as_ref().into())),
            Event::StepReused(finished) => Self::StepReused {
                step: finished.step.into(),
                model: &finished.metadata.model,
                output: (&finished.output).into(),
            },
            Event::WorkerStarted { worker, title } => {
                Self::WorkerStarted { step: StepName::Process.into(), worker: *worker, title }
            }
            Event::WorkerEnded(metadata) => {
                Self::WorkerEnded(Box::new(WorkerEndedLine::new(metadata, code_of)))
            }
            Event::RunFinished { .. } => return None,
        })
    }
}
