//! A request's body that knows whether it has been read to its end.
//!
//! What is left of one when the answer is there can't be passed over for ever: the connection is closed behind
//! the answer. A client that isn't told would send its next request into that.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, Incoming, SizeHint};

/// What comes with its head as a rule, and is passed over without closing the connection.
const SMALL: u64 = 4096;

/// A request's body.
#[derive(Debug)]
pub(super) struct RequestBody {
    body: Incoming,
    progress: Progress,
}

/// How far a request's body has been read.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    is_small: bool,
    is_read: Arc<AtomicBool>,
}

impl RequestBody {
    pub(super) fn new(body: Incoming) -> (Self, Progress) {
        let is_small = body.size_hint().exact().is_some_and(|size| size <= SMALL);
        let progress = Progress { is_small, is_read: Arc::new(AtomicBool::new(body.is_end_stream())) };
        (Self { body, progress: progress.clone() }, progress)
    }
}

impl Progress {
    /// Whether the connection can't be used any more once the answer has been sent.
    pub(super) fn is_the_last(&self) -> bool {
        !self.is_small && !self.is_read.load(Ordering::Relaxed)
    }
}

impl Body for RequestBody {
    type Data = <Incoming as Body>::Data;
    type Error = <Incoming as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.progress.is_read.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
