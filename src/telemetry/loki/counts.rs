//! How many lines Loki has, and how many it will never have.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a line won't reach Loki.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LokiLoss {
    /// More was waiting than may wait.
    QueueFull,
    /// It is longer than Loki takes.
    TooLong,
    /// Loki doesn't want it.
    Refused,
    /// Loki wasn't there for it, however often it was tried.
    Undelivered,
    /// The process ended before it could be pushed.
    Shutdown,
}

impl LokiLoss {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::QueueFull, Self::TooLong, Self::Refused, Self::Undelivered, Self::Shutdown];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TooLong => "too_long",
            Self::Refused => "refused",
            Self::Undelivered => "undelivered",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Lines that have come to an end, since the process began.
#[derive(Debug, Default)]
pub struct LokiCounts {
    pushed: AtomicU64,
    lost: [AtomicU64; LokiLoss::ALL.len()],
}

impl LokiCounts {
    /// Lines that Loki has taken.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    /// Lines that were dropped, for each reason.
    pub fn lost(&self) -> impl Iterator<Item = (LokiLoss, u64)> {
        LokiLoss::ALL.into_iter().zip(self.lost.iter().map(|lines| lines.load(Ordering::Relaxed)))
    }

    pub(super) fn all_lost(&self) -> u64 {
        self.lost().map(|(_, lines)| lines).sum()
    }

    pub(super) fn add_pushed(&self, lines: usize) {
        self.pushed.fetch_add(as_count(lines), Ordering::Relaxed);
    }

    pub(super) fn add_lost(&self, loss: LokiLoss, lines: usize) {
        for (of, count) in LokiLoss::ALL.into_iter().zip(&self.lost) {
            if of == loss {
                count.fetch_add(as_count(lines), Ordering::Relaxed);
            }
        }
    }
}

fn as_count(lines: usize) -> u64 {
    u64::try_from(lines).unwrap_or(u64::MAX)
}
