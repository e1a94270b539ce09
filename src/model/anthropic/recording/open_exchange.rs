//! An exchange under way, which is written down as it ends, however it does.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use reqwest::{Body, Response};
use tokio::time::Instant;

use super::super::transport_error::innermost_cause;
use super::came::Came;
use super::file::{Ending, RecordedResponse, RecordingFile, VERSION, is_kept};
use super::pieces::pieces;
use super::playback::BrokenOff;
use super::recorder::Recorder;
use super::request::{RecordedRequest, kept};
use super::scrubber::Scrubber;
use crate::model::CallErrorKind;

/// An exchange under way. Dropped, it has been dropped by us, and is recorded so.
#[derive(Debug)]
pub(in crate::model::anthropic) struct OpenExchange {
    recorder: Arc<Recorder>,
    scrubber: Scrubber,
    number: u32,
    started: Instant,
    /// Gone once it is written.
    request: Option<RecordedRequest>,
    response: Option<RecordedResponse>,
    came: Came,
}

impl OpenExchange {
    pub(super) fn new(
        recorder: Arc<Recorder>,
        number: u32,
        request: RecordedRequest,
        scrubber: Scrubber,
    ) -> Self {
        let (started, request) = (Instant::now(), Some(request));
        Self { recorder, scrubber, number, started, request, response: None, came: Came::default() }
    }

    /// There is no answer, for that reason.
    pub(in crate::model::anthropic) fn unanswered(mut self, failure: &CallErrorKind) {
        let ms = self.ms();
        let ending = match failure {
            CallErrorKind::Connect { upstream, reason } => Ending::NotConnected {
                ms,
                upstream: self.scrubber.text(upstream),
                reason: self.scrubber.text(reason),
            },
            CallErrorKind::Interrupted(reason) => {
                Ending::Unanswered { ms, reason: self.scrubber.text(reason) }
            }
            other => Ending::Unanswered { ms, reason: self.scrubber.text(&other.to_string()) },
        };
        self.end(ending);
    }

    /// `response` with a body that is recorded as it is read.
    pub(in crate::model::anthropic) fn tee(mut self, response: Response) -> Response {
        self.response = Some(RecordedResponse {
            ms: self.ms(),
            status: response.status().as_u16(),
            headers: kept(response.headers(), &self.scrubber, is_kept),
            body: Vec::new(),
        });
        let (mut head, ()) = hyper::Response::new(()).into_parts();
        head.status = response.status();
        head.version = response.version();
        head.headers = response.headers().clone();
        let tee = Tee { body: Box::pin(response.bytes_stream().fuse()), exchange: self };
        hyper::Response::from_parts(head, Body::wrap_stream(tee)).into()
    }

    fn ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes it, unless that has been done.
    fn end(&mut self, end: Ending) {
        let Some(request) = self.request.take() else { return };
        let mut response = self.response.take();
        if let Some(response) = &mut response {
            response.body = pieces(std::mem::take(&mut self.came), &self.scrubber);
        }
        self.recorder.write(self.number, &RecordingFile { version: VERSION, request, response, end });
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        self.end(Ending::Dropped { ms: self.ms() });
    }
}

/// A body that is written down as it passes.
struct Tee {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    exchange: OpenExchange,
}

impl Stream for Tee {
    type Item = Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Poll::Ready(next) = self.body.as_mut().poll_next(cx) else { return Poll::Pending };
        let ms = self.exchange.ms();
        Poll::Ready(match next {
            Some(Ok(bytes)) => {
                self.exchange.came.push(ms, &bytes);
                Some(Ok(bytes))
            }
            Some(Err(error)) => {
                let reason = innermost_cause(error);
                let recorded = self.exchange.scrubber.text(&reason);
                self.exchange.end(Ending::BrokenOff { ms, reason: recorded });
                Some(Err(BrokenOff(reason)))
            }
            None => {
                self.exchange.end(Ending::Complete { ms });
                None
            }
        })
    }
}
