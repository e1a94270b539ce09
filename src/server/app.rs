//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::api_error::ApiError;
use super::auth::{AuthFailure, KeyError, TokenVerifier};
use super::lifecycle::Lifecycle;
use super::rate_limit::{Decision, Outcome, RateKey, RateLimiter, Scope};
use super::runs::{RunPlace, Runs};
use super::served_models::ServedModels;
use crate::chain::Engine;
use crate::resilience::{BreakerRegistry, BreakerState};
use crate::settings::ServerSettings;
use crate::telemetry::loki::LokiCounts;
use crate::telemetry::metrics::{KnownModels, Metrics, RateDecision, Readings};

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
    /// What becomes of the log's lines, where they are pushed to Loki.
    pub loki: Option<Arc<LokiCounts>>,
}

/// What all requests share.
pub(super) struct App {
    pub(super) engine: Engine,
    pub(super) models: ServedModels,
    pub(super) verifier: TokenVerifier,
    pub(super) lifecycle: Lifecycle,
    pub(super) runs: Runs,
    pub(super) settings: ServerSettings,
    pub(super) stall: Duration,
    pub(super) metrics: Arc<Metrics>,
    limiter: RateLimiter,
    breakers: Arc<BreakerRegistry>,
    upstream: String,
}

impl App {
    /// # Errors
    /// If tokens can't be verified with the keys in the settings.
    pub(super) fn new(parts: Parts) -> Result<Self, KeyError> {
        let Parts { engine, breakers, upstream, models, settings, stall, lifecycle, loki } = parts;
        let runs = Runs::new(settings.max_concurrent_runs, lifecycle.clone());
        let metrics = Arc::new(metrics(&models, loki));
        breakers.observe(metrics.clone());
        Ok(Self {
            engine: engine.with_places(runs.places()),
            models,
            verifier: TokenVerifier::new(&settings.jwt)?,
            limiter: RateLimiter::new(&settings.rate_limits),
            metrics,
            runs,
            lifecycle,
            settings,
            stall,
            breakers,
            upstream,
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
    pub(super) fn limit(&self, scope: Scope, key: &RateKey) -> Option<Decision> {
        let decision = self.limiter.decide(scope, key, Instant::now())?;
        self.metrics.rate_decided(match decision.outcome {
            Outcome::Allowed => RateDecision::allowed,
            Outcome::Refused => RateDecision::refused,
        });
        Some(decision)
    }

    /// Counts a request that had no token that holds.
    pub(super) fn token_rejected(&self, failure: AuthFailure) {
        self.metrics.token_rejected(failure.into());
    }

    /// The metrics, as Prometheus reads them.
    pub(super) fn metrics_text(&self) -> String {
        self.metrics.encode(&Readings {
            limiter_keys: self.limiter.keys(),
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

/// Metrics that know the models which runs can call; those of all chains are there from the start, so that the
/// first call's cost is an increase too.
fn metrics(models: &ServedModels, loki: Option<Arc<LokiCounts>>) -> Metrics {
    let chains = models.listed().map(|model| &model.chain);
    let configured = chains.flat_map(|chain| chain.steps.iter().map(|(_, step)| step.model.as_str()));
    let catalog = Arc::clone(&models.default.chain.catalog);
    let metrics = Metrics::new(KnownModels::new(catalog, configured));
    for model in models.listed() {
        metrics.expect(&model.chain.steps.as_ref().map(|_, step| step.model.clone()));
    }
    match loki {
        Some(counts) => metrics.with_loki(counts),
        None => metrics,
    }
}
