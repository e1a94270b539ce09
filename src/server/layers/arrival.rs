//! When a request arrived, among its extensions.

use std::time::Duration;

use tokio::time::Instant;

/// When a request's head had arrived.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Arrival {
    at: Instant,
}

impl Arrival {
    pub(super) fn at(at: Instant) -> Self {
        Self { at }
    }

    /// How long ago that was.
    pub(in crate::server) fn elapsed(self) -> Duration {
        self.at.elapsed()
    }
}
