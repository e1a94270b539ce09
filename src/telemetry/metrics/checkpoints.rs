//! What requests with an `Idempotency-Key` reused, and what was kept for them.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;
use super::step_label::StepLabel;
use crate::chain::StepName;

/// What became of a request with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum CheckpointUse {
    /// There was nothing to reuse.
    new,
    /// Some steps were reused.
    resumed,
    /// The whole answer was.
    replayed,
    /// The key was used for another body.
    conflict,
    /// What was there couldn't be read: the run began anew, and is counted as new too.
    unreadable,
    /// The store was gone: the run went on without.
    unavailable,
    /// It waited for the same request until its own time was over.
    timeout,
}

/// What became of a checkpoint that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum CheckpointWrite {
    /// It is kept.
    kept,
    /// It is larger than may be.
    too_large,
    /// The lease had lapsed: a repeat has taken the run's place, or the store has lost all that it had.
    lost,
    /// The store is gone, or what is to be kept couldn't be read again.
    failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UseLabels {
    result: CheckpointUse,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    result: CheckpointWrite,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StepLabels {
    step: StepLabel,
}

/// What was reused and what was kept.
#[derive(Debug)]
pub(super) struct CheckpointMetrics {
    requests: Family<UseLabels, Counter>,
    reused: Family<StepLabels, Counter>,
    writes: Family<WriteLabels, Counter>,
    /// What is remembered in memory.
    pub(super) in_memory: Gauge,
}

impl CheckpointMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        use CheckpointUse::{conflict, new, replayed, resumed, timeout, unavailable, unreadable};
        use CheckpointWrite::{failed, kept, lost, too_large};
        let requests = registered(registry, names::CHECKPOINT_REQUESTS, Family::default());
        let reused = registered(registry, names::CHECKPOINT_REUSED, Family::default());
        let writes = registered(registry, names::CHECKPOINT_WRITES, Family::default());
        let in_memory = registered(registry, names::CHECKPOINTS, Gauge::default());
        let metrics = Self { requests, reused, writes, in_memory };
        for result in [new, resumed, replayed, conflict, unreadable, unavailable, timeout] {
            drop(metrics.requests.get_or_create(&UseLabels { result }));
        }
        for step in StepName::ALL.into_iter().map(StepLabel::from).chain([StepLabel::background_task]) {
            drop(metrics.reused.get_or_create(&StepLabels { step }));
        }
        for result in [kept, too_large, lost, failed] {
            drop(metrics.writes.get_or_create(&WriteLabels { result }));
        }
        metrics
    }

    pub(super) fn used(&self, result: CheckpointUse) {
        self.requests.get_or_create(&UseLabels { result }).inc();
    }

    pub(super) fn reused(&self, step: StepLabel) {
        self.reused.get_or_create(&StepLabels { step }).inc();
    }

    pub(super) fn written(&self, result: CheckpointWrite) {
        self.writes.get_or_create(&WriteLabels { result }).inc();
    }
}
