//! A run of which a client waits for the answer: it is logged and counted as it goes, and however it ends.

use std::time::Duration;

use tokio::time::Instant;

use super::failure::{Failure, is_paid_for};
use super::kept_run::{KeptRun, Repeat, RunParts};
use crate::chain::{ChainError, Delivery, Event, RunInput, Summary};
use crate::error::{Error, ErrorCode};
use crate::server::api_error::ApiError;
use crate::server::app::App;
use crate::server::layers::internal_error;
use crate::server::lifecycle::Lifecycle;
use crate::server::runs::{RunPlace, shutting_down};
use crate::server::served_models::ServedModel;
use crate::telemetry::metrics::{RunError, RunMetrics, RunOutcome};
use crate::telemetry::traces::TracedCalls;
use crate::telemetry::{RunEnd, RunLine, RunTelemetry};

/// A run of which a client waits for the answer. Dropped, the run is cancelled, and with it the call in
/// flight.
pub(super) struct ActiveRun {
    run: Option<KeptRun>,
    /// Whether a repeat needn't pay again for what has finished.
    is_kept: bool,
    summary: Summary,
    model: String,
    started: Instant,
    /// Whether its end has been logged and counted.
    is_told: bool,
    /// When its last event was heard.
    ended_at: Option<Instant>,
    metrics: RunMetrics,
    telemetry: RunTelemetry,
    /// Free again when the run is over.
    place: Option<RunPlace>,
    lifecycle: Lifecycle,
}

/// What a run begins with.
pub(super) struct Beginning<'a> {
    pub(super) served: &'a ServedModel,
    pub(super) input: RunInput,
    pub(super) place: RunPlace,
    /// How it stands to earlier ones.
    pub(super) repeat: Repeat,
    /// What was spent on its request until now, by us.
    pub(super) spent: Duration,
}

/// Why a run is broken off.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    /// The server ends.
    Shutdown,
    /// There is a bug.
    Bug,
}

impl ActiveRun {
    pub(super) fn start(app: &App, beginning: Beginning<'_>) -> Self {
        let Beginning { served, mut input, place, repeat, spent } = beginning;
        let calls = if input.plan.direct { TracedCalls::AsIs } else { TracedCalls::Own };
        let (telemetry, trace) = app.traced(served, input.trace.take(), calls);
        input.trace = trace;
        let summary = Summary::new(&input.conversation);
        let metrics = RunMetrics::begin(app.metrics.clone(), input.delivery == Delivery::Live, spent);
        let metrics = if input.plan.direct { metrics.of_background_task() } else { metrics };
        let parts = RunParts { engine: app.engine.clone(), chain: served.chain.clone(), input };
        let run = KeptRun::start(parts, repeat);
        Self {
            is_kept: run.is_kept(),
            run: Some(run),
            summary,
            model: served.name.clone(),
            started: Instant::now(),
            is_told: false,
            ended_at: None,
            metrics,
            telemetry,
            place: Some(place),
            lifecycle: app.lifecycle.clone(),
        }
    }

    /// The next event; `None` when there is no further. Cancel safe.
    pub(super) async fn next_event(&mut self) -> Option<Event> {
        let run = self.run.as_mut()?;
        let event = run.next_event().await?;
        self.is_kept = run.is_kept();
        self.metrics.hear(&event, run.told_at());
        self.hear(&event);
        Some(event)
    }

    /// All of the answer has been made.
    pub(super) fn answered(&mut self) {
        if let Some(ended_at) = self.ended_at {
            self.metrics.answered(ended_at.elapsed());
        }
    }

    /// Whether the server breaks off what still runs.
    pub(super) fn is_cut_off(&self) -> bool {
        self.lifecycle.is_cut()
    }

