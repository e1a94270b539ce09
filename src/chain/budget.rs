//! What a run has spent and may still spend.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

use super::config::ChainConfig;
use super::{ChainError, StepName};
use crate::model::{AttemptUsage, Cost, ModelRequest, Usage};
use crate::sync::lock;

/// The budget of a run, or of several together. Without a cap it lets everything pass.
#[derive(Debug)]
pub struct Budget {
    max: Option<Cost>,
    taken: Mutex<Taken>,
    /// Told whenever a call needs its reservation no longer.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    /// What has been spent, and what is reserved for calls under way.
    cost: Cost,
    /// How many calls are under way.
    calls: usize,
    /// How many wait for room.
    waiting: usize,
}

/// The part of the budget that a call may need. A call that is dropped keeps it: a cap must hold without
/// knowing what the upstream goes on to count.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    budget: &'a Budget,
    worst_case: Cost,
}

impl Budget {
    /// A budget of that much, of which that much is spent already; `None` for no cap.
    #[must_use]
    pub fn new(max: Option<Cost>, spent: Cost) -> Self {
        let taken = Taken { cost: spent, ..Taken::default() };
        Self { max, taken: Mutex::new(taken), freed: Notify::new() }
    }

    /// # Errors
    /// With a cap, or with `another` elsewhere, if the price of a step's model isn't known: such a cap couldn't be
    /// kept.
    pub(super) fn check_prices(&self, config: &ChainConfig, another: bool) -> Result<(), ChainError> {
        if self.max.is_some() || another {
            for (step, settings) in config.steps.iter() {
                if config.catalog.find(&settings.model).is_none_or(|entry| entry.prices.is_none()) {
                    return Err(ChainError::UnknownPrice { step, model: settings.model.clone() });
                }
            }
        }
        Ok(())
    }

    /// Reserves what a request could cost at most, which must fit into what is left. While other calls are
    /// under way it waits for what they turn out not to need: hardly any comes to its worst case.
    pub(super) async fn reserve(
        &self,
        step: StepName,
        worst_case: Cost,
    ) -> Result<Reservation<'_>, ChainError> {
        loop {
            let mut freed = pin!(self.freed.notified());
            // Before looking, so that nothing is missed in between.
            freed.as_mut().enable();
            if let Some(reserved) = self.try_reserve(step, worst_case) {
                return reserved;
            }
            let waiting = Waiting::begin(self);
            freed.await;
            drop(waiting);
        }
    }

    /// `None` if that isn't known before a call under way has ended.
    pub(super) fn try_reserve(
        &self,
        step: StepName,
        worst_case: Cost,
    ) -> Option<Result<Reservation<'_>, ChainError>> {
        let mut taken = self.lock();
        if let Some(max_cost) = self.max
            && taken.cost + worst_case > max_cost
        {
            let error = ChainError::OverBudget { step, worst_case, spent: taken.cost, max_cost };
            return (taken.calls == 0).then_some(Err(error));
        }
        taken.cost += worst_case;
        taken.calls += 1;
        Some(Ok(Reservation { budget: self, worst_case }))
    }

    /// Something was spent by others than the runs that share it.
    pub fn charge(&self, cost: Cost) {
        self.lock().cost += cost;
    }

    /// How many calls wait for room.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().waiting
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        lock(&self.taken)
    }
}

/// A call that waits for room, as long as this is there.
struct Waiting<'a>(&'a Budget);

