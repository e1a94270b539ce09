//! Tells the time of day in the API's form, by tokio's clock.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that was set when the simulator was started, and stands still where tokio's does.
#[derive(Debug)]
pub(super) struct Clock {
    set_to: Timestamp,
    set_at: Instant,
}

impl Clock {
    pub(super) fn set() -> Self {
        Self { set_to: Timestamp::now(), set_at: Instant::now() }
    }

    /// `at` as the API writes times: RFC 3339, UTC.
    pub(super) fn time(&self, at: Instant) -> String {
        let since = SignedDuration::try_from(at.saturating_duration_since(self.set_at));
        let time = since.ok().and_then(|since| self.set_to.checked_add(since).ok());
        time.unwrap_or(Timestamp::MAX).to_string()
    }
}
