//! The end of a run: what is still to be written, in the order in which it reads well.

use tokio::time::{Instant, timeout, timeout_at};

use super::drive::End;
use super::output_error;
use super::sink::Sink;
use super::{TIME_TO_BREAK_OFF, TIME_TO_WRITE};
use crate::chain::{Event, Summary};
use crate::error::{Error, ErrorCode};
use crate::report::Reporter;

/// A run that has ended, and where its end is told.
pub(super) struct Finish<'a> {
    pub(super) summary: &'a Summary,
    pub(super) reporter: &'a mut dyn Reporter,
    pub(super) sink: Sink,
    /// Whether a text that was broken off must be ended by us: live progress does that itself.
    pub(super) ends_text: bool,
}

impl Finish<'_> {
    /// Writes what is left to be written, by that time; `last_events` are those that stdout hasn't seen.
    pub(super) async fn run(self, end: End, last_events: &[Event], by: Instant) -> Result<(), Error> {
        match end {
            End::Finished => self.finished(by.max(Instant::now() + TIME_TO_WRITE)).await,
            End::Signal(code) => self.broken_off(last_events, Error::new(code, code.as_str())).await,
            End::ReaderIsSlow => Err(self.told(reader_is_slow())),
            End::OutputFailed(error) => Err(self.told(output_error(&error))),
            // Quietly: whoever closes a pipe has what they wanted.
            End::ReaderLeft => Ok(()),
        }
    }

    /// The run has ended by itself, well or not.
    async fn finished(mut self, by: Instant) -> Result<(), Error> {
        // The text's last line is ended before anything else is shown on the same terminal.
        match timeout_at(by, self.sink.end_text()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            Ok(Err(error)) => return Err(self.told(output_error(&error))),
            Err(_) => return Err(self.told(reader_is_slow())),
        }
        self.reporter.finish(self.summary);
        let result = match &self.summary.outcome {
            Some(Err(error)) => {
                let error = identified(Error::from(error), self.summary);
                // The error is told on stderr; a stream of events that can't be ended has no other place.
                drop(timeout_at(by, self.sink.fail(self.summary, &error)).await);
                Err(error)
            }
            _ => timeout_at(by, self.sink.succeed(self.summary))
                .await
                .unwrap_or_else(|_| Err(reader_is_slow())),
        };
        result.map_err(|error| identified(error, self.summary))
    }

    /// The run was broken off from outside.
    async fn broken_off(mut self, last_events: &[Event], error: Error) -> Result<(), Error> {
        let error = identified(error, self.summary);
        let end = async {
            // What can't be written any more isn't: the run is over.
            if self.ends_text {
                drop(self.sink.end_text().await);
            }
            for event in last_events {
                drop(self.sink.event(event).await);
            }
            drop(self.sink.flush().await);
        };
        drop(timeout(TIME_TO_BREAK_OFF, end).await);
        self.reporter.finish(self.summary);
        drop(timeout(TIME_TO_BREAK_OFF, self.sink.fail(self.summary, &error)).await);
        Err(error)
    }

    /// The error, after the totals.
    fn told(self, error: Error) -> Error {
        self.reporter.finish(self.summary);
        identified(error, self.summary)
    }
}

/// A signal came while the end was being written. A run that had failed has failed for its own reason.
pub(super) fn interrupted(code: ErrorCode, summary: &Summary) -> Error {
    let error = match &summary.outcome {
        Some(Err(error)) => Error::from(error),
        Some(Ok(_)) | None => Error::new(code, code.as_str()),
    };
    identified(error, summary)
}

/// The error with the run's ids, and what was spent until then.
pub(super) fn identified(error: Error, summary: &Summary) -> Error {
    // What is broken off from outside is broken off in a step too.
    let under_way = || {
        let last = summary.attempts.last().filter(|_| summary.outcome.is_none())?.step;
        summary.state.step_metadata.get(last).is_none().then_some(last)
    };
    let last_id = || summary.attempts.iter().rev().find_map(|attempt| attempt.request_id.clone());
    Error {
        step: error.step.or_else(under_way),
        request_id: Some(summary.request_id.clone()).filter(|id| !id.is_empty()),
        upstream_request_id: error.upstream_request_id.clone().or_else(last_id),
        spend: Some(Box::new(summary.spend())),
        ..error
    }
}

fn reader_is_slow() -> Error {
    Error::new(ErrorCode::Timeout, "timed out: the reader of stdout took nothing until the time was over")
        .hint("read faster, or write to a file with -o")
}
