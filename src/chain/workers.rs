//! The second step, divided: a call for each part of the answer, several at the same time, joined in order.
//!
//! Each part has attempts, repairs and a gate of its own; the deadline, the breaker and the budget are
//! shared. All of it happens in the run's own task, so that dropping the run drops every call in flight.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::candidate::Settled;
use super::environment::Environment;
use super::hold::Hold;
use super::joined::{Part, joined};
use super::limits::{Deadlines, Limit, LimitReached};
use super::step_run::{Accepted, StepRun};
use super::steps::{Analysis, Draft, Worker, WorkerInput};
use super::turn::Turn;
use super::{
    ChainError, Decision, Event, Finding, FinishReason, StepFinished, StepMetadata, StepName, Verdict,
    WorkerMetadata,
};

/// Process, divided into the analysis's parts.
pub(super) struct Workers<'a> {
    pub(super) env: Environment<'a>,
    /// The limits on all parts together. That on the step holds for each by itself, from when it is its turn:
    /// none is failed for having waited.
    pub(super) phase: Deadlines,
    pub(super) analysis: &'a Analysis,
    /// Places for calls beyond the run's own one; `None` if there is no limit on them.
    pub(super) places: Option<Arc<Semaphore>>,
}

/// What has become of a part.
struct Outcome {
    index: usize,
    /// Whether it failed through a fault of the upstream of which the breaker doesn't know yet.
    upstream_failed: bool,
    metadata: WorkerMetadata,
    result: Result<Draft, ChainError>,
}

impl Workers<'_> {
    pub(super) async fn execute(self) -> Result<Accepted<Draft>, ChainError> {
        let started = Instant::now();
        let (env, step) = (self.env, StepName::Process);
        env.link.set_deadline(self.phase.earliest());
        let model = env.config.workers.step.model.clone();
        env.events.emit(Event::StepStarted { step, model: model.clone() }).await;
        let outcomes = self.outcomes().await?;
        let parts = parts(&outcomes);
        self.warn_of_gaps(&outcomes).await;
        let left_out: Vec<&str> = titles_left_out(&outcomes).collect();
        let draft = joined(&parts, &left_out, &env.config.workers.step.fields);
        let metadata = metadata(model, started.elapsed(), outcomes);
        let reply = draft.to_json().to_string();
        let finished = StepFinished { step, output: draft.clone().into(), reply, metadata };
        env.events.emit_and_wait(Event::StepFinished(Box::new(finished))).await;
        Ok(Accepted { output: draft, finish: FinishReason::Stop })
    }

    /// What becomes of each part, in order; an error if so much has failed that the step has.
    async fn outcomes(&self) -> Result<Vec<Outcome>, ChainError> {
        let all = self.analysis.subtasks.len();
        let max = usize::try_from(self.env.config.workers.max).unwrap_or(usize::MAX);
        let (turns, own_place, hold) = (Semaphore::new(max), Arc::new(Semaphore::new(1)), Hold::default());
        let mut under_way: FuturesUnordered<_> =
            (0..all).map(|index| self.write(index, &turns, &own_place, &hold)).collect();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(all);
        let mut first_error = None;
        while let Some(outcome) = under_way.next().await {
            if let Err(error) = &outcome.result {
                let WorkerMetadata { worker, title, .. } = &outcome.metadata;
                let of_part = || ChainError::Part {
                    worker: *worker,
                    title: title.clone(),
                    error: Box::new(error.clone()),
                };
                let error = first_error.get_or_insert_with(of_part);
                let failed = 1 + outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
                // What can't succeed any more isn't paid for: the others are dropped.
                if self.env.config.gates.strict || is_fatal(&outcome.result) || failed > all / 2 {
                    let error = error.clone();
                    drop(under_way);
                    self.settle_breaker(&outcome);
                    for record in self.env.link.take_dropped() {
                        self.env.events.emit(Event::AttemptEnded(Box::new(record))).await;
                    }
                    return Err(error);
                }
            }
            outcomes.push(outcome);
        }
        outcomes.sort_by_key(|outcome| outcome.index);
        Ok(outcomes)
    }

    /// The step has failed with that part: to the breaker all of its parts are one call.
    fn settle_breaker(&self, last: &Outcome) {
        let breaker = self.env.breaker(&self.env.config.workers.step.model);
        if let (true, Ok(permit)) = (last.upstream_failed, breaker.admit()) {
            permit.fail();
        }
    }

    /// Writes one part, when it is its turn and there is a place for its call.
    async fn write(&self, index: usize, turns: &Semaphore, own: &Arc<Semaphore>, hold: &Hold) -> Outcome {
        // Fails only if the semaphore is closed, which nobody does.
        let _turn = turns.acquire().await;
        let _place = self.place(own).await;
        hold.pass(self.phase).await;
        let started = Instant::now();
        let worker = number(index);
        let title = self.analysis.subtasks.get(index).map(|part| part.title.clone()).unwrap_or_default();
        self.env.events.emit(Event::WorkerStarted { worker, title: title.clone() }).await;
        let turn = Turn::begin(worker, hold, self.phase, self.env.config.steps.process.timeout);
        let run = StepRun { env: self.env, deadlines: turn.deadlines(), turn: Some(turn) };
        let input = WorkerInput { analysis: self.analysis, part: index };
        let (settled, account) = run.part::<Worker>(&input).await;
        let upstream_failed = account.upstream_failed && settled.is_err();
        let mut metadata = WorkerMetadata {
            worker,
            title,
            attempts: account.attempts,
            repairs: 0,
            elapsed: started.elapsed(),
            spend: account.spend,
            request_ids: account.request_ids,
            verdict: None,
            confidence: None,
            tolerated: false,
            degraded: false,
            failure: None,
        };
        let result = settled.map(|Settled { output, judged, decision, repairs, .. }| {
            metadata.repairs = repairs;
            metadata.verdict = Some(decision);
            metadata.confidence = output.confidence;
            metadata.tolerated = judged.tolerated;
            metadata.degraded = judged.degraded;
            output
        });
        metadata.failure = result.as_ref().err().cloned();
        self.env.events.emit(Event::WorkerEnded(Box::new(metadata.clone()))).await;
        Outcome { index, upstream_failed, metadata, result }
    }

    /// The run's own place, or else another one. It is waited for: a run isn't failed for want of places.
    async fn place(&self, own: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        let own = Arc::clone(own).acquire_owned();
        let place = match &self.places {
            None => return None,
            Some(places) => {
                tokio::select! {
                    biased;
                    place = own => place,
                    place = Arc::clone(places).acquire_owned() => place,
                    // The attempt then finds that there is no time left.
                    () = tokio::time::sleep_until(self.phase.earliest()) => return None,
                }
            }
        };
        place.ok()
    }

    /// Says which parts the draft does without.
    async fn warn_of_gaps(&self, outcomes: &[Outcome]) {
        let left_out = outcomes.iter().filter_map(|outcome| {
            let error = outcome.result.as_ref().err()?;
            let WorkerMetadata { worker, title, .. } = &outcome.metadata;
            let message = format!("part {worker}, \"{title}\", was left out: {}", error.with_cause());
            Some((*worker, Finding::warning("part-left-out", message)))
        });
        for (worker, finding) in left_out {
            let verdict = Verdict { decision: Decision::Warn, findings: vec![finding], refusal: None };
            let judged = Event::GateJudged { step: StepName::Process, worker: Some(worker), verdict };
            self.env.events.emit(judged).await;
        }
    }
}

