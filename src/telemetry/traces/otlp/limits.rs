//! What bounds the export of spans.

use std::time::Duration;

/// What bounds the export of spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OtlpLimits {
    /// Spans that may wait.
    pub queue_spans: usize,
    /// Bytes of spans that may wait, those of the export under way included; about.
    pub queue_bytes: usize,
    /// Spans of one export.
    pub batch_spans: usize,
    /// Bytes from which an export is large enough; about. Collectors take some megabytes.
    pub batch_bytes: usize,
    /// How long a span waits for others to go with it.
    pub batch_wait: Duration,
    /// The time for one export, its further attempts included.
    pub export: Duration,
    /// How often an export is tried again; the waits between begin with a tenth of a second, and double.
    pub retries: usize,
    /// The time for what is left at the end.
    pub finish: Duration,
}

impl Default for OtlpLimits {
    /// The waits are shorter and the queue is longer than OpenTelemetry's own defaults (5 s and 2 048 spans): a run
    /// has about ten spans, and a server hundreds of runs under way.
    fn default() -> Self {
        Self {
            queue_spans: 8_192,
            queue_bytes: 16 * 1024 * 1024,
            batch_spans: 512,
            batch_bytes: 1024 * 1024,
            batch_wait: Duration::from_secs(1),
            export: Duration::from_secs(10),
            retries: 6,
            finish: Duration::from_secs(5),
        }
    }
}

impl OtlpLimits {
    /// For a command that is waited for: a collector that isn't there costs it next to nothing.
    #[must_use]
    pub fn brief() -> Self {
        Self { retries: 0, finish: Duration::from_secs(2), ..Self::default() }
    }
}
