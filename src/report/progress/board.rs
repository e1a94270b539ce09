//! The picture of a run that the progress is drawn from: a fold over its events and their times.
//!
//! It knows no clock: times are passed in, from the run's start.

use std::time::Duration;

use super::note::{Note, Place};
use super::worker_view::WorkerView;
use crate::chain::{
    AttemptFailure, AttemptRecord, Decision, Event, PerStep, Spend, StepFinished, StepName, StepOutput,
    Verdict,
};

/// Where a run stands.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) steps: PerStep<StepView>,
}

/// Where a step stands, or a part of one.
#[derive(Debug, Clone)]
pub(super) struct StepView {
    pub(super) step: StepName,
    pub(super) model: String,
    pub(super) status: StepStatus,
    /// When it began and ended.
    pub(super) started: Duration,
    pub(super) ended: Option<Duration>,
    pub(super) activity: Activity,
    /// Those of its parts among them.
    pub(super) attempts: Vec<AttemptView>,
    /// Repairs begun.
    pub(super) repairs: u32,
    /// What its attempts have used so far.
    pub(super) spend: Spend,
    pub(super) confidence: Option<f64>,
    /// Whether the last reply was cut: then its own finding says all that there is to say of it.
    pub(super) was_cut: bool,
    /// Whether its output was made, after a warning, from a reply that couldn't be decoded.
    pub(super) was_used_in_spite: bool,
    pub(super) notes: Vec<Note>,
    /// Its parts that have begun, in order, if it is divided.
    pub(super) workers: Vec<WorkerView>,
    /// How many parts it has in all, if it is divided.
    pub(super) parts: usize,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepStatus {
    Waiting,
    Running,
    /// An earlier run has finished it.
    Reused,
    Ok,
    Warned,
    Failed,
    Interrupted,
}

/// What a running step is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Activity {
    /// Waiting for the model.
    Asking,
    /// Waiting for the model to put a reply right.
    Repairing { findings: String },
    /// Waiting before the next attempt, until that time.
    Pausing { until: Duration, reason: String },
    /// Passing on the final text.
    Writing,
}

/// One attempt, on the run's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttemptView {
    /// Which part it is for, and its number there.
    worker: Option<u32>,
    number: u32,
    pub(super) started: Duration,
    pub(super) ended: Option<Duration>,
    /// When the first content came.
    pub(super) content_from: Option<Duration>,
    /// How it ended, if it wasn't answered.
    pub(super) fault: Option<&'static str>,
    /// The upstream's id of its request, where it gave one.
    pub(super) request_id: Option<String>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self { steps: PerStep::from_fn(StepView::new) }
    }

    /// Takes in an event that happened `at` that time.
    pub(super) fn apply(&mut self, event: &Event, at: Duration) {
        for (place, note) in Note::of(event) {
            let view = self.steps.get_mut(place.step);
            match place.worker.and_then(|worker| view.worker(worker)) {
                Some(part) => part.view.take_note(note, at),
                None => view.take_note(note, at),
            }
        }
        match event {
            Event::StepStarted { step, model } => {
                let view = self.steps.get_mut(*step);
                view.model.clone_from(model);
                (view.status, view.started) = (StepStatus::Running, at);
            }
            Event::AttemptStarted { step, worker, attempt, repair, .. } => {
                let started = AttemptView::new(*worker, *attempt, at);
                let view = self.steps.get_mut(*step);
                view.start_attempt(started.clone(), *repair);
                if let Some(part) = worker.and_then(|worker| view.worker(worker)) {
                    part.view.start_attempt(started, *repair);
                }
            }
            Event::AttemptEnded(record) => {
                let view = self.steps.get_mut(record.step);
                view.end_attempt(record, at);
                if let Some(part) = record.worker.and_then(|worker| view.worker(worker)) {
                    part.view.end_attempt(record, at);
                }
            }
            Event::WorkerStarted { worker, title } => {
                let process = &mut self.steps.process;
                process.workers.push(WorkerView::new(*worker, title, &process.model, at));
                process.workers.sort_by_key(|worker| worker.number);
            }
            Event::WorkerEnded(metadata) => {
                if let Some(worker) = self.steps.process.worker(metadata.worker) {
                    worker.end(metadata, at);
                }
            }
            Event::OutputDelta { .. } => self.steps.synthesize.activity = Activity::Writing,
            Event::StepFinished(finished) => {
                if let StepOutput::Analyze(analysis) = &finished.output {
                    self.steps.process.parts = analysis.subtasks.len();
                }
                self.steps.get_mut(finished.step).finish(finished, at);
            }
            Event::StepReused(finished) => self.steps.get_mut(finished.step).reuse(finished, at),
            Event::RunFinished { outcome: Err(error), .. } => {
                self.steps.get_mut(error.step()).end(StepStatus::Failed, at);
            }
            Event::GateJudged { step, worker, verdict } => {
                let view = self.steps.get_mut(*step);
                match worker.and_then(|worker| view.worker(worker)) {
                    Some(part) => part.view.take_verdict(verdict),
                    None => view.take_verdict(verdict),
                }
            }
            Event::RunStarted { .. } | Event::RunFinished { outcome: Ok(_), .. } => {}
        }
    }

    /// Nothing more will happen: what is still running was interrupted.
    pub(super) fn close(&mut self, at: Duration) {
        for step in StepName::ALL {
            let view = self.steps.get_mut(step);
            if view.status == StepStatus::Running {
                view.end(StepStatus::Interrupted, at);
            }
        }
    }
}

