//! Why a run failed.

use std::time::Duration;

use thiserror::Error;

use super::limits::seconds;
use super::{AttemptFailure, Finding, LimitReached, PurseRefusal, StepName};
use crate::model::Cost;

/// Why a run failed.
#[derive(Debug, Clone, Error)]
pub enum ChainError {
    /// The upstream failed, after all attempts that the policy allows.
    #[error("{step} failed{}{}", attempts_made(*attempts), time_left(*wait_did_not_fit))]
    Upstream {
        /// The step.
        step: StepName,
        /// Requests sent in the call that failed.
        attempts: u32,
        /// How the last of them failed.
        #[source]
        failure: AttemptFailure,
        /// The wait that the upstream asked for before another attempt, if it named one.
        retry_after: Option<Duration>,
        /// Whether attempts were left, but the wait for the next, the upstream's or our own, didn't fit into the
        /// step's time.
        wait_did_not_fit: bool,
    },
    /// The upstream has failed so often that it isn't asked any more for a while.
    #[error("{step} was not sent: the circuit for {model} is open after repeated failures")]
    CircuitOpen {
        /// The step.
        step: StepName,
        /// The model whose circuit is open.
        model: String,
        /// How long until it is asked again.
        retry_after: Duration,
        /// How the last attempt of this call failed, if there was one.
        #[source]
        failure: Option<AttemptFailure>,
    },
    /// A time limit was reached.
    #[error("timed out in {step}: the {reached} was reached")]
    TimedOut {
        /// The step that was running.
        step: StepName,
        /// The limit.
        reached: LimitReached,
    },
    /// A gate rejected a step's reply.
    #[error("{step} was rejected by its gate: {}", joined(findings))]
    Rejected {
        /// The step.
        step: StepName,
        /// Why.
        findings: Vec<Finding>,
    },
    /// The model declined to answer.
    #[error("the model declined to answer in {step}{}", refusal_details(category.as_deref(), explanation.as_deref()))]
    Refused {
        /// The step.
        step: StepName,
        /// The upstream's category, where it names one.
        category: Option<String>,
        /// The upstream's explanation, where it gives one.
        explanation: Option<String>,
    },
    /// The input doesn't fit into the model's context.
    #[error(
        "{step}: the input is about {estimate} tokens; with {max_tokens} for the reply it exceeds the {context} of {model}"
    )]
    ContextExceeded {
        /// The step.
        step: StepName,
        /// Its model.
        model: String,
        /// Estimated tokens of the input.
        estimate: u64,
        /// Tokens kept for the reply.
        max_tokens: u32,
        /// The model's context, in tokens.
        context: u64,
    },
    /// The next call could cost more than is left of the budget.
    #[error("{step} was not sent: it could cost up to ${:.6}, and ${:.6} of ${:.6} are spent", worst_case.usd(), spent.usd(), max_cost.usd())]
    OverBudget {
        /// The step.
        step: StepName,
        /// What the call could cost at most: its estimated input and a reply of full length.
        worst_case: Cost,
        /// What has been spent, uncounted attempts at their worst case.
        spent: Cost,
        /// The cap.
        max_cost: Cost,
    },
    /// Whoever the run is for can't pay for the next call.
    #[error("{step} was not sent: {refusal}")]
    NotPaid {
        /// The step.
        step: StepName,
        /// Why.
        refusal: PurseRefusal,
    },
    /// There is a cap on the cost, but the model's price isn't known.
    #[error("the price of {model} isn't known, so a cost cap can't be kept")]
    UnknownPrice {
        /// The step.
        step: StepName,
        /// Its model.
        model: String,
    },
    /// A part of a divided step failed, and the step with it.
    #[error("part {worker}, \"{title}\": {error}")]
    Part {
        /// The part's number, from 1.
        worker: u32,
        /// Its title.
        title: String,
        /// Why it failed.
        error: Box<ChainError>,
    },
}

impl ChainError {
    /// The step that failed.
    #[must_use]
    pub fn step(&self) -> StepName {
        match self {
            Self::Upstream { step, .. }
            | Self::CircuitOpen { step, .. }
            | Self::TimedOut { step, .. }
            | Self::Rejected { step, .. }
            | Self::Refused { step, .. }
            | Self::ContextExceeded { step, .. }
            | Self::OverBudget { step, .. }
            | Self::NotPaid { step, .. }
            | Self::UnknownPrice { step, .. } => *step,
            Self::Part { error, .. } => error.step(),
        }
    }

    /// What failed, apart from in which part of its step.
    #[must_use]
    pub fn cause(&self) -> &Self {
        match self {
            Self::Part { error, .. } => error.cause(),
            own => own,
        }
    }

    /// Whether a request isn't among the recordings that are replayed: then the run isn't the one that was
    /// recorded, and nothing may make up for it.
    #[must_use]
    pub fn is_unrecorded(&self) -> bool {
        matches!(self.cause(), Self::Upstream { failure: AttemptFailure::Call(error), .. } if error.is_unrecorded())
    }

    /// How long to wait before trying again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause() {
            Self::Upstream { retry_after, .. } => *retry_after,
            Self::CircuitOpen { retry_after, .. } => Some(*retry_after),
            Self::NotPaid {
                refusal: PurseRefusal::Spent { more_in } | PurseRefusal::SetAside { more_in },
                ..
            } => Some(*more_in),
            _ => None,
        }
    }

    /// What it says, and why the upstream failed where that is the cause.
    #[must_use]
    pub fn with_cause(&self) -> String {
        match self.cause() {
            Self::Upstream { failure, .. } | Self::CircuitOpen { failure: Some(failure), .. } => {
                format!("{self}: {failure}")
            }
            _ => self.to_string(),
        }
    }

    /// The upstream's id of the request that failed, where it gave one.
    #[must_use]
    pub fn upstream_request_id(&self) -> Option<&str> {
        match self.cause() {
            Self::Upstream { failure: AttemptFailure::Call(error), .. } => error.request_id.as_deref(),
            _ => None,
        }
    }
}

fn attempts_made(attempts: u32) -> String {
    if attempts > 1 { format!(" after {attempts} attempts") } else { String::new() }
}

fn time_left(wait_did_not_fit: bool) -> &'static str {
    if wait_did_not_fit { ", and there is no time for another attempt" } else { "" }
}

fn joined(findings: &[Finding]) -> String {
    let errors: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| finding.message.as_str())
        .collect();
    errors.join("; ")
}

fn refusal_details(category: Option<&str>, explanation: Option<&str>) -> String {
    let mut details = category.map(|category| format!(" ({category})")).unwrap_or_default();
    if let Some(explanation) = explanation {
        details.push_str(": ");
        details.push_str(explanation);
    }
    details
}

/// A wait as people read it: whole seconds, rounded up.
#[must_use]
pub fn whole_seconds(wait: Duration) -> String {
    seconds(Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        for (millis, told) in [(0, "0s"), (1, "1s"), (1_000, "1s"), (1_001, "2s"), (59_999, "60s")] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), told);
        }
    }
}
