//! One call: as many attempts as the policy allows, each admitted by the breaker, each an event.
//!
//! `retry( breaker.admit → attempt → settle )`. The limits on time are checked inside the attempt, so
//! that whatever they cut off is still accounted for.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::attempt::{Account, Attempt, Reply};
use super::budget::Budget;
use super::compose::{Composer, Format};
use super::config::{ChainConfig, StructuredOutput};
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::pace::ReaderPace;
use super::schema_refusals::{self, SchemaRefusals};
use super::{AttemptFailure, AttemptRecord, ChainError, Event, Finding, Spend, StepName};
use crate::model::{AttemptUsage, CallCost, Cost, Model, ModelRequest};
use crate::resilience::{Breaker, Delays, Wait};

/// What all calls of a step share.
pub(super) struct Caller<'a> {
    pub(super) step: StepName,
    pub(super) composer: &'a Composer<'a>,
    pub(super) model: &'a dyn Model,
    pub(super) breaker: &'a Arc<Breaker>,
    pub(super) refusals: &'a SchemaRefusals,
    pub(super) budget: &'a Budget,
    pub(super) deadlines: Deadlines,
    pub(super) pace: &'a ReaderPace,
    pub(super) events: &'a mpsc::Sender<Event>,
    pub(super) live: Option<LiveText>,
    /// Requests sent so far, over all calls.
    pub(super) attempts: u32,
    pub(super) spend: Spend,
    pub(super) request_ids: Vec<String>,
}

/// A reply that a repair is to put right.
pub(super) struct Faulty<'a> {
    pub(super) reply: &'a str,
    pub(super) findings: &'a [Finding],
    pub(super) repair: u32,
}

