//! Divides what arrives into lines, and holds no more than one. It does no I/O.

use bytes::{Bytes, BytesMut};

/// Bytes that came and haven't been taken as lines.
#[derive(Debug)]
pub(super) struct LineBuffer {
    bytes: BytesMut,
    /// How many of them are known to have no line end among them.
    searched: usize,
    limit: usize,
}

/// A line is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineTooLong;

impl LineBuffer {
    /// For lines of at most so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: BytesMut::new(), searched: 0, limit }
    }

    /// Takes in a piece, cut anywhere.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// The next line that has its end, without it; blank ones are passed over.
    pub(super) fn next_line(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        loop {
            let unsearched = self.bytes.get(self.searched..).unwrap_or_default();
            let Some(at) = memchr::memchr(b'\n', unsearched).map(|at| self.searched + at) else {
                self.searched = self.bytes.len();
                return if self.searched > self.limit { Err(LineTooLong) } else { Ok(None) };
            };
            self.searched = 0;
            if at > self.limit {
                return Err(LineTooLong);
            }
            let line = self.bytes.split_to(at + 1).freeze().slice(..at);
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// What came after the last line end, unless it is blank. There is no line in the buffer any more.
    pub(super) fn rest(&mut self) -> Option<Bytes> {
        self.searched = 0;
        let rest = self.bytes.split().freeze();
        Some(rest).filter(|rest| !rest.trim_ascii().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]], limit: usize) -> Result<Vec<Bytes>, LineTooLong> {
        let (mut buffer, mut lines) = (LineBuffer::new(limit), Vec::new());
        for piece in pieces {
            buffer.feed(piece);
            while let Some(line) = buffer.next_line()? {
                lines.push(line);
            }
        }
        lines.extend(buffer.rest());
        Ok(lines)
    }

    #[test]
    fn lines_are_the_same_at_every_split() {
        let text = b"one\n\n two\r\n  \nthree";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(lines(&pieces, 6).unwrap(), ["one", " two\r", "three"], "{first}, {second}");
            }
        }
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_with_or_without_its_end() {
        for text in [b"12345\n1234567\n".as_slice(), b"1234567"] {
            assert_eq!(lines(&[text], 6), Err(LineTooLong));
        }
        assert_eq!(lines(&[b"123456\n"], 6).unwrap(), ["123456"]);
        assert_eq!(lines(&[b"123456"], 6).unwrap(), ["123456"]);
    }
}
