//! Reads a reply's body from its connection and hands out its events. What the bytes mean is for
//! [`ReplyDecoder`] to say.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use tokio::time::timeout;

use super::error_text::{ErrorText, MAX_WORD_CHARS};
use super::reply_queue::{End, ReplyQueue};
use super::retry_headers::request_id;
use super::stream::ReplyDecoder;
use super::transport_error::interrupted;
use crate::model::{CallError, CallErrorKind, ReplyEvent, ReplyStream};

/// The largest reply that is accepted, in bytes of its body. A reply of 64 000 tokens, the
/// most that is ever asked for, has about half of that if each comes in an event of its own.
pub const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a reply that are taken in together at most, where more has come already.
const TOGETHER: usize = 16 * 1024;

/// How long the end of the body is waited for after the end of the reply. It comes at once as a
/// rule, and the connection can be used again then.
const LINGER: Duration = Duration::from_millis(100);

/// The events of `response`, a success. There is no limit on how long it may take. Dropping the
/// stream before its end closes the connection.
///
/// # Errors
/// If it says it is neither an event stream nor JSON. No content type is taken for an event
/// stream.
pub(super) fn read_reply(response: Response, texts: Arc<ErrorText>) -> Result<ReplyStream, CallError> {
    let request_id = request_id(response.headers());
    if response.status() == StatusCode::NO_CONTENT {
        // It may have been billed, and the next one would be too.
        let kind = CallErrorKind::Malformed("the answer has no content (204)".to_owned());
        return Err(CallError { request_id, ..CallError::new(kind) });
    }
    let content_type = content_type(response.headers());
    let is_untyped = content_type.is_none();
    let decoder = match content_type {
        None => ReplyDecoder::events(),
        Some(name) if name.eq_ignore_ascii_case("text/event-stream") => ReplyDecoder::events(),
        Some(name) if name.eq_ignore_ascii_case("application/json") => ReplyDecoder::whole(),
        Some(other) => {
            let other = texts.clean(&other, MAX_WORD_CHARS);
            let kind = CallErrorKind::Malformed(format!("the content type is {other}"));
            return Err(CallError { request_id, ..CallError::new(kind) });
        }
    };
    let queue = ReplyQueue::new(request_id);
    let reader = ReplyReader { response: Some(response), received: 0, decoder, queue, texts, is_untyped };
    // Boxed, because it is handed along with each event.
    Ok(Box::pin(stream::unfold(Box::new(reader), |mut reader| async {
        Some((reader.next().await?, reader))
    })))
}

struct ReplyReader {
    /// Gone once the reply has failed, because that closes the connection.
    response: Option<Response>,
    received: usize,
    decoder: ReplyDecoder,
    queue: ReplyQueue,
    texts: Arc<ErrorText>,
    /// Whether it didn't say what it is.
    is_untyped: bool,
}

impl ReplyReader {
    async fn next(&mut self) -> Option<Result<ReplyEvent, CallError>> {
        loop {
            if self.queue.end() == Some(End::Failed) {
                self.response = None;
            }
            if let Some(item) = self.queue.pop() {
                let texts = &self.texts;
                return Some(
                    item.map(|event| texts.clean_event(event)).map_err(|error| texts.clean_error(error)),
                );
            }
            let response = self.response.as_mut()?;
            if self.queue.end().is_some() {
                let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
                // Too late is as good as broken: the connection is just not used again.
                let _ = timeout(LINGER, rest).await;
                return None;
            }
            let piece = response.chunk().await;
            self.take(piece);
            self.gather();
        }
    }

    /// Takes in what else has come already, so that it is handed on together; nothing is waited for.
    fn gather(&mut self) {
        let gathered = self.received;
        while self.queue.end().is_none() && self.received - gathered < TOGETHER {
            let Some(response) = &mut self.response else { return };
            let Some(piece) = response.chunk().now_or_never() else { return };
            self.take(piece);
        }
    }

    /// Takes in a piece of the body, its end, or its failure.
    fn take(&mut self, piece: reqwest::Result<Option<Bytes>>) {
        let bytes = match piece {
            Ok(Some(bytes)) => bytes,
            Ok(None) if self.is_untyped && !self.queue.has_begun() => return self.queue.fail(no_reply()),
            Ok(None) => return self.decoder.end(&mut self.queue),
            Err(error) => return self.queue.fail(interrupted(error)),
        };
        self.received = self.received.saturating_add(bytes.len());
        if self.received > MAX_REPLY_BYTES {
            self.queue.fail(CallErrorKind::TooLarge { what: "a reply", limit: MAX_REPLY_BYTES });
        } else {
            self.decoder.feed(&bytes, &mut self.queue);
        }
    }
}

/// What came instead of an event stream that never said it was one: a page, perhaps, or nothing. What asking again
/// would bring is the same, and may be billed again.
fn no_reply() -> CallErrorKind {
    CallErrorKind::Malformed("there is no content type, and no event in what came".to_owned())
}

/// The media type as it is written, without parameters.
fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(CONTENT_TYPE)?.as_bytes()).into_owned();
    Some(value.split(';').next()?.trim().to_owned()).filter(|media_type| !media_type.is_empty())
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stays_open_after_the_reply_is_not_waited_for_long() {
        let done = "data: {\"type\":\"message_stop\"}\n\n";
        let open = stream::iter([Ok::<_, std::io::Error>(done)]).chain(stream::pending());
        let response = hyper::Response::new(reqwest::Body::wrap_stream(open));
        let began = Instant::now();
        let mut reply = read_reply(response.into(), Arc::new(ErrorText::new(None))).unwrap();
        while reply.next().await.unwrap().unwrap() != ReplyEvent::Finished {}
        assert_eq!(began.elapsed(), Duration::ZERO, "the reply's end isn't held back");
        assert!(reply.next().await.is_none());
        assert_eq!(began.elapsed(), LINGER);
    }
}
