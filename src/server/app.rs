//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use tokio::time::{Instant, timeout};
use tracing::Span;

use super::api_error::ApiError;
use super::auth::{AuthFailure, KeyError, TokenVerifier};
use super::background_task::recognise;
use super::lifecycle::Lifecycle;
use super::rate_limit::{Decision, Outcome, RateKey, RateLimiter, Scope, Verdict};
use super::repeats::Checkpoints;
use super::runs::{RunPlace, Runs};
use super::served_models::{ServedModel, ServedModels};
use super::shared_store::StoreError;
use super::spending::Budgets;
use super::stores::{StoreHealth, Stores};
use crate::chain::Engine;
use crate::model::Cost;
use crate::resilience::{BreakerRegistry, BreakerState};
use crate::settings::{BackgroundTask, ServerSettings};
use crate::telemetry::RunTelemetry;
use crate::telemetry::metrics::{Deliveries, KnownModels, LimitBackend, Metrics, RateDecision, Readings};
use crate::telemetry::traces::{RunTrace, TracedCalls, TracedRun, Tracer};
use crate::trace_context::TraceContext;

/// How long a server that ends waits for the store.
const SETTLE_UP: Duration = Duration::from_secs(1);

/// What a server is made of.
pub struct Parts {
    /// Runs the chains.
    pub engine: Engine,
    /// The circuits of the upstream, as the engine knows them.
    pub breakers: Arc<BreakerRegistry>,
    /// The upstream's origin, by which they are found.
    pub upstream: String,
    /// What clients can ask for.
    pub models: ServedModels,
    /// How it is served.
    pub settings: ServerSettings,
    /// How long a client may take nothing of what it is sent.
    pub stall: Duration,
    /// The server's life.
    pub lifecycle: Lifecycle,
    /// Where spans begin, if they are made.
    pub tracer: Option<Tracer>,
    /// What becomes of the log's lines and of spans, where they are sent away.
    pub deliveries: Deliveries,
}

/// A server can't be made of its parts.
#[derive(Debug, thiserror::Error)]
pub enum CantOpen {
    /// Tokens can't be verified with the keys in the settings.
    #[error("tokens can't be verified")]
    Keys(#[from] KeyError),
    /// The store that replicas share can't be connected to.
    #[error("the shared store can't be connected to: {0}")]
    Store(String),
}

impl From<StoreError> for CantOpen {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

/// What all requests share.
pub(super) struct App {
    pub(super) engine: Engine,
    pub(super) models: ServedModels,
    pub(super) verifier: TokenVerifier,
    pub(super) lifecycle: Lifecycle,
    pub(super) runs: Arc<Runs>,
    pub(super) settings: ServerSettings,
    pub(super) stall: Duration,
    pub(super) metrics: Arc<Metrics>,
    pub(super) tracer: Option<Tracer>,
    limiter: RateLimiter,
    /// What of runs is kept for their repeats.
    pub(super) checkpoints: Checkpoints,
    /// What callers may spend, and have spent.
    pub(super) budgets: Budgets,
    stores: Stores,
    breakers: Arc<BreakerRegistry>,
    upstream: String,
}

impl App {
    /// # Errors
    /// If tokens can't be verified with the keys in the settings, or the store not be connected to with the
    /// certificates there.
    pub(super) fn new(parts: Parts) -> Result<Self, CantOpen> {
        let Parts { engine, breakers, upstream, models, settings, stall, lifecycle, tracer, deliveries } =
            parts;
        let runs = Arc::new(Runs::new(settings.max_concurrent_runs, lifecycle.clone()));
        let metrics = Arc::new(metrics(&models, &settings, deliveries));
        let stores = Stores::open(&settings.store, &metrics)?;
        let checkpoints = Checkpoints::new(stores.rest.clone(), &settings.checkpoints, Arc::clone(&metrics));
        let budgets = Budgets::new(
            stores.rest.clone(),
            settings.store.on_error,
            settings.budget_usd_per_day,
            Arc::clone(&metrics),
        );
        let limits = &settings.rate_limits;
        let limiter = match &stores.limits {
            Some(store) => RateLimiter::shared(limits, Arc::clone(store), settings.store.on_error),
            None => RateLimiter::new(limits),
        };
        breakers.observe(metrics.clone());
        Ok(Self {
            engine: engine.with_places(runs.places()),
            models,
            verifier: TokenVerifier::new(&settings.jwt)?,
            limiter,
            checkpoints,
            budgets,
            stores,
            metrics,
            tracer,
            runs,
            lifecycle,
            settings,
            stall,
            breakers,
            upstream,
        })
    }

