//! Places for runs: how many there are and are taken, and whom there was none for.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;

/// Places as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlacesReading {
    /// Runs under way.
    pub runs: usize,
    /// Places taken: by runs, and by the calls that they make beyond one at a time.
    pub taken: usize,
    /// All places.
    pub max: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    reason: RunRefusal,
}

/// Why a run wasn't begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub enum RunRefusal {
    /// All places were taken.
    full,
    /// The server is ending.
    draining,
}

/// Places for runs.
#[derive(Debug)]
pub(super) struct PlaceMetrics {
    active: Gauge,
    taken: Gauge,
    max: Gauge,
    refusals: Family<RefusalLabels, Counter>,
}

impl PlaceMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let refusals: Family<RefusalLabels, Counter> =
            registered(registry, names::RUNS_REFUSED, Family::default());
        for reason in [RunRefusal::full, RunRefusal::draining] {
            drop(refusals.get_or_create(&RefusalLabels { reason }));
        }
        Self {
            active: registered(registry, names::RUNS_ACTIVE, Gauge::default()),
            taken: registered(registry, names::PLACES_TAKEN, Gauge::default()),
            max: registered(registry, names::PLACES, Gauge::default()),
            refusals,
        }
    }

    pub(super) fn are(&self, reading: PlacesReading) {
        let set = |gauge: &Gauge, number: usize| gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
        set(&self.active, reading.runs);
        set(&self.taken, reading.taken);
        set(&self.max, reading.max);
    }

    pub(super) fn refused(&self, reason: RunRefusal) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }
}
