//! Where checkpoints are kept: a seam with two sides, in memory and shared.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Claim;
use crate::server::shared_store::StoreError;

/// Where checkpoints are kept.
pub(super) trait CheckpointStore: fmt::Debug + Send + Sync {
    /// Takes the lease for the claim, if nobody holds it.
    fn begin<'a>(&'a self, claim: &'a Claim, times: Times) -> BoxFuture<'a, Result<Begun, StoreError>>;

    /// Renews the claim's lease, or gives it back if it is to last no longer, and keeps a new value if there is
    /// one. Whether the lease was the claim's: else nothing has happened.
    fn keep<'a>(
        &'a self,
        claim: &'a Claim,
        value: Option<&'a [u8]>,
        times: Times,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// How many claims are remembered in this process: none where they are elsewhere.
    fn in_memory(&self) -> usize {
        0
    }
}

/// How long things last from now on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) lease: Duration,
    pub(super) value: Duration,
}

/// What came of taking the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Begun {
    /// It is the claim's, and this is what was kept for the same chain.
    Mine(Option<Vec<u8>>),
    /// Another one holds it.
    Busy,
    /// What is kept under that name is about another body.
    OtherBody,
}
