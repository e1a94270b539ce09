//! Money, exactly: costs are whole picodollars, so that sums over any number of calls agree to
//! the last digit with what was added up.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use super::Usage;

/// Picodollars in a dollar.
const PICOS_PER_USD: f64 = 1e12;
/// Picodollars a token costs at a price of one dollar per million tokens.
const PICOS_PER_TOKEN_AT_ONE_USD: f64 = 1e6;

/// An amount of money, 0 – 18 million US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost {
    picos: u64,
}

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self { picos: 0 };

    /// From US dollars; negative and not-a-number become 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    pub fn from_usd(usd: f64) -> Self {
        Self { picos: (usd * PICOS_PER_USD).round() as u64 }
    }

    /// From whole picodollars.
    #[must_use]
    pub fn from_picos(picos: u64) -> Self {
        Self { picos }
    }

    /// In whole picodollars, exactly.
    #[must_use]
    pub fn picos(self) -> u64 {
        self.picos
    }

    /// In US dollars.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 9 000 dollars, and off by 1e-16 of the amount beyond"
    )]
    pub fn usd(self) -> f64 {
        self.picos as f64 / PICOS_PER_USD
    }
}

impl Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { picos: self.picos.saturating_add(other.picos) }
    }
}

impl Sub for Cost {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { picos: self.picos.saturating_sub(other.picos) }
    }
}

impl Mul<u32> for Cost {
    type Output = Self;
    fn mul(self, times: u32) -> Self {
        Self { picos: self.picos.saturating_mul(u64::from(times)) }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Add::add)
    }
}

/// US dollars per million tokens, by kind. A kind without a known price is `None`.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrices {
    /// Uncached input.
    pub input: f64,
    /// Output, thinking included.
    pub output: f64,
    /// Cache reads.
    pub cache_read: Option<f64>,
    /// Cache writes that live five minutes.
    pub cache_write_5m: Option<f64>,
    /// Cache writes that live an hour.
    pub cache_write_1h: Option<f64>,
}

impl TokenPrices {
    /// The prices that are known.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> {
        [Some(self.input), Some(self.output), self.cache_read, self.cache_write_5m, self.cache_write_1h]
            .into_iter()
            .flatten()
    }

    /// What `usage` costs; `None` if it has tokens of a kind whose price isn't known. Figures
    /// that the upstream hasn't given count as none: whether the sum is whole is for
    /// [`AttemptUsage`](super::AttemptUsage) to say.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<CallCost> {
        let input = [
            (usage.input, Some(self.input)),
            (usage.cache_read, self.cache_read),
            (usage.cache_write_5m, self.cache_write_5m),
            (usage.cache_write_1h, self.cache_write_1h),
        ];
        let mut cost = CallCost { input: Cost::ZERO, output: self.output_cost(usage.output.unwrap_or(0)) };
        for (tokens, price) in input {
            match tokens {
                None | Some(0) => {}
                Some(tokens) => cost.input += tokens_at(tokens, price?),
            }
        }
        Some(cost)
    }

    /// These prices times `factor`, as where a discount is given.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        let times = |price: Option<f64>| price.map(|price| price * factor);
        Self {
            input: self.input * factor,
            output: self.output * factor,
            cache_read: times(self.cache_read),
            cache_write_5m: times(self.cache_write_5m),
            cache_write_1h: times(self.cache_write_1h),
        }
    }

    /// What that many output tokens cost.
    #[must_use]
    pub fn output_cost(&self, tokens: u64) -> Cost {
        tokens_at(tokens, self.output)
    }
}

/// What a call cost, by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallCost {
    /// The prompt: uncached input, cache reads and cache writes.
    pub input: Cost,
    /// The reply.
    pub output: Cost,
}

impl CallCost {
    /// Both sides together.
    #[must_use]
    pub fn total(&self) -> Cost {
        self.input + self.output
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the catalog holds no negative price"
)]
fn tokens_at(tokens: u64, usd_per_million: f64) -> Cost {
    let picos_per_token = (usd_per_million * PICOS_PER_TOKEN_AT_ONE_USD).round() as u64;
    Cost { picos: tokens.saturating_mul(picos_per_token) }
}

/// A model's prices, with the dearer tier for long prompts where it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// For prompts up to the threshold.
    pub base: TokenPrices,
    /// For longer ones: the threshold in prompt tokens (cache reads and writes included), above
    /// which the whole request is billed at these prices.
    pub long_prompt: Option<(u64, TokenPrices)>,
}

