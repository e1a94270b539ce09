//! The format of a recording: one exchange with the upstream, to be read by people too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pieces::Piece;
use super::request::RecordedRequest;

/// The version of this format.
pub(super) const VERSION: u32 = 1;

/// An exchange with the upstream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordingFile {
    pub(super) version: u32,
    pub(super) request: RecordedRequest,
    /// `null` if none came.
    pub(super) response: Option<RecordedResponse>,
    pub(super) end: Ending,
}

/// What the upstream answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedResponse {
    /// When its head came, in milliseconds from when the request was sent.
    pub(super) ms: u64,
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<Piece>,
}

/// How an exchange ended, and when: in milliseconds from when the request was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Ending {
    /// The body came to its end.
    Complete { ms: u64 },
    /// The connection broke within the body.
    BrokenOff { ms: u64, reason: String },
    /// We wanted no more of it: a stop text had come, a time limit was reached, the run was cancelled.
    Dropped { ms: u64 },
    /// No connection was made.
    NotConnected { ms: u64, upstream: String, reason: String },
    /// The connection broke before there was an answer.
    Unanswered { ms: u64, reason: String },
}

impl Ending {
    /// Whether an exchange can end so that has been answered, or hasn't been.
    pub(super) fn fits(&self, is_answered: bool) -> bool {
        match self {
            Self::Complete { .. } | Self::BrokenOff { .. } => is_answered,
            Self::NotConnected { .. } | Self::Unanswered { .. } => !is_answered,
            Self::Dropped { .. } => true,
        }
    }
}

/// Whether a response's header is worth keeping: what the client goes by, and what tells of limits.
pub(super) fn is_kept(header: &str) -> bool {
    matches!(header, "content-type" | "request-id" | "retry-after" | "retry-after-ms" | "x-should-retry")
        || header.starts_with("anthropic-ratelimit-")
}
