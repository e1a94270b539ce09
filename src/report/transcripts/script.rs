//! Writes a transcript event by event, with the figures that the engine would have put in.

use std::time::Duration;

use crate::chain::{
    AttemptFailure, AttemptRecord, ChainError, Conversation, Decision, Event, Finding, FinishReason, PerStep,
    Spend, StepFinished, StepMetadata, StepName, StepOutput, Summary, Verdict, WorkerMetadata,
};
use crate::model::scripted::any_request;
use crate::model::{AttemptUsage, StopReason, TokenPrices, Usage};
use crate::report::{ErrorReport, Reporter};

/// The model of every step.
pub(super) const MODEL: &str = "claude-haiku-4-5-20251001";
const PRICES: TokenPrices =
    TokenPrices { input: 1.0, output: 5.0, cache_read: None, cache_write_5m: None, cache_write_1h: None };

/// A run as it was said to go.
pub(crate) struct Transcript {
    pub(crate) name: &'static str,
    /// Each with its time from the run's start.
    pub(crate) events: Vec<(Duration, Event)>,
    /// When the run was over.
    pub(in crate::report) over: Duration,
    pub(crate) summary: Summary,
}

impl Transcript {
    /// Tells `reporter` all of it, each event at its time; for tests in which time is paused.
    pub(in crate::report) async fn tell(&self, reporter: &mut dyn Reporter) {
        let mut now = Duration::ZERO;
        for (at, event) in &self.events {
            tokio::time::advance(at.saturating_sub(now)).await;
            now = *at;
            reporter.event(event);
        }
        tokio::time::advance(self.over.saturating_sub(now)).await;
        reporter.finish(&self.summary);
    }

    /// The error of a run that failed, as somebody who knows the codes might tell it.
    pub(in crate::report) fn error(&self) -> Option<ErrorReport> {
        let Some(Err(error)) = &self.summary.outcome else { return None };
        Some(ErrorReport {
            code: "a_code".into(),
            message: error.to_string(),
            causes: vec!["a cause".into()],
            step: Some(error.step().into()),
            request_id: None,
            upstream_request_id: None,
            retryable: false,
            hint: Some("a hint".into()),
        })
    }
}

/// A transcript that is being written.
pub(super) struct Script {
    name: &'static str,
    events: Vec<(Duration, Event)>,
    now: Duration,
    priced: bool,
    step: StepName,
    /// The step's own, or of a part of it, whose number is beside it.
    tallies: Vec<(Option<u32>, Tally)>,
    /// Whose attempts the next events are about: an index.
    current: usize,
    /// Parts that have ended.
    workers: Vec<WorkerMetadata>,
}

/// What a step, or a part of it, has come to.
#[derive(Default)]
struct Tally {
    title: String,
    started: Duration,
    attempt_started: Duration,
    first_content: Option<Duration>,
    attempts: u32,
    repairs: u32,
    spend: Spend,
    decision: Option<Decision>,
    degraded: bool,
    request_ids: Vec<String>,
}

impl Script {
    pub(super) fn begin(name: &'static str) -> Self {
        let started = Event::RunStarted {
            request_id: "req_1".into(),
            models: PerStep::from_fn(|_| MODEL.to_owned()),
            time_limit: Duration::from_secs(75),
        };
        Self {
            name,
            events: vec![(Duration::ZERO, started)],
            now: Duration::ZERO,
            priced: true,
            step: StepName::Analyze,
            tallies: Vec::new(),
            current: 0,
            workers: Vec::new(),
        }
    }

    pub(super) fn without_prices(mut self) -> Self {
        self.priced = false;
        self
    }

    pub(super) fn pass(mut self, milliseconds: u64) -> Self {
        self.now += Duration::from_millis(milliseconds);
        self
    }

    pub(super) fn step(mut self, step: StepName) -> Self {
        self.step = step;
        self.tallies = vec![(None, Tally { started: self.now, ..Tally::default() })];
        self.current = 0;
        self.say(Event::StepStarted { step, model: MODEL.into() })
    }

    /// The next part of the step begins, and the next events are about it.
    pub(super) fn worker(mut self, title: &str) -> Self {
        let worker = u32::try_from(self.tallies.len()).unwrap();
        let tally = Tally { title: title.into(), started: self.now, ..Tally::default() };
        self.current = self.tallies.len();
        self.tallies.push((Some(worker), tally));
        self.say(Event::WorkerStarted { worker, title: title.into() })
    }

    /// The next events are about that part.
    pub(super) fn of(mut self, worker: usize) -> Self {
        self.current = worker;
        self
    }

    /// The part ends: with a confidence, or with an error.
    pub(super) fn worker_ended(mut self, result: Result<f64, ChainError>) -> Self {
        let elapsed = self.now.saturating_sub(self.tally().started);
        let (worker, tally) = &self.tallies[self.current];
        let metadata = WorkerMetadata {
            worker: worker.unwrap(),
            title: tally.title.clone(),
            attempts: tally.attempts,
            repairs: tally.repairs,
            elapsed,
            spend: tally.spend,
            request_ids: tally.request_ids.clone(),
            verdict: tally.decision.filter(|_| result.is_ok()),
            confidence: result.as_ref().ok().copied(),
            tolerated: false,
            degraded: tally.degraded,
            failure: result.err(),
        };
        self.workers.push(metadata.clone());
        self.say(Event::WorkerEnded(Box::new(metadata)))
    }

