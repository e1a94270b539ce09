//! How a part of a divided step went, in the result object and on a line of the event stream.

use std::error::Error;

use schemars::JsonSchema;
use serde::Serialize;

use super::{DecisionWord, SpendReport, StepWord, seconds};
use crate::chain::{ChainError, StepName, WorkerMetadata};

/// The stable word for an error, from whoever knows the words.
pub type CodeOf = fn(&ChainError) -> &'static str;

/// How a part of a divided step went.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkerReport<'a> {
    /// The part's number, from 1.
    pub worker: u32,
    /// Its title, in the model's words.
    pub title: &'a str,
    /// What its gate decided last; `null` if no reply was accepted.
    pub verdict: Option<DecisionWord>,
    /// Why there is nothing of it in the draft; `null` if there is.
    pub error: Option<WorkerErrorReport>,
    /// Requests sent, repairs included.
    pub attempts: u32,
    /// Calls made to put a reply right.
    pub repairs: u32,
    /// From its start, when there was a place for it, to its end.
    pub elapsed_seconds: f64,
    /// How sure the model is of it, 0–1 unless the gate let another figure pass; `null` if it didn't say.
    pub confidence: Option<f64>,
    /// What its attempts used and cost: a share of what the step did.
    #[serde(flatten)]
    pub spend: SpendReport,
    /// The upstream's ids of the requests.
    pub request_ids: &'a [String],
    /// Whether fences, prose or raw line breaks round the JSON had to be put up with; `null` if no reply
    /// was accepted.
    pub tolerated: Option<bool>,
    /// Whether it was made from a reply that couldn't be decoded; `null` if no reply was accepted.
    pub degraded: Option<bool>,
}

/// Why a part was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkerErrorReport {
    /// What went wrong, in one stable word, for programs: as in an error object.
    pub code: &'static str,
    /// What went wrong, for people.
    pub message: String,
    /// What it was caused by, the nearest cause first.
    pub causes: Vec<String>,
}

/// How a part of a divided step ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(in crate::report) struct WorkerEndedLine<'a> {
    /// The step.
    step: StepWord,
    /// How it went.
    #[serde(flatten)]
    worker: WorkerReport<'a>,
}

impl<'a> WorkerReport<'a> {
    pub(super) fn new(metadata: &'a WorkerMetadata, code_of: CodeOf) -> Self {
        let is_accepted = metadata.verdict.is_some();
        Self {
            worker: metadata.worker,
            title: &metadata.title,
            verdict: metadata.verdict.map(DecisionWord::from),
            error: metadata.failure.as_ref().map(|error| WorkerErrorReport::new(error, code_of)),
            attempts: metadata.attempts,
            repairs: metadata.repairs,
            elapsed_seconds: seconds(metadata.elapsed),
            confidence: metadata.confidence,
            spend: SpendReport::from(&metadata.spend),
            request_ids: &metadata.request_ids,
            tolerated: is_accepted.then_some(metadata.tolerated),
            degraded: is_accepted.then_some(metadata.degraded),
        }
    }
}

impl WorkerErrorReport {
    fn new(error: &ChainError, code_of: CodeOf) -> Self {
        let causes = std::iter::successors(error.source(), |cause: &&dyn Error| (*cause).source());
        Self {
            code: code_of(error),
            message: error.to_string(),
            causes: causes.map(ToString::to_string).collect(),
        }
    }
}

impl<'a> WorkerEndedLine<'a> {
    pub(super) fn new(metadata: &'a WorkerMetadata, code_of: CodeOf) -> Self {
        Self { step: StepName::Process.into(), worker: WorkerReport::new(metadata, code_of) }
    }
}
