//! Reads answers that come one after the other over a connection.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// What came over a connection and isn't read yet.
#[derive(Default)]
pub(crate) struct Answers(Vec<u8>);

impl Answers {
    /// The status of the next answer; its body is passed over.
    pub(crate) async fn next(&mut self, stream: &mut TcpStream) -> io::Result<u16> {
        loop {
            if let Some((status, size)) = self.first() {
                self.0.drain(..size);
                return Ok(status);
            }
            if stream.read_buf(&mut self.0).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Status and size of the first answer, if it is there to its end.
    fn first(&self) -> Option<(u16, usize)> {
        let head_size = self.0.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(self.0.get(..head_size)?).ok()?;
        let status = head.get(9..12)?.parse().ok()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let size = head_size + length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
        (self.0.len() >= size).then_some((status, size))
    }
}
