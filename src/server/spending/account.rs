//! Whose money it is, and which day's.

use std::time::Duration;

use sha2::{Digest, Sha256};

/// The seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// A subject on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Account {
    /// The subject's SHA-256.
    pub(super) subject: [u8; 32],
    /// Days of unix time.
    pub(super) day: u64,
}

impl Account {
    /// The subject's at that second of unix time.
    pub(super) fn of(subject: &str, unix_time: u64) -> Self {
        Self { subject: Sha256::digest(subject.as_bytes()).into(), day: unix_time / DAY }
    }

    /// The subject in letters and digits.
    pub(super) fn name(&self) -> String {
        self.subject.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
    }

    /// When the day ends, in seconds of unix time.
    pub(super) fn ends_at(&self) -> u64 {
        (self.day + 1) * DAY
    }

    /// How long it still lasts; at least a second.
    pub(super) fn ends_in(&self, unix_time: u64) -> Duration {
        Duration::from_secs(self.ends_at().saturating_sub(unix_time).max(1))
    }
}
