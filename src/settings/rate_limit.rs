//! A limit on the rate of requests, as users write it: `10/minute`, `5 per 15 minutes`.

use std::fmt;
use std::time::Duration;

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The most requests that pass in a window; at least 1.
    pub count: u32,
    /// Units of time in a window; at least 1.
    pub periods: u32,
    /// The unit.
    pub unit: RateUnit,
}

/// A unit of time in a [`RateLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateUnit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
}

impl RateLimit {
    /// The length of a window.
    #[must_use]
    pub fn window(&self) -> Duration {
        let unit = match self.unit {
            RateUnit::Second => 1,
            RateUnit::Minute => 60,
            RateUnit::Hour => 60 * 60,
            RateUnit::Day => 24 * 60 * 60,
        };
        Duration::from_secs(u64::from(self.periods) * unit)
    }
}

impl fmt::Display for RateLimit {
    /// `10 per 1 minute`, `5 per 15 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            RateUnit::Second => "second",
            RateUnit::Minute => "minute",
            RateUnit::Hour => "hour",
            RateUnit::Day => "day",
        };
        let plural = if self.periods == 1 { "" } else { "s" };
        write!(f, "{} per {} {unit}{plural}", self.count, self.periods)
    }
}