impl Prices {
    /// The prices that hold for a prompt of that many tokens.
    #[must_use]
    pub fn for_prompt(&self, prompt_tokens: u64) -> &TokenPrices {
        match &self.long_prompt {
            Some((threshold, prices)) if prompt_tokens > *threshold => prices,
            _ => &self.base,
        }
    }

    /// These prices times `factor`, in both tiers. Which tier holds doesn't change.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            base: self.base.times(factor),
            long_prompt: self.long_prompt.map(|(threshold, prices)| (threshold, prices.times(factor))),
        }
    }

    /// What `usage` costs; `None` if it has tokens of a kind whose price isn't known.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<CallCost> {
        self.for_prompt(usage.prompt_tokens().unwrap_or(0)).cost(usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAIKU: Prices = Prices {
        base: TokenPrices {
            input: 0.10,
            output: 0.50,
            cache_read: Some(0.01),
            cache_write_5m: Some(0.125),
            cache_write_1h: None,
        },
        long_prompt: Some((
            100_000,
            TokenPrices {
                input: 0.50,
                output: 2.50,
                cache_read: Some(0.05),
                cache_write_5m: Some(0.625),
                cache_write_1h: None,
            },
        )),
    };

    #[test]
    fn a_cost_times_any_number_ends_at_the_largest_there_is() {
        for (cost, times, product) in [
            (Cost::from_usd(0.25), 4, Cost::from_usd(1.0)),
            (Cost::from_usd(1.0), 0, Cost::ZERO),
            (Cost::from_picos(1 << 40), u32::MAX, Cost::from_picos(u64::MAX)),
        ] {
            assert_eq!(cost * times, product);
        }
    }

    #[test]
    fn each_kind_of_token_has_its_own_price() {
        let usage = Usage {
            input: Some(1_000),
            output: Some(200),
            cache_read: Some(5_000),
            cache_write_5m: Some(800),
            cache_write_1h: None,
        };
        assert_eq!(
            HAIKU.cost(&usage).map(|cost| cost.total()),
            Some(Cost::from_usd(0.000_1 + 0.000_1 + 0.000_05 + 0.000_1))
        );
    }

    #[test]
    fn the_tier_is_decided_by_the_whole_prompt() {
        let short = Usage { input: Some(1), cache_read: Some(99_999), ..Usage::default() };
        let long = Usage { input: Some(1), cache_read: Some(100_000), ..Usage::default() };
        assert_eq!(
            HAIKU.cost(&short).map(|cost| cost.total()),
            Some(Cost::from_usd(0.000_000_1 + 0.000_999_99))
        );
        assert_eq!(HAIKU.cost(&long).map(|cost| cost.total()), Some(Cost::from_usd(0.000_000_5 + 0.005)));
    }

    #[test]
    fn tokens_of_an_unpriced_kind_make_the_cost_unknown() {
        let usage = Usage { input: Some(1), cache_write_1h: Some(1), ..Usage::default() };
        assert_eq!(HAIKU.cost(&usage), None);
        assert_eq!(
            HAIKU.cost(&Usage { cache_write_1h: Some(0), ..usage }).map(|cost| cost.total()),
            Some(Cost::from_usd(0.000_000_1))
        );
    }

    #[test]
    fn half_the_prices_make_exactly_half_the_cost_of_every_kind_in_both_tiers() {
        for prompt in [1_000, 100_001] {
            let usage = Usage {
                input: Some(prompt),
                output: Some(201),
                cache_read: Some(5_001),
                cache_write_5m: Some(801),
                cache_write_1h: None,
            };
            let (whole, half) = (HAIKU.cost(&usage).unwrap(), HAIKU.times(0.5).cost(&usage).unwrap());
            assert_eq!((half.input + half.input, half.output + half.output), (whole.input, whole.output));
        }
        let unpriced = Usage { cache_write_1h: Some(1), ..Usage::default() };
        assert_eq!(HAIKU.times(0.5).cost(&unpriced), None);
    }

    #[test]
    fn a_million_small_costs_add_up_exactly() {
        let one = HAIKU.cost(&Usage { input: Some(1), ..Usage::default() }).unwrap().total();
        let total: Cost = std::iter::repeat_n(one, 1_000_000).sum();
        assert_eq!(total, Cost::from_usd(0.1));
    }
}
