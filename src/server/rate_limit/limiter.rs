//! Decides on requests: which limits hold where, and a lock round what was counted.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::window_table::WindowTable;
use super::{Decision, RateKey};
use crate::settings::{RateLimit, RateLimits};

/// The most keys whose windows are remembered, for each [`Scope`].
pub(super) const MAX_KEYS: usize = 100_000;

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

/// Counts requests in memory, and decides on them.
#[derive(Debug)]
pub struct RateLimiter {
    chat_completions: ScopeLimiter,
    models: ScopeLimiter,
    default: ScopeLimiter,
}

/// The limits of a scope, and what was counted by them and by those before them.
#[derive(Debug)]
struct ScopeLimiter {
    limits: Vec<RateLimit>,
    windows: Arc<Mutex<WindowTable>>,
}

impl RateLimiter {
    /// A limiter that hasn't seen a request.
    #[must_use]
    pub fn new(limits: &RateLimits) -> Self {
        let scope =
            || ScopeLimiter { limits: Vec::new(), windows: Arc::new(Mutex::new(WindowTable::new(MAX_KEYS))) };
        Self { chat_completions: scope(), models: scope(), default: scope() }.with_limits(limits)
    }

    /// A limiter by other limits, that counts on where this one is: a window that one of the new limits has
    /// too goes on, with its count and its end; of any other length it begins with the next request.
    #[must_use]
    pub fn with_limits(&self, limits: &RateLimits) -> Self {
        let scope = |old: &ScopeLimiter, of_scope: &[RateLimit]| ScopeLimiter {
            limits: if limits.enabled { of_scope.to_vec() } else { Vec::new() },
            windows: Arc::clone(&old.windows),
        };
        Self {
            chat_completions: scope(&self.chat_completions, &limits.chat_completions),
            models: scope(&self.models, &limits.models),
            default: scope(&self.default, &limits.default),
        }
    }

    /// Decides on a request, and counts it if it passes; `None` if nothing limits it.
    ///
    /// Of those that come at the same time, exactly as many pass as the limits let.
    #[must_use]
    pub fn decide(&self, scope: Scope, key: &RateKey, now: Instant) -> Option<Decision> {
        let ScopeLimiter { limits, windows } = match scope {
            Scope::ChatCompletions => &self.chat_completions,
            Scope::Models => &self.models,
            Scope::Default => &self.default,
        };
        if limits.is_empty() {
            return None;
        }
        let key = key.into();
        // A panic elsewhere can't leave a count half made.
        let mut windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.decide(limits, key, now)
    }

    /// How many keys are remembered, summed over the kinds of routes. The windows of some may have ended.
    #[must_use]
    pub fn keys(&self) -> usize {
        let scopes = [&self.chat_completions, &self.models, &self.default];
        scopes.map(|scope| scope.windows.lock().unwrap_or_else(PoisonError::into_inner).keys()).iter().sum()
    }
}
