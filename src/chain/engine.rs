//! The engine: analyze → gate → process → gate → synthesize → gate.
//!
//! It is given values and a model, and gives back events. A run is driven by whoever reads its
//! events, in the reader's own task: where nobody reads, nothing is read from the upstream, and
//! dropping the run drops the call in flight.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use super::budget::Budget;
use super::config::ChainConfig;
use super::environment::Environment;
use super::events::{Events, Told};
use super::limits::Deadlines;
use super::run_input::RunInput;
use super::run_link::RunLink;
use super::schema_refusals::SchemaRefusals;
use super::step_run::{Accepted, StepRun};
use super::steps::{
    Analysis, Analyze, Answer, Direct, Draft, Process, ProcessInput, Step, Synthesize, SynthesizeInput,
};
use super::workers::Workers;
use super::{ChainError, Event, FinishReason, Limit, Phase, StepFinished, StepName};
use crate::model::{Cost, Model};
use crate::resilience::BreakerRegistry;

/// Events that may be ready before the reader has taken the first: back-pressure beyond.
const EVENT_QUEUE: usize = 32;

/// Runs chains against one upstream; cheap to share, and meant to be: what it learns about the
/// upstream holds for all its runs.
#[derive(Clone)]
pub struct Engine {
    model: Arc<dyn Model>,
    breakers: Arc<BreakerRegistry>,
    refusals: Arc<SchemaRefusals>,
    /// Places for calls beyond the one that each run has; `None` if there is no limit on them.
    places: Option<Arc<Semaphore>>,
    /// What all runs together may spend; `None` if each has a budget of its own.
    budget: Option<Arc<Budget>>,
}

impl Engine {
    /// An engine that calls `model`.
    #[must_use]
    pub fn new(model: Arc<dyn Model>, breakers: Arc<BreakerRegistry>) -> Self {
        Self { model, breakers, refusals: Arc::default(), places: None, budget: None }
    }

    /// The same, whose runs take a place of these for each call beyond their first at a time, and wait for
    /// it where there is none.
    #[must_use]
    pub fn with_places(self, places: Arc<Semaphore>) -> Self {
        Self { places: Some(places), ..self }
    }

    /// The same, whose runs spend out of one budget. The cap in their configurations is passed over.
    #[must_use]
    pub fn with_budget(self, budget: Arc<Budget>) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// Whether both call by the same client, and know the same of the upstream.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model) && Arc::ptr_eq(&self.refusals, &other.refusals)
    }

    /// Starts a run. Nothing happens before its events are read, but its time begins now.
    #[must_use]
    pub fn start(&self, config: Arc<ChainConfig>, input: RunInput) -> Run {
        self.start_since(Instant::now(), config, input)
    }

    /// The same of a run whose time has begun before, as if nobody had read its events since.
    #[must_use]
    pub fn start_since(&self, started: Instant, config: Arc<ChainConfig>, input: RunInput) -> Run {
        let link = Arc::new(RunLink::new(started + config.limits.whole_run()));
        let (events, reader) = Events::channel(EVENT_QUEUE, started, Arc::clone(&link));
        let chain = Chain { engine: self.clone(), config, input, events, link: Arc::clone(&link), started };
        Run {
            events: reader,
            work: Some(Box::pin(chain.run())),
            link,
            left_at: started,
            told_at: Duration::ZERO,
        }
    }
}

/// A run under way. Dropping it ends it at once, and closes the connection of the call in flight.
pub struct Run {
    events: mpsc::Receiver<Told>,
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    link: Arc<RunLink>,
    left_at: Instant,
    told_at: Duration,
}

impl Run {
    /// The next event; `None` after [`Event::RunFinished`]. Cancel safe.
    pub async fn next_event(&mut self) -> Option<Event> {
        let waiting = Waiting::begin(self);
        std::future::poll_fn(|cx| waiting.run.poll(cx)).await
    }

    /// When the event happened that was returned last, in the run's own time: since its start, without what
    /// its reader was elsewhere.
    #[must_use]
    pub fn told_at(&self) -> Duration {
        self.told_at
    }

    /// When the innermost limit that holds now is reached, for readers that may be busy elsewhere then:
    /// nothing ends a run that isn't read.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.link.deadline()
    }

    /// Ends the run at once, as dropping it does, and returns what is still to be told: events that had
    /// been ready, and how the attempt under way was cut off. There is no [`Event::RunFinished`] among
    /// them, unless the run had ended already.
    #[must_use]
    pub fn cancel(mut self) -> Vec<Event> {
        self.work = None;
        let mut events = Vec::new();
        while let Ok(told) = self.events.try_recv() {
            events.push(*told.event);
        }
        events.extend(self.link.take_dropped().into_iter().map(Box::new).map(Event::AttemptEnded));
        events
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if let Poll::Ready(told) = self.events.poll_recv(cx) {
            return Poll::Ready(self.take(told));
        }
        if let Some(work) = &mut self.work
            && work.as_mut().poll(cx).is_ready()
        {
            self.work = None;
        }
        self.events.poll_recv(cx).map(|told| self.take(told))
    }

    fn take(&mut self, told: Option<Told>) -> Option<Event> {
        let Told { event, at } = told?;
        self.told_at = at;
        Some(*event)
    }
}