impl<'a> Waiting<'a> {
    fn begin(budget: &'a Budget) -> Self {
        budget.lock().waiting += 1;
        Self(budget)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl Reservation<'_> {
    /// The call has ended. One whose final figures never came is taken for the dearest that it could
    /// have been.
    pub(super) fn settle(self, usage: &AttemptUsage, cost: Option<Cost>) {
        let spent = spent(self.worst_case, usage, cost);
        let mut taken = self.budget.lock();
        taken.cost = taken.cost - self.worst_case + spent;
    }
}

/// What a call counts with that has ended.
pub(super) fn spent(worst_case: Cost, usage: &AttemptUsage, cost: Option<Cost>) -> Cost {
    match usage {
        AttemptUsage::Nothing => Cost::ZERO,
        AttemptUsage::Counted(_) => cost.unwrap_or(worst_case),
        AttemptUsage::Uncounted { .. } => worst_case,
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.budget.lock().calls -= 1;
        self.budget.freed.notify_waiters();
    }
}

/// What a request could cost at most: 0 where no price is known, which a budget with a cap has refused.
pub(super) fn worst_case(config: &ChainConfig, request: &ModelRequest, input_tokens: u64) -> Cost {
    highest_cost(config, request, input_tokens).unwrap_or_default()
}

/// What a request could cost at most: its whole input as the dearest kind of input that it can become,
/// and a reply of full length; `None` where no price is known.
pub(super) fn highest_cost(config: &ChainConfig, request: &ModelRequest, input_tokens: u64) -> Option<Cost> {
    let output = Some(u64::from(request.max_tokens));
    let uncached = Usage { input: Some(input_tokens), output, ..Usage::default() };
    let written = Usage { input: Some(0), cache_write_5m: Some(input_tokens), output, ..Usage::default() };
    let uncached = total(config, request, &uncached)?;
    let written = is_cached(request).then(|| total(config, request, &written)).flatten();
    Some(written.map_or(uncached, |written| written.max(uncached)))
}

/// What a request costs at least: its whole input as the cheapest kind of input that it can become, and no
/// reply; `None` where no price is known.
pub(super) fn lowest_cost(config: &ChainConfig, request: &ModelRequest, input_tokens: u64) -> Option<Cost> {
    let uncached = Usage { input: Some(input_tokens), ..Usage::default() };
    let read = Usage { input: Some(0), cache_read: Some(input_tokens), ..Usage::default() };
    let uncached = total(config, request, &uncached)?;
    let read = is_cached(request).then(|| total(config, request, &read)).flatten();
    Some(read.map_or(uncached, |read| read.min(uncached)))
}

fn total(config: &ChainConfig, request: &ModelRequest, usage: &Usage) -> Option<Cost> {
    config.catalog.cost(&request.model, usage).map(|cost| cost.total())
}

fn is_cached(request: &ModelRequest) -> bool {
    request.system.iter().any(|block| block.cache)
}

#[cfg(test)]
mod orders;

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    const CENT: f64 = 0.01;

    fn budget() -> Budget {
        Budget::new(Some(Cost::from_usd(2.0 * CENT)), Cost::ZERO)
    }

    fn reserve(budget: &Budget) -> Option<Reservation<'_>> {
        budget.try_reserve(StepName::Process, Cost::from_usd(CENT)).and_then(Result::ok)
    }

    #[test]
    fn calls_under_way_count_at_their_worst() {
        let budget = budget();
        let _two = (reserve(&budget).unwrap(), reserve(&budget).unwrap());
        assert!(reserve(&budget).is_none());
    }

    #[tokio::test]
    async fn a_call_waits_for_what_others_turn_out_not_to_need() {
        let budget = budget();
        let (one, other) = (reserve(&budget).unwrap(), reserve(&budget).unwrap());
        let mut third = pin!(budget.reserve(StepName::Process, Cost::from_usd(CENT)));
        let mut unwatched = Context::from_waker(Waker::noop());
        assert!(third.as_mut().poll(&mut unwatched).is_pending());
        one.settle(&AttemptUsage::Counted(Usage::default()), Some(Cost::from_usd(CENT / 2.0)));
        assert!(third.as_mut().poll(&mut unwatched).is_pending());
        other.settle(&AttemptUsage::Counted(Usage::default()), Some(Cost::from_usd(CENT / 2.0)));
        assert!(third.await.is_ok());
        let refused = budget.reserve(StepName::Process, Cost::from_usd(CENT)).await;
        assert!(matches!(refused, Err(ChainError::OverBudget { .. })), "nobody is left to wait for");
    }

    #[test]
    fn what_a_call_did_not_need_is_free_again() {
        let budget = budget();
        let usage = AttemptUsage::Counted(Usage::default());
        for _ in 0..9 {
            reserve(&budget).unwrap().settle(&usage, Some(Cost::from_usd(CENT / 10.0)));
        }
        // Nine tenths of a cent are spent: there is room for one more at a time.
        reserve(&budget).unwrap().settle(&AttemptUsage::Nothing, Some(Cost::ZERO));
        assert!(reserve(&budget).is_some());
    }

    #[test]
    fn a_call_that_was_dropped_or_not_counted_keeps_its_worst_case() {
        let budget = budget();
        assert!(reserve(&budget).is_some());
        let uncounted =
            AttemptUsage::Uncounted { counted: Usage::default(), estimated_input: 0, estimated_output: 0 };
        reserve(&budget).unwrap().settle(&uncounted, None);
        assert!(reserve(&budget).is_none());
    }
}
