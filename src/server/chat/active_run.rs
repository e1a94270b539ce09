//! A run of which a client waits for the answer: it is logged as it goes, and however it ends.

use tokio::time::Instant;

use super::failure::is_paid_for;
use crate::chain::{Engine, Event, Run, RunInput, Summary};
use crate::error::{Error, ErrorCode};
use crate::server::api_error::ApiError;
use crate::server::layers::internal_error;
use crate::server::runs::RunPlace;
use crate::server::served_models::ServedModel;
use crate::telemetry::{RunEnd, RunLine, log_end, log_event};

/// A run of which a client waits for the answer. Dropped, the run is cancelled, and with it the call in
/// flight.
pub(super) struct ActiveRun {
    run: Option<Run>,
    summary: Summary,
    model: String,
    started: Instant,
    is_logged: bool,
    /// Free again when the run is over.
    place: Option<RunPlace>,
}

impl ActiveRun {
    pub(super) fn start(engine: &Engine, served: &ServedModel, input: RunInput, place: RunPlace) -> Self {
        let summary = Summary::new(&input.conversation);
        let run = engine.start(served.chain.clone(), input);
        Self {
            run: Some(run),
            summary,
            model: served.name.clone(),
            started: Instant::now(),
            is_logged: false,
            place: Some(place),
        }
    }

    /// The next event; `None` when there is no further. Cancel safe.
    pub(super) async fn next_event(&mut self) -> Option<Event> {
        let event = self.run.as_mut()?.next_event().await?;
        self.hear(&event);
        Some(event)
    }

    /// When the innermost limit that holds now is reached.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.run.as_ref().map(Run::deadline)
    }

    /// What it has come to so far.
    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Ends it at once, for that reason; returns the error as the client is to get it.
    pub(super) fn cut_off(&mut self, error: ApiError) -> ApiError {
        self.stop();
        self.log(RunEnd::Failed { error_code: error.code });
        let should_retry = is_paid_for(&self.summary).then_some(false).or(error.should_retry);
        ApiError { should_retry, ..error }
    }

    /// Drops the run, frees its place, and hears what is still to be told of it: whoever reads that can count
    /// on the place.
    fn stop(&mut self) {
        let last_events = self.run.take().map(Run::cancel).unwrap_or_default();
        drop(self.place.take());
        for event in &last_events {
            self.hear(event);
        }
    }

    fn hear(&mut self, event: &Event) {
        self.summary.apply(event);
        log_event(event);
        if let Event::RunFinished { outcome, .. } = event {
            self.log(match outcome {
                Ok(_) => RunEnd::Completed,
                Err(error) => RunEnd::Failed { error_code: Error::from(error).code.as_str() },
            });
        }
    }

    fn log(&mut self, end: RunEnd) {
        if !std::mem::replace(&mut self.is_logged, true) {
            let line = RunLine {
                subject: "Chat completion request",
                model: Some(&self.model),
                elapsed: Some(self.started.elapsed()),
            };
            log_end(&self.summary, line, end);
        }
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        // A client that took nothing until the time was over hasn't left.
        let is_late = self.deadline().is_some_and(|deadline| deadline <= Instant::now());
        self.stop();
        self.log(if std::thread::panicking() {
            RunEnd::Failed { error_code: internal_error().code }
        } else if is_late {
            RunEnd::Failed { error_code: ErrorCode::Timeout.as_str() }
        } else {
            RunEnd::Cancelled
        });
    }
}
