//! Decides on requests: which limits hold where, who counts, and who does if that one can't.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::Instant;

use super::memory_store::MemoryStore;
use super::redis_store::RedisStore;
use super::store::{Counted, RateLimitStore};
use super::{Decision, RateKey};
use crate::server::api_error::ApiError;
use crate::server::shared_store::SharedStore;
use crate::settings::{OnStorageError, RateLimit, RateLimits};
use crate::telemetry::metrics::LimitBackend;

/// When a request that nobody could count is worth another.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A kind of route; what is counted for one doesn't count for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Chat completions.
    ChatCompletions,
    /// The lists of models.
    Models,
    /// Everything else that is limited, and failed authentication.
    Default,
}

impl Scope {
    pub(super) const ALL: [Self; 3] = [Self::ChatCompletions, Self::Models, Self::Default];

    /// Part of what is kept elsewhere: it mustn't change.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Models => "models",
            Self::Default => "default",
        }
    }
}

/// Counts requests, and decides on them.
#[derive(Debug)]
pub struct RateLimiter {
    limits: RateLimits,
    shared: Option<Shared>,
    /// Counts if nothing is shared, and while it can't be.
    memory: Arc<MemoryStore>,
}

#[derive(Debug, Clone)]
struct Shared {
    store: Arc<dyn RateLimitStore>,
    on_error: OnStorageError,
}

/// A decision, and who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Who counted.
    pub backend: LimitBackend,
    /// Whether somebody else should have.
    pub degraded: bool,
}

/// The request can't be counted where it should be, and isn't to be counted elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncounted;

impl From<Uncounted> for ApiError {
    fn from(_: Uncounted) -> Self {
        let message = "Requests can't be counted at the moment. Try again in a moment.";
        let error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "rate_limit_unavailable", message);
        Self { retry_after: Some(RETRY_AFTER), ..error }
    }
}

impl RateLimiter {
    /// A limiter that hasn't seen a request, and counts in memory.
    #[must_use]
    pub fn new(limits: &RateLimits) -> Self {
        Self { limits: limits.clone(), shared: None, memory: Arc::new(MemoryStore::new()) }
    }

    /// The same, but that it counts in that store.
    pub(in crate::server) fn shared(
        limits: &RateLimits,
        store: Arc<SharedStore>,
        on_error: OnStorageError,
    ) -> Self {
        Self::over(limits, Arc::new(RedisStore::new(store)), on_error)
    }

    pub(super) fn over(
        limits: &RateLimits,
        store: Arc<dyn RateLimitStore>,
        on_error: OnStorageError,
    ) -> Self {
        Self { shared: Some(Shared { store, on_error }), ..Self::new(limits) }
    }

    /// A limiter by other limits, that counts on where this one does: a window that one of the new limits has
    /// too goes on, with its count and its end; of any other length it begins with the next request.
    pub(in crate::server) fn with_limits(&self, limits: &RateLimits) -> Self {
        Self { limits: limits.clone(), shared: self.shared.clone(), memory: Arc::clone(&self.memory) }
    }

    /// Decides on a request, and counts it if it passes; `None` if nothing limits it.
    ///
    /// # Errors
    /// If nobody may count it.
    pub async fn decide(
        &self,
        scope: Scope,
        key: &RateKey,
        now: Instant,
    ) -> Result<Option<Verdict>, Uncounted> {
        let limits = self.limits_of(scope);
        if limits.is_empty() {
            return Ok(None);
        }
        let request = Counted { scope, limits, key: key.into(), now };
        let Some(Shared { store, on_error }) = &self.shared else {
            return Ok(self.decide_in_memory(request, false));
        };
        match store.take(request).await {
            Ok(standings) => {
                self.memory.learn(request, &standings);
                let verdict = |decision| Verdict { decision, backend: LimitBackend::redis, degraded: false };
                Ok(Decision::of(&standings).map(verdict))
            }
            Err(_) if *on_error == OnStorageError::Memory => Ok(self.decide_in_memory(request, true)),
            Err(_) => Err(Uncounted),
        }
    }

    fn decide_in_memory(&self, request: Counted<'_>, degraded: bool) -> Option<Verdict> {
        let decision = Decision::of(&self.memory.take_now(request))?;
        Some(Verdict { decision, backend: LimitBackend::memory, degraded })
    }

    pub(super) fn limits_of(&self, scope: Scope) -> &[RateLimit] {
        match scope {
            _ if !self.limits.enabled => &[],
            Scope::ChatCompletions => &self.limits.chat_completions,
            Scope::Models => &self.limits.models,
            Scope::Default => &self.limits.default,
        }
    }

    /// How many keys are remembered in memory, summed over the kinds of routes. The windows of some may have
    /// ended.
    pub(in crate::server) fn keys(&self) -> usize {
        self.memory.keys()
    }
}
