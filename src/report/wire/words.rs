//! The closed sets of words in the JSON, and the small objects made of them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::chain::{AttemptFailure, Decision, Finding, FinishReason, Severity, StepName, Summary};
use crate::model::CallErrorKind;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It came to its end.
    Ok,
    /// It failed.
    Failed,
    /// It was interrupted.
    Interrupted,
}

impl From<&Summary> for RunStatus {
    fn from(summary: &Summary) -> Self {
        match summary.outcome {
            Some(Ok(_)) => Self::Ok,
            Some(Err(_)) => Self::Failed,
            None => Self::Interrupted,
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Its gate passed.
    Ok,
    /// It wasn't run: an earlier run had finished it.
    Reused,
    /// Its gate found fault, and let it pass with a warning.
    Warned,
    /// The run failed in it.
    Failed,
    /// The run was interrupted in it.
    Interrupted,
    /// The run didn't come to it, or was to stop before.
    NotStarted,
}

/// A step of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepWord {
    /// Finds out what is asked for.
    Analyze,
    /// Drafts the answer.
    Process,
    /// Polishes the draft into the final text.
    Synthesize,
}

impl StepWord {
    /// The word itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::Process => "process",
            Self::Synthesize => "synthesize",
        }
    }
}

impl From<StepName> for StepWord {
    fn from(step: StepName) -> Self {
        match step {
            StepName::Analyze => Self::Analyze,
            StepName::Process => Self::Process,
            StepName::Synthesize => Self::Synthesize,
        }
    }
}

/// Why the final text ends where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FinishWord {
    /// It is complete.
    Stop,
    /// It was cut by a limit on its length.
    Length,
    /// The model declined to finish it.
    ContentFilter,
}

impl From<FinishReason> for FinishWord {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Stop,
            FinishReason::Length => Self::Length,
            FinishReason::ContentFilter => Self::ContentFilter,
        }
    }
}

/// What a gate decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// The chain goes on.
    Passed,
    /// The step is asked to put its reply right.
    Repair,
    /// The chain goes on in spite of what was found.
    Warned,
    /// The run fails.
    Rejected,
}

impl From<Decision> for DecisionWord {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Pass => Self::Passed,
            Decision::Repair => Self::Repair,
            Decision::Warn => Self::Warned,
            Decision::Reject => Self::Rejected,
        }
    }
}

/// Whether a gate fails for a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeverityWord {
    /// It doesn't.
    Warning,
    /// It does.
    Error,
}

/// Something a gate found about a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingReport<'a> {
    /// The rule, in kebab-case: stable, for programs. `docs/operations.md` lists them all.
    pub rule: &'a str,
    /// What was found, for people.
    pub message: &'a str,
    /// Whether the gate fails for it.
    pub severity: SeverityWord,
}

impl<'a> From<&'a Finding> for FindingReport<'a> {
    fn from(finding: &'a Finding) -> Self {
        let severity = match finding.severity {
            Severity::Warning => SeverityWord::Warning,
            Severity::Error => SeverityWord::Error,
        };
        Self { rule: finding.rule, message: &finding.message, severity }
    }
}

/// In which way an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection was made.
    Connect,
    /// The connection broke after the request had been sent.
    Interrupted,
    /// The upstream answered with an HTTP error.
    Status,
    /// The upstream sent an error within a reply that had begun.
    ErrorEvent,
    /// The reply ended without its closing event.
    Truncated,
    /// What came isn't the Messages API's protocol.
    Malformed,
    /// An event or the reply was larger than is accepted.
    TooLarge,
    /// Replies come from recordings, and there is none of the request.
    Unrecorded,
    /// The upstream sent no content for too long.
    Silence,
    /// A time limit was reached.
    TimedOut,
    /// The run was dropped.
    Cancelled,
}

impl From<&AttemptFailure> for FailureKind {
    fn from(failure: &AttemptFailure) -> Self {
        match failure {
            AttemptFailure::Silence { .. } => Self::Silence,
            AttemptFailure::TimedOut(_) => Self::TimedOut,
            AttemptFailure::Cancelled => Self::Cancelled,
            AttemptFailure::Call(error) => match error.kind {
                CallErrorKind::Connect { .. } => Self::Connect,
                CallErrorKind::Interrupted(_) => Self::Interrupted,
                CallErrorKind::Status { .. } => Self::Status,
                CallErrorKind::ErrorEvent { .. } => Self::ErrorEvent,
                CallErrorKind::Truncated => Self::Truncated,
                CallErrorKind::Malformed(_) => Self::Malformed,
                CallErrorKind::TooLarge { .. } | CallErrorKind::TooManyValues { .. } => Self::TooLarge,
                CallErrorKind::TimedOut { .. } => Self::TimedOut,
                CallErrorKind::Unrecorded(_) => Self::Unrecorded,
            },
        }
    }
}