    /// When the innermost limit that holds now is reached.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.run.as_ref().and_then(KeptRun::deadline)
    }

    /// What it has come to so far.
    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Why it failed, for its client.
    pub(super) fn failure<'a>(&self, error: &'a ChainError) -> Failure<'a> {
        Failure::of(error, is_paid_for(&self.summary) && !self.is_kept)
    }

    /// Ends it at once, for that reason; returns the error as the client is to get it.
    pub(super) fn cut_off(&mut self, cut: Cut) -> ApiError {
        self.stop();
        let (error, code, outcome) = match cut {
            Cut::Shutdown => (shutting_down(), RunError::shutting_down, RunOutcome::shutdown),
            Cut::Bug => (internal_error(), RunError::internal_error, RunOutcome::internal),
        };
        self.tell(RunEnd::Failed { error_code: error.code }, outcome, Some(code));
        let is_lost = is_paid_for(&self.summary) && !self.is_kept;
        let should_retry = is_lost.then_some(false).or(error.should_retry);
        ApiError { should_retry, ..error }
    }

    /// Drops the run, frees its place, and hears what is still to be told of it: whoever reads that can count
    /// on the place.
    fn stop(&mut self) {
        let began = Instant::now();
        let last_events = self.run.take().map(KeptRun::cancel).unwrap_or_default();
        self.metrics.hear_cancelled(&last_events, began.elapsed());
        drop(self.place.take());
        for event in &last_events {
            self.hear(event);
        }
    }

    fn hear(&mut self, event: &Event) {
        self.summary.apply(event);
        self.telemetry.hear(event);
        if let Event::RunFinished { outcome, .. } = event {
            self.ended_at = Some(Instant::now());
            match outcome {
                Ok(_) => self.tell(RunEnd::Completed, RunOutcome::ok, None),
                Err(error) => {
                    let code = Error::from(error).code;
                    let end = RunEnd::Failed { error_code: code.as_str() };
                    self.tell(end, RunOutcome::of_error(error), Some(run_error(code)));
                }
            }
        }
    }

    /// Logs and counts its end, once.
    fn tell(&mut self, end: RunEnd, outcome: RunOutcome, error: Option<RunError>) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.metrics.end(outcome, error);
            let line = RunLine {
                subject: "Chat completion request",
                model: Some(&self.model),
                elapsed: Some(self.started.elapsed()),
            };
            self.telemetry.end(&self.summary, line, end);
        }
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        // A client that took nothing until the time was over hasn't left.
        let is_late = self.deadline().is_some_and(|deadline| deadline <= Instant::now());
        self.stop();
        let failed = |error_code| RunEnd::Failed { error_code };
        if std::thread::panicking() {
            let error = Some(RunError::internal_error);
            self.tell(failed(internal_error().code), RunOutcome::internal, error);
        } else if is_late {
            let error = Some(RunError::timeout);
            self.tell(failed(ErrorCode::Timeout.as_str()), RunOutcome::timeout, error);
        } else if self.lifecycle.is_cut() {
            // Its client is there, and had no time to hear of it.
            let error = Some(RunError::shutting_down);
            self.tell(failed(shutting_down().code), RunOutcome::shutdown, error);
        } else {
            self.tell(RunEnd::Cancelled, RunOutcome::cancelled, None);
        }
    }
}

/// A failure's kind as it is counted: under the same word.
fn run_error(code: ErrorCode) -> RunError {
    match code {
        ErrorCode::ContextLengthExceeded => RunError::context_length_exceeded,
        ErrorCode::MaxCostExceeded => RunError::max_cost_exceeded,
        ErrorCode::BudgetSpent => RunError::budget_spent,
        ErrorCode::BudgetReserved => RunError::budget_reserved,
        ErrorCode::BudgetUnavailable => RunError::budget_unavailable,
        ErrorCode::UnknownPrice => RunError::unknown_price,
        ErrorCode::GateRejected => RunError::gate_rejected,
        ErrorCode::Refusal => RunError::refusal,
        ErrorCode::Timeout => RunError::timeout,
        ErrorCode::RateLimited => RunError::rate_limited,
        ErrorCode::Overloaded => RunError::overloaded,
        ErrorCode::CircuitOpen => RunError::circuit_open,
        ErrorCode::UpstreamError => RunError::upstream_error,
        ErrorCode::UpstreamCredentials => RunError::upstream_credentials,
        ErrorCode::ModelNotFound => RunError::model_not_found,
        ErrorCode::Recording => RunError::recording,
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
        | ErrorCode::Terminated => RunError::internal_error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_counted_under_the_word_that_its_client_is_told() {
        let mut counted = 0;
        for code in ErrorCode::ALL {
            let error = run_error(code);
            if error != RunError::internal_error {
                assert_eq!(format!("{error:?}"), code.as_str());
                counted += 1;
            }
        }
        // All but those of a server that ends, and of a bug.
        assert_eq!(counted, RunError::ALL.len() - 2);
    }
}
