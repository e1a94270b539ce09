//! Streamed responses: how many there are, and how they end.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::register::registered;
use super::{Metrics, names};
use crate::chain::{AttemptFailure, ChainError};
use crate::model::CallErrorKind;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    reason: StreamEnd,
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum StreamEnd {
    /// All of the answer was handed over.
    complete,
    /// The client left.
    client_gone,
    /// The upstream failed, or its circuit was open.
    upstream_error,
    /// The upstream's reply broke off.
    upstream_truncated,
    /// The client took nothing for too long.
    stalled,
    /// A time limit was reached.
    deadline,
    /// The server ended.
    shutdown,
    /// A gate rejected a reply, the model refused, or the budget or the context was too small.
    rejected,
    /// Through a bug.
    internal,
}

impl StreamEnd {
    const ALL: [Self; 9] = [
        Self::complete,
        Self::client_gone,
        Self::upstream_error,
        Self::upstream_truncated,
        Self::stalled,
        Self::deadline,
        Self::shutdown,
        Self::rejected,
        Self::internal,
    ];

    /// Of a stream whose run failed with that error.
    #[must_use]
    pub fn of_error(error: &ChainError) -> Self {
        match error.cause() {
            ChainError::Upstream { failure: AttemptFailure::Call(call), .. } => match call.kind {
                CallErrorKind::Truncated | CallErrorKind::Interrupted(_) => Self::upstream_truncated,
                _ => Self::upstream_error,
            },
            ChainError::Upstream { .. } | ChainError::CircuitOpen { .. } => Self::upstream_error,
            ChainError::TimedOut { .. } => Self::deadline,
            ChainError::Rejected { .. }
            | ChainError::Refused { .. }
            | ChainError::ContextExceeded { .. }
            | ChainError::OverBudget { .. }
            | ChainError::NotPaid { .. }
            | ChainError::UnknownPrice { .. }
            | ChainError::Part { .. } => Self::rejected,
        }
    }
}

/// Streamed responses.
#[derive(Debug)]
pub(super) struct StreamMetrics {
    active: Gauge,
    heartbeats: Counter,
    ends: Family<EndLabels, Counter>,
}

impl StreamMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let ends: Family<EndLabels, Counter> = registered(registry, names::STREAM_END, Family::default());
        for reason in StreamEnd::ALL {
            drop(ends.get_or_create(&EndLabels { reason }));
        }
        Self {
            active: registered(registry, names::STREAMS_ACTIVE, Gauge::default()),
            heartbeats: registered(registry, names::HEARTBEATS, Counter::default()),
            ends,
        }
    }
}

/// A streamed response under way, which has to be told how it [`end`](Self::end)s. Dropped without that, it is
/// one whose client left.
#[derive(Debug)]
pub struct StreamInMetrics {
    metrics: Arc<Metrics>,
    end: StreamEnd,
}

impl StreamInMetrics {
    /// A stream has begun.
    #[must_use]
    pub fn begin(metrics: Arc<Metrics>) -> Self {
        metrics.streams.active.inc();
        Self { metrics, end: StreamEnd::client_gone }
    }

    /// A chunk without content is sent, so that something is.
    pub fn heartbeat(&self) {
        self.metrics.streams.heartbeats.inc();
    }

    /// That is how it ends, unless something else is said before it is dropped.
    pub fn end(&mut self, end: StreamEnd) {
        self.end = end;
    }
}

impl Drop for StreamInMetrics {
    fn drop(&mut self) {
        self.metrics.streams.active.dec();
        self.metrics.streams.ends.get_or_create(&EndLabels { reason: self.end }).inc();
    }
}
