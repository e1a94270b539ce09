//! What deserves a line of its own beside a step's: retries, repairs, and what gates let pass.
//!
//! How a run failed isn't a note: that is for whoever reports the error.

use std::fmt;
use std::time::Duration;

use crate::chain::{Decision, Event, Finding, StepName};
use crate::report::amounts::time;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// What a note is about: a step, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) step: StepName,
    pub(super) worker: Option<u32>,
}

/// Something worth saying about a step, on one line, safe for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// An attempt failed, and another follows.
    Retry { wait: Duration, reason: String },
    /// The gate had the step asked to put its reply right.
    Repair { findings: String },
    /// The gate let the reply pass in spite of this.
    Warning { finding: String },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.worker {
            None => self.step.fmt(f),
            Some(worker) => write!(f, "{} part {worker}", self.step),
        }
    }
}

impl Note {
    /// What an event gives occasion to say.
    pub(super) fn of(event: &Event) -> Vec<(Place, Self)> {
        match event {
            Event::AttemptEnded(record) => {
                let (Some(failure), Some(wait)) = (&record.failure, record.retry_in) else {
                    return Vec::new();
                };
                let place = Place { step: record.step, worker: record.worker };
                vec![(place, Self::Retry { wait, reason: one_line(&failure.to_string()) })]
            }
            Event::GateJudged { step, worker, verdict } => {
                let place = Place { step: *step, worker: *worker };
                match verdict.decision {
                    Decision::Repair => vec![(place, Self::Repair { findings: joined(&verdict.findings) })],
                    Decision::Pass | Decision::Warn => {
                        verdict.findings.iter().map(|finding| (place, Self::warning(finding))).collect()
                    }
                    Decision::Reject => Vec::new(),
                }
            }
            Event::RunStarted { .. }
            | Event::StepStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::WorkerStarted { .. }
            | Event::WorkerEnded(_)
            | Event::OutputDelta { .. }
            | Event::StepFinished(_)
            | Event::StepReused(_)
            | Event::RunFinished { .. } => Vec::new(),
        }
    }

    /// The sign of its line, on a terminal.
    pub(super) fn sign(&self, look: Look) -> String {
        match self {
            Self::Retry { .. } | Self::Repair { .. } => look.caution("↻"),
            Self::Warning { .. } => look.caution("!"),
        }
    }

    /// What it is about: `retrying in 2.0s`.
    pub(super) fn topic(&self) -> String {
        match self {
            Self::Retry { wait, .. } => retrying(*wait),
            Self::Repair { .. } => "repairing".to_owned(),
            Self::Warning { .. } => "warning".to_owned(),
        }
    }

    /// What there is to say about it.
    pub(super) fn detail(&self) -> &str {
        match self {
            Self::Retry { reason: detail, .. }
            | Self::Repair { findings: detail }
            | Self::Warning { finding: detail } => detail,
        }
    }

    fn warning(finding: &Finding) -> Self {
        Self::Warning { finding: one_line(&finding.message) }
    }
}

/// `retrying in 2.0s`.
pub(super) fn retrying(wait: Duration) -> String {
    if wait.is_zero() { "retrying at once".to_owned() } else { format!("retrying in {}", time(wait)) }
}

fn joined(findings: &[Finding]) -> String {
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| one_line(&finding.message))
        .collect();
    errors.join("; ")
}
