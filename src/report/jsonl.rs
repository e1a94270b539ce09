//! A run's events on stdout, one JSON object a line, as they happen.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::time::Instant;

use super::json::{Layout, render};
use super::wire::{ErrorReport, EventBody, EventLine, RunFinishedLine};
use crate::chain::{Event, Summary};

/// Writes events as lines. Lines are gathered until [`flush`](Self::flush) is called, which is when no
/// further event is ready.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: BufWriter<W>,
    simulated: bool,
    started: Option<Instant>,
}

impl<W: AsyncWrite + Unpin> JsonLines<W> {
    /// Writes to `out`. `simulated` says that the replies come from the simulator.
    pub fn new(out: W, simulated: bool) -> Self {
        Self { out: BufWriter::new(out), simulated, started: None }
    }

    /// Writes an event. The run's end isn't written here but by [`finish`](Self::finish), which is told
    /// what it came to.
    ///
    /// # Errors
    /// What `out` says; [`io::ErrorKind::BrokenPipe`] if nobody reads any more.
    pub async fn event(&mut self, event: &Event) -> io::Result<()> {
        let started = *self.started.get_or_insert_with(Instant::now);
        match EventBody::of(event, self.simulated) {
            Some(body) => self.write(started.elapsed(), body).await,
            None => Ok(()),
        }
    }

    /// Sends out what has been gathered.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn flush(&mut self) -> io::Result<()> {
        self.out.flush().await
    }

    /// Writes the last line, how the run ended, whether it ended by itself or was dropped. `error` says
    /// why, where it failed.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn finish(&mut self, summary: &Summary, error: Option<ErrorReport>) -> io::Result<()> {
        let now = self.started.map(|started| started.elapsed()).unwrap_or_default();
        let line = RunFinishedLine::new(summary, error);
        let at = summary.elapsed.unwrap_or(now);
        self.write(at, EventBody::RunFinished(Box::new(line))).await?;
        self.flush().await
    }

    async fn write(&mut self, at: Duration, body: EventBody<'_>) -> io::Result<()> {
        let line = render(&EventLine::new(at, body), Layout::Line)?;
        self.out.write_all(line.as_bytes()).await
    }
}
