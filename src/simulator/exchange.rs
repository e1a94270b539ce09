//! Follows one request from its head to its end, and writes what becomes of it into the log.
//!
//! Everything that answers the request holds the [`Exchange`]; when the last of them is dropped
//! and nobody has said how it ended, the client must have gone away. So its leaving is noticed in
//! every phase, at once, without anyone asking.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::log::{End, Ledger, LogEntry, Phase, SimulatorLog};

/// One request and the answer to it.
#[derive(Debug)]
pub(super) struct Exchange {
    log: Arc<SimulatorLog>,
    stopping: Arc<AtomicBool>,
    sequence: u64,
    head_sent: AtomicBool,
    ended: AtomicBool,
    bytes_sent: AtomicU64,
    output_tokens: AtomicU64,
}

impl Exchange {
    /// Opens an entry in `log`; `entry` makes it for the number it is given.
    pub(super) fn open(
        log: &Arc<SimulatorLog>,
        stopping: &Arc<AtomicBool>,
        entry: impl FnOnce(u64) -> LogEntry,
    ) -> Arc<Self> {
        Arc::new(Self {
            sequence: log.open(entry),
            log: Arc::clone(log),
            stopping: Arc::clone(stopping),
            head_sent: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            bytes_sent: AtomicU64::new(0),
            output_tokens: AtomicU64::new(0),
        })
    }

    /// The number of the request.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The id of the request, for headers and error bodies.
    pub(super) fn request_id(&self) -> String {
        format!("req_sim_{:06}", self.sequence)
    }

    /// Writes something into the log.
    pub(super) fn note(&self, change: impl FnOnce(&mut LogEntry)) {
        self.log.amend(self.sequence, change);
    }

    /// Says that the reply is begun: its prompt is billed from now on.
    pub(super) fn bill_prompt(&self, prompt: Ledger) {
        self.note(|entry| entry.ledger = prompt);
    }

    /// Says how many tokens of the reply there are by now, in all.
    pub(super) fn bill_output(&self, tokens: u64) {
        self.output_tokens.store(tokens, Ordering::Relaxed);
    }

    /// Says how it ended; the first word counts.
    pub(super) fn end(&self, end: End) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let output_tokens = self.output_tokens.load(Ordering::Relaxed);
        let ended_at = if let End::ClientLeft { at, .. } = end { at } else { Instant::now() };
        self.note(|entry| {
            entry.ledger.output_tokens = output_tokens;
            entry.ended_at = Some(ended_at);
            entry.end = Some(end);
        });
    }

    /// Says that the client has gone away, unless the exchange ended before.
    pub(super) fn lose_client(&self) {
        if self.stopping.load(Ordering::Relaxed) {
            self.end(End::Stopped);
            return;
        }
        let phase = if self.head_sent.load(Ordering::Relaxed) { Phase::MidReply } else { Phase::BeforeHead };
        let bytes_sent = self.bytes_sent.load(Ordering::Relaxed);
        self.end(End::ClientLeft { at: Instant::now(), phase, bytes_sent });
    }

    /// Follows `body`, the body of an answer with that status, to its end.
    pub(super) fn follow(self: Arc<Self>, status: StatusCode, body: Body) -> Body {
        self.head_sent.store(true, Ordering::Relaxed);
        self.note(|entry| entry.status = Some(status.as_u16()));
        if body.is_end_stream() {
            // An empty body, such as that of a HEAD request, is never asked for.
            self.end(End::Completed);
        }
        Body::new(FollowedBody { body, exchange: self })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.lose_client();
    }
}

/// A body that tells its exchange how much of it has been taken.
struct FollowedBody {
    body: Body,
    exchange: Arc<Exchange>,
}

impl HttpBody for FollowedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.exchange.bytes_sent.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        // A body of known length isn't asked again after its last byte.
        if frame.is_none() || self.body.is_end_stream() {
            self.exchange.end(End::Completed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