    /// A divided step ends, with what its parts came to.
    pub(super) fn joined(mut self, decision: Decision, output: impl Into<StepOutput>) -> Self {
        let mut workers = std::mem::take(&mut self.workers);
        workers.sort_by_key(|worker| worker.worker);
        self.current = 0;
        for worker in &workers {
            let step = self.tally_mut();
            step.attempts += worker.attempts;
            step.repairs += worker.repairs;
            step.spend.add(&worker.spend);
            step.request_ids.extend(worker.request_ids.iter().cloned());
        }
        self.tally_mut().decision = Some(decision);
        self.finished_with(output.into(), workers)
    }

    pub(super) fn attempt(mut self, repair: u32) -> Self {
        let (step, now, worker) = (self.step, self.now, self.worker_number());
        let tally = self.tally_mut();
        tally.attempts += 1;
        (tally.repairs, tally.attempt_started, tally.first_content) = (repair, now, None);
        let attempt = tally.attempts;
        self.say(Event::AttemptStarted { step, worker, attempt, repair, request: any_request(), trace: None })
    }

    pub(super) fn answered(self, first_content: u64, usage: AttemptUsage) -> Self {
        let record = AttemptRecord {
            first_content: Some(Duration::from_millis(first_content)),
            request_id: Some(self.request_id()),
            ..self.record(usage)
        };
        self.attempt_ended(record)
    }

    pub(super) fn failed(
        self,
        failure: AttemptFailure,
        retry_in: Option<Duration>,
        usage: AttemptUsage,
    ) -> Self {
        let record = AttemptRecord { failure: Some(failure), retry_in, ..self.record(usage) };
        self.attempt_ended(record)
    }

    pub(super) fn delta(mut self, text: &str) -> Self {
        let now = self.now;
        let tally = self.tally_mut();
        tally.first_content.get_or_insert(now.saturating_sub(tally.attempt_started));
        self.say(Event::OutputDelta { text: text.into() })
    }

    pub(super) fn gate(mut self, decision: Decision, findings: Vec<Finding>) -> Self {
        self.tally_mut().decision = Some(decision);
        let (step, worker) = (self.step, self.worker_number());
        self.say(Event::GateJudged { step, worker, verdict: Verdict { decision, findings, refusal: None } })
    }

    /// The step's output is made of a reply that couldn't be decoded.
    pub(super) fn degraded(mut self) -> Self {
        self.tally_mut().degraded = true;
        self
    }

    pub(super) fn finished(mut self, output: impl Into<StepOutput>) -> Self {
        let last = self.request_id();
        self.tally_mut().request_ids = vec![last];
        self.finished_with(output.into(), Vec::new())
    }

    fn finished_with(self, output: StepOutput, workers: Vec<WorkerMetadata>) -> Self {
        let tally = self.tally();
        let metadata = StepMetadata {
            model: MODEL.into(),
            attempts: tally.attempts,
            repairs: tally.repairs,
            elapsed: self.now.saturating_sub(tally.started),
            spend: tally.spend,
            verdict: tally.decision.unwrap_or(Decision::Pass),
            request_ids: tally.request_ids.clone(),
            stop_reason: Some(StopReason::EndTurn),
            tolerated: false,
            degraded: tally.degraded,
            workers,
        };
        let reply = output.to_json().to_string();
        let finished = StepFinished { step: self.step, output, reply, metadata };
        self.say(Event::StepFinished(Box::new(finished)))
    }

    pub(super) fn end(self, outcome: Result<FinishReason, ChainError>) -> Transcript {
        let elapsed = self.now;
        self.say(Event::RunFinished { outcome, elapsed }).drop_run()
    }

    pub(super) fn drop_run(self) -> Transcript {
        let conversation = Conversation::from_prompt("What does Rust compile to?").unwrap();
        let mut summary = Summary::new(&conversation);
        for (_, event) in &self.events {
            summary.apply(event);
        }
        Transcript { name: self.name, events: self.events, over: self.now, summary }
    }

    fn record(&self, usage: AttemptUsage) -> AttemptRecord {
        let cost = PRICES.cost(&usage.counted()).filter(|_| self.priced);
        let estimated_cost = match usage {
            AttemptUsage::Uncounted { estimated_output, .. } => Some(PRICES.output_cost(estimated_output)),
            AttemptUsage::Nothing | AttemptUsage::Counted(_) => None,
        };
        let tally = self.tally();
        AttemptRecord {
            worker: self.worker_number(),
            model: "claude-haiku-4-5-20251001".into(),
            step: self.step,
            attempt: tally.attempts,
            failure: None,
            retry_in: None,
            elapsed: self.now.saturating_sub(tally.attempt_started),
            first_content: tally.first_content,
            usage,
            cost: cost.map(|cost| cost.total()),
            output_cost: cost.map(|cost| cost.output),
            estimated_cost: estimated_cost.filter(|_| self.priced),
            request_id: None,
            response_id: None,
            response_model: None,
        }
    }

    fn attempt_ended(mut self, record: AttemptRecord) -> Self {
        let tally = self.tally_mut();
        tally.spend.add_attempt(&record);
        if record.worker.is_some() {
            tally.request_ids.extend(record.request_id.clone());
        }
        self.say(Event::AttemptEnded(Box::new(record)))
    }

    fn tally(&self) -> &Tally {
        &self.tallies[self.current].1
    }

    fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tallies[self.current].1
    }

    fn worker_number(&self) -> Option<u32> {
        self.tallies[self.current].0
    }

    fn request_id(&self) -> String {
        let part = self.worker_number().map(|worker| format!("_{worker}")).unwrap_or_default();
        format!("req_up_{}{part}_{}", self.step, self.tally().attempts)
    }

    fn say(mut self, event: Event) -> Self {
        self.events.push((self.now, event));
        self
    }
}

/// What an upstream has counted to the end.
pub(super) fn counted(input: u64, output: u64) -> AttemptUsage {
    AttemptUsage::Counted(Usage { input: Some(input), output: Some(output), ..Usage::default() })
}
