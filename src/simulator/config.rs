//! What a simulator is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc::UnboundedSender;

use super::{FaultRule, LogEntry};

/// From the creation of a batch to its end, unless something else is said.
pub const DEFAULT_BATCH_TIME: Duration = Duration::from_millis(100);

/// What a simulator is started with. The default answers at once and without faults, on a free
/// port of 127.0.0.1.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// From the request's last byte to the head of the answer.
    pub latency: Duration,
    /// From the head of a reply to its first piece of text.
    pub first_token_delay: Duration,
    /// How fast the rest follows.
    pub pacing: Pacing,
    /// From the creation of a batch to its end. Its requests are made one after the other, evenly over that
    /// time; what isn't made when it expires, a day after its creation, comes back expired.
    pub batch_time: Duration,
    /// About how many tokens the content of process has, all its parts together; as many as its words make
    /// if `None`.
    pub draft_tokens: Option<NonZeroU32>,
    /// Tried in this order for every call; the first that strikes it counts. The rules of the
    /// request's own `x-simulate-fault` header come before them.
    pub faults: Vec<FaultRule>,
    /// The only key that is let in; every request is if `None`, even without a key.
    pub require_key: Option<SecretString>,
    /// How many requests the log remembers at least; the oldest are forgotten beyond it.
    pub log_capacity: usize,
    /// Gets every entry of the log when its request has ended.
    pub on_end: Option<UnboundedSender<LogEntry>>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            bind: (Ipv4Addr::LOCALHOST, 0).into(),
            latency: Duration::ZERO,
            first_token_delay: Duration::ZERO,
            pacing: Pacing::AtOnce,
            batch_time: DEFAULT_BATCH_TIME,
            draft_tokens: None,
            faults: Vec::new(),
            require_key: None,
            log_capacity: 10_000,
            on_end: None,
        }
    }
}

/// How fast a reply's text is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    /// All of it at once.
    #[default]
    AtOnce,
    /// This long between one delta and the next, each in a write of its own.
    PerDelta(Duration),
    /// This many tokens a second.
    TokensPerSecond(NonZeroU32),
}

impl Pacing {
    /// The time that a delta of so many tokens takes; `None` if it comes along with others.
    pub(super) fn delay(self, tokens: u64) -> Option<Duration> {
        match self {
            Self::AtOnce => None,
            Self::PerDelta(delay) => Some(delay),
            Self::TokensPerSecond(rate) => {
                let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
                Some(Duration::from_secs(1).saturating_mul(tokens) / rate.get())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_gives_longer_deltas_more_time() {
        let pacing = Pacing::TokensPerSecond(NonZeroU32::new(50).unwrap());
        assert_eq!(pacing.delay(1), Some(Duration::from_millis(20)));
        assert_eq!(pacing.delay(5), Some(Duration::from_millis(100)));
        assert_eq!(Pacing::PerDelta(Duration::from_millis(3)).delay(5), Some(Duration::from_millis(3)));
        assert_eq!(Pacing::AtOnce.delay(5), None);
    }
}
