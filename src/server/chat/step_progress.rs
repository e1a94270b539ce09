//! How a step is getting on, for clients that asked to be told.

use crate::chain::{AttemptRecord, Event, PerStep, Spend, StepFinished, StepName, WorkerMetadata};
use crate::model::Cost;
use crate::server::openai::{StepProgress, StepState, StepTokens};
use std::collections::BTreeMap;
use std::time::Duration;

/// Remembers what is to be said of steps beside what their last event says.
#[derive(Debug, Default)]
pub(super) struct StepFollower {
    models: PerStep<String>,
    /// Of the parts that have begun, by their numbers.
    titles: BTreeMap<u32, String>,
}

impl StepFollower {
    /// What an event says of a step; `None` if it says nothing.
    pub(super) fn progress(&mut self, event: &Event) -> Option<StepProgress> {
        match event {
            Event::StepStarted { step, model } => {
                self.models.get_mut(*step).clone_from(model);
                Some(self.of(*step, StepState::Started))
            }
            Event::WorkerStarted { worker, title } => {
                self.titles.insert(*worker, title.clone());
                Some(self.of_part(*worker, StepState::Started))
            }
            Event::WorkerEnded(metadata) => Some(self.ended_part(metadata)),
            Event::AttemptEnded(record) if record.failure.is_some() && record.retry_in.is_some() => {
                Some(self.retrying(record))
            }
            Event::StepFinished(finished) => Some(self.finished(finished)),
            Event::StepReused(finished) => Some(Self::reused(finished)),
            _ => None,
        }
    }

    fn of(&self, step: StepName, state: StepState) -> StepProgress {
        StepProgress {
            step: step.as_str(),
            worker: None,
            title: None,
            state,
            model: self.models.get(step).clone(),
            attempt: 1,
            seconds: None,
            tokens: StepTokens { input: None, output: None },
            cost_usd: None,
            retry_in_seconds: None,
        }
    }

    fn of_part(&self, worker: u32, state: StepState) -> StepProgress {
        StepProgress {
            worker: Some(worker),
            title: self.titles.get(&worker).cloned(),
            ..self.of(StepName::Process, state)
        }
    }

    fn retrying(&self, record: &AttemptRecord) -> StepProgress {
        let state = StepState::Retrying;
        StepProgress {
            attempt: record.attempt,
            seconds: Some(seconds(record.elapsed)),
            retry_in_seconds: record.retry_in.map(seconds),
            ..record.worker.map_or_else(|| self.of(record.step, state), |worker| self.of_part(worker, state))
        }
    }

    fn ended_part(&self, metadata: &WorkerMetadata) -> StepProgress {
        let state = if metadata.failure.is_some() { StepState::Failed } else { StepState::Finished };
        StepProgress {
            attempt: metadata.attempts,
            seconds: Some(seconds(metadata.elapsed)),
            tokens: tokens(&metadata.spend),
            cost_usd: metadata.spend.cost.map(Cost::usd),
            ..self.of_part(metadata.worker, state)
        }
    }

    /// Nothing was sent, and nothing spent.
    fn reused(finished: &StepFinished) -> StepProgress {
        StepProgress {
            step: finished.step.as_str(),
            worker: None,
            title: None,
            state: StepState::Reused,
            model: finished.metadata.model.clone(),
            attempt: 0,
            seconds: Some(0.0),
            tokens: StepTokens { input: Some(0), output: Some(0) },
            cost_usd: Some(0.0),
            retry_in_seconds: None,
        }
    }

    fn finished(&self, finished: &StepFinished) -> StepProgress {
        let metadata = &finished.metadata;
        StepProgress {
            attempt: metadata.attempts,
            seconds: Some(seconds(metadata.elapsed)),
            tokens: tokens(&metadata.spend),
            cost_usd: metadata.spend.cost.map(Cost::usd),
            ..self.of(finished.step, StepState::Finished)
        }
    }
}

/// Tokens that were counted; input with what was read from a cache or written to one.
fn tokens(spend: &Spend) -> StepTokens {
    StepTokens { input: spend.usage.prompt_tokens(), output: spend.usage.output }
}

/// Seconds, to a millisecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
