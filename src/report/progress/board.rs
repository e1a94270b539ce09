//! The picture of a run that the progress is drawn from: a fold over its events and their times.
//!
//! It knows no clock: times are passed in, from the run's start.

use std::time::Duration;

use super::note::Note;
use crate::chain::{
    AttemptFailure, AttemptRecord, Decision, Event, PerStep, Spend, StepFinished, StepName, Verdict,
};

/// Where a run stands.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) steps: PerStep<StepView>,
}

/// Where a step stands.
#[derive(Debug, Clone)]
pub(super) struct StepView {
    pub(super) step: StepName,
    pub(super) model: String,
    pub(super) status: StepStatus,
    /// When it began and ended.
    pub(super) started: Duration,
    pub(super) ended: Option<Duration>,
    pub(super) activity: Activity,
    pub(super) attempts: Vec<AttemptView>,
    /// Repairs begun.
    pub(super) repairs: u32,
    /// What its attempts have used so far.
    pub(super) spend: Spend,
    pub(super) confidence: Option<f64>,
    /// Whether the last reply was cut: then its own finding says all that there is to say of it.
    was_cut: bool,
    /// Whether its output was made, after a warning, from a reply that couldn't be decoded.
    pub(super) was_used_in_spite: bool,
    pub(super) notes: Vec<Note>,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepStatus {
    Waiting,
    Running,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AttemptView {
    pub(super) started: Duration,
    pub(super) ended: Option<Duration>,
    /// When the first content came.
    pub(super) content_from: Option<Duration>,
    /// How it ended, if it wasn't answered.
    pub(super) fault: Option<&'static str>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self { steps: PerStep::from_fn(StepView::new) }
    }

    /// Takes in an event that happened `at` that time.
    pub(super) fn apply(&mut self, event: &Event, at: Duration) {
        for (step, note) in Note::of(event) {
            self.steps.get_mut(step).take_note(note, at);
        }
        match event {
            Event::StepStarted { step, model } => {
                let view = self.steps.get_mut(*step);
                view.model.clone_from(model);
                (view.status, view.started) = (StepStatus::Running, at);
            }
            Event::AttemptStarted { step, repair, .. } => {
                self.steps.get_mut(*step).start_attempt(*repair, at);
            }
            Event::AttemptEnded(record) => self.steps.get_mut(record.step).end_attempt(record, at),
            Event::OutputDelta { .. } => self.steps.synthesize.activity = Activity::Writing,
            Event::StepFinished(finished) => self.steps.get_mut(finished.step).finish(finished, at),
            Event::RunFinished { outcome: Err(error), .. } => {
                self.steps.get_mut(error.step()).end(StepStatus::Failed, at);
            }
            Event::GateJudged { step, verdict, .. } => self.steps.get_mut(*step).take_verdict(verdict),
            Event::RunStarted { .. }
            | Event::WorkerStarted { .. }
            | Event::WorkerEnded(_)
            | Event::RunFinished { outcome: Ok(_), .. } => {}
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
    fn new(step: StepName) -> Self {
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
        }
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

    fn start_attempt(&mut self, repair: u32, at: Duration) {
        self.attempts.push(AttemptView { started: at, ended: None, content_from: None, fault: None });
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
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.ended = Some(at);
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

    fn finish(&mut self, finished: &StepFinished, at: Duration) {
        self.confidence = finished.output.confidence();
        let warned = finished.metadata.verdict == Decision::Warn;
        self.was_used_in_spite = warned && finished.metadata.degraded && !self.was_cut;
        self.end(if warned { StepStatus::Warned } else { StepStatus::Ok }, at);
    }

    fn end(&mut self, status: StepStatus, at: Duration) {
        if self.status == StepStatus::Waiting {
            // Refused before it began.
            self.started = at;
        }
        (self.status, self.ended) = (status, Some(at));
        if let Some(cut_off) = self.attempts.last_mut().filter(|attempt| attempt.ended.is_none()) {
            let fault = if status == StepStatus::Interrupted { "interrupted" } else { "failed" };
            (cut_off.ended, cut_off.fault) = (Some(at), Some(fault));
            self.spend.uncounted_attempts += 1;
        }
    }
}