impl Caller<'_> {
    /// Makes the step's call, or the call to put a reply right.
    pub(super) async fn call(&mut self, faulty: Option<Faulty<'_>>) -> Result<Reply, ChainError> {
        let attempts_before = self.attempts;
        let mut delays = self.composer.config.retry.delays();
        let mut last_failure = None;
        loop {
            let format = self.format();
            let request = match &faulty {
                None => self.composer.request(format),
                Some(faulty) => self.composer.repair(format, faulty.reply, faulty.findings),
            };
            let input_tokens = self.check(&request)?;
            let permit = self.breaker.admit().map_err(|open| ChainError::CircuitOpen {
                step: self.step,
                model: request.model.clone(),
                retry_after: open.retry_after,
                failure: last_failure.take(),
            })?;
            let repair = faulty.as_ref().map_or(0, |faulty| faulty.repair);
            let (result, account) = self.attempt(&request, repair).await;
            let failure = match result {
                Ok(reply) => {
                    permit.succeed();
                    self.record(account, None, &request, input_tokens).await;
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            let next = self.next(&failure, format, permit.is_probe(), &mut delays);
            // A call settles once, after its last attempt; a permit that is dropped counts as nothing.
            if account.upstream_fault && matches!(next, Next::GiveUp { .. }) {
                permit.fail();
            } else {
                drop(permit);
            }
            self.record(account, Some((&failure, next.wait())), &request, input_tokens).await;
            match next {
                Next::Retry { wait } => tokio::time::sleep(wait).await,
                Next::RetryWithoutSchema => {
                    self.refusals.insert(self.model.upstream(), &request.model, &self.composer.schema);
                }
                Next::GiveUp { retry_after, wait_did_not_fit } => {
                    let attempts = self.attempts - attempts_before;
                    let step = self.step;
                    return Err(match failure {
                        AttemptFailure::TimedOut(reached) => ChainError::TimedOut { step, reached },
                        failure => {
                            ChainError::Upstream { step, attempts, failure, retry_after, wait_did_not_fit }
                        }
                    });
                }
            }
            last_failure = Some(failure);
        }
    }

    /// What follows from a failed attempt.
    fn next(&self, failure: &AttemptFailure, format: Format, probe: bool, delays: &mut Delays) -> Next {
        let retry_after = match failure {
            AttemptFailure::Call(error) => error.retry_after,
            AttemptFailure::Silence { .. } | AttemptFailure::TimedOut(_) => None,
        };
        let text_has_left = self.live.as_ref().is_some_and(LiveText::has_left);
        let known_model = self.composer.config.catalog.find(&self.composer.step.model).is_some();
        if format == Format::Native
            && self.composer.config.structured_output == StructuredOutput::Auto
            && schema_refusals::is_refusal(failure, known_model)
        {
            return Next::RetryWithoutSchema;
        }
        if text_has_left || probe || !failure.is_retryable() {
            return Next::GiveUp { retry_after, wait_did_not_fit: false };
        }
        match delays.next_wait(retry_after, self.deadlines.remaining()) {
            Wait::After(wait) => Next::Retry { wait },
            Wait::Exhausted => Next::GiveUp { retry_after, wait_did_not_fit: false },
            Wait::DoesNotFit(wait) => Next::GiveUp { retry_after: Some(wait), wait_did_not_fit: true },
        }
    }

    fn format(&self) -> Format {
        let config = self.composer.config;
        let model = &self.composer.step.model;
        let refused = || {
            let unsupported = config.catalog.find(model).is_some_and(|entry| !entry.structured_output);
            unsupported || self.refusals.contains(self.model.upstream(), model, &self.composer.schema)
        };
        match config.structured_output {
            StructuredOutput::Prompt => Format::Prompt,
            StructuredOutput::Auto if refused() => Format::Prompt,
            StructuredOutput::Native | StructuredOutput::Auto => Format::Native,
        }
    }

    /// Checks that a request fits into the model's context and into the budget; returns its estimated
    /// input tokens.
    fn check(&self, request: &ModelRequest) -> Result<u64, ChainError> {
        let (config, step) = (self.composer.config, self.step);
        let estimate = self.composer.estimate(request);
        let context = config.catalog.find(&request.model).map(|entry| entry.context);
        if let Some(context) = context.filter(|context| estimate + u64::from(request.max_tokens) > *context) {
            let (model, max_tokens) = (request.model.clone(), request.max_tokens);
            return Err(ChainError::ContextExceeded { step, model, estimate, max_tokens, context });
        }
        self.budget.check(step, config, request, estimate)?;
        Ok(estimate)
    }

    async fn attempt(
        &mut self,
        request: &ModelRequest,
        repair: u32,
    ) -> (Result<Reply, AttemptFailure>, Account) {
        self.attempts += 1;
        let started = Event::AttemptStarted { step: self.step, attempt: self.attempts, repair };
        // The receiver lives as long as the run that is being polled.
        let _ = self.events.send(started).await;
        let config = self.composer.config;
        let attempt = Attempt {
            model: self.model,
            request,
            deadlines: self.deadlines,
            silence: config.limits.silence.min(self.composer.step.timeout / 2),
            pace: self.pace,
            events: self.events,
        };
        attempt.run(self.live.as_mut()).await
    }

    async fn record(
        &mut self,
        account: Account,
        failed: Option<(&AttemptFailure, Option<Duration>)>,
        request: &ModelRequest,
        input_tokens: u64,
    ) {
        let config = self.composer.config;
        let cost = cost(config, &request.model, &account.usage);
        let record = AttemptRecord {
            step: self.step,
            attempt: self.attempts,
            failure: failed.map(|(failure, _)| failure.clone()),
            retry_in: failed.and_then(|(_, retry_in)| retry_in),
            elapsed: account.elapsed,
            first_content: account.first_content,
            usage: account.usage,
            cost: cost.map(|cost| cost.total()),
            output_cost: cost.map(|cost| cost.output),
            estimated_cost: estimated_cost(config, &request.model, &account.usage),
            request_id: account.request_id,
        };
        self.spend.add_attempt(&record);
        self.request_ids.extend(record.request_id.clone());
        self.budget.settle(&record, config, request, input_tokens);
        let _ = self.events.send(Event::AttemptEnded(record)).await;
    }
}

/// What follows from a failed attempt.
enum Next {
    Retry { wait: Duration },
    RetryWithoutSchema,
    GiveUp { retry_after: Option<Duration>, wait_did_not_fit: bool },
}

impl Next {
    fn wait(&self) -> Option<Duration> {
        match self {
            Self::Retry { wait } => Some(*wait),
            Self::RetryWithoutSchema => Some(Duration::ZERO),
            Self::GiveUp { .. } => None,
        }
    }
}

/// What the counted part of an attempt cost; nothing where nothing was billed, whatever the price.
fn cost(config: &ChainConfig, model: &str, usage: &AttemptUsage) -> Option<CallCost> {
    match usage {
        AttemptUsage::Nothing => Some(CallCost { input: Cost::ZERO, output: Cost::ZERO }),
        AttemptUsage::Counted(counted) | AttemptUsage::Uncounted { counted, .. } => {
            config.catalog.cost(model, counted)
        }
    }
}

fn estimated_cost(config: &ChainConfig, model: &str, usage: &AttemptUsage) -> Option<Cost> {
    match usage {
        AttemptUsage::Uncounted { estimated_output, counted } => {
            let prices = config.catalog.find(model)?.prices?;
            let prompt_tokens = counted.prompt_tokens().unwrap_or(0);
            Some(prices.for_prompt(prompt_tokens).output_cost(*estimated_output))
        }
        AttemptUsage::Nothing | AttemptUsage::Counted(_) => None,
    }
}
