//! What a run and the handle to it share beside the events.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::AttemptRecord;

/// What a run and the handle to it share beside the events.
#[derive(Debug)]
pub(super) struct RunLink {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// How long the reader has been elsewhere, all in all: time in which the upstream can't be blamed for
    /// silence, because nobody was listening.
    away: Duration,
    /// When the innermost limit that holds now is reached.
    deadline: Instant,
    /// The attempts that were under way when the run was dropped.
    dropped: Vec<AttemptRecord>,
}

impl RunLink {
    pub(super) fn new(deadline: Instant) -> Self {
        Self { inner: Mutex::new(Inner { away: Duration::ZERO, deadline, dropped: Vec::new() }) }
    }

    /// The reader has been elsewhere that long.
    pub(super) fn was_away(&self, time: Duration) {
        self.lock().away += time;
    }

    /// How long the reader has been elsewhere, since the run began.
    pub(super) fn away(&self) -> Duration {
        self.lock().away
    }

    /// From now on this is when the innermost limit is reached.
    pub(super) fn set_deadline(&self, deadline: Instant) {
        self.lock().deadline = deadline;
    }

    /// When the innermost limit that holds now is reached.
    pub(super) fn deadline(&self) -> Instant {
        self.lock().deadline
    }

    /// An attempt was dropped on its way.
    pub(super) fn attempt_was_dropped(&self, record: AttemptRecord) {
        self.lock().dropped.push(record);
    }

    /// The attempts that were dropped on their way, taken out.
    pub(super) fn take_dropped(&self) -> Vec<AttemptRecord> {
        std::mem::take(&mut self.lock().dropped)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
