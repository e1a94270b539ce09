//! Where requests are counted: a seam with two sides, in memory and shared.

use std::fmt;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::decision::Standing;
use super::key::CompactKey;
use super::limiter::Scope;
use crate::server::shared_store::StoreError;
use crate::settings::RateLimit;

/// Where requests are counted.
pub(super) trait RateLimitStore: fmt::Debug + Send + Sync {
    /// How each limit stood before the request, in the order of the limits. If none is exhausted, the request
    /// has been counted by all of them; else by none.
    fn take<'a>(&'a self, request: Counted<'a>) -> BoxFuture<'a, Result<Vec<Standing>, StoreError>>;
}

/// A request that is to be counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) scope: Scope,
    /// At least one; the same for all requests of the scope.
    pub(super) limits: &'a [RateLimit],
    pub(super) key: CompactKey,
    pub(super) now: Instant,
}
