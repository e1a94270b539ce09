//! A run in the metrics: a reader of the engine's events, like the log.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Metrics;
use super::calls::CallSeries;
use super::overhead::Overhead;
use super::run_error::RunError;
use super::runs::RunOutcome;
use super::step_label::StepLabel;
use super::steps::StepOutcome;
use crate::chain::{AttemptFailure, AttemptRecord, ChainError, Event, PerStep, StepName};

/// A run on its way into the metrics. It has to be told of the run's end by [`end`](Self::end).
#[derive(Debug)]
pub struct RunMetrics {
    metrics: Arc<Metrics>,
    is_streamed: bool,
    is_background_task: bool,
    /// What was spent on its request before it began, until its first text is there.
    until_text: Option<Duration>,
    started: Instant,
    /// The series of each step's model, once the run has said which that is.
    calls: Option<PerStep<CallSeries>>,
    /// Attempts of each step that have begun and not ended.
    open_attempts: PerStep<u32>,
    /// The step under way, and since when.
    step: Option<(StepName, Instant)>,
    overhead: Overhead,
}

impl RunMetrics {
    /// Of a run that begins now. `before` is what was spent on its request, by us, until now.
    #[must_use]
    pub fn begin(metrics: Arc<Metrics>, is_streamed: bool, before: Duration) -> Self {
        let overhead = Overhead::begin(metrics.chain.overheads.clone(), before);
        Self {
            metrics,
            is_streamed,
            is_background_task: false,
            until_text: is_streamed.then_some(before),
            started: Instant::now(),
            calls: None,
            open_attempts: PerStep::default(),
            step: None,
            overhead,
        }
    }

    /// The same of the one call for a chat UI's own request.
    #[must_use]
    pub fn of_background_task(self) -> Self {
        Self { is_background_task: true, ..self }
    }

    /// The next event, and when it happened, in the run's own time.
    pub fn hear(&mut self, event: &Event, at: Duration) {
        self.overhead.hear(event, at);
        if matches!(event, Event::OutputDelta { .. })
            && let Some(before) = self.until_text.take()
        {
            self.metrics.chain.first_text(before + at);
        }
        self.count(event);
    }

    fn count(&mut self, event: &Event) {
        match event {
            Event::RunStarted { models, .. } => {
                self.calls = Some(self.metrics.calls_of(models, |step| self.label(step)));
            }
            Event::StepStarted { step, .. } => self.step = Some((*step, Instant::now())),
            Event::AttemptStarted { step, .. } => *self.open_attempts.get_mut(*step) += 1,
            Event::AttemptEnded(record) => self.attempt_ended(record),
            Event::WorkerEnded(metadata) => {
                if let Some(error) = &metadata.failure {
                    self.refused_by_breaker(error);
                }
            }
            Event::StepFinished(finished) => {
                self.step = None;
                self.metrics.steps.ended(
                    self.label(finished.step),
                    StepOutcome::ok,
                    finished.metadata.elapsed,
                );
            }
            Event::RunFinished { outcome: Err(error), .. } => {
                // A part's own end has told of its refusal.
                if !matches!(error, ChainError::Part { .. }) {
                    self.refused_by_breaker(error);
                }
                self.end_step(StepOutcome::of_error(error));
            }
            Event::StepReused(finished) => self.metrics.checkpoints.reused(self.label(finished.step)),
            Event::GateJudged { step, verdict, .. } => {
                if verdict.refusal.is_some() {
                    self.metrics.steps.refused(self.label(*step));
                }
            }
            Event::RunFinished { outcome: Ok(_), .. }
            | Event::OutputDelta { .. }
            | Event::WorkerStarted { .. } => {}
        }
    }

    /// What was still to be told of a run that was cancelled, which took that long.
    pub fn hear_cancelled(&mut self, events: &[Event], took: Duration) {
        for event in events {
            self.count(event);
            if let Event::AttemptEnded(record) = event
                && record.failure == Some(AttemptFailure::Cancelled)
            {
                self.metrics.chain.cancelled(record, took);
            }
        }
    }

    /// All of the answer is on its way, that long after the run's end was heard of.
    pub fn answered(&mut self, after: Duration) {
        self.overhead.answered(after);
    }

    /// The run has ended, perhaps with an error.
    pub fn end(&mut self, outcome: RunOutcome, error: Option<RunError>) {
        if let Some(error) = error {
            self.metrics.chain.failed(error);
        }
        let of_step = match outcome {
            RunOutcome::timeout => StepOutcome::timeout,
            RunOutcome::cancelled | RunOutcome::shutdown => StepOutcome::cancelled,
            _ => StepOutcome::fatal,
        };
        self.end_step(of_step);
        let is_background_task = self.is_background_task;
        let label = |step| label_of(step, is_background_task);
        let calls = self.calls.iter().flat_map(PerStep::iter);
        for (step, series) in calls {
            for _ in 0..std::mem::take(self.open_attempts.get_mut(step)) {
                self.metrics.steps.attempted(label(step), StepOutcome::cancelled);
                series.was_lost();
            }
        }
        self.metrics.chain.ended(self.is_streamed, outcome, self.started.elapsed());
    }

    fn attempt_ended(&mut self, record: &AttemptRecord) {
        let open = self.open_attempts.get_mut(record.step);
        *open = open.saturating_sub(1);
        self.metrics
            .steps
            .attempted(self.label(record.step), StepOutcome::of_attempt(record.failure.as_ref()));
        if let Some(calls) = &self.calls {
            calls.get(record.step).ended(record);
        }
    }

    fn refused_by_breaker(&self, error: &ChainError) {
        if let ChainError::CircuitOpen { step, .. } = error {
            self.metrics.steps.attempted(self.label(*step), StepOutcome::breaker_open);
        }
    }

    /// The step under way, if there is one, has ended without a result.
    fn end_step(&mut self, outcome: StepOutcome) {
        if let Some((step, since)) = self.step.take() {
            self.metrics.steps.ended(self.label(step), outcome, since.elapsed());
        }
    }

    fn label(&self, step: StepName) -> StepLabel {
        label_of(step, self.is_background_task)
    }
}

fn label_of(step: StepName, is_background_task: bool) -> StepLabel {
    if is_background_task { StepLabel::background_task } else { step.into() }
}
