//! What callers may spend in a day: what was decided, and what was spent.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;
use crate::model::Cost;

/// What became of a call that was to be paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum BudgetDecision {
    /// What it may cost was set aside.
    reserved,
    /// It may cost more than is left.
    refused,
    /// Nobody could say what is left.
    unavailable,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    decision: BudgetDecision,
    degraded: bool,
}

/// What callers may spend.
#[derive(Debug)]
pub(super) struct BudgetMetrics {
    decisions: Family<DecisionLabels, Counter>,
    settled: Counter<f64, AtomicU64>,
}

impl BudgetMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        use BudgetDecision::{refused, reserved, unavailable};
        let decisions: Family<DecisionLabels, Counter> =
            registered(registry, names::BUDGET_DECISIONS, Family::default());
        for (decision, degraded) in
            [(reserved, false), (reserved, true), (refused, false), (refused, true), (unavailable, true)]
        {
            drop(decisions.get_or_create(&DecisionLabels { decision, degraded }));
        }
        Self { decisions, settled: registered(registry, names::BUDGET_SETTLED, Counter::default()) }
    }

    pub(super) fn decided(&self, decision: BudgetDecision, degraded: bool) {
        self.decisions.get_or_create(&DecisionLabels { decision, degraded }).inc();
    }

    pub(super) fn settled(&self, spent: Cost) {
        self.settled.inc_by(spent.usd());
    }
}
