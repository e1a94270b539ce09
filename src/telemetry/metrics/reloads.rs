//! Reloads of the configuration.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    result: ReloadResult,
}

/// Whether a configuration was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, missing_docs, reason = "the variants are the label's words")]
pub enum ReloadResult {
    success,
    refused,
}

/// Reloads of the configuration.
#[derive(Debug)]
pub(super) struct ReloadMetrics {
    reloads: Family<ReloadLabels, Counter>,
    configured: Gauge,
}

impl ReloadMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let reloads: Family<ReloadLabels, Counter> =
            registered(registry, names::CONFIG_RELOAD, Family::default());
        for result in [ReloadResult::success, ReloadResult::refused] {
            drop(reloads.get_or_create(&ReloadLabels { result }));
        }
        Self { reloads, configured: registered(registry, names::CONFIG_TIME, Gauge::default()) }
    }

    pub(super) fn reloaded(&self, result: ReloadResult) {
        self.reloads.get_or_create(&ReloadLabels { result }).inc();
    }

    pub(super) fn configured(&self, at: u64) {
        self.configured.set(i64::try_from(at).unwrap_or(i64::MAX));
    }
}
