//! What the server counts of itself, for Prometheus.
//!
//! A small file for each area, their names in `names.rs` alone. Every label is of a type with a closed set of
//! values, so that nothing that clients send becomes a series. Where something happens often, its series is
//! looked up once; what is left then is an atomic addition.

mod admission;
mod background_tasks;
mod breakers;
mod buckets;
mod budgets;
mod call_error;
mod calls;
mod checkpoints;
mod cost_counter;
mod deliveries;
mod http;
mod http_labels;
mod model_label;
mod names;
mod overhead;
mod places;
mod process;
mod register;
mod reloads;
mod run_error;
mod run_metrics;
mod runs;
mod shared_store;
mod step_label;
mod steps;
mod streams;
#[cfg(test)]
mod tests;

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::chain::{PerStep, StepName};
use crate::model::Cost;
use crate::resilience::BreakerStatus;
use admission::AdmissionMetrics;
use background_tasks::BackgroundTaskMetrics;
use breakers::BreakerMetrics;
use budgets::BudgetMetrics;
use calls::{CallMetrics, CallSeries};
use checkpoints::CheckpointMetrics;
use http::HttpMetrics;
use places::PlaceMetrics;
use process::ProcessMetrics;
use register::registered;
use reloads::ReloadMetrics;
use runs::ChainMetrics;
use shared_store::StoreMetrics;
use step_label::StepLabel;
use steps::StepMetrics;
use streams::StreamMetrics;

pub use admission::{AuthReason, LimitBackend, RateDecision};
pub use background_tasks::TaskLabel;
pub use budgets::BudgetDecision;
pub use checkpoints::{CheckpointUse, CheckpointWrite};
pub use deliveries::Deliveries;
pub use http::RequestInMetrics;
pub use model_label::{KnownModels, ModelLabel};
pub use places::{PlacesReading, RunRefusal};
pub use reloads::ReloadResult;
pub use run_error::RunError;
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
    models: RwLock<KnownModels>,
    http: HttpMetrics,
    chain: ChainMetrics,
    places: PlaceMetrics,
    steps: StepMetrics,
    calls: CallMetrics,
    streams: StreamMetrics,
    background_tasks: BackgroundTaskMetrics,
    checkpoints: CheckpointMetrics,
    budgets: BudgetMetrics,
    admission: AdmissionMetrics,
    breakers: BreakerMetrics,
    reloads: ReloadMetrics,
    store: Option<StoreMetrics>,
    draining: Gauge,
}

/// What isn't counted as it happens, but looked at when it is asked for.
#[derive(Debug, Clone)]
pub struct Readings {
    /// The keys that the rate limiter remembers.
    pub limiter_keys: usize,
    /// The requests with an `Idempotency-Key` that are remembered in memory.
    pub checkpoints: usize,
    /// The places for runs.
    pub places: PlacesReading,
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
        registry.register_collector(Box::new(ProcessMetrics));
        Self {
            models: RwLock::new(models),
            http: HttpMetrics::register(&mut registry),
            chain: ChainMetrics::register(&mut registry),
            places: PlaceMetrics::register(&mut registry),
            steps: StepMetrics::register(&mut registry),
            calls: CallMetrics::register(&mut registry),
            streams: StreamMetrics::register(&mut registry),
            background_tasks: BackgroundTaskMetrics::register(&mut registry),
            checkpoints: CheckpointMetrics::register(&mut registry),
            budgets: BudgetMetrics::register(&mut registry),
            admission: AdmissionMetrics::register(&mut registry),
            breakers: BreakerMetrics::register(&mut registry),
            reloads: ReloadMetrics::register(&mut registry),
            store: None,
            draining: registered(&mut registry, names::DRAINING, Gauge::default()),
            registry,
        }
    }

    /// From now on these models have a name in labels too. Those that had one keep it: a run that calls
    /// them may be under way.
    pub fn know(&self, models: KnownModels) {
        let mut known = self.models.write().unwrap_or_else(PoisonError::into_inner);
        *known = models.and(&known);
    }

    /// The same, with what becomes of what is sent away in the background.
    #[must_use]
    pub fn with_deliveries(mut self, deliveries: Deliveries) -> Self {
        for collector in deliveries.collectors() {
            self.registry.register_collector(Box::new(collector));
        }
        self
    }

    /// The same where replicas share so many stores.
    #[must_use]
    pub fn with_stores(mut self, count: usize) -> Self {
        self.store = Some(StoreMetrics::register(&mut self.registry, count));
        self
    }

    /// Has the series of the rate limiter's decisions begin at 0.
    pub fn expect_rates(&self, backend: LimitBackend) {
        self.admission.expect_rates(backend);
    }

    /// Has the series of these models begin at 0, rather than with the first call.
    pub fn expect(&self, models: &PerStep<String>) {
        drop(self.calls_of(models, StepLabel::from));
        for (_, model) in models.iter() {
            self.breakers.expect(&self.label(model));
        }
    }

    /// A run wasn't begun.
    pub fn run_refused(&self, reason: RunRefusal) {
        self.places.refused(reason);
    }

    /// A request had no token that holds.
    pub fn token_rejected(&self, reason: AuthReason) {
        self.admission.token_rejected(reason);
    }

    /// The rate limiter has decided on a request.
    pub fn rate_decided(&self, decision: RateDecision, backend: LimitBackend, degraded: bool) {
        self.admission.rate_decided(decision, backend, degraded);
    }

    /// A shared store that wasn't there is, or isn't any longer.
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

    /// A request had a key by which something could be reused.
    pub fn checkpoint_used(&self, result: CheckpointUse) {
        self.checkpoints.used(result);
    }

    /// A call was to be paid out of its caller's budget.
    pub fn budget_decided(&self, decision: BudgetDecision, degraded: bool) {
        self.budgets.decided(decision, degraded);
    }

    /// So much was booked on a caller's budget.
    pub fn budget_settled(&self, spent: Cost) {
        self.budgets.settled(spent);
    }

    /// A checkpoint was to be kept.
    pub fn checkpoint_written(&self, result: CheckpointWrite) {
        self.checkpoints.written(result);
    }

    /// A request of a chat UI's own is answered by one call.
    pub fn bypassed(&self, task: TaskLabel) {
        self.background_tasks.bypassed(task);
    }

    /// The configuration was to be reloaded.
    pub fn reloaded(&self, result: ReloadResult) {
        self.reloads.reloaded(result);
    }

    /// A configuration has been taken, at that time in seconds of unix time.
    pub fn configured(&self, at: u64) {
        self.reloads.configured(at);
    }

    /// Everything in the text format of Prometheus.
    #[must_use]
    pub fn encode(&self, readings: &Readings) -> String {
        let Readings { limiter_keys, checkpoints, places, is_draining, breakers } = readings;
        let set = |gauge: &Gauge, number: usize| gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
        set(&self.admission.limiter_keys, *limiter_keys);
        set(&self.checkpoints.in_memory, *checkpoints);
        self.places.are(*places);
        self.draining.set(i64::from(*is_draining));
        for breaker in breakers {
            self.breakers.stands(self.label(&breaker.model), breaker.state);
        }
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }

    fn calls_of(
        &self,
        models: &PerStep<String>,
        label: impl Fn(StepName) -> StepLabel,
    ) -> PerStep<CallSeries> {
        models.as_ref().map(|step, model| self.calls.series(self.label(model), label(step)))
    }

    fn label(&self, model: &str) -> ModelLabel {
        self.models.read().unwrap_or_else(PoisonError::into_inner).label(model)
    }
}
