//! When a stream has been silent for too long.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Says when nothing has been sent for too long.
pub(super) struct Heartbeat {
    every: Duration,
    pub(super) last_sent: Instant,
    pub(super) timer: Pin<Box<Sleep>>,
}

impl Heartbeat {
    pub(super) fn new(every: Duration) -> Self {
        let now = Instant::now();
        Self { every, last_sent: now, timer: Box::pin(sleep_until(now + every)) }
    }

    /// Whether it is, now that the timer has fired; it isn't moved with each chunk.
    pub(super) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let due = self.last_sent + self.every;
        let is_due = due <= now;
        self.timer.as_mut().reset(if is_due { now + self.every } else { due });
        is_due
    }
}
