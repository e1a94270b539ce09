//! What a run has spent and may still spend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::config::ChainConfig;
use super::{ChainError, StepName};
use crate::model::{AttemptUsage, Cost, ModelRequest, Usage};

/// A run's budget. Without a cap it lets everything pass.
#[derive(Debug)]
pub(super) struct Budget {
    max: Option<Cost>,
    /// What has been spent, and what is reserved for calls under way.
    taken: Mutex<Cost>,
}

/// The part of the budget that a call may need. A call that is dropped keeps it: a cap must hold without
/// knowing what the upstream goes on to count.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    budget: &'a Budget,
    worst_case: Cost,
}

impl Budget {
    /// # Errors
    /// With a cap, if the price of a step's model isn't known: such a cap couldn't be kept.
    pub(super) fn new(config: &ChainConfig) -> Result<Self, ChainError> {
        if config.max_cost.is_some() {
            for (step, settings) in config.steps.iter() {
                if config.catalog.find(&settings.model).is_none_or(|entry| entry.prices.is_none()) {
                    return Err(ChainError::UnknownPrice { step, model: settings.model.clone() });
                }
            }
        }
        Ok(Self { max: config.max_cost, taken: Mutex::default() })
    }

    /// Reserves what a request could cost at most, which must fit into what is left.
    pub(super) fn reserve(&self, step: StepName, worst_case: Cost) -> Result<Reservation<'_>, ChainError> {
        let mut taken = self.lock();
        if let Some(max_cost) = self.max
            && *taken + worst_case > max_cost
        {
            return Err(ChainError::OverBudget { step, worst_case, spent: *taken, max_cost });
        }
        *taken += worst_case;
        Ok(Reservation { budget: self, worst_case })
    }

    fn lock(&self) -> MutexGuard<'_, Cost> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation<'_> {
    /// Nothing was sent.
    pub(super) fn release(self) {
        self.settle(&AttemptUsage::Nothing, Some(Cost::ZERO));
    }

    /// The call has ended. One whose final figures never came is taken for the dearest that it could
    /// have been.
    pub(super) fn settle(self, usage: &AttemptUsage, cost: Option<Cost>) {
        let spent = match usage {
            AttemptUsage::Nothing => Cost::ZERO,
            AttemptUsage::Counted(_) => cost.unwrap_or(self.worst_case),
            AttemptUsage::Uncounted { .. } => self.worst_case,
        };
        let mut taken = self.budget.lock();
        *taken = *taken - self.worst_case + spent;
    }
}

/// What a request could cost at most: its whole input as the dearest kind of input that it can become,
/// and a reply of full length. 0 where no price is known, which a budget with a cap has refused.
pub(super) fn worst_case(config: &ChainConfig, request: &ModelRequest, input_tokens: u64) -> Cost {
    let prices = config.catalog.find(&request.model).and_then(|entry| entry.prices);
    let of =
        |usage| prices.and_then(|prices| prices.cost(&usage)).map(|cost| cost.total()).unwrap_or_default();
    let output = Some(u64::from(request.max_tokens));
    let uncached = of(Usage { input: Some(input_tokens), output, ..Usage::default() });
    let written =
        of(Usage { input: Some(0), cache_write_5m: Some(input_tokens), output, ..Usage::default() });
    if request.system.iter().any(|block| block.cache) { uncached.max(written) } else { uncached }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENT: f64 = 0.01;

    fn budget() -> Budget {
        Budget { max: Some(Cost::from_usd(2.0 * CENT)), taken: Mutex::default() }
    }

    fn reserve(budget: &Budget) -> Option<Reservation<'_>> {
        budget.reserve(StepName::Process, Cost::from_usd(CENT)).ok()
    }

    #[test]
    fn calls_under_way_count_at_their_worst() {
        let budget = budget();
        let _two = (reserve(&budget).unwrap(), reserve(&budget).unwrap());
        assert!(reserve(&budget).is_none());
    }

    #[test]
    fn what_a_call_did_not_need_is_free_again() {
        let budget = budget();
        let usage = AttemptUsage::Counted(Usage::default());
        for _ in 0..9 {
            reserve(&budget).unwrap().settle(&usage, Some(Cost::from_usd(CENT / 10.0)));
        }
        // Nine tenths of a cent are spent: there is room for one more at a time.
        reserve(&budget).unwrap().release();
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