/// The parts that were written.
fn parts(outcomes: &[Outcome]) -> Vec<Part<'_>> {
    let written = outcomes.iter().filter_map(|outcome| {
        let title = outcome.metadata.title.as_str();
        Some(Part { title, draft: outcome.result.as_ref().ok()? })
    });
    written.collect()
}

fn titles_left_out(outcomes: &[Outcome]) -> impl Iterator<Item = &str> {
    let left_out = outcomes.iter().filter(|outcome| outcome.result.is_err());
    left_out.map(|outcome| outcome.metadata.title.as_str())
}

/// From 1, for people.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).map_or(u32::MAX, |index| index.saturating_add(1))
}

/// Whether nothing more is to be sent, whatever the other parts come to: for want of money, of time for the
/// step after this, or of a recording.
fn is_fatal(result: &Result<Draft, ChainError>) -> bool {
    let is_out_of_time = |reached: &LimitReached| matches!(reached.limit, Limit::Run);
    match result {
        Err(ChainError::OverBudget { .. } | ChainError::NotPaid { .. }) => true,
        Err(ChainError::TimedOut { reached, .. }) => is_out_of_time(reached),
        Err(error) => error.is_unrecorded(),
        Ok(_) => false,
    }
}

/// The step's, of those of its parts.
fn metadata(model: String, elapsed: Duration, outcomes: Vec<Outcome>) -> StepMetadata {
    let has_gaps = outcomes.iter().any(|outcome| outcome.result.is_err());
    let workers: Vec<WorkerMetadata> = outcomes.into_iter().map(|outcome| outcome.metadata).collect();
    let mut step = StepMetadata {
        model,
        attempts: 0,
        repairs: 0,
        elapsed,
        spend: super::Spend::default(),
        verdict: if has_gaps { Decision::Warn } else { Decision::Pass },
        request_ids: Vec::new(),
        // Each part's reply has one of its own.
        stop_reason: None,
        tolerated: false,
        degraded: false,
        workers: Vec::new(),
    };
    for worker in &workers {
        step.attempts += worker.attempts;
        step.repairs += worker.repairs;
        step.spend.add(&worker.spend);
        step.request_ids.extend(worker.request_ids.iter().cloned());
        step.tolerated |= worker.tolerated;
        step.degraded |= worker.degraded;
        if worker.verdict == Some(Decision::Warn) {
            step.verdict = Decision::Warn;
        }
    }
    step.workers = workers;
    step
}
