//! What is told of a run to whoever runs the program: its log, and its trace if it has one.

use super::run_log::{RunEnd, RunLine, log_end, log_event};
use super::traces::RunTrace;
use crate::chain::{Event, Summary};

/// A run on its way into the log and a trace: a reader of the engine's events.
#[derive(Debug, Default)]
pub struct RunTelemetry {
    trace: Option<Box<RunTrace>>,
}

impl RunTelemetry {
    /// Of a run that begins now.
    #[must_use]
    pub fn begin(trace: Option<RunTrace>) -> Self {
        Self { trace: trace.map(Box::new) }
    }

    /// The next event; the end of the run is told by [`end`](Self::end).
    pub fn hear(&mut self, event: &Event) {
        log_event(event);
        if let Some(trace) = &mut self.trace {
            trace.hear(event);
        }
    }

    /// Nobody goes on with the run, if its end wasn't told: there is nothing to log of it.
    pub fn close(&mut self, summary: &Summary) {
        if let Some(trace) = self.trace.take() {
            trace.end(summary, RunEnd::Cancelled);
        }
    }

    /// The run has ended, like that.
    pub fn end(&mut self, summary: &Summary, line: RunLine<'_>, end: RunEnd) {
        log_end(summary, line, end);
        if let Some(trace) = self.trace.take() {
            trace.end(summary, end);
        }
    }
}
