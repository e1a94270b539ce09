//! The input, line by line, in flat memory: a file or stdin, of any length.

use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::error::{Error, ErrorCode};

/// The most bytes of a line: a conversation of 1 MiB, with every character escaped.
pub(super) const MAX_LINE_BYTES: usize = 8 << 20;

/// A line of the input.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// By which it is known again: the first sixteen hexadecimal digits of its SHA-256.
    pub(super) hash: String,
    /// Its bytes, without the line feed; `None` if there are more than [`MAX_LINE_BYTES`].
    pub(super) bytes: Option<Vec<u8>>,
}

impl Line {
    /// Whether there is nothing on it.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty())
    }
}

/// Reads the lines.
pub(super) struct Lines {
    reader: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    /// What is there of the next line.
    partial: Partial,
    taken: u64,
    name: String,
}

#[derive(Default)]
struct Partial {
    bytes: Vec<u8>,
    hash: Sha256,
    is_too_long: bool,
    is_begun: bool,
}

impl Lines {
    /// Opens the file at `path`; `-` is stdin.
    pub(super) async fn open(path: &Path) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Ok(Self::new(Box::new(tokio::io::stdin()), "stdin".to_owned()));
        }
        let name = path.display().to_string();
        let unreadable = |error| Error::new(ErrorCode::Usage, format!("can't read {name}")).because(error);
        let file = File::open(path).await.map_err(unreadable)?;
        if file.metadata().await.is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::new(ErrorCode::Usage, format!("{name} is a folder, not a file")));
        }
        Ok(Self::new(Box::new(file), name))
    }

    fn new(reader: Box<dyn AsyncRead + Send + Unpin>, name: String) -> Self {
        Self { reader: BufReader::new(reader), partial: Partial::default(), taken: 0, name }
    }

    /// The next line; `None` at the end. Cancel safe: what has been read of a line isn't lost.
    pub(super) async fn next(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let piece = self.reader.fill_buf().await.map_err(|error| {
                Error::new(ErrorCode::Usage, format!("can't read {}", self.name)).because(error)
            })?;
            if piece.is_empty() {
                return Ok(std::mem::take(&mut self.partial.is_begun).then(|| self.take()));
            }
            let end = memchr::memchr(b'\n', piece);
            self.partial.add(piece.get(..end.unwrap_or(piece.len())).unwrap_or(piece));
            let used = end.map_or(piece.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> Line {
        self.taken += 1;
        let Partial { bytes, hash, is_too_long, .. } = std::mem::take(&mut self.partial);
        let hash = hash.finalize().iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Line { number: self.taken, hash, bytes: (!is_too_long).then_some(bytes) }
    }
}

impl Partial {
    fn add(&mut self, piece: &[u8]) {
        self.is_begun = true;
        self.hash.update(piece);
        self.is_too_long |= self.bytes.len() + piece.len() > MAX_LINE_BYTES;
        if self.is_too_long {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &'static [u8]) -> Vec<(u64, Option<usize>)> {
        let mut lines = Lines::new(Box::new(text), "text".to_owned());
        let mut all = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            all.push((line.number, line.bytes.map(|bytes| bytes.len())));
        }
        all
    }

    #[tokio::test]
    async fn lines_are_numbered_from_1_and_the_last_needs_no_line_feed() {
        assert_eq!(lines(b"a\n\nbc").await, [(1, Some(1)), (2, Some(0)), (3, Some(2))]);
        assert_eq!(lines(b"a\n").await, [(1, Some(1))]);
        assert_eq!(lines(b"").await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over_without_being_held() {
        let mut text = vec![b'x'; MAX_LINE_BYTES + 1];
        text.extend_from_slice(b"\nshort\n");
        let text: &'static [u8] = text.leak();
        assert_eq!(lines(text).await, [(1, None), (2, Some(5))]);
    }

    #[tokio::test]
    async fn the_same_line_has_the_same_hash_wherever_it_stands() {
        let mut lines = Lines::new(Box::new(&b"one\ntwo\none"[..]), "text".to_owned());
        let mut hashes = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            hashes.push(line.hash);
        }
        assert!(hashes[0] == hashes[2] && hashes[0] != hashes[1], "{hashes:?}");
        assert_eq!(hashes[0].len(), 16);
    }
}
