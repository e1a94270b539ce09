//! Steps: how long they took, and how their attempts went.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::register::registered;
use super::step_label::StepLabel;
use super::{buckets, names};
use crate::chain::{AttemptFailure, ChainError, StepName};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StepLabels {
    step: StepLabel,
    outcome: StepOutcome,
}

/// How a step, or an attempt of it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub(super) enum StepOutcome {
    ok,
    /// It failed, and may succeed a little later.
    retryable,
    /// It failed for good.
    fatal,
    timeout,
    cancelled,
    breaker_open,
}

impl StepOutcome {
    const ALL: [Self; 6] =
        [Self::ok, Self::retryable, Self::fatal, Self::timeout, Self::cancelled, Self::breaker_open];

    /// Of an attempt; `None` for one that was answered.
    pub(super) fn of_attempt(failure: Option<&AttemptFailure>) -> Self {
        match failure {
            None => Self::ok,
            Some(AttemptFailure::TimedOut(_)) => Self::timeout,
            Some(AttemptFailure::Cancelled) => Self::cancelled,
            Some(AttemptFailure::Call(_) | AttemptFailure::Silence { .. }) => {
                if failure.is_some_and(AttemptFailure::is_retryable) { Self::retryable } else { Self::fatal }
            }
        }
    }

    /// Of the step that a run failed in.
    pub(super) fn of_error(error: &ChainError) -> Self {
        match error.cause() {
            ChainError::Upstream { failure, .. } => Self::of_attempt(Some(failure)),
            ChainError::CircuitOpen { .. } => Self::breaker_open,
            ChainError::TimedOut { .. } => Self::timeout,
            ChainError::Rejected { .. }
            | ChainError::Refused { .. }
            | ChainError::ContextExceeded { .. }
            | ChainError::OverBudget { .. }
            | ChainError::NotPaid { .. }
            | ChainError::UnknownPrice { .. }
            | ChainError::Part { .. } => Self::fatal,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    step: StepLabel,
}

/// Steps and their attempts.
#[derive(Debug)]
pub(super) struct StepMetrics {
    durations: Family<StepLabels, Histogram>,
    attempts: Family<StepLabels, Counter>,
    refusals: Family<RefusalLabels, Counter>,
}

impl StepMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let attempts: Family<StepLabels, Counter> =
            registered(registry, names::STEP_ATTEMPTS, Family::default());
        let refusals: Family<RefusalLabels, Counter> =
            registered(registry, names::REFUSALS, Family::default());
        for step in StepName::ALL {
            drop(refusals.get_or_create(&RefusalLabels { step: step.into() }));
            for outcome in StepOutcome::ALL {
                drop(attempts.get_or_create(&StepLabels { step: step.into(), outcome }));
            }
        }
        let durations = registered(registry, names::STEP_DURATION, buckets::durations());
        Self { durations, attempts, refusals }
    }

    /// The model has declined to answer in a step.
    pub(super) fn refused(&self, step: StepLabel) {
        self.refusals.get_or_create(&RefusalLabels { step }).inc();
    }

    /// A step has ended.
    pub(super) fn ended(&self, step: StepLabel, outcome: StepOutcome, took: Duration) {
        let labels = StepLabels { step, outcome };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// An attempt of a step has ended, or was refused.
    pub(super) fn attempted(&self, step: StepLabel, outcome: StepOutcome) {
        self.attempts.get_or_create(&StepLabels { step, outcome }).inc();
    }
}
