//! What is known of what was spent: where a figure isn't known it is missing, and never 0.
//!
//! It adds nothing up and estimates nothing; the sums are the chain's.

use crate::chain::Spend;
use crate::model::Cost;

/// The figures of a [`Spend`] that may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct KnownSpend {
    /// Input tokens that were neither read from nor written to a cache.
    pub(super) input: Option<u64>,
    /// The whole prompt: `input`, cache reads and cache writes.
    pub(super) prompt: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) cost: Option<Cost>,
    /// Attempts that aren't in the figures, or only in part.
    pub(super) uncounted_attempts: u32,
    /// Our estimates of tokens beyond these figures, and of what they cost.
    pub(super) estimated_input: Option<u64>,
    pub(super) estimated_output: Option<u64>,
    pub(super) estimated_cost: Option<Cost>,
}

impl KnownSpend {
    pub(super) fn is_complete(&self) -> bool {
        self.uncounted_attempts == 0
    }

    const NOTHING_SENT: Self = Self {
        input: Some(0),
        prompt: Some(0),
        output: Some(0),
        cache_read: Some(0),
        cache_write: Some(0),
        cost: Some(Cost::ZERO),
        uncounted_attempts: 0,
        estimated_input: None,
        estimated_output: None,
        estimated_cost: None,
    };
}

impl From<&Spend> for KnownSpend {
    fn from(spend: &Spend) -> Self {
        if *spend == Spend::default() {
            // Every attempt leaves a trace in the sums, if only as an uncounted one.
            return Self::NOTHING_SENT;
        }
        let usage = &spend.usage;
        let anything_counted = usage.input.is_some() || usage.output.is_some();
        Self {
            input: usage.input,
            prompt: usage.prompt_tokens(),
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write(),
            // The price of no known token is 0, which would be a lie here.
            cost: spend.cost.filter(|_| anything_counted),
            uncounted_attempts: spend.uncounted_attempts,
            estimated_input: Some(spend.estimated_input).filter(|tokens| *tokens > 0),
            estimated_output: Some(spend.estimated_output).filter(|tokens| *tokens > 0),
            estimated_cost: Some(spend.estimated_cost).filter(|cost| *cost > Cost::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Usage;

    #[test]
    fn a_run_that_sent_nothing_is_known_to_have_cost_nothing() {
        assert_eq!(KnownSpend::from(&Spend::default()), KnownSpend::NOTHING_SENT);
    }

    #[test]
    fn an_attempt_of_which_nothing_was_counted_has_no_known_cost() {
        let uncounted = Spend { cost: Some(Cost::ZERO), uncounted_attempts: 1, ..Spend::default() };
        let known = KnownSpend::from(&uncounted);
        assert_eq!((known.input, known.output, known.cost), (None, None, None));
        assert!(!known.is_complete());
    }

    #[test]
    fn what_was_counted_is_told_beside_what_was_not() {
        let usage = Usage { input: Some(10), cache_read: Some(90), ..Usage::default() };
        let cost = Some(Cost::from_usd(0.001));
        let known = KnownSpend::from(&Spend {
            usage,
            cost,
            uncounted_attempts: 1,
            estimated_output: 7,
            ..Spend::default()
        });
        assert_eq!((known.prompt, known.output, known.cost), (Some(100), None, cost));
        assert_eq!((known.estimated_output, known.estimated_cost), (Some(7), None));
    }
}
