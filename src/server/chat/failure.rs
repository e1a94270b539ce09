//! Why a run failed, as clients are told of it: which status, in which words, and whether to try again.
//!
//! The words are our own. What the upstream said may hold anything, and stays in the log.

use std::time::Duration;

use axum::http::StatusCode;

use crate::chain::{
    AttemptFailure, ChainError, Limit, Phase, PurseRefusal, StepName, Summary, whole_seconds,
};
use crate::error::{Error, ErrorCode};
use crate::server::api_error::ApiError;
use crate::server::openai::StreamError;

/// How long to wait for an upstream that is overloaded and didn't say how long.
const OVERLOADED_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Why a run failed.
pub(super) struct Failure<'a> {
    error: &'a ChainError,
    code: ErrorCode,
    /// Whether a repeat would pay again for what has been paid for.
    is_lost: bool,
}

impl<'a> Failure<'a> {
    pub(super) fn of(error: &'a ChainError, is_lost: bool) -> Self {
        Self { error, code: Error::from(error).code, is_lost }
    }

    /// As the answer to a request of which nothing has been answered yet.
    pub(super) fn to_api_error(&self) -> ApiError {
        let (status, kind) = self.status();
        ApiError {
            retry_after: self.retry_after(status),
            should_retry: self.should_retry(),
            ..ApiError::new(status, kind, self.code.as_str(), self.message("Operation"))
        }
    }

    /// As the end of a stream that has begun.
    pub(super) fn to_stream_error(&self) -> StreamError {
        let step = self.error.step();
        let seconds = self.time_limit();
        let kind = if seconds.is_some() { "streaming_timeout_error" } else { self.status().1 };
        StreamError {
            message: self.message("Streaming operation"),
            kind,
            param: (),
            code: self.code.as_str(),
            step: Some(step.as_str()),
            phase: seconds.is_some().then(|| Phase::of(step).as_str()),
            timeout_seconds: seconds.map(|limit| limit.as_secs_f64()),
        }
    }

