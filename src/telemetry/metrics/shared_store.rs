//! The store that replicas share, where there is one; of two, all figures together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::register::registered;
use super::{buckets, names};

/// Why the store didn't do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum StoreFault {
    /// It can't be reached, or the connection broke.
    connection,
    /// It didn't answer in time.
    timeout,
    /// It wants another user or password, or doesn't let this user do it.
    refused,
    /// It loads its data, is busy, or a part of its cluster is down.
    not_ready,
    /// It is a replica, or doesn't write for another reason.
    read_only,
    /// It is full.
    out_of_memory,
    /// It answered something else.
    reply,
    /// What is kept under the key that was asked for is something else; the store is well.
    key,
    /// Anything else.
    other,
}

impl StoreFault {
    const ALL: [Self; 9] = [
        Self::connection,
        Self::timeout,
        Self::refused,
        Self::not_ready,
        Self::read_only,
        Self::out_of_memory,
        Self::reply,
        Self::key,
        Self::other,
    ];

    /// The label's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::connection => "connection",
            Self::timeout => "timeout",
            Self::refused => "refused",
            Self::not_ready => "not_ready",
            Self::read_only => "read_only",
            Self::out_of_memory => "out_of_memory",
            Self::reply => "reply",
            Self::key => "key",
            Self::other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    reason: StoreFault,
}

/// The store that replicas share.
#[derive(Debug)]
pub(super) struct StoreMetrics {
    is_there: Gauge,
    count: usize,
    /// How many of them are there.
    there: Mutex<usize>,
    errors: Family<ErrorLabels, Counter>,
    round_trips: Histogram,
}

impl StoreMetrics {
    pub(super) fn register(registry: &mut Registry, count: usize) -> Self {
        let errors: Family<ErrorLabels, Counter> =
            registered(registry, names::STORE_ERRORS, Family::default());
        for reason in StoreFault::ALL {
            drop(errors.get_or_create(&ErrorLabels { reason }));
        }
        Self {
            is_there: registered(registry, names::STORE_UP, Gauge::default()),
            round_trips: registered(registry, names::STORE_ROUND_TRIP, buckets::overhead()),
            errors,
            count,
            there: Mutex::new(0),
        }
    }

    pub(super) fn is_there(&self, is_there: bool) {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        *there = if is_there { *there + 1 } else { there.saturating_sub(1) };
        self.is_there.set(i64::from(*there >= self.count));
    }

    pub(super) fn failed(&self, reason: StoreFault) {
        self.errors.get_or_create(&ErrorLabels { reason }).inc();
    }

    pub(super) fn answered(&self, after: Duration) {
        self.round_trips.observe(after.as_secs_f64());
    }
}
