//! What attempts used and what that cost, added up.

use super::AttemptRecord;
use crate::model::{AttemptUsage, Cost, Usage};

/// Usage and cost, summed over attempts. What wasn't counted isn't in the sums: `uncounted_attempts`
/// says how many attempts that is. Sums end at the largest number there is: figures may come out of a file that
/// somebody has edited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spend {
    /// The upstream's figures, added up.
    pub usage: Usage,
    /// What they cost; `None` if a price isn't known, or nothing has been counted.
    pub cost: Option<Cost>,
    /// The output's share of it.
    pub output_cost: Option<Cost>,
    /// Whether some counted tokens have no known price.
    pub unpriced: bool,
    /// Attempts whose final figures never came.
    pub uncounted_attempts: u32,
    /// Our estimate of input tokens that weren't counted.
    pub estimated_input: u64,
    /// Our estimate of output tokens received beyond what was counted.
    pub estimated_output: u64,
    /// What these would cost, where the price is known.
    pub estimated_cost: Cost,
}

impl Spend {
    /// Adds an attempt.
    pub fn add_attempt(&mut self, attempt: &AttemptRecord) {
        let counted = attempt.usage.counted();
        self.usage.add(&counted);
        if let AttemptUsage::Uncounted { estimated_input, estimated_output, .. } = attempt.usage {
            self.uncounted_attempts = self.uncounted_attempts.saturating_add(1);
            self.estimated_input = self.estimated_input.saturating_add(estimated_input);
            self.estimated_output = self.estimated_output.saturating_add(estimated_output);
            self.estimated_cost += attempt.estimated_cost.unwrap_or_default();
        }
        // Where nothing was counted there is nothing that could have no price.
        self.unpriced |= attempt.cost.is_none() && counted != Usage::default();
        self.add_costs(attempt.cost, attempt.output_cost);
    }

    /// Adds another sum.
    pub fn add(&mut self, other: &Spend) {
        self.usage.add(&other.usage);
        self.uncounted_attempts = self.uncounted_attempts.saturating_add(other.uncounted_attempts);
        self.estimated_input = self.estimated_input.saturating_add(other.estimated_input);
        self.estimated_output = self.estimated_output.saturating_add(other.estimated_output);
        self.estimated_cost += other.estimated_cost;
        self.unpriced |= other.unpriced;
        self.add_costs(other.cost, other.output_cost);
    }

    /// One cost that isn't known makes the sum unknown.
    fn add_costs(&mut self, cost: Option<Cost>, output_cost: Option<Cost>) {
        if self.unpriced {
            (self.cost, self.output_cost) = (None, None);
            return;
        }
        for (sum, further) in [(&mut self.cost, cost), (&mut self.output_cost, output_cost)] {
            if let Some(further) = further {
                *sum = Some(sum.unwrap_or_default() + further);
            }
        }
    }

    /// Whether an estimate stands beside the sums.
    #[must_use]
    pub fn is_estimated(&self) -> bool {
        self.estimated_input > 0 || self.estimated_output > 0
    }

    /// Whether every attempt's final figures are in the sums.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.uncounted_attempts == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_a_price_that_is_not_known_stays_unknown_whatever_is_added() {
        let priced = Spend { cost: Some(Cost::from_usd(1.0)), ..Spend::default() };
        let unpriced = Spend { unpriced: true, ..Spend::default() };
        for order in [[priced, unpriced, priced], [unpriced, priced, priced], [priced, priced, unpriced]] {
            let mut sum = Spend::default();
            for spend in &order {
                sum.add(spend);
            }
            assert_eq!((sum.cost, sum.unpriced), (None, true));
        }
    }

    #[test]
    fn an_estimate_of_either_side_is_an_estimate() {
        assert!(!Spend::default().is_estimated());
        assert!(Spend { estimated_input: 1, ..Spend::default() }.is_estimated());
        assert!(Spend { estimated_output: 1, ..Spend::default() }.is_estimated());
    }

    #[test]
    fn sums_of_any_figures_end_at_the_largest_number_there_is() {
        let most = Spend {
            uncounted_attempts: u32::MAX,
            estimated_input: u64::MAX,
            estimated_output: u64::MAX,
            estimated_cost: Cost::from_picos(u64::MAX),
            ..Spend::default()
        };
        let mut sum = most;
        sum.add(&most);
        assert_eq!(sum, most);
    }
}
