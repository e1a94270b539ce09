//! The final text on stdout, as it comes.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::terminal_text::visible;
use crate::chain::{ChainState, Event};

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

    /// Ends the text; of a run that was to stop before there is one, writes what its last step returned: the
    /// draft, or the analysis as JSON.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn last_step(&mut self, state: &ChainState) -> io::Result<()> {
        if state.final_response.is_none() {
            let analysis = || state.outputs.analyze.as_ref().map(|output| format!("{:#}", output.to_json()));
            let text = state.processed_content.clone().or_else(analysis).unwrap_or_default();
            self.event(&Event::OutputDelta { text }).await?;
        }
        self.finish().await
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

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::*;
    use crate::report::transcripts::{self, Transcript};

    /// Keeps what it is given, write by write.
    #[derive(Default)]
    struct Writes(Vec<String>);

    impl AsyncWrite for Writes {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.push(String::from_utf8(bytes.to_vec()).unwrap());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    async fn text_of(transcript: Transcript) -> String {
        let mut text = TextOutput::new(Vec::new(), false);
        for (_, event) in &transcript.events {
            text.event(event).await.unwrap();
        }
        text.finish().await.unwrap();
        String::from_utf8(text.out.into_inner()).unwrap()
    }

    async fn written(pieces: &[&str], for_terminal: bool) -> String {
        let mut text = TextOutput::new(Vec::new(), for_terminal);
        for piece in pieces {
            text.event(&Event::OutputDelta { text: (*piece).to_owned() }).await.unwrap();
        }
        text.finish().await.unwrap();
        String::from_utf8(text.out.into_inner()).unwrap()
    }

    #[tokio::test]
    async fn the_final_text_ends_in_a_line_feed_and_has_nothing_beside_it() {
        assert_eq!(text_of(transcripts::ok()).await, "Rust compiles to native code.\n");
        assert_eq!(written(&["one\n", "two\n"], false).await, "one\ntwo\n");
        assert_eq!(written(&["one", ""], false).await, "one\n");
    }

    #[tokio::test]
    async fn a_run_without_text_leaves_stdout_empty() {
        for transcript in [transcripts::rejected(), transcripts::circuit_open(), transcripts::interrupted()] {
            let name = transcript.name;
            assert_eq!(text_of(transcript).await, "", "{name}");
        }
    }

    #[tokio::test]
    async fn a_text_that_is_cut_keeps_what_had_left_and_ends_its_line() {
        assert_eq!(text_of(transcripts::cut_by_timeout()).await, "Rust compiles \n");
    }

    #[tokio::test]
    async fn escapes_are_shown_on_a_terminal_and_passed_on_elsewhere() {
        let pieces = ["\u{1b}", "[31mred\ttext"];
        assert_eq!(written(&pieces, true).await, "␛[31mred\ttext\n");
        assert_eq!(written(&pieces, false).await, "\u{1b}[31mred\ttext\n");
    }

    #[tokio::test]
    async fn pieces_that_are_ready_together_leave_in_one_write() {
        let mut text = TextOutput::new(Writes::default(), false);
        for piece in ["a", "b", "c"] {
            text.event(&Event::OutputDelta { text: piece.into() }).await.unwrap();
        }
        assert!(text.out.get_ref().0.is_empty());
        text.flush().await.unwrap();
        assert_eq!(text.out.get_ref().0, ["abc"]);
    }

    #[tokio::test]
    async fn a_closed_pipe_is_told_as_what_it_is() {
        let (out, reader) = tokio::io::duplex(64);
        drop(reader);
        let mut text = TextOutput::new(out, false);
        text.event(&Event::OutputDelta { text: "a".into() }).await.unwrap();
        assert_eq!(text.flush().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
