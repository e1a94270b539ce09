//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::api_error::ApiError;
use super::auth::{AuthFailure, KeyError, TokenVerifier};
use super::lifecycle::Lifecycle;
use super::rate_limit::{Decision, Outcome, RateKey, RateLimiter, Scope, Verdict};
use super::runs::Runs;
use super::served_models::ServedModels;
use super::shared_store::{SharedStore, StoreConfig, StoreError, StoreLimits};
use crate::chain::Engine;
use crate::resilience::{BreakerRegistry, BreakerState};
use crate::settings::{OnStorageError, ServerSettings};
use crate::telemetry::metrics::{KnownModels, LimitBackend, Metrics, RateDecision, Readings};

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

/// How the store is that replicas share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreHealth {
    /// Where it is, without user name and password.
    pub address: String,
    /// Why it doesn't do its work; `None` if it does.
    pub problem: Option<String>,
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
    pub(super) runs: Runs,
    pub(super) settings: ServerSettings,
    pub(super) stall: Duration,
    pub(super) metrics: Arc<Metrics>,
    limiter: RateLimiter,
    /// Where the limiter counts, if not in memory.
    store: Option<Arc<SharedStore>>,
    breakers: Arc<BreakerRegistry>,
    upstream: String,
}

impl App {
    /// # Errors
    /// If tokens can't be verified with the keys in the settings, or the store not be connected to with the
    /// certificates there.
    pub(super) fn new(parts: Parts) -> Result<Self, CantOpen> {
        let Parts { engine, breakers, upstream, models, settings, stall, lifecycle } = parts;
        let runs = Runs::new(settings.max_concurrent_runs, lifecycle.clone());
        let metrics = metrics(&models, &settings);
        let store = open_store(&settings, &metrics)?;
        let limits = &settings.rate_limits;
        let limiter = match &store {
            Some(store) => RateLimiter::shared(limits, Arc::clone(store), settings.store.on_error),
            None => RateLimiter::new(limits),
        };
        breakers.observe(metrics.clone());
        Ok(Self {
            engine: engine.with_places(runs.places()),
            models,
            verifier: TokenVerifier::new(&settings.jwt)?,
            limiter,
            store,
            metrics,
            runs,
            lifecycle,
            settings,
            stall,
            breakers,
            upstream,
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

    /// How the store is that replicas share, once that is known; `None` if nothing is shared.
    pub(super) async fn store_health(&self) -> Option<StoreHealth> {
        let store = self.store.as_ref()?;
        let problem = store.is_there().await.err().map(|error| error.to_string());
        Some(StoreHealth { address: store.address().to_owned(), problem })
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

/// The store that the settings name, to which connecting has begun.
fn open_store(
    settings: &ServerSettings,
    metrics: &Arc<Metrics>,
) -> Result<Option<Arc<SharedStore>>, StoreError> {
    let store = &settings.store;
    let Some(address) = settings.rate_limit_store() else { return Ok(None) };
    let opened = SharedStore::open(&StoreConfig {
        address,
        certificates: store.certificates.as_deref(),
        key_prefix: &store.key_prefix,
        on_error: match store.on_error {
            OnStorageError::Memory => "memory",
            OnStorageError::Deny => "deny",
        },
        limits: StoreLimits::SERVING,
        metrics: Arc::clone(metrics),
    })?;
    Ok(Some(Arc::new(opened)))
}

/// Metrics that know the models which runs can call; those of the default chain are there from the start.
fn metrics(models: &ServedModels, settings: &ServerSettings) -> Arc<Metrics> {
    let chains = models.listed().map(|model| &model.chain);
    let configured = chains.flat_map(|chain| chain.steps.iter().map(|(_, step)| step.model.as_str()));
    let default = &models.default.chain;
    let mut metrics = Metrics::new(KnownModels::new(Arc::clone(&default.catalog), configured));
    if settings.rate_limit_store().is_some() {
        metrics = metrics.with_store();
        metrics.expect_rates(LimitBackend::redis);
    } else {
        metrics.expect_rates(LimitBackend::memory);
    }
    metrics.expect(&default.steps.as_ref().map(|_, step| step.model.clone()));
    Arc::new(metrics)
}
