//! Reads a run's events to their end, and hands each to everybody who wants it.

use std::io;

use futures_util::FutureExt;
use tokio::time::timeout_at;

use super::sink::Sink;
use super::state::StateFile;
use crate::chain::{Event, Run, Summary};
use crate::error::ErrorCode;
use crate::report::Reporter;
use crate::telemetry::RunTelemetry;

/// A run and its readers.
pub(super) struct Drive<'a> {
    pub(super) run: Run,
    pub(super) summary: &'a mut Summary,
    pub(super) telemetry: &'a mut RunTelemetry,
    /// Where the state is kept, if it is.
    pub(super) state: Option<&'a mut StateFile>,
    pub(super) reporter: &'a mut dyn Reporter,
    pub(super) sink: &'a mut Sink,
}

/// Why the reading ended.
pub(super) enum End {
    /// The run has ended.
    Finished,
    /// A signal asked the program to end.
    Signal(ErrorCode),
    /// Nobody reads stdout any more: that is no error.
    ReaderLeft,
    /// Whoever reads stdout took nothing until the time was over.
    ReaderIsSlow,
    /// The result can't be written.
    OutputFailed(io::Error),
}

impl Drive<'_> {
    /// Reads to the end.
    pub(super) async fn until_end(&mut self) -> End {
        loop {
            let deadline = self.run.deadline();
            // Pieces that are ready together go out together; none waits for another.
            let next = match self.run.next_event().now_or_never() {
                Some(event) => event,
                None => match timeout_at(deadline, self.sink.flush()).await {
                    Ok(Ok(())) => self.run.next_event().await,
                    Ok(Err(error)) => return error.into(),
                    Err(_) => return End::ReaderIsSlow,
                },
            };
            let Some(event) = next else { return End::Finished };
            self.hear(&event);
            match timeout_at(deadline, self.sink.event(&event)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error.into(),
                Err(_) => return End::ReaderIsSlow,
            }
        }
    }

    /// Ends the run, and with it the call in flight. What is still to be told of it is told to all but
    /// stdout; it is returned for that.
    ///
    /// A reader that has left is told nothing any more, on stderr neither.
    pub(super) fn cancel(self, end: &End) -> Vec<Event> {
        let Self { run, summary, telemetry, state, reporter, .. } = self;
        let events = run.cancel();
        for event in &events {
            summary.apply(event);
            telemetry.hear(event);
            if !matches!(end, End::ReaderLeft) {
                reporter.event(event);
            }
        }
        if let Some(state) = state {
            state.end(summary);
        }
        events
    }

    fn hear(&mut self, event: &Event) {
        self.summary.apply(event);
        self.telemetry.hear(event);
        self.reporter.event(event);
        if let (Event::StepFinished(_), Some(state)) = (event, &mut self.state) {
            state.write(self.summary);
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::ReaderLeft } else { Self::OutputFailed(error) }
    }
}
