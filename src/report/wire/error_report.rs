//! The error object: why there is no result, what to do, and what was spent all the same.

use schemars::JsonSchema;
use serde::Serialize;

use super::{SpendReport, StepWord, UsageReport, WIRE_VERSION};
use crate::chain::Spend;

/// Why there is no result. Made by whoever knows the codes and the hints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorReport {
    /// What went wrong, in one stable word, for programs.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// What it was caused by, the nearest cause first.
    pub causes: Vec<String>,
    /// The step in which the run failed; `null` if it was in none.
    pub step: Option<StepWord>,
    /// Our id of the run: the one in the logs, and sent upstream; `null` if no run had begun.
    pub request_id: Option<String>,
    /// The upstream's id of the last request, for its support; `null` if it gave none.
    pub upstream_request_id: Option<String>,
    /// Whether the same may succeed a little later.
    pub retryable: bool,
    /// What to do about it; `null` if there is nothing to say.
    pub hint: Option<String>,
}

/// The error, and what was spent until then.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Error")]
pub struct ErrorDocument {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// Why there is no result.
    #[serde(flatten)]
    pub error: ErrorReport,
    /// Tokens that all attempts used until then; `null` if no run had begun.
    pub usage: Option<UsageReport>,
    /// What the counted tokens cost, in US dollars; `null` if no run had begun, or as in a result.
    pub cost_usd: Option<f64>,
    /// What the estimated tokens cost beyond that, in US dollars; `null` if nothing was estimated, or
    /// no price is known.
    pub estimated_cost_usd: Option<f64>,
}

impl ErrorDocument {
    /// The document of an error; `spend` is what the run had used, where one had begun.
    #[must_use]
    pub fn new(error: ErrorReport, spend: Option<&Spend>) -> Self {
        let spend = spend.map(SpendReport::from);
        Self {
            version: WIRE_VERSION,
            error,
            usage: spend.map(|spend| spend.usage),
            cost_usd: spend.and_then(|spend| spend.cost_usd),
            estimated_cost_usd: spend.and_then(|spend| spend.estimated_cost_usd),
        }
    }
}
