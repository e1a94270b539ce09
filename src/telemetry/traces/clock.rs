//! Times of a trace's spans, which never run backwards, whatever the system's clock does meanwhile.

use std::time::SystemTime;

use tokio::time::Instant;

/// What time it was when it was made, and what has passed since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    system: SystemTime,
    instant: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { system: SystemTime::now(), instant: Instant::now() }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.system + self.instant.elapsed()
    }
}
