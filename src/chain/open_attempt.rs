//! An attempt under way, and what it has used so far: accounted for however it ends, even if it is
//! dropped.

use std::time::Duration;

use tokio::time::Instant;

use super::config::ChainConfig;
use super::run_link::RunLink;
use super::{AttemptFailure, AttemptRecord, StepName};
use crate::model::{AttemptUsage, CallCost, Cost, ModelRequest, StopReason, Usage, estimate_tokens};

/// An attempt under way.
pub(super) struct OpenAttempt<'a> {
    config: &'a ChainConfig,
    link: &'a RunLink,
    request: &'a ModelRequest,
    step: StepName,
    worker: Option<u32>,
    number: u32,
    input_tokens: u64,
    started: Instant,
    first_content: Option<Duration>,
    pub(super) request_id: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) response_model: Option<String>,
    /// The reply's text so far.
    pub(super) text: String,
    counted: Usage,
    stop: Option<StopReason>,
    /// Whether the upstream has given its final figures.
    figures_are_final: bool,
    is_closed: bool,
}

/// What an attempt is about.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) config: &'a ChainConfig,
    pub(super) link: &'a RunLink,
    pub(super) request: &'a ModelRequest,
    pub(super) step: StepName,
    /// Which part of a divided step it is for, from 1.
    pub(super) worker: Option<u32>,
    /// Its number within the step, from 1.
    pub(super) number: u32,
    /// Our estimate of the request's input tokens.
    pub(super) input_tokens: u64,
}

impl<'a> OpenAttempt<'a> {
    pub(super) fn new(opening: Opening<'a>) -> Self {
        let Opening { config, link, request, step, worker, number, input_tokens } = opening;
        Self {
            config,
            link,
            request,
            step,
            worker,
            number,
            input_tokens,
            started: Instant::now(),
            first_content: None,
            request_id: None,
            response_id: None,
            response_model: None,
            text: String::new(),
            counted: Usage::default(),
            stop: None,
            figures_are_final: false,
            is_closed: false,
        }
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// Content has come: the first is remembered.
    pub(super) fn content_has_come(&mut self) {
        if self.first_content.is_none() {
            self.first_content = Some(self.started.elapsed());
        }
    }

    /// The upstream has counted something; its figures replace earlier ones.
    pub(super) fn count(&mut self, usage: Usage) {
        self.counted.replace_with(usage);
    }

    /// The reply has stopped, and these are the figures for all of it.
    pub(super) fn stopped(&mut self, reason: StopReason, usage: Usage) {
        self.count(usage);
        self.figures_are_final = usage.output.is_some() && self.counted.input.is_some();
        self.stop = Some(reason);
    }

    /// Why the reply stopped, taken out.
    pub(super) fn take_stop(&mut self) -> Option<StopReason> {
        self.stop.take()
    }

    /// The attempt has ended: what is to be said of it, and the reply's text.
    pub(super) fn close(mut self, failure: Option<AttemptFailure>) -> (AttemptRecord, String) {
        let record = self.account(failure);
        (record, std::mem::take(&mut self.text))
    }

    fn account(&mut self, failure: Option<AttemptFailure>) -> AttemptRecord {
        self.is_closed = true;
        let usage = self.usage(failure.as_ref());
        let cost = self.cost(&usage);
        if let Some(AttemptFailure::Call(error)) = &failure {
            self.request_id = error.request_id.clone().or(self.request_id.take());
        }
        AttemptRecord {
            step: self.step,
            worker: self.worker,
            attempt: self.number,
            model: self.request.model.clone(),
            failure,
            retry_in: None,
            elapsed: self.started.elapsed(),
            first_content: self.first_content,
            usage,
            cost: cost.map(|cost| cost.total()),
            output_cost: cost.map(|cost| cost.output),
            estimated_cost: self.estimated_cost(&usage),
            request_id: self.request_id.take(),
            response_id: self.response_id.take(),
            response_model: self.response_model.take(),
        }
    }

    /// What the attempt used, as far as the upstream has said.
    fn usage(&self, failure: Option<&AttemptFailure>) -> AttemptUsage {
        let was_never_billed =
            matches!(failure, Some(AttemptFailure::Call(error)) if error.is_certainly_unbilled());
        if was_never_billed {
            return AttemptUsage::Nothing;
        }
        if self.figures_are_final {
            return AttemptUsage::Counted(self.counted);
        }
        let entry = self.config.catalog.find(&self.request.model);
        let received = entry.map_or_else(|| estimate_tokens(&self.text), |entry| entry.tokens_in(&self.text));
        AttemptUsage::Uncounted {
            counted: self.counted,
            estimated_input: if self.counted.input.is_some() { 0 } else { self.input_tokens },
            estimated_output: received.saturating_sub(self.counted.output.unwrap_or(0)),
        }
    }

    /// What the counted part cost: nothing where nothing was billed, whatever the price, and unknown where
    /// nothing was counted.
    fn cost(&self, usage: &AttemptUsage) -> Option<CallCost> {
        match usage {
            AttemptUsage::Nothing => Some(CallCost { input: Cost::ZERO, output: Cost::ZERO }),
            AttemptUsage::Counted(counted) | AttemptUsage::Uncounted { counted, .. } => {
                let anything = *counted != Usage::default();
                anything.then(|| self.config.catalog.cost(&self.request.model, counted)).flatten()
            }
        }
    }

    fn estimated_cost(&self, usage: &AttemptUsage) -> Option<Cost> {
        let AttemptUsage::Uncounted { counted, estimated_input, estimated_output } = usage else {
            return None;
        };
        let prices = self.config.catalog.find(&self.request.model)?.prices?;
        let prices = prices.for_prompt(counted.prompt_tokens().unwrap_or(*estimated_input));
        let estimate =
            Usage { input: Some(*estimated_input), output: Some(*estimated_output), ..Usage::default() };
        Some(prices.cost(&estimate)?.total())
    }
}

impl Drop for OpenAttempt<'_> {
    fn drop(&mut self) {
        if !self.is_closed {
            let record = self.account(Some(AttemptFailure::Cancelled));
            self.link.attempt_was_dropped(record);
        }
    }
}
