//! Many requests sent at once and answered later, at a lower price, in no provider's dialect.

use std::pin::Pin;

use futures_core::Stream;
use jiff::Timestamp;

use super::{CallError, ReplyEvent};

/// The results of a batch as they arrive, in no certain order. Ends after the last or the first error; dropping
/// it closes the connection to the upstream.
pub type BatchResults = Pin<Box<dyn Stream<Item = Result<BatchResult, CallError>> + Send>>;

/// A batch, as the upstream tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The upstream's id of it: 1–100 of the characters A-Z a-z 0-9 _ -.
    pub id: String,
    /// How far it is.
    pub status: BatchStatus,
    /// What became of its requests. Until it has ended, all of them may count as being processed.
    pub counts: BatchCounts,
    /// When it was created, if the upstream says so.
    pub created_at: Option<Timestamp>,
    /// When what isn't done by then expires, if the upstream says so.
    pub expires_at: Option<Timestamp>,
    /// When it ended, if it has and the upstream says so.
    pub ended_at: Option<Timestamp>,
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchStatus {
    /// Requests are being processed.
    InProgress,
    /// It was canceled, and what had been begun is brought to its end.
    Canceling,
    /// Every request has its result.
    Ended,
    /// Any other word of the upstream's; it isn't known to have ended.
    Other(String),
}

/// How many requests of a batch there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchCounts {
    /// Those that have no result yet.
    pub processing: u64,
    /// Those that were answered.
    pub succeeded: u64,
    /// Those that failed.
    pub errored: u64,
    /// Those that weren't begun before the batch was canceled.
    pub canceled: u64,
    /// Those that weren't begun before the batch expired.
    pub expired: u64,
}

impl BatchCounts {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.processing.saturating_add(self.results())
    }

    /// Those that have a result.
    #[must_use]
    pub fn results(&self) -> u64 {
        [self.succeeded, self.errored, self.canceled, self.expired].into_iter().fold(0, u64::saturating_add)
    }
}

/// A part of a list of batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPage {
    /// The batches, the newest first.
    pub batches: Vec<Batch>,
    /// The id after which the next part begins; `None` if there is none.
    pub next: Option<String>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResult {
    /// The caller's name for the request, as the upstream repeats it: 1–64 of the characters A-Z a-z 0-9 _ -.
    /// No other result of the batch has it. Whether there is such a request, only the caller knows.
    pub custom_id: String,
    /// What became of it.
    pub outcome: BatchOutcome,
}

/// What became of a request within a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchOutcome {
    /// It was answered: the events of the reply, from started to finished.
    Replied(Vec<ReplyEvent>),
    /// It failed, or its reply can't be read. [`CallError::is_retryable`] tells whether it may succeed in
    /// another batch, and [`CallError::is_certainly_unbilled`] whether it cost nothing.
    Failed(CallError),
    /// It wasn't begun before the batch was canceled. Nothing was billed.
    Canceled,
    /// It wasn't begun before the batch expired. Nothing was billed.
    Expired,
    /// Anything else, by the upstream's word for it. Whether it was billed isn't known.
    Other(String),
}
