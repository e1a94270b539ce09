//! Requests to the upstream, by model and step: how long they took, and what they used and cost.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::call_error::CallErrorLabel;
use super::cost_counter::CostCounter;
use super::model_label::ModelLabel;
use super::register::registered;
use super::step_label::StepLabel;
use super::{buckets, names};
use crate::chain::{AttemptFailure, AttemptRecord, Spend};
use crate::model::AttemptUsage;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    model: ModelLabel,
    step: StepLabel,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    model: ModelLabel,
    step: StepLabel,
    /// `None` is empty, which is no label to Prometheus.
    error_type: Option<CallErrorLabel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: ModelLabel,
    step: StepLabel,
    token_type: TokenType,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UnknownLabels {
    model: ModelLabel,
    step: StepLabel,
    reason: UnknownReason,
}

/// Why a cost isn't known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum UnknownReason {
    /// The model's price isn't known.
    unpriced,
    /// The upstream never said, or not to the end, what was used.
    uncounted,
}

/// Kinds of tokens, none of which holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum TokenType {
    input,
    output,
    cache_read,
    cache_write,
}

/// Requests to the upstream.
#[derive(Debug)]
pub(super) struct CallMetrics {
    durations: Family<DurationLabels, Histogram>,
    first_chunks: Family<CallLabels, Histogram>,
    tokens: Family<TokenLabels, Histogram>,
    costs: Family<CallLabels, CostCounter>,
    unknown_costs: Family<UnknownLabels, Counter>,
}

/// The series of one model and step, looked up once.
#[derive(Debug, Clone)]
pub(super) struct CallSeries {
    labels: CallLabels,
    /// Of requests that went well; those of others are seldom needed.
    duration: Histogram,
    durations: Family<DurationLabels, Histogram>,
    first_chunk: Histogram,
    input: Histogram,
    output: Histogram,
    cache_read: Histogram,
    cache_write: Histogram,
    cost: CostCounter,
    unpriced: Counter,
    uncounted: Counter,
}

impl CallMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        Self {
            durations: registered(registry, names::OPERATION_DURATION, buckets::durations()),
            first_chunks: registered(registry, names::FIRST_CHUNK, buckets::durations()),
            tokens: registered(registry, names::TOKENS, buckets::tokens()),
            costs: registered(registry, names::COST, Family::default()),
            unknown_costs: registered(registry, names::COST_UNKNOWN, Family::default()),
        }
    }

    pub(super) fn series(&self, model: ModelLabel, step: StepLabel) -> CallSeries {
        let tokens = |token_type| {
            let labels = TokenLabels { model: model.clone(), step, token_type };
            self.tokens.get_or_create_owned(&labels)
        };
        let [input, output, cache_read, cache_write] =
            [TokenType::input, TokenType::output, TokenType::cache_read, TokenType::cache_write].map(tokens);
        let [unpriced, uncounted] = [UnknownReason::unpriced, UnknownReason::uncounted].map(|reason| {
            self.unknown_costs.get_or_create_owned(&UnknownLabels { model: model.clone(), step, reason })
        });
        let labels = CallLabels { model, step };
        CallSeries {
            duration: self.durations.get_or_create_owned(&labels.duration(None)),
            durations: self.durations.clone(),
            first_chunk: self.first_chunks.get_or_create_owned(&labels),
            input,
            output,
            cache_read,
            cache_write,
            cost: self.costs.get_or_create_owned(&labels),
            unpriced,
            uncounted,
            labels,
        }
    }
}

impl CallLabels {
    fn duration(&self, error_type: Option<CallErrorLabel>) -> DurationLabels {
        DurationLabels { model: self.model.clone(), step: self.step, error_type }
    }
}

impl CallSeries {
    /// A request has ended. What it used and cost is what a [`Spend`] of it alone says.
    pub(super) fn ended(&self, record: &AttemptRecord) {
        let took = record.elapsed.as_secs_f64();
        match &record.failure {
            None => self.duration.observe(took),
            Some(failure) => self.failed(failure, took),
        }
        self.first_chunk(record.first_content);
        let mut spend = Spend::default();
        spend.add_attempt(record);
        // What was never billed has no tokens, rather than a request of 0 of them.
        if record.usage != AttemptUsage::Nothing {
            self.count_tokens(&spend);
        }
        if let Some(cost) = spend.cost {
            self.cost.add(cost);
        }
        if spend.unpriced {
            self.unpriced.inc();
        } else if !spend.is_complete() {
            self.uncounted.inc();
        }
    }

    /// A request was begun of which nothing further was heard.
    pub(super) fn was_lost(&self) {
        self.uncounted.inc();
    }

    fn failed(&self, failure: &AttemptFailure, took: f64) {
        if let Some(error) = CallErrorLabel::of(failure) {
            self.durations.get_or_create(&self.labels.duration(Some(error))).observe(took);
        }
    }

    fn first_chunk(&self, after: Option<Duration>) {
        if let Some(after) = after {
            self.first_chunk.observe(after.as_secs_f64());
        }
    }

    fn count_tokens(&self, spend: &Spend) {
        let usage = &spend.usage;
        for (series, tokens) in [
            (&self.input, usage.input),
            (&self.output, usage.output),
            (&self.cache_read, usage.cache_read),
            (&self.cache_write, usage.cache_write()),
        ] {
            if let Some(tokens) = tokens {
                series.observe(as_float(tokens));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 tokens")]
fn as_float(tokens: u64) -> f64 {
    tokens as f64
}
