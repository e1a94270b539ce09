//! The final text on stdout, as it comes.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::terminal_text::visible;
use crate::chain::Event;

/// Writes the final text. Text is gathered until [`flush`](Self::flush) is called, which is when no
/// further event is ready: a reader sees each piece at once, and many pieces that are ready together
/// are one write.
#[derive(Debug)]
pub struct TextOutput<W> {
    out: BufWriter<W>,
    /// Whether control characters are made visible instead of passed on.
    for_terminal: bool,
    /// Whether something has been written that doesn't end a line.
    in_line: bool,
}

impl<W: AsyncWrite + Unpin> TextOutput<W> {
    /// Writes to `out`. On a terminal, control characters are made visible; into a pipe or a file, the
    /// text goes as it is.
    pub fn new(out: W, for_terminal: bool) -> Self {
        Self { out: BufWriter::new(out), for_terminal, in_line: false }
    }

    /// Writes the text in an event, if there is any.
    ///
    /// # Errors
    /// What `out` says; [`io::ErrorKind::BrokenPipe`] if nobody reads any more.
    pub async fn event(&mut self, event: &Event) -> io::Result<()> {
        let Event::OutputDelta { text } = event else { return Ok(()) };
        if self.for_terminal {
            self.out.write_all(visible(text).as_bytes()).await?;
        } else {
            self.out.write_all(text.as_bytes()).await?;
        }
        if let Some(last) = text.chars().last() {
            self.in_line = last != '\n';
        }
        Ok(())
    }

    /// Sends out what has been gathered.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn flush(&mut self) -> io::Result<()> {
        self.out.flush().await
    }

    /// Ends the last line, if it isn't ended, and sends out everything. Where there was no text, there
    /// is nothing to end: stdout stays empty.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn finish(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_line) {
            self.out.write_all(b"\n").await?;
        }
        self.flush().await
    }
}
