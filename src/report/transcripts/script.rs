//! Writes a transcript event by event, with the figures that the engine would have put in.

use std::time::Duration;

use crate::chain::{
    AttemptFailure, AttemptRecord, ChainError, Conversation, Decision, Event, Finding, FinishReason, PerStep,
    Spend, StepFinished, StepMetadata, StepName, StepOutput, Summary, Verdict,
};
use crate::model::{AttemptUsage, StopReason, TokenPrices, Usage};
use crate::report::{ErrorReport, Reporter};

/// The model of every step.
pub(super) const MODEL: &str = "claude-haiku-4-5-20251001";
const PRICES: TokenPrices =
    TokenPrices { input: 1.0, output: 5.0, cache_read: None, cache_write_5m: None, cache_write_1h: None };

/// A run as it was said to go.
pub(in crate::report) struct Transcript {
    pub(in crate::report) name: &'static str,
    /// Each with its time from the run's start.
    pub(in crate::report) events: Vec<(Duration, Event)>,
    /// When the run was over.
    pub(in crate::report) over: Duration,
    pub(in crate::report) summary: Summary,
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
    step_started: Duration,
    attempt_started: Duration,
    first_content: Option<Duration>,
    attempts: u32,
    repairs: u32,
    spend: Spend,
    decision: Decision,
    degraded: bool,
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
            step_started: Duration::ZERO,
            attempt_started: Duration::ZERO,
            first_content: None,
            attempts: 0,
            repairs: 0,
            spend: Spend::default(),
            decision: Decision::Pass,
            degraded: false,
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
        (self.step, self.step_started) = (step, self.now);
        self.degraded = false;
        (self.attempts, self.repairs, self.spend) = (0, 0, Spend::default());
        self.say(Event::StepStarted { step, model: MODEL.into() })
    }

    pub(super) fn attempt(mut self, repair: u32) -> Self {
        self.attempts += 1;
        (self.repairs, self.attempt_started, self.first_content) = (repair, self.now, None);
        let (step, attempt) = (self.step, self.attempts);
        self.say(Event::AttemptStarted { step, worker: None, attempt, repair })
    }

    pub(super) fn answered(self, first_content: u64, usage: AttemptUsage) -> Self {
        let record = AttemptRecord {
            first_content: Some(Duration::from_millis(first_content)),
            request_id: Some(format!("req_up_{}_{}", self.step, self.attempts)),
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
        self.first_content.get_or_insert(self.now.saturating_sub(self.attempt_started));
        self.say(Event::OutputDelta { text: text.into() })
    }

    pub(super) fn gate(mut self, decision: Decision, findings: Vec<Finding>) -> Self {
        self.decision = decision;
        let step = self.step;
        self.say(Event::GateJudged { step, worker: None, verdict: Verdict { decision, findings } })
    }

    /// The step's output is made of a reply that couldn't be decoded.
    pub(super) fn degraded(mut self) -> Self {
        self.degraded = true;
        self
    }

    pub(super) fn finished(self, output: impl Into<StepOutput>) -> Self {
        let metadata = StepMetadata {
            workers: Vec::new(),
            model: MODEL.into(),
            attempts: self.attempts,
            repairs: self.repairs,
            elapsed: self.now.saturating_sub(self.step_started),
            spend: self.spend,
            verdict: self.decision,
            request_ids: vec![format!("req_up_{}_{}", self.step, self.attempts)],
            stop_reason: Some(StopReason::EndTurn),
            tolerated: false,
            degraded: self.degraded,
        };
        let output = output.into();
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
        AttemptRecord {
            worker: None,
            model: "claude-haiku-4-5-20251001".into(),
            step: self.step,
            attempt: self.attempts,
            failure: None,
            retry_in: None,
            elapsed: self.now.saturating_sub(self.attempt_started),
            first_content: self.first_content,
            usage,
            cost: cost.map(|cost| cost.total()),
            output_cost: cost.map(|cost| cost.output),
            estimated_cost: estimated_cost.filter(|_| self.priced),
            request_id: None,
        }
    }

    fn attempt_ended(mut self, record: AttemptRecord) -> Self {
        self.spend.add_attempt(&record);
        self.say(Event::AttemptEnded(record))
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
