//! Tokens and money in the JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::chain::{AttemptRecord, Spend};
use crate::model::Cost;
use crate::report::known_spend::KnownSpend;

/// What was used and what it cost, failed attempts included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SpendReport {
    /// Tokens.
    pub usage: UsageReport,
    /// What the counted tokens cost, in US dollars; `null` if a price or every count is unknown. Too
    /// low by an unknown amount where the usage isn't complete.
    pub cost_usd: Option<f64>,
    /// What the estimated tokens cost beyond that, in US dollars; `null` if nothing was estimated, or
    /// no price is known.
    pub estimated_cost_usd: Option<f64>,
}

/// Tokens, as the upstream counted them. What it didn't say is `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageReport {
    /// Input tokens that were neither read from nor written to the cache.
    pub input_tokens: Option<u64>,
    /// Output tokens, thinking included.
    pub output_tokens: Option<u64>,
    /// Input tokens read from the cache.
    pub cache_read_tokens: Option<u64>,
    /// Input tokens written to the cache.
    pub cache_write_tokens: Option<u64>,
    /// Whether every attempt's final figures are in these.
    pub complete: bool,
    /// Attempts whose final figures never came.
    pub uncounted_attempts: u32,
    /// Our estimate of input tokens that weren't counted; `null` if there are none.
    pub estimated_input_tokens: Option<u64>,
    /// Our estimate of output tokens received beyond what was counted; `null` if nothing was estimated.
    pub estimated_output_tokens: Option<u64>,
}

impl From<&Spend> for SpendReport {
    fn from(spend: &Spend) -> Self {
        let known = KnownSpend::from(spend);
        Self {
            usage: UsageReport {
                input_tokens: known.input,
                output_tokens: known.output,
                cache_read_tokens: known.cache_read,
                cache_write_tokens: known.cache_write,
                complete: known.is_complete(),
                uncounted_attempts: known.uncounted_attempts,
                estimated_input_tokens: known.estimated_input,
                estimated_output_tokens: known.estimated_output,
            },
            cost_usd: known.cost.map(Cost::usd),
            estimated_cost_usd: known.estimated_cost.map(Cost::usd),
        }
    }
}

impl From<&AttemptRecord> for SpendReport {
    fn from(attempt: &AttemptRecord) -> Self {
        let mut spend = Spend::default();
        spend.add_attempt(attempt);
        Self::from(&spend)
    }
}
