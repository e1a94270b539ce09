//! The body of an answer, which takes its connection along.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::open::OpenConnection;
use super::pool::Pool;
use super::{Deadline, TimedOut};

/// A body. Reading it drives its connection, which is kept for the next call once the end has been read. Dropped
/// before, the body closes it.
pub(super) struct ReplyBody {
    pub(super) incoming: Incoming,
    /// Gone after the end.
    pub(super) connection: Option<Box<OpenConnection>>,
    pub(super) pool: Arc<Pool>,
    pub(super) deadline: Deadline,
}

type Failure = Box<dyn Error + Send + Sync>;

impl ReplyBody {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(None) };
        if self.deadline.as_mut().is_some_and(|over| over.as_mut().poll(cx).is_ready()) {
            self.connection = None;
            return Poll::Ready(Some(Err(TimedOut.into())));
        }
        let incoming = &mut self.incoming;
        let read = ready!(connection.drive(cx, |cx| Pin::new(&mut *incoming).poll_frame(cx)));
        Poll::Ready(match read {
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(error)) => {
                self.connection = None;
                Some(Err(error.into()))
            }
            None => {
                if let Some(connection) = self.connection.take() {
                    self.pool.keep(connection);
                }
                None
            }
        })
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.get_mut().poll(cx)
    }

    // Not `is_end_stream`: whoever went by it wouldn't read the end, and the connection would be closed.

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
