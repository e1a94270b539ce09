//! The client's socket, as the HTTP library sees it: it tells the watch what comes in, and keeps back the
//! bare status by which the library refuses a request that it can't read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::watch::ConnectionWatch;

/// The statuses that the HTTP library answers by itself, without headers or a body.
/// A path that is too long for it is too long for the head that holds it, which is refused first.
const BARE: [StatusCode; 2] = [StatusCode::BAD_REQUEST, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE];

/// A client's socket. It is shared with the connection's task, which closes it.
#[derive(Debug)]
pub(super) struct Socket {
    stream: Arc<TcpStream>,
    watch: ConnectionWatch,
    refusal: Option<StatusCode>,
}

impl Socket {
    pub(super) fn new(stream: Arc<TcpStream>, watch: ConnectionWatch) -> Self {
        Self { stream, watch, refusal: None }
    }

    /// The status of a request that couldn't be read, which is still to be answered.
    pub(super) fn refusal(&self) -> Option<StatusCode> {
        self.refusal
    }

    /// Keeps a bare refusal back; returns whether it is one.
    fn keep_back(&mut self, written: &[u8]) -> bool {
        let refusal = bare_refusal(written);
        self.refusal = self.refusal.or(refusal);
        refusal.is_some()
    }

    fn write(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let is_ready = self.stream.poll_write_ready(cx);
            if is_ready.is_pending() {
                self.watch.is_blocked();
            }
            ready!(is_ready)?;
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => {
                    self.watch.bytes_went();
                    return Poll::Ready(written);
                }
            }
        }
    }
}

/// The status in what is written, if it is the library's own refusal: our answers, errors too, have a body.
fn bare_refusal(written: &[u8]) -> Option<StatusCode> {
    let after_version = written.strip_prefix(b"HTTP/1.1 ").or_else(|| written.strip_prefix(b"HTTP/1.0 "))?;
    let status = StatusCode::from_bytes(after_version.get(..3)?).ok()?;
    let is_empty = written.windows(19).any(|window| window == b"content-length: 0\r\n");
    (BARE.contains(&status) && is_empty).then_some(status)
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let is_ready = self.stream.poll_read_ready(cx);
            self.watch.set_read(is_ready.is_pending());
            ready!(is_ready)?;
            match self.stream.try_read_buf(buffer) {
                Ok(bytes) => {
                    if bytes > 0 {
                        self.watch.bytes_came();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.keep_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        self.write(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = pieces.first()
            && self.keep_back(first)
        {
            return Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum()));
        }
        self.write(cx, |stream| stream.try_write_vectored(pieces))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The connection's task closes the socket, when it has read what the client still sends.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_librarys_own_answers_are_kept_back() {
        let bare = |text: &str| bare_refusal(text.as_bytes()).map(|status| status.as_u16());
        assert_eq!(bare("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: x\r\n\r\n"), Some(400));
        assert_eq!(
            bare("HTTP/1.0 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n"),
            Some(431)
        );
        assert_eq!(bare("HTTP/1.1 400 Bad Request\r\ncontent-length: 10\r\n\r\n"), None);
        assert_eq!(bare("HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n"), None);
        assert_eq!(bare("HTTP/1.1 4"), None);
        assert_eq!(bare("data: HTTP/1.1 400 content-length: 0\r\n"), None);
    }
}
