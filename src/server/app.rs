//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::auth::{AuthFailure, KeyError, TokenVerifier};
use super::lifecycle::Lifecycle;
use super::rate_limit::{Decision, Outcome, RateKey, RateLimiter, Scope};
use super::runs::Runs;
use super::served_models::{ServedModel, ServedModels};
use crate::chain::Engine;
use crate::resilience::{BreakerRegistry, BreakerState};
use crate::settings::ServerSettings;
use crate::telemetry::RunTelemetry;
use crate::telemetry::metrics::{KnownModels, Metrics, RateDecision, Readings};
use crate::telemetry::traces::{RunTrace, TracedRun, Tracer};
use crate::trace_context::TraceContext;

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
    pub(super) tracer: Option<Tracer>,
    limiter: RateLimiter,
    breakers: Arc<BreakerRegistry>,
    upstream: String,
}

impl App {
    /// # Errors
    /// If tokens can't be verified with the keys in the settings.
    pub(super) fn new(parts: Parts) -> Result<Self, KeyError> {
        let Parts { engine, breakers, upstream, models, settings, stall, lifecycle, tracer } = parts;
        let runs = Runs::new(settings.max_concurrent_runs, lifecycle.clone());
        let metrics = Arc::new(metrics(&models));
        breakers.observe(metrics.clone());
        Ok(Self {
            engine: engine.with_places(runs.places()),
            models,
            verifier: TokenVerifier::new(&settings.jwt)?,
            limiter: RateLimiter::new(&settings.rate_limits),
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
    ) -> (RunTelemetry, Option<TraceContext>) {
        let Some(tracer) = &self.tracer else { return (RunTelemetry::default(), parent) };
        let run = TracedRun { name: &served.name, chain: &served.chain, upstream: &self.upstream };
        let (trace, place) = RunTrace::begin(tracer, parent.as_ref(), run);
        (RunTelemetry::begin(trace), Some(place))
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

/// Metrics that know the models which runs can call; those of the default chain are there from the start.
fn metrics(models: &ServedModels) -> Metrics {
    let chains = models.listed().map(|model| &model.chain);
    let configured = chains.flat_map(|chain| chain.steps.iter().map(|(_, step)| step.model.as_str()));
    let default = &models.default.chain;
    let metrics = Metrics::new(KnownModels::new(Arc::clone(&default.catalog), configured));
    metrics.expect(&default.steps.as_ref().map(|_, step| step.model.clone()));
    metrics
}
