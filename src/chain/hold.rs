//! Makes workers wait where the upstream has asked one of them to.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::limits::Deadlines;

/// Until when nobody of a step's workers sends a request.
#[derive(Debug, Default)]
pub(super) struct Hold {
    until: Mutex<Option<Instant>>,
}

impl Hold {
    /// Nobody before then.
    pub(super) fn extend(&self, until: Instant) {
        let mut held = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |held| held.max(until)));
    }

    /// Waits until requests may be sent, but not beyond the deadline.
    pub(super) async fn pass(&self, deadlines: Deadlines) {
        loop {
            let held = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(until) = held.map(|until| until.min(deadlines.earliest())) else { return };
            if until <= Instant::now() {
                return;
            }
            // It may have been extended meanwhile.
            tokio::time::sleep_until(until).await;
        }
    }
}
