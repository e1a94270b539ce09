//! What a run would send, and what it may cost.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{StepWord, WIRE_VERSION};
use crate::chain::{ChainConfig, Forecast, PlannedCall, Range};
use crate::model::{Cost, ModelRequest};
use crate::report::dry_run_notes::dry_run_notes;

/// What a run would send, and what it may cost. Nothing of it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Dry run")]
pub struct DryRunReport {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// Whether the requests would go to the built-in simulator instead of a model.
    pub simulated: bool,
    /// Where the figures for input tokens come from.
    pub input_tokens_by: TokenMethod,
    /// The requests, in the order in which they would be sent.
    pub requests: Vec<PlannedRequestReport>,
    /// All of them together, each sent once.
    #[serde(flatten)]
    pub total: ForecastReport,
    /// The most that the run may cost, in US dollars; `null` if there is no cap.
    pub max_cost_usd: Option<f64>,
    /// Whether the run stays below that cap even at its highest cost; `null` if there is none.
    pub within_max_cost: Option<bool>,
    /// What should be said before the run starts.
    pub warnings: Vec<String>,
    /// How the figures come about, and what isn't in them.
    pub notes: Vec<String>,
}

/// Where figures for input tokens come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenMethod {
    /// Estimated by the number of characters.
    Estimate,
    /// Counted by the upstream.
    CountTokens,
}

/// A request that would be sent.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlannedRequestReport {
    /// The step.
    pub step: StepWord,
    /// Which part of a divided step, from 1; `null` for a whole step.
    pub part: Option<u32>,
    /// The model.
    pub model: String,
    /// Whether the body is sent as it stands. If not, texts such as `<content: written by process>` stand in
    /// it for what an earlier step is still to return.
    pub exact: bool,
    /// The most requests that may be sent in its place, each once: more than 1 where the step may be divided.
    pub max_calls: u32,
    /// What it may use and cost.
    #[serde(flatten)]
    pub forecast: ForecastReport,
    /// The body of the request.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub body: Value,
}

/// What requests may use and cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ForecastReport {
    /// Input tokens.
    pub input_tokens: TokenRange,
    /// The most output tokens.
    pub max_output_tokens: u64,
    /// US dollars; `null` if a price isn't known.
    pub cost_usd: Option<CostRange>,
}

/// A range of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TokenRange {
    /// The least.
    pub low: u64,
    /// The most.
    pub high: u64,
}

/// A range of costs, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CostRange {
    /// For the input alone, at its cheapest.
    pub low: f64,
    /// For the input at its dearest, and replies of full length.
    pub high: f64,
}

/// What the report is made of.
#[derive(Debug)]
pub struct DryRunParts<'a> {
    /// The calls.
    pub calls: &'a [PlannedCall],
    /// What the run goes by.
    pub config: &'a ChainConfig,
    /// Whether the tokens are the upstream's count.
    pub counted: bool,
    /// Whether the requests would go to the simulator.
    pub simulated: bool,
    /// What should be said before the run starts.
    pub warnings: Vec<String>,
}

impl DryRunReport {
    /// The report. `body_of` knows how a request is written.
    #[must_use]
    pub fn new(parts: DryRunParts<'_>, body_of: impl Fn(&ModelRequest) -> Value) -> Self {
        let DryRunParts { calls, config, counted, simulated, .. } = parts;
        let total: Forecast = calls.iter().map(|call| call.forecast(config)).sum();
        let within = |cap: Cost| total.cost.is_some_and(|cost| cost.high <= cap);
        let request = |call: &PlannedCall| PlannedRequestReport {
            step: call.step.into(),
            part: call.part,
            model: call.request().model.clone(),
            exact: call.is_exact(),
            max_calls: call.max_calls(),
            forecast: call.forecast(config).into(),
            body: body_of(call.request()),
        };
        Self {
            version: WIRE_VERSION,
            simulated,
            input_tokens_by: if counted { TokenMethod::CountTokens } else { TokenMethod::Estimate },
            requests: calls.iter().map(request).collect(),
            total: total.into(),
            max_cost_usd: config.max_cost.map(Cost::usd),
            within_max_cost: config.max_cost.map(within),
            notes: dry_run_notes(&parts, &total),
            warnings: parts.warnings,
        }
    }
}

impl From<Forecast> for ForecastReport {
    fn from(forecast: Forecast) -> Self {
        let Range { low, high } = forecast.input_tokens;
        Self {
            input_tokens: TokenRange { low, high },
            max_output_tokens: forecast.max_output_tokens,
            cost_usd: forecast.cost.map(|cost| CostRange { low: cost.low.usd(), high: cost.high.usd() }),
        }
    }
}