/// The time in which the reader waits for an event; what lies between two of them, it was elsewhere.
struct Waiting<'a> {
    run: &'a mut Run,
}

impl<'a> Waiting<'a> {
    fn begin(run: &'a mut Run) -> Self {
        run.link.was_away(run.left_at.elapsed());
        Self { run }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.run.left_at = Instant::now();
    }
}

/// One run's own things.
struct Chain {
    engine: Engine,
    config: Arc<ChainConfig>,
    input: RunInput,
    events: Events,
    link: Arc<RunLink>,
    started: Instant,
}

impl Chain {
    async fn run(self) {
        let (models, time_limit) =
            (self.config.steps.as_ref().map(|_, step| step.model.clone()), self.config.limits.whole_run());
        let request_id = self.input.request_id.clone();
        self.events.emit(Event::RunStarted { request_id, models, time_limit }).await;
        let outcome = self.steps().await;
        self.events.emit(Event::RunFinished { outcome, elapsed: self.started.elapsed() }).await;
    }

    async fn steps(&self) -> Result<FinishReason, ChainError> {
        let plan = &self.input.plan;
        let whole = plan.answer().filter(|_| plan.until == StepName::Synthesize);
        let own = Budget::new(self.config.max_cost, Cost::ZERO);
        let budget = self.engine.budget.as_deref().unwrap_or(&own);
        if whole.is_none() {
            budget.check_prices(&self.config, self.input.purse.is_some())?;
        }
        let run = Deadlines::of_run(self.started, self.config.limits.whole_run());
        if plan.direct {
            if let Some(whole) = whole {
                return Ok(self.replay(whole).await);
            }
            let synthesis = phase::<Direct>(run, self.config.limits.synthesis);
            return Ok(self.step::<Direct>(&(), synthesis, budget).await?.finish);
        }

        let coordination = phase::<Analyze>(run, self.config.limits.worker_coordination);
        let analysis = match plan.analysis() {
            Some((finished, analysis)) => self.reuse(finished, analysis).await,
            None => self.step::<Analyze>(&(), coordination, budget).await?.output,
        };
        if plan.until == StepName::Analyze {
            return Ok(FinishReason::Stop);
        }
        let draft = match plan.draft() {
            Some((finished, draft)) => self.reuse(finished, draft).await,
            None => self.draft(&analysis, coordination, budget).await?.output,
        };
        if plan.until == StepName::Process {
            return Ok(FinishReason::Stop);
        }
        if let Some(whole) = whole {
            return Ok(self.replay(whole).await);
        }

        let synthesis = phase::<Synthesize>(run, self.config.limits.synthesis);
        let input = SynthesizeInput { analysis: &analysis, draft: &draft };
        Ok(self.step::<Synthesize>(&input, synthesis, budget).await?.finish)
    }

    /// Goes on with what an earlier run has paid for.
    async fn reuse<T: Clone>(&self, finished: &StepFinished, output: &T) -> T {
        self.events.emit(Event::StepReused(Box::new(finished.clone()))).await;
        output.clone()
    }

    /// Tells the answer of a run that had ended well: its text at once.
    async fn replay(&self, whole: (&StepFinished, &Answer, FinishReason)) -> FinishReason {
        let (finished, answer, finish) = whole;
        if !answer.final_text.is_empty() {
            self.events.emit(Event::OutputDelta { text: answer.final_text.clone() }).await;
        }
        self.reuse(finished, answer).await;
        finish
    }

    async fn draft(
        &self,
        analysis: &Analysis,
        phase: Deadlines,
        budget: &Budget,
    ) -> Result<Accepted<Draft>, ChainError> {
        if self.config.divides(analysis) {
            self.workers(analysis, phase, budget).await
        } else {
            self.step::<Process>(&ProcessInput { analysis }, phase, budget).await
        }
    }

    async fn step<S: Step>(
        &self,
        input: &S::Input<'_>,
        phase: Deadlines,
        budget: &Budget,
    ) -> Result<Accepted<S::Output>, ChainError> {
        let (env, deadlines) = (self.environment(budget), self.deadlines(S::NAME, phase));
        StepRun { env, deadlines, turn: None }.execute::<S>(input).await
    }

    async fn workers(
        &self,
        analysis: &Analysis,
        phase: Deadlines,
        budget: &Budget,
    ) -> Result<Accepted<Draft>, ChainError> {
        let env = self.environment(budget);
        Workers { env, phase, analysis, places: self.engine.places.clone() }.execute().await
    }

    fn environment<'a>(&'a self, budget: &'a Budget) -> Environment<'a> {
        Environment {
            config: &self.config,
            input: &self.input,
            model: self.engine.model.as_ref(),
            breakers: &self.engine.breakers,
            refusals: &self.engine.refusals,
            budget,
            link: &self.link,
            events: &self.events,
        }
    }

    fn deadlines(&self, step: StepName, phase: Deadlines) -> Deadlines {
        phase.and(Instant::now(), Limit::Step(step), self.config.steps.get(step).timeout)
    }
}

/// The limits of the phase that begins now with that step.
fn phase<S: Step>(run: Deadlines, limit: Duration) -> Deadlines {
    run.and(Instant::now(), Limit::Phase(Phase::of(S::NAME)), limit)
}
