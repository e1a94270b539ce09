//! A client's connection that sends exactly what it is told, and leaves as it is told.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use tokio::runtime::Runtime;

use super::{PATIENCE, Request, Response};

/// A client's connection. Dropped, it closes.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What came with the response before.
    unread: Vec<u8>,
}

/// How a client leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It closes its side in good order.
    Fin,
    /// It resets the connection.
    Rst,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// One whose system takes few bytes as long as nobody reads them.
    pub(crate) fn with_small_window(address: SocketAddr) -> Self {
        let stream = runtime().block_on(async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(4096)?;
            socket.connect(address).await?.into_std()
        });
        let stream = stream.unwrap();
        stream.set_nonblocking(false).unwrap();
        Self::over(stream)
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// The same connection once more, to send over while this one reads.
    pub(crate) fn sender(&self) -> Self {
        Self { stream: self.stream.try_clone().unwrap(), unread: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).unwrap();
    }

    /// Sends what the other side lets it.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Response {
        self.send(request.bytes());
        self.response()
    }

    /// The next response's head. The response's body is empty.
    #[track_caller]
    pub(crate) fn head(&mut self) -> Response {
        let end = loop {
            let end = self.unread.windows(4).position(|window| window == b"\r\n\r\n");
            match end {
                Some(end) => break end,
                None => assert!(self.read_more().unwrap(), "no head: {}", self.unread_text()),
            }
        };
        let head: Vec<u8> = self.unread.drain(..end + 4).take(end).collect();
        Response::of_head(&String::from_utf8(head).unwrap())
    }

    /// The next response; `None` if the connection ends before there is one.
    #[track_caller]
    pub(crate) fn response_if_any(&mut self) -> Option<Response> {
        while self.unread.is_empty() {
            if !self.read_more().unwrap_or(false) {
                return None;
            }
        }
        Some(self.response())
    }

    /// The next response.
    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        let mut response = self.head();
        response.body = self.body_of(&response);
        response
    }

    /// The body that comes after that head.
    #[track_caller]
    pub(crate) fn body_of(&mut self, head: &Response) -> Vec<u8> {
        if head.header("transfer-encoding") == Some("chunked") {
            let mut body = Vec::new();
            loop {
                let chunk = self.chunk();
                if chunk.is_empty() {
                    return body;
                }
                body.extend(chunk);
            }
        }
        match head.header("content-length") {
            Some(length) => self.exactly(length.parse().unwrap()),
            None => self.rest(),
        }
    }

    /// The next chunk of a chunked body; empty if it is the last.
    #[track_caller]
    pub(crate) fn chunk(&mut self) -> Vec<u8> {
        let size = loop {
            match self.unread.windows(2).position(|window| window == b"\r\n") {
                Some(end) => break self.exactly(end + 2),
                None => assert!(self.read_more().unwrap(), "broken off amid the body"),
            }
        };
        let size = std::str::from_utf8(&size).unwrap().trim();
        let size = usize::from_str_radix(size, 16).unwrap_or_else(|_| panic!("no chunk's size: {size}"));
        let mut chunk = self.exactly(size + 2);
        assert_eq!(chunk.split_off(size), b"\r\n");
        chunk
    }

    #[track_caller]
    fn exactly(&mut self, size: usize) -> Vec<u8> {
        while self.unread.len() < size {
            assert!(self.read_more().unwrap(), "broken off: {}", self.unread_text());
        }
        self.unread.drain(..size).collect()
    }

    /// All that comes until the other side closes.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.read_more().unwrap() {}
        std::mem::take(&mut self.unread)
    }

    /// Asserts that the other side closes, and sends nothing before that.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "more came: {}", String::from_utf8_lossy(&rest));
    }

    /// Whether the other side has neither closed it nor sent anything that isn't read.
    pub(crate) fn is_quiet(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Asserts that nothing more comes, whether the other side closes or breaks the connection off: to whom
    /// half-closes it, it may do either.
    #[track_caller]
    pub(crate) fn says_no_more(&mut self) {
        match self.read_more() {
            Ok(more) => assert!(!more, "more came: {}", self.unread_text()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        assert!(self.unread.is_empty(), "more came: {}", self.unread_text());
    }

    /// Reads until the other side breaks the connection off, and throws away what it reads.
    #[track_caller]
    pub(crate) fn is_reset(&mut self) {
        loop {
            self.unread.clear();
            match self.read_more() {
                Ok(true) => {}
                Ok(false) => panic!("it ended in good order"),
                Err(error) => return assert_eq!(error.kind(), ErrorKind::ConnectionReset),
            }
        }
    }

    /// Leaves. The socket itself is there until this is dropped.
    pub(crate) fn leave(self, how: Leaving) -> Option<Self> {
        match how {
            // Dropped, it would send a reset if there were something unread.
            Leaving::Fin => {
                self.stream.shutdown(Shutdown::Write).unwrap();
                Some(self)
            }
            Leaving::Rst => {
                let runtime = runtime();
                let _entered = runtime.enter();
                self.stream.set_nonblocking(true).unwrap();
                tokio::net::TcpStream::from_std(self.stream).unwrap().set_zero_linger().unwrap();
                None
            }
        }
    }

    /// Reads what there is; `false` at the end.
    fn read_more(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 16 * 1024];
        let count = loop {
            match self.stream.read(&mut bytes) {
                // A machine that was stopped for a moment interrupts a read that has a time limit.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.unread.extend_from_slice(&bytes[..count]);
        Ok(count > 0)
    }

    fn unread_text(&self) -> String {
        String::from_utf8_lossy(&self.unread).into_owned()
    }
}

/// What the options of sockets need that the standard library doesn't set.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap()
}
