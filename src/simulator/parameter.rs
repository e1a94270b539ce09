//! What the number in a fault rule means. The number itself stands in `injected.rs`.

use std::fmt;

/// What the number after a fault's `=` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Seconds, sent as `retry-after`; a fraction is sent as `retry-after-ms` too. None is sent
    /// without it.
    RetryAfter,
    /// How many text deltas go out before the fault strikes; half of them without it.
    Deltas,
    /// Milliseconds between two pieces of what is sent.
    Milliseconds,
    /// The confidence that is claimed.
    Confidence,
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RetryAfter => "SECONDS",
            Self::Deltas => "DELTAS",
            Self::Milliseconds => "MILLISECONDS",
            Self::Confidence => "CONFIDENCE",
        })
    }
}