    /// The status, and the word for the kind of error that goes with it.
    fn status(&self) -> (StatusCode, &'static str) {
        match self.code {
            ErrorCode::ContextLengthExceeded | ErrorCode::MaxCostExceeded | ErrorCode::UnknownPrice => {
                (StatusCode::BAD_REQUEST, "invalid_request_error")
            }
            ErrorCode::GateRejected => (StatusCode::UNPROCESSABLE_ENTITY, "gate_error"),
            ErrorCode::Refusal => (StatusCode::UNPROCESSABLE_ENTITY, "refusal_error"),
            ErrorCode::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error"),
            ErrorCode::BudgetSpent | ErrorCode::BudgetReserved => {
                (StatusCode::TOO_MANY_REQUESTS, "budget_error")
            }
            ErrorCode::Overloaded | ErrorCode::CircuitOpen | ErrorCode::BudgetUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "server_error")
            }
            ErrorCode::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout_error"),
            ErrorCode::UpstreamError
            | ErrorCode::UpstreamCredentials
            | ErrorCode::ModelNotFound
            | ErrorCode::Recording => (StatusCode::BAD_GATEWAY, "server_error"),
            // The kinds of failure that no run has.
            ErrorCode::CheckFailed
            | ErrorCode::BatchFailed
            | ErrorCode::Usage
            | ErrorCode::EmptyPrompt
            | ErrorCode::Configuration
            | ErrorCode::PromptFile
            | ErrorCode::StateFile
            | ErrorCode::Internal
            | ErrorCode::Output
            | ErrorCode::Interrupted
            | ErrorCode::Terminated => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }

    fn retry_after(&self, status: StatusCode) -> Option<Duration> {
        match status {
            StatusCode::TOO_MANY_REQUESTS => self.error.retry_after(),
            StatusCode::SERVICE_UNAVAILABLE => {
                Some(self.error.retry_after().unwrap_or(OVERLOADED_RETRY_AFTER))
            }
            _ => None,
        }
    }

    /// `None` leaves it to the status.
    fn should_retry(&self) -> Option<bool> {
        let would_fail_again = match self.code {
            ErrorCode::UpstreamCredentials
            | ErrorCode::ModelNotFound
            | ErrorCode::Recording
            | ErrorCode::BudgetSpent => true,
            ErrorCode::UpstreamError => !matches!(
                self.error.cause(),
                ChainError::Upstream { failure, .. } if failure.is_retryable()
            ),
            _ => false,
        };
        (self.is_lost || would_fail_again).then_some(false)
    }

    /// The time limit that was reached, if one was.
    fn time_limit(&self) -> Option<Duration> {
        match self.error.cause() {
            ChainError::TimedOut { reached, .. } => Some(reached.after),
            ChainError::Upstream { failure: AttemptFailure::Silence { limit }, .. } => Some(*limit),
            _ => None,
        }
    }

    /// What happened. `operation` is what timed out, if that is what happened.
    fn message(&self, operation: &str) -> String {
        let step = self.error.step();
        match self.error.cause() {
            ChainError::TimedOut { reached, .. } => {
                let phase = Phase::of(step).as_str();
                let seconds = reached.after.as_secs_f64();
                let whose = match reached.limit {
                    Limit::Phase(_) => String::new(),
                    Limit::Step(step) => format!(" (the limit on {step})"),
                    Limit::Run => " (the limit on the whole run)".to_owned(),
                };
                format!("{operation} timed out during {phase} phase after {seconds}s{whose}")
            }
            ChainError::Upstream { failure: AttemptFailure::Silence { limit }, .. } => {
                let phase = Phase::of(step).as_str();
                let seconds = limit.as_secs_f64();
                format!("{operation} timed out during {phase} phase after {seconds}s of silence in {step}")
            }
            ChainError::Upstream { .. } => self.upstream_message(step),
            ChainError::CircuitOpen { retry_after, .. } => format!(
                "The model provider has failed repeatedly and isn't asked for the moment; try again in {}",
                whole_seconds(*retry_after)
            ),
            ChainError::Refused { .. } => format!("The model declined to answer in {step}"),
            ChainError::Part { .. }
            | ChainError::Rejected { .. }
            | ChainError::ContextExceeded { .. }
            | ChainError::OverBudget { .. }
            | ChainError::UnknownPrice { .. } => self.error.to_string(),
            ChainError::NotPaid { refusal, .. } => match refusal {
                PurseRefusal::Spent { .. } => {
                    "What you may spend in a day is spent, or the next call could cost more than is left of it; \
                     a new day begins at midnight UTC"
                        .to_owned()
                }
                PurseRefusal::TooDear { worst_case, limit } => format!(
                    "The next call could cost up to ${:.6}, which is more than the ${:.6} that you may spend in a \
                     whole day: waiting doesn't help. A larger budget does, or asking for less (max_tokens)",
                    worst_case.usd(),
                    limit.usd()
                ),
                PurseRefusal::SetAside { .. } => {
                    "What is left for you to spend today is set aside for requests under way. Try again when one of \
                     them has ended."
                        .to_owned()
                }
                PurseRefusal::Unavailable => {
                    "What you have spent can't be found out at the moment. Try again in a moment.".to_owned()
                }
            },
        }
    }

    fn upstream_message(&self, step: StepName) -> String {
        let again = |wait: Option<Duration>| {
            wait.map(|wait| format!("; try again in {}", whole_seconds(wait))).unwrap_or_default()
        };
        match self.code {
            ErrorCode::RateLimited => {
                format!("The model provider limits this server's rate{}", again(self.error.retry_after()))
            }
            ErrorCode::Overloaded => {
                format!("The model provider is overloaded{}", again(self.error.retry_after()))
            }
            ErrorCode::UpstreamCredentials => {
                "The model provider refused this server's credentials".to_owned()
            }
            ErrorCode::ModelNotFound => format!("The model provider doesn't know the model of {step}"),
            ErrorCode::Recording => format!("The request of {step} isn't among the recorded ones"),
            ErrorCode::ContextLengthExceeded => format!("The input is too long for the model of {step}"),
            _ if self.is_upstreams_failure() => {
                let no_time =
                    matches!(self.error.cause(), ChainError::Upstream { wait_did_not_fit: true, .. });
                let no_time = if no_time { ", and there was no time for another attempt" } else { "" };
                format!("The model provider failed in {step}{no_time}")
            }
            _ => format!("The model provider refused the request of {step}"),
        }
    }

    fn is_upstreams_failure(&self) -> bool {
        matches!(self.error.cause(), ChainError::Upstream { failure, .. }
            if failure.is_retryable() || failure.status().is_none_or(|status| status >= 500))
    }
}

/// Whether something of a run has been paid for: clients that try again would pay for it twice.
pub(super) fn is_paid_for(summary: &Summary) -> bool {
    let used = summary.spend().usage.output.is_some_and(|tokens| tokens > 0);
    let is_own = |step| !summary.reused.contains(&step);
    used || summary.state.step_metadata.iter().any(|(step, metadata)| metadata.is_some() && is_own(step))
}
