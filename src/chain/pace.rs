//! How long the run's own reader has kept it waiting: time in which the upstream can't be blamed
//! for silence, because nobody was listening.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time that the reader has spent elsewhere, added up.
#[derive(Debug, Default)]
pub(super) struct ReaderPace {
    away_nanos: AtomicU64,
}

impl ReaderPace {
    /// The reader has been elsewhere that long.
    pub(super) fn was_away(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.away_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// All of it, since the run began.
    pub(super) fn away(&self) -> Duration {
        Duration::from_nanos(self.away_nanos.load(Ordering::Relaxed))
    }
}