    /// What tells of a run of `served` that begins now, below `parent` if there is one, and where it stands in
    /// a trace.
    pub(super) fn traced(
        &self,
        served: &ServedModel,
        parent: Option<TraceContext>,
        calls: TracedCalls,
    ) -> (RunTelemetry, Option<TraceContext>) {
        let Some(tracer) = &self.tracer else { return (RunTelemetry::default(), parent) };
        let run = TracedRun { name: &served.name, chain: &served.chain, upstream: &self.upstream, calls };
        let (trace, place) = RunTrace::begin(tracer, parent.as_ref(), run);
        (RunTelemetry::begin(trace), Some(place))
    }

    /// The same server by other parts: with its counts, places, circuits and life, whatever those parts say.
    ///
    /// # Errors
    /// If tokens can't be verified with the keys in the settings. Nothing has been changed then.
    pub(super) fn reloaded(&self, parts: Parts) -> Result<Self, KeyError> {
        let Parts { engine, models, settings, stall, .. } = parts;
        let verifier = TokenVerifier::new(&settings.jwt)?;
        self.runs.resize(settings.max_concurrent_runs);
        know(&self.metrics, &models);
        Ok(Self {
            engine: engine.with_places(self.runs.places()),
            models,
            verifier,
            limiter: self.limiter.with_limits(&settings.rate_limits),
            metrics: Arc::clone(&self.metrics),
            runs: Arc::clone(&self.runs),
            lifecycle: self.lifecycle.clone(),
            checkpoints: self.checkpoints.with(&settings.checkpoints),
            budgets: self.budgets.with(settings.budget_usd_per_day),
            settings,
            stall,
            stores: self.stores.clone(),
            breakers: Arc::clone(&self.breakers),
            upstream: self.upstream.clone(),
            tracer: self.tracer.clone(),
        })
    }

    /// A place for a run.
    ///
    /// # Errors
    /// 503 if there is none, which is counted.
    pub(super) fn begin_run(&self) -> Result<RunPlace, ApiError> {
        self.runs.begin().map_err(|why| {
            self.metrics.run_refused(why.into());
            why.into()
        })
    }

    /// Decides on a request, and counts that decision; `None` if nothing limits it.
    ///
    /// # Errors
    /// What the client is told if nobody can decide.
    pub(super) async fn limit(&self, scope: Scope, key: &RateKey) -> Result<Option<Decision>, ApiError> {
        match self.limiter.decide(scope, key, Instant::now()).await {
            Ok(None) => Ok(None),
            Ok(Some(Verdict { decision, backend, degraded })) => {
                let outcome = match decision.outcome {
                    Outcome::Allowed => RateDecision::allowed,
                    Outcome::Refused => RateDecision::refused,
                };
                self.metrics.rate_decided(outcome, backend, degraded);
                Ok(Some(decision))
            }
            Err(uncounted) => {
                self.metrics.rate_decided(RateDecision::unavailable, LimitBackend::redis, true);
                Err(uncounted.into())
            }
        }
    }

    /// How the stores are that replicas share, once that is known.
    pub(super) async fn store_health(&self) -> Vec<StoreHealth> {
        self.stores.health().await
    }

