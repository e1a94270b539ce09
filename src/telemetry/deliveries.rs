//! How much of what is sent away in the background has arrived, and how much never will.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why something won't arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// More was waiting than may wait.
    QueueFull,
    /// It is longer than the other side takes.
    TooLong,
    /// The other side doesn't want it.
    Refused,
    /// The other side wasn't there for it, however often it was tried.
    Undelivered,
    /// The process ended before it could be sent.
    Shutdown,
}

impl Loss {
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

/// Lines, or spans, that have come to an end, since the process began.
#[derive(Debug, Default)]
pub struct DeliveryCounts {
    delivered: AtomicU64,
    lost: [AtomicU64; Loss::ALL.len()],
}

impl DeliveryCounts {
    /// How many the other side has taken.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// How many were lost, for each reason.
    pub fn lost(&self) -> impl Iterator<Item = (Loss, u64)> {
        Loss::ALL.into_iter().zip(self.lost.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// How many were lost in all.
    #[must_use]
    pub fn all_lost(&self) -> u64 {
        self.lost().map(|(_, count)| count).sum()
    }

    pub(super) fn add_delivered(&self, count: usize) {
        self.delivered.fetch_add(as_count(count), Ordering::Relaxed);
    }

    pub(super) fn add_lost(&self, loss: Loss, count: usize) {
        for (of, lost) in Loss::ALL.into_iter().zip(&self.lost) {
            if of == loss {
                lost.fetch_add(as_count(count), Ordering::Relaxed);
            }
        }
    }
}

fn as_count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
