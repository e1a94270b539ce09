//! What a run has spent and may still spend.

use std::sync::Mutex;

use super::config::ChainConfig;
use super::{AttemptRecord, ChainError, StepName};
use crate::model::{AttemptUsage, Cost, ModelRequest, Usage};

/// A run's budget. Without a cap it lets everything pass.
pub(super) struct Budget {
    max: Option<Cost>,
    spent: Mutex<Cost>,
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
        Ok(Self { max: config.max_cost, spent: Mutex::default() })
    }

    /// Whether a request may be sent: what it could cost at most must fit into what is left.
    pub(super) fn check(
        &self,
        step: StepName,
        config: &ChainConfig,
        request: &ModelRequest,
        input_tokens: u64,
    ) -> Result<(), ChainError> {
        let Some(max_cost) = self.max else { return Ok(()) };
        let spent = *self.lock();
        let worst_case = worst_case(config, request, input_tokens);
        if spent + worst_case > max_cost {
            return Err(ChainError::OverBudget { step, worst_case, spent, max_cost });
        }
        Ok(())
    }

    /// An attempt has ended. One whose figures never came counts as the dearest that it could have
    /// been: a cap must hold without knowing.
    pub(super) fn settle(
        &self,
        attempt: &AttemptRecord,
        config: &ChainConfig,
        request: &ModelRequest,
        input_tokens: u64,
    ) {
        let cost = match attempt.usage {
            AttemptUsage::Nothing => Cost::ZERO,
            AttemptUsage::Counted(_) => {
                attempt.cost.unwrap_or_else(|| worst_case(config, request, input_tokens))
            }
            AttemptUsage::Uncounted { .. } => worst_case(config, request, input_tokens),
        };
        *self.lock() += cost;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cost> {
        self.spent.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What a request could cost at most: its whole input as the dearest kind of input that it can
/// become, and a reply of full length.
fn worst_case(config: &ChainConfig, request: &ModelRequest, input_tokens: u64) -> Cost {
    let prices = config.catalog.find(&request.model).and_then(|entry| entry.prices);
    let output = Some(u64::from(request.max_tokens));
    let of =
        |usage| prices.and_then(|prices| prices.cost(&usage)).map(|cost| cost.total()).unwrap_or_default();
    let uncached = of(Usage { input: Some(input_tokens), output, ..Usage::default() });
    if request.system.iter().any(|block| block.cache) {
        let written =
            of(Usage { input: Some(0), cache_write_5m: Some(input_tokens), output, ..Usage::default() });
        uncached.max(written)
    } else {
        uncached
    }
}