    /// Waits, for a moment at most, until what runs have spent is booked and their leases are given back.
    pub(super) async fn settle_up(&self) {
        drop(timeout(SETTLE_UP, join(self.budgets.settle_up(), self.checkpoints.settle_up())).await);
        let unbooked = self.budgets.untold();
        if unbooked > Cost::ZERO {
            tracing::warn!(unbooked_usd = unbooked.usd(), "What was spent isn't booked in the shared store");
        }
    }

    /// The upstream's origin.
    pub(super) fn upstream(&self) -> &str {
        &self.upstream
    }

    /// Counts a request that had no token that holds.
    pub(super) fn token_rejected(&self, failure: AuthFailure) {
        self.metrics.token_rejected(failure.into());
    }

    /// The task that such a request of a chat UI's own is for, if it is to be answered by one call; counts and
    /// notes that.
    pub(super) fn background_task(&self, request: &str) -> Option<BackgroundTask> {
        let task = recognise(&self.settings.background_tasks, request)?;
        self.metrics.bypassed(task.into());
        Span::current().record("background_task", task.as_str());
        Some(task)
    }

    /// The metrics, as Prometheus reads them.
    pub(super) fn metrics_text(&self) -> String {
        self.metrics.encode(&Readings {
            limiter_keys: self.limiter.keys(),
            checkpoints: self.checkpoints.in_memory(),
            places: self.runs.reading(),
            is_draining: self.lifecycle.is_draining(),
            breakers: self.breakers.snapshot(),
        })
    }

    /// A model of the default chain whose circuit is open, if there is one. Once a circuit may be probed, it
    /// isn't: a request has to come for that.
    pub(super) fn broken_model(&self) -> Option<&str> {
        let is_open = |model: &str| {
            matches!(self.breakers.get(&self.upstream, model).state(), BreakerState::Open { .. })
        };
        self.models.default_ids().find(|model| is_open(model))
    }
}

#[cfg(test)]
impl App {
    /// All that it goes by, as text: two of the same text do the same.
    pub(super) fn in_effect(&self) -> String {
        use secrecy::{ExposeSecret, SecretString};
        let secret =
            |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        let jwt = &self.settings.jwt;
        let secrets = [secret(&jwt.secret), secret(&jwt.previous_secret)];
        let Self { settings, models, stall, limiter, checkpoints, budgets, .. } = self;
        let breaker = self.breakers.config();
        let places = self.runs.places().available_permits();
        format!(
            "{settings:?}\n{secrets:?}\n{models:?}\n{stall:?}\n{limiter:?}\n{checkpoints:?}\n{budgets:?}\n{breaker:?}\n{places}"
        )
    }
}

/// Metrics that know the models which runs can call.
fn metrics(models: &ServedModels, settings: &ServerSettings, deliveries: Deliveries) -> Metrics {
    let mut metrics = Metrics::new(known(models)).with_deliveries(deliveries);
    let stores = Stores::count(&settings.store);
    if stores > 0 {
        metrics = metrics.with_stores(stores);
    }
    let counts_in_store = settings.store.rate_limits.is_some();
    metrics.expect_rates(if counts_in_store { LimitBackend::redis } else { LimitBackend::memory });
    know(&metrics, models);
    metrics.configured(super::unix_time());
    metrics
}

/// Has the metrics know the models which runs can call from now on; those of all chains are there at once, so that
/// the first call's cost is an increase too.
fn know(metrics: &Metrics, models: &ServedModels) {
    metrics.know(known(models));
    for model in models.listed() {
        metrics.expect(&model.chain.steps.as_ref().map(|_, step| step.model.clone()));
    }
}

fn known(models: &ServedModels) -> KnownModels {
    let chains = models.listed().map(|model| &model.chain);
    let configured = chains.flat_map(|chain| chain.steps.iter().map(|(_, step)| step.model.as_str()));
    KnownModels::new(Arc::clone(&models.default.chain.catalog), configured)
}
