//! What the server counts of itself, for Prometheus.
//!
//! A small file for each area, their names in `names.rs` alone. Every label is of a type with a closed set of
//! values, so that nothing that clients send becomes a series. Where something happens often, its series is
//! looked up once; what is left then is an atomic addition.

mod admission;
mod breakers;
mod buckets;
mod calls;
mod cost_counter;
mod http;
mod http_labels;
mod model_label;
mod names;
mod overhead;
mod register;
mod run_metrics;
mod runs;
mod shared_store;
mod step_label;
mod steps;
mod streams;
#[cfg(test)]
mod tests;

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::chain::PerStep;
use crate::resilience::BreakerStatus;
use admission::AdmissionMetrics;
use breakers::BreakerMetrics;
use calls::{CallMetrics, CallSeries};
use http::HttpMetrics;
use register::registered;
use runs::ChainMetrics;
use shared_store::StoreMetrics;
use steps::StepMetrics;
use streams::StreamMetrics;

pub use admission::{AuthReason, LimitBackend, RateDecision};
pub use http::RequestInMetrics;
pub use model_label::{KnownModels, ModelLabel};
pub use run_metrics::RunMetrics;
pub use runs::RunOutcome;
pub use shared_store::StoreFault;
pub use streams::{StreamEnd, StreamInMetrics};

/// The `Content-Type` of what [`Metrics::encode`] writes: the text format that Prometheus takes by default.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Everything that the server counts of itself.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    models: KnownModels,
    http: HttpMetrics,
    chain: ChainMetrics,
    steps: StepMetrics,
    calls: CallMetrics,
    streams: StreamMetrics,
    admission: AdmissionMetrics,
    breakers: BreakerMetrics,
    store: Option<StoreMetrics>,
    draining: Gauge,
}

/// What isn't counted as it happens, but looked at when it is asked for.
#[derive(Debug, Clone)]
pub struct Readings {
    /// The keys that the rate limiter remembers.
    pub limiter_keys: usize,
    /// Whether the server begins nothing further.
    pub is_draining: bool,
    /// All circuits.
    pub breakers: Vec<BreakerStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

impl Metrics {
    /// With nothing counted yet. Of models, only those that are known have a name in labels.
    #[must_use]
    pub fn new(models: KnownModels) -> Self {
        let mut registry = Registry::default();
        let build = BuildLabels { version: env!("CARGO_PKG_VERSION") };
        registry.register(names::BUILD.name, names::BUILD.help, Info::new(build));
        Self {
            models,
            http: HttpMetrics::register(&mut registry),
            chain: ChainMetrics::register(&mut registry),
            steps: StepMetrics::register(&mut registry),
            calls: CallMetrics::register(&mut registry),
            streams: StreamMetrics::register(&mut registry),
            admission: AdmissionMetrics::register(&mut registry),
            breakers: BreakerMetrics::register(&mut registry),
            store: None,
            draining: registered(&mut registry, names::DRAINING, Gauge::default()),
            registry,
        }
    }

    /// The same where replicas share a store.
    #[must_use]
    pub fn with_store(mut self) -> Self {
        self.store = Some(StoreMetrics::register(&mut self.registry));
        self
    }

    /// Has the series of the rate limiter's decisions begin at 0.
    pub fn expect_rates(&self, backend: LimitBackend) {
        self.admission.expect_rates(backend);
    }

    /// Has the series of these models begin at 0, rather than with the first call.
    pub fn expect(&self, models: &PerStep<String>) {
        drop(self.calls_of(models));
    }

    /// A request had no token that holds.
    pub fn token_rejected(&self, reason: AuthReason) {
        self.admission.token_rejected(reason);
    }

    /// The rate limiter has decided on a request.
    pub fn rate_decided(&self, decision: RateDecision, backend: LimitBackend, degraded: bool) {
        self.admission.rate_decided(decision, backend, degraded);
    }

    /// The shared store is there, or isn't any longer.
    pub fn store_is_there(&self, is_there: bool) {
        self.store.iter().for_each(|store| store.is_there(is_there));
    }

    /// The shared store didn't do what it was asked for, or wasn't reached.
    pub fn store_failed(&self, fault: StoreFault) {
        self.store.iter().for_each(|store| store.failed(fault));
    }

    /// The shared store answered after so long.
    pub fn store_answered(&self, after: Duration) {
        self.store.iter().for_each(|store| store.answered(after));
    }

    /// Everything in the text format of Prometheus.
    #[must_use]
    pub fn encode(&self, readings: &Readings) -> String {
        let Readings { limiter_keys, is_draining, breakers } = readings;
        self.admission.limiter_keys.set(i64::try_from(*limiter_keys).unwrap_or(i64::MAX));
        self.draining.set(i64::from(*is_draining));
        for breaker in breakers {
            self.breakers.stands(self.models.label(&breaker.model), breaker.state);
        }
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }

    fn calls_of(&self, models: &PerStep<String>) -> PerStep<CallSeries> {
        models.as_ref().map(|step, model| self.calls.series(self.models.label(model), step))
    }
}
