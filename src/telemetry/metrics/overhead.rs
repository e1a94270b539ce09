//! Our own share of a run's time.

use std::time::Duration;

use super::runs::Overheads;
use crate::chain::{Event, StepName};

/// What of a run's time is our own, as its events tell it.
#[derive(Debug)]
pub(super) struct Overhead {
    series: Overheads,
    last: Last,
}

/// What our time runs from.
#[derive(Debug, Clone, Copy)]
enum Last {
    /// The request, on which that was spent before the run began.
    Request(Duration),
    /// The upstream is being asked, or nothing further is to be told.
    Upstream,
    /// A reply of that step ended at that time.
    Reply(StepName, Duration),
    /// The run ended, that long after its last reply.
    Run(Duration),
}

impl Overhead {
    /// Of a run that begins now. `before` is what was spent on its request until now.
    pub(super) fn begin(series: Overheads, before: Duration) -> Self {
        Self { series, last: Last::Request(before) }
    }

    /// The next event, and when it happened, in the run's own time.
    pub(super) fn hear(&mut self, event: &Event, at: Duration) {
        match (event, self.last) {
            (Event::AttemptStarted { .. }, Last::Request(before)) => {
                self.series.request.observe((before + at).as_secs_f64());
                self.last = Last::Upstream;
            }
            (Event::AttemptStarted { step, .. }, Last::Reply(last_step, since)) => {
                if *step != last_step {
                    self.series.between_steps.observe(at.saturating_sub(since).as_secs_f64());
                }
                self.last = Last::Upstream;
            }
            (Event::AttemptEnded(record), _) => {
                self.last = match record.failure {
                    None => Last::Reply(record.step, at),
                    Some(_) => Last::Upstream,
                };
            }
            (Event::RunFinished { outcome: Ok(_), .. }, Last::Reply(_, since)) => {
                self.last = Last::Run(at.saturating_sub(since));
            }
            _ => {}
        }
    }

    /// All of the answer is on its way, that long after the run's end was heard of.
    pub(super) fn answered(&mut self, after: Duration) {
        if let Last::Run(before) = self.last {
            self.series.response.observe((before + after).as_secs_f64());
        }
        self.last = Last::Upstream;
    }
}
