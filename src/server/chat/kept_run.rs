//! A run of which the finished steps are kept as it goes, where its client has asked for that.
//!
//! It is driven like any run, by whoever reads its events. A repeat of a request that is under way begins by
//! waiting, within its own time. An event after which something is to be kept is handed on once it is, or can't be:
//! until then the next step doesn't begin.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use crate::chain::{
    ChainConfig, ChainError, Engine, Event, Limit, LimitReached, PerStep, Plan, Run, RunInput, StepName,
};
use crate::server::repeats::{Checkpoint, Checkpoints, Claim, Lease, Opened};
use crate::telemetry::metrics::CheckpointUse;

/// What a run begins with.
pub(super) struct RunParts {
    pub(super) engine: Engine,
    pub(super) chain: Arc<ChainConfig>,
    pub(super) input: RunInput,
}

/// How a request stands to its earlier ones.
pub(super) enum Repeat {
    /// It has no key, or nothing can be kept.
    No,
    /// What was kept is ours to go on from, and to add to.
    Ours(Checkpoints, Lease, Checkpoint),
    /// The same request is under way.
    UnderWay(Checkpoints, Claim),
}

/// A run of which the finished steps are kept.
pub(super) struct KeptRun {
    state: State,
    keeping: Option<Keeping>,
    /// An event that is held back until what it brought is kept.
    saving: Option<(BoxFuture<'static, bool>, Event)>,
    /// Events that are ready.
    ready: VecDeque<Event>,
}

enum State {
    Waiting(Box<Waiting>),
    Running(Box<Run>),
    Over,
}

/// The wait for the same request's end.
struct Waiting {
    parts: RunParts,
    checkpoints: Checkpoints,
    opening: BoxFuture<'static, Opened>,
    since: Instant,
}

/// What is kept.
struct Keeping {
    lease: Lease,
    checkpoint: Checkpoint,
    /// Whether the lease was ours, and the store took all that was to be kept.
    is_kept: bool,
}

impl KeptRun {
    pub(super) fn start(parts: RunParts, repeat: Repeat) -> Self {
        let since = Instant::now();
        match repeat {
            Repeat::No => Self::running(parts, since, None),
            Repeat::Ours(checkpoints, lease, checkpoint) => {
                Self::going_on(parts, since, &checkpoints, lease, checkpoint)
            }
            Repeat::UnderWay(checkpoints, claim) => {
                tracing::info!("The same request is under way, and is waited for");
                let opening = checkpoints.clone().open_when_free(claim).boxed();
                Self::of(State::Waiting(Box::new(Waiting { parts, checkpoints, opening, since })), None)
            }
        }
    }

    fn of(state: State, keeping: Option<Keeping>) -> Self {
        Self { state, keeping, saving: None, ready: VecDeque::new() }
    }

    fn running(parts: RunParts, since: Instant, keeping: Option<Keeping>) -> Self {
        let RunParts { engine, chain, input } = parts;
        Self::of(State::Running(Box::new(engine.start_since(since, chain, input))), keeping)
    }

    fn going_on(
        mut parts: RunParts,
        since: Instant,
        checkpoints: &Checkpoints,
        lease: Lease,
        checkpoint: Checkpoint,
    ) -> Self {
        checkpoints.used(match (checkpoint.is_whole(), checkpoint.steps().next()) {
            (true, _) => CheckpointUse::replayed,
            (false, Some(_)) => CheckpointUse::resumed,
            (false, None) => CheckpointUse::new,
        });
        let Plan { direct, .. } = parts.input.plan;
        parts.input.plan = checkpoint.plan(direct);
        Self::running(parts, since, Some(Keeping { lease, checkpoint, is_kept: true }))
    }

