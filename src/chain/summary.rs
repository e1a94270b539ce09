//! What a run came to: a fold over its events, at any moment.

use std::time::Duration;

use super::{
    AttemptRecord, ChainError, ChainState, Conversation, Decision, Event, FinishReason, Message, PerStep,
    Spend, StepName, Verdict,
};

/// What a run came to, or has come to so far.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Our id of the run.
    pub request_id: String,
    /// The model of each step.
    pub models: PerStep<String>,
    /// Conversation, outputs and metadata of the finished steps.
    pub state: ChainState,
    /// The final text as far as it has been delivered.
    pub delivered: String,
    /// All attempts, in the order in which they ended.
    pub attempts: Vec<AttemptRecord>,
    /// All verdicts, in order.
    pub verdicts: Vec<Judgement>,
    /// The steps that weren't run, because an earlier run had finished them.
    pub reused: Vec<StepName>,
    /// How the run ended; `None` as long as it hasn't.
    pub outcome: Option<Result<FinishReason, ChainError>>,
    /// How long it took; `None` as long as it hasn't ended.
    pub elapsed: Option<Duration>,
    /// Attempts begun, ended or not.
    attempts_started: u32,
}

/// What a gate said of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The step.
    pub step: StepName,
    /// Whose reply, if it is a part's, from 1.
    pub worker: Option<u32>,
    /// What was found, and what follows.
    pub verdict: Verdict,
}

impl Summary {
    /// Before the first event.
    #[must_use]
    pub fn new(conversation: &Conversation) -> Self {
        Self::of_messages(conversation.messages())
    }

    fn of_messages(messages: &[Message]) -> Self {
        Self {
            request_id: String::new(),
            models: PerStep::default(),
            state: ChainState::new(messages),
            delivered: String::new(),
            attempts: Vec::new(),
            verdicts: Vec::new(),
            reused: Vec::new(),
            outcome: None,
            elapsed: None,
            attempts_started: 0,
        }
    }

    /// Of a run that never began, for want of something to run.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self::of_messages(&[])
    }

    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::RunStarted { request_id, models, .. } => {
                self.request_id.clone_from(request_id);
                self.models = models.clone();
            }
            Event::AttemptStarted { .. } => self.attempts_started += 1,
            Event::AttemptEnded(record) => self.attempts.push(record.as_ref().clone()),
            Event::OutputDelta { text } => self.delivered.push_str(text),
            Event::GateJudged { step, worker, verdict } => {
                let (step, worker, verdict) = (*step, *worker, verdict.clone());
                self.verdicts.push(Judgement { step, worker, verdict });
            }
            Event::StepFinished(finished) => self.state.record(finished),
            Event::StepReused(finished) => {
                self.state.record(finished);
                self.reused.push(finished.step);
            }
            Event::RunFinished { outcome, elapsed } => {
                self.outcome = Some(outcome.clone());
                self.elapsed = Some(*elapsed);
            }
            Event::StepStarted { .. } | Event::WorkerStarted { .. } | Event::WorkerEnded(_) => {}
        }
    }

    /// What all attempts used and cost, failed ones included. An attempt that was under way when the
    /// run was dropped counts as one whose figures never came.
    #[must_use]
    pub fn spend(&self) -> Spend {
        let mut spend = Spend::default();
        for attempt in &self.attempts {
            spend.add_attempt(attempt);
        }
        let ended = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        spend.uncounted_attempts += self.attempts_started.saturating_sub(ended);
        spend
    }

    /// What one step's attempts used and cost.
    #[must_use]
    pub fn spend_of(&self, step: StepName) -> Spend {
        let mut spend = Spend::default();
        for attempt in self.attempts.iter().filter(|attempt| attempt.step == step) {
            spend.add_attempt(attempt);
        }
        spend
    }

    /// Gates that let a reply pass in spite of what they found.
    pub fn warnings(&self) -> impl Iterator<Item = &Judgement> {
        self.verdicts.iter().filter(|judgement| judgement.verdict.decision == Decision::Warn)
    }
}
