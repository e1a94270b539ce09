//! Runs: how long they took and how they ended, what we took of that ourselves, and how soon a call is
//! dropped.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::register::registered;
use super::run_error::{ErrorLabels, RunError};
use super::{buckets, names};
use crate::chain::{AttemptRecord, ChainError};
use crate::model::Usage;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RunLabels {
    stream: bool,
    outcome: RunOutcome,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum RunOutcome {
    /// With an answer.
    ok,
    /// A gate rejected a reply, or the model refused.
    rejected,
    /// The upstream failed.
    upstream,
    /// The circuit was open.
    breaker_open,
    /// A time limit was reached.
    timeout,
    /// It didn't fit into the model's context or the budget.
    over_limit,
    /// The client left.
    cancelled,
    /// The server ended.
    shutdown,
    /// Through a bug.
    internal,
}

impl RunOutcome {
    const ALL: [Self; 9] = [
        Self::ok,
        Self::rejected,
        Self::upstream,
        Self::breaker_open,
        Self::timeout,
        Self::over_limit,
        Self::cancelled,
        Self::shutdown,
        Self::internal,
    ];

    /// Of a run that failed with that error.
    #[must_use]
    pub fn of_error(error: &ChainError) -> Self {
        match error.cause() {
            ChainError::Upstream { .. } => Self::upstream,
            ChainError::CircuitOpen { .. } => Self::breaker_open,
            ChainError::TimedOut { .. } => Self::timeout,
            ChainError::Rejected { .. } | ChainError::Refused { .. } | ChainError::Part { .. } => {
                Self::rejected
            }
            ChainError::ContextExceeded { .. }
            | ChainError::OverBudget { .. }
            | ChainError::NotPaid { .. }
            | ChainError::UnknownPrice { .. } => Self::over_limit,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OverheadLabels {
    phase: OverheadPhase,
}

/// When time was ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum OverheadPhase {
    request,
    between_steps,
    response,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CancelLabels {
    phase: CancelPhase,
}

/// What had come of the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum CancelPhase {
    before_first_byte,
    mid_stream,
}

impl CancelPhase {
    fn of(record: &AttemptRecord) -> Self {
        let has_begun = record.first_content.is_some()
            || record.request_id.is_some()
            || record.usage.counted() != Usage::default();
        if has_begun { Self::mid_stream } else { Self::before_first_byte }
    }
}

/// Our own share of runs, by phase.
#[derive(Debug, Clone)]
pub(super) struct Overheads {
    pub(super) request: Histogram,
    pub(super) between_steps: Histogram,
    pub(super) response: Histogram,
}

/// Runs.
#[derive(Debug)]
pub(super) struct ChainMetrics {
    durations: Family<RunLabels, Histogram>,
    errors: Family<ErrorLabels, Counter>,
    first_text: Histogram,
    pub(super) overheads: Overheads,
    cancels: Family<CancelLabels, Histogram>,
}

impl ChainMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations: Family<RunLabels, Histogram> =
            registered(registry, names::REQUEST_DURATION, buckets::durations());
        let errors: Family<ErrorLabels, Counter> = registered(registry, names::RUN_ERRORS, Family::default());
        // All from the start: the first of a kind would be no increase otherwise, and ratios wouldn't hold.
        for (stream, outcome) in
            [false, true].into_iter().flat_map(|it| RunOutcome::ALL.map(|outcome| (it, outcome)))
        {
            drop(durations.get_or_create(&RunLabels { stream, outcome }));
        }
        for code in RunError::ALL {
            drop(errors.get_or_create(&ErrorLabels { code }));
        }
        let overheads = registered(registry, names::OVERHEAD, buckets::overheads());
        let overhead = |phase| overheads.get_or_create_owned(&OverheadLabels { phase });
        let cancels = registered(registry, names::UPSTREAM_CANCEL, buckets::overheads());
        for phase in [CancelPhase::before_first_byte, CancelPhase::mid_stream] {
            drop(cancels.get_or_create(&CancelLabels { phase }));
        }
        Self {
            durations,
            errors,
            first_text: registered(registry, names::FIRST_TEXT, buckets::duration()),
            overheads: Overheads {
                request: overhead(OverheadPhase::request),
                between_steps: overhead(OverheadPhase::between_steps),
                response: overhead(OverheadPhase::response),
            },
            cancels,
        }
    }

    /// A run has ended.
    pub(super) fn ended(&self, stream: bool, outcome: RunOutcome, took: Duration) {
        self.durations.get_or_create(&RunLabels { stream, outcome }).observe(took.as_secs_f64());
    }

    /// A run has failed.
    pub(super) fn failed(&self, code: RunError) {
        self.errors.get_or_create(&ErrorLabels { code }).inc();
    }

    /// The first text of a streamed answer is there, that long after its request.
    pub(super) fn first_text(&self, after: Duration) {
        self.first_text.observe(after.as_secs_f64());
    }

    /// A call was dropped with its run, which took that long.
    pub(super) fn cancelled(&self, record: &AttemptRecord, took: Duration) {
        let labels = CancelLabels { phase: CancelPhase::of(record) };
        self.cancels.get_or_create(&labels).observe(took.as_secs_f64());
    }
}