    /// The next event; `None` when there is no further. Cancel safe.
    pub(super) async fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some((saving, _)) = &mut self.saving {
                let is_kept = saving.await;
                let (_, event) = self.saving.take()?;
                if let Some(keeping) = &mut self.keeping {
                    keeping.is_kept = is_kept;
                }
                return Some(event);
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match &mut self.state {
                State::Over => return None,
                State::Waiting(waiting) => {
                    let opened = timeout_at(waiting.deadline(), &mut waiting.opening).await.ok();
                    self.waited(opened);
                }
                State::Running(run) => {
                    let event = run.next_event().await?;
                    match self.keeping.as_mut().and_then(|keeping| keeping.take_in(&event)) {
                        Some(saving) => self.saving = Some((saving, event)),
                        None => return Some(event),
                    }
                }
            }
        }
    }

    /// The wait is over; with nothing opened, because its time is. What was waited is a part of the run's time.
    fn waited(&mut self, opened: Option<Opened>) {
        let State::Waiting(waiting) = std::mem::replace(&mut self.state, State::Over) else { return };
        let Waiting { parts, checkpoints, since, .. } = *waiting;
        let waited = since.elapsed();
        tracing::info!(duration_ms = waited.as_secs_f64() * 1000.0, "The wait for the same request is over");
        *self = match opened {
            None => {
                checkpoints.used(CheckpointUse::timeout);
                self.ready.extend(timed_out(&parts, waited));
                return;
            }
            Some(Opened::Mine(lease, checkpoint)) => {
                Self::going_on(parts, since, &checkpoints, lease, checkpoint)
            }
            Some(Opened::Unavailable(error)) => {
                checkpoints.are_unavailable(&error);
                Self::running(parts, since, None)
            }
            // The store has dropped what was waited for, and another request has its place.
            Some(Opened::OtherBody | Opened::Busy) => {
                checkpoints.used(CheckpointUse::unavailable);
                Self::running(parts, since, None)
            }
        };
    }

    /// When its last event happened, in the run's own time.
    pub(super) fn told_at(&self) -> Duration {
        match &self.state {
            State::Running(run) => run.told_at(),
            State::Waiting(_) | State::Over => Duration::ZERO,
        }
    }

    /// When the innermost limit that holds now is reached.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Running(run) => Some(run.deadline()),
            State::Waiting(waiting) => Some(waiting.deadline()),
            State::Over => None,
        }
    }

    /// Whether a repeat needn't pay again for what has finished.
    pub(super) fn is_kept(&self) -> bool {
        self.keeping.as_ref().is_some_and(|keeping| keeping.is_kept) && self.saving.is_none()
    }

    /// Ends it at once, and returns what is still to be told.
    pub(super) fn cancel(self) -> Vec<Event> {
        let held_back = self.saving.map(|(_, event)| event);
        let rest = match self.state {
            State::Running(run) => run.cancel(),
            State::Waiting(_) | State::Over => Vec::new(),
        };
        held_back.into_iter().chain(self.ready).chain(rest).collect()
    }
}

impl Waiting {
    fn deadline(&self) -> Instant {
        self.since + self.parts.chain.limits.whole_run()
    }
}

impl Keeping {
    /// Takes in an event; what is to be waited for if something is to be kept now.
    fn take_in(&mut self, event: &Event) -> Option<BoxFuture<'static, bool>> {
        match event {
            Event::StepFinished(finished) => {
                self.checkpoint.finished(finished);
                // The last is of use only together with how the run ended, which comes next.
                if finished.step == StepName::Synthesize {
                    return None;
                }
            }
            Event::RunFinished { outcome: Ok(finish), .. } if !self.checkpoint.is_whole() => {
                self.checkpoint.ended(*finish);
            }
            _ => return None,
        }
        Some(self.lease.keep(self.checkpoint.clone()).boxed())
    }
}

/// What is told of a run that never came to its first step.
fn timed_out(parts: &RunParts, elapsed: Duration) -> [Event; 2] {
    let limit = parts.chain.limits.whole_run();
    let models: PerStep<String> = parts.chain.steps.as_ref().map(|_, step| step.model.clone());
    let request_id = parts.input.request_id.clone();
    let reached = LimitReached { limit: Limit::Run, after: limit };
    let error = ChainError::TimedOut { step: StepName::Analyze, reached };
    [
        Event::RunStarted { request_id, models, time_limit: limit },
        Event::RunFinished { outcome: Err(error), elapsed },
    ]
}