impl StepView {
    pub(super) fn new(step: StepName) -> Self {
        Self {
            step,
            model: String::new(),
            status: StepStatus::Waiting,
            started: Duration::ZERO,
            ended: None,
            activity: Activity::Asking,
            attempts: Vec::new(),
            repairs: 0,
            spend: Spend::default(),
            confidence: None,
            was_cut: false,
            was_used_in_spite: false,
            notes: Vec::new(),
            workers: Vec::new(),
            parts: 0,
        }
    }

    /// How many of its parts have been written, and not left out.
    pub(super) fn parts_written(&self) -> usize {
        let is_written = |part: &&WorkerView| matches!(part.view.status, StepStatus::Ok | StepStatus::Warned);
        self.workers.iter().filter(is_written).count()
    }

    /// Whether it is written in parts.
    pub(super) fn is_divided(&self) -> bool {
        !self.workers.is_empty()
    }

    fn worker(&mut self, number: u32) -> Option<&mut WorkerView> {
        self.workers.iter_mut().find(|worker| worker.number == number)
    }

    /// From its start until its end, or until now.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        self.ended.unwrap_or(now).saturating_sub(self.started)
    }

    fn take_note(&mut self, note: Note, at: Duration) {
        match &note {
            Note::Retry { wait, reason } => {
                self.activity = Activity::Pausing { until: at + *wait, reason: reason.clone() };
            }
            Note::Repair { findings } => self.activity = Activity::Repairing { findings: findings.clone() },
            Note::Warning { .. } => {}
        }
        self.notes.push(note);
    }

    fn start_attempt(&mut self, attempt: AttemptView, repair: u32) {
        self.attempts.push(attempt);
        self.repairs = repair;
        let asked_to_repair = self.notes.iter().rev().find_map(|note| match note {
            Note::Repair { findings } => Some(findings.clone()),
            Note::Retry { .. } | Note::Warning { .. } => None,
        });
        self.activity = match asked_to_repair {
            Some(findings) if repair > 0 => Activity::Repairing { findings },
            _ => Activity::Asking,
        };
    }

    fn end_attempt(&mut self, record: &AttemptRecord, at: Duration) {
        self.spend.add_attempt(record);
        let is_it =
            |attempt: &&mut AttemptView| (attempt.worker, attempt.number) == (record.worker, record.attempt);
        if let Some(attempt) = self.attempts.iter_mut().rev().find(is_it) {
            attempt.ended = Some(at);
            attempt.request_id.clone_from(&record.request_id);
            attempt.content_from = record.first_content.map(|after| attempt.started + after);
            attempt.fault = record.failure.as_ref().map(|failure| match failure {
                AttemptFailure::Cancelled => "interrupted",
                AttemptFailure::Call(_) | AttemptFailure::Silence { .. } | AttemptFailure::TimedOut(_) => {
                    "failed"
                }
            });
        }
    }

    fn take_verdict(&mut self, verdict: &Verdict) {
        self.was_cut = verdict.findings.iter().any(|finding| matches!(finding.rule, "cut" | "cut-by-caller"));
    }

    fn reuse(&mut self, finished: &StepFinished, at: Duration) {
        self.model.clone_from(&finished.metadata.model);
        self.confidence = finished.output.confidence();
        self.end(StepStatus::Reused, at);
    }

    fn finish(&mut self, finished: &StepFinished, at: Duration) {
        self.confidence = finished.output.confidence();
        self.repairs = finished.metadata.repairs;
        let warned = finished.metadata.verdict == Decision::Warn;
        // Of a divided step, its part says so.
        let may_say = !self.was_cut && !self.is_divided();
        self.was_used_in_spite = warned && finished.metadata.degraded && may_say;
        self.end(if warned { StepStatus::Warned } else { StepStatus::Ok }, at);
    }

    pub(super) fn end(&mut self, status: StepStatus, at: Duration) {
        if self.status == StepStatus::Waiting {
            // Refused before it began.
            self.started = at;
        }
        (self.status, self.ended) = (status, Some(at));
        let fault = if status == StepStatus::Interrupted { "interrupted" } else { "failed" };
        for cut_off in self.attempts.iter_mut().filter(|attempt| attempt.ended.is_none()) {
            (cut_off.ended, cut_off.fault) = (Some(at), Some(fault));
            self.spend.uncounted_attempts += 1;
        }
        // Whatever ends the step, its parts that are still being written are cut off.
        for worker in self.workers.iter_mut().filter(|worker| worker.view.status == StepStatus::Running) {
            worker.view.end(StepStatus::Interrupted, at);
        }
    }
}

impl AttemptView {
    /// `process part 2 attempt 1`.
    pub(super) fn name(&self, step: StepName) -> String {
        format!("{} attempt {}", Place { step, worker: self.worker }, self.number)
    }

    fn new(worker: Option<u32>, number: u32, started: Duration) -> Self {
        Self { worker, number, started, ended: None, content_from: None, fault: None, request_id: None }
    }
}
