//! How many runs there are at a time: as many as were asked for, fewer where the upstream limits our rate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How soon after it was lowered the number may be lowered again: calls that were on their way already are
/// told the same.
const ONE_SIGN: Duration = Duration::from_secs(1);

/// How many runs there may be at a time. Halved at a sign of too many, and raised by one after as many good
/// runs as there may be.
#[derive(Debug)]
pub(super) struct Pace {
    max: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    now: usize,
    good: usize,
    lowered_at: Option<Instant>,
}

impl Pace {
    pub(super) fn new(max: usize) -> Self {
        let max = max.max(1);
        Self { max, inner: Mutex::new(Inner { now: max, good: 0, lowered_at: None }) }
    }

    /// How many runs there may be now.
    pub(super) fn runs(&self) -> usize {
        self.lock().now
    }

    /// The upstream has answered 429 or 529.
    pub(super) fn too_fast(&self) {
        let mut inner = self.lock();
        let now = Instant::now();
        if inner.lowered_at.is_none_or(|at| now >= at + ONE_SIGN) {
            inner.now = (inner.now / 2).max(1);
            inner.lowered_at = Some(now);
        }
        inner.good = 0;
    }

    /// A run has gone well.
    pub(super) fn went_well(&self) {
        let mut inner = self.lock();
        inner.good += 1;
        if inner.good >= inner.now && inner.now < self.max {
            inner.now += 1;
            inner.good = 0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_number_is_halved_once_for_calls_that_were_refused_together_and_grows_back_one_by_one() {
        let pace = Pace::new(8);
        for _ in 0..5 {
            pace.too_fast();
        }
        assert_eq!(pace.runs(), 4);
        tokio::time::advance(ONE_SIGN).await;
        pace.too_fast();
        assert_eq!(pace.runs(), 2);
        let mut seen = Vec::new();
        for _ in 0..40 {
            pace.went_well();
            seen.push(pace.runs());
        }
        seen.dedup();
        assert_eq!(seen, [2, 3, 4, 5, 6, 7, 8]);
        for _ in 0..5 {
            tokio::time::advance(ONE_SIGN).await;
            pace.too_fast();
        }
        assert_eq!(pace.runs(), 1, "one is always tried");
    }
}
