//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use super::auth::{KeyError, TokenVerifier};
use super::lifecycle::Lifecycle;
use super::rate_limit::RateLimiter;
use super::runs::Runs;
use super::served_models::ServedModels;
use crate::chain::Engine;
use crate::resilience::{BreakerRegistry, BreakerState};
use crate::settings::ServerSettings;

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

/// What all requests share.
pub(super) struct App {
    pub(super) engine: Engine,
    pub(super) models: ServedModels,
    pub(super) verifier: TokenVerifier,
    pub(super) limiter: RateLimiter,
    pub(super) lifecycle: Lifecycle,
    pub(super) runs: Runs,
    pub(super) settings: ServerSettings,
    pub(super) stall: Duration,
    breakers: Arc<BreakerRegistry>,
    upstream: String,
}

impl App {
    /// # Errors
    /// If tokens can't be verified with the keys in the settings.
    pub(super) fn new(parts: Parts) -> Result<Self, KeyError> {
        let Parts { engine, breakers, upstream, models, settings, stall, lifecycle } = parts;
        let runs = Runs::new(settings.max_concurrent_runs, lifecycle.clone());
        Ok(Self {
            engine: engine.with_places(runs.places()),
            models,
            verifier: TokenVerifier::new(&settings.jwt)?,
            limiter: RateLimiter::new(&settings.rate_limits),
            runs,
            lifecycle,
            settings,
            stall,
            breakers,
            upstream,
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
