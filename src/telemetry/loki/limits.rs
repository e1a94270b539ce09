//! What bounds the push to Loki.

use std::time::Duration;

use crate::resilience::RetryPolicy;

/// What bounds the push to Loki.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LokiLimits {
    /// Lines that may wait.
    pub queue_lines: usize,
    /// Bytes of lines that may wait, those of the push under way included.
    pub queue_bytes: usize,
    /// The longest line, in bytes; Loki refuses longer ones.
    pub line_bytes: usize,
    /// Lines of one push.
    pub batch_lines: usize,
    /// Bytes of lines from which a push is large enough.
    pub batch_bytes: usize,
    /// How long a line waits for others to go with it.
    pub batch_wait: Duration,
    /// The time for one attempt, connecting included.
    pub attempt: Duration,
    /// How often a push is tried.
    pub retry: RetryPolicy,
    /// The time for all attempts of one push.
    pub push: Duration,
}

impl Default for LokiLimits {
    /// Loki's own defaults are 256 KiB for a line and some megabytes for a push.
    fn default() -> Self {
        Self {
            queue_lines: 10_000,
            queue_bytes: 16 * 1024 * 1024,
            line_bytes: 256 * 1024,
            batch_lines: 1000,
            batch_bytes: 1024 * 1024,
            batch_wait: Duration::from_secs(1),
            attempt: Duration::from_secs(10),
            retry: RetryPolicy { max_attempts: 6, multiplier: 0.5, max_delay: Duration::from_secs(30) },
            push: Duration::from_mins(1),
        }
    }
}
