//! Requests counted in the store that replicas share, by its clock.
//!
//! All windows of a key are one hash, named by their length: limits with windows of the same length have the
//! same window. It ends with the last of them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::decision::Standing;
use super::store::{Counted, RateLimitStore};
use crate::server::shared_store::{Reply, Script, SharedStore, StoreError};
use crate::settings::RateLimit;

/// Counts requests in the shared store.
pub(super) struct RedisStore {
    store: Arc<SharedStore>,
    script: Script,
}

/// How a window stands: how many requests passed, and the milliseconds that it still lasts.
type Window = (u32, u64);

impl RedisStore {
    pub(super) fn new(store: Arc<SharedStore>) -> Self {
        Self { store, script: Script::new(include_str!("take.lua")) }
    }

    async fn ask(&self, request: Counted<'_>) -> Result<Vec<Standing>, StoreError> {
        let Counted { scope, limits, key, .. } = request;
        let lengths = lengths(limits);
        let args: Vec<String> = lengths
            .iter()
            .flat_map(|&length| [length, most(limits, length)])
            .map(|n| n.to_string())
            .collect();
        let args: Vec<&[u8]> = args.iter().map(String::as_bytes).collect();
        let key = self.store.key(&format!("limit:{}", scope.as_str()), &key.name());
        let read = |reply| {
            let windows = windows(&reply).filter(|windows| windows.len() == lengths.len())?;
            let standing = |&limit: &RateLimit| {
                let at = lengths.iter().position(|&length| length == millis(limit))?;
                let &(used, reset_in) = windows.get(at)?;
                Some(Standing { limit, used, reset_in: Duration::from_millis(reset_in) })
            };
            limits.iter().map(standing).collect()
        };
        self.store.run(&self.script, &key, &args, read).await
    }
}

impl RateLimitStore for RedisStore {
    fn take<'a>(&'a self, request: Counted<'a>) -> BoxFuture<'a, Result<Vec<Standing>, StoreError>> {
        self.ask(request).boxed()
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RedisStore").field("store", &self.store).finish_non_exhaustive()
    }
}

fn millis(limit: RateLimit) -> u64 {
    limit.window().as_secs() * 1000
}

/// The lengths of the windows that there are, each once, in milliseconds.
fn lengths(limits: &[RateLimit]) -> Vec<u64> {
    let mut lengths = Vec::new();
    for length in limits.iter().copied().map(millis) {
        if !lengths.contains(&length) {
            lengths.push(length);
        }
    }
    lengths
}

/// The most requests that pass by all limits with a window of that length.
fn most(limits: &[RateLimit], length: u64) -> u64 {
    let of_length = limits.iter().filter(|&&limit| millis(limit) == length);
    of_length.map(|limit| u64::from(limit.count)).min().unwrap_or(0)
}

/// `None` if the reply isn't what the script returns.
fn windows(reply: &Reply) -> Option<Vec<Window>> {
    let Reply::List(numbers) = reply else { return None };
    let window = |pair: &[Reply]| match pair {
        &[Reply::Number(used), Reply::Number(reset_in)] => {
            Some((u32::try_from(used).ok()?, u64::try_from(reset_in).ok()?))
        }
        _ => None,
    };
    numbers.chunks(2).map(window).collect()
}
