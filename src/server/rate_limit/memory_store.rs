//! Requests counted in memory: a lock round the windows of each kind of route.

use std::future::ready;
use std::sync::{Mutex, MutexGuard};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::decision::Standing;
use super::limiter::Scope;
use super::store::{Counted, RateLimitStore};
use super::window_table::WindowTable;
use crate::server::shared_store::StoreError;
use crate::sync::lock;

/// The most keys whose windows are remembered, for each [`Scope`].
pub(super) const MAX_KEYS: usize = 100_000;

/// Counts requests in memory.
#[derive(Debug)]
pub(super) struct MemoryStore {
    chat_completions: Mutex<WindowTable>,
    models: Mutex<WindowTable>,
    default: Mutex<WindowTable>,
}

impl MemoryStore {
    pub(super) fn new() -> Self {
        let windows = || Mutex::new(WindowTable::new(MAX_KEYS));
        Self { chat_completions: windows(), models: windows(), default: windows() }
    }

    /// As [`RateLimitStore::take`], at once.
    ///
    /// Of requests that come at the same time, exactly as many pass as the limits let.
    pub(super) fn take_now(&self, request: Counted<'_>) -> Vec<Standing> {
        self.windows(request.scope).take(request.limits, request.key, request.now)
    }

    /// Remembers how the limits stood elsewhere before the request, and that it was counted if it passed.
    pub(super) fn learn(&self, request: Counted<'_>, standings: &[Standing]) {
        self.windows(request.scope).learn(request.key, standings, request.now);
    }

    /// How many keys are remembered, summed over the kinds of routes. The windows of some may have ended.
    pub(super) fn keys(&self) -> usize {
        Scope::ALL.map(|scope| self.windows(scope).keys()).iter().sum()
    }

    fn windows(&self, scope: Scope) -> MutexGuard<'_, WindowTable> {
        let windows = match scope {
            Scope::ChatCompletions => &self.chat_completions,
            Scope::Models => &self.models,
            Scope::Default => &self.default,
        };
        lock(windows)
    }
}

impl RateLimitStore for MemoryStore {
    fn take<'a>(&'a self, request: Counted<'a>) -> BoxFuture<'a, Result<Vec<Standing>, StoreError>> {
        ready(Ok(self.take_now(request))).boxed()
    }
}
