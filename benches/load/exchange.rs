//! HTTP/1.1 over one connection that is kept, with as little of it as a client can have: what is measured is the
//! other side.

use std::io;
use std::net::SocketAddr;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How a body ends that comes in chunks.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";
/// How much is read at a time, at most.
const READ: usize = 64 * 1024;

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A whole answer, and when of it came what.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// Head and chunks as they came.
    pub(crate) bytes: &'a [u8],
    /// When the bytes came that `first` found something in.
    pub(crate) first_at: Option<Instant>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(READ) })
    }

    /// Sends a request and reads the answer to its end, which must come in chunks. `first` is looked for in what
    /// has come.
    pub(crate) async fn ask(&mut self, request: &[u8], first: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let mut first_at = None;
        while !self.received.ends_with(LAST_CHUNK) {
            let before = self.received.len().saturating_sub(first.len());
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let news = self.received.get(before..).unwrap_or_default();
            if first_at.is_none() && memmem::find(news, first).is_some() {
                first_at = Some(Instant::now());
            }
        }
        Ok(Answer { bytes: &self.received, first_at })
    }
}

/// A request whose answer may come in chunks.
pub(crate) fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request =
        format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}
