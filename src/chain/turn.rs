//! A part's turn: which part of a divided step it is, and how long it has.

use std::time::Duration;

use tokio::time::Instant;

use super::StepName;
use super::hold::Hold;
use super::limits::{Deadlines, Limit};

/// A part's turn. It has the time of the step to itself: waiting for what the other parts hold, room in the
/// budget or leave to send, isn't counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    /// Which part of the step it is, from 1.
    pub(super) worker: u32,
    /// What makes it wait for what the other parts were told.
    hold: &'a Hold,
    /// The limits on all parts together.
    phase: Deadlines,
    timeout: Duration,
    began: Instant,
}

impl<'a> Turn<'a> {
    pub(super) fn begin(worker: u32, hold: &'a Hold, phase: Deadlines, timeout: Duration) -> Self {
        Self { worker, hold, phase, timeout, began: Instant::now() }
    }

    /// Its own limit, inside of those on all.
    pub(super) fn deadlines(&self) -> Deadlines {
        self.phase.and(self.began, Limit::Step(StepName::Process), self.timeout)
    }

    /// The limits on all parts together.
    pub(super) fn outer(&self) -> Deadlines {
        self.phase
    }

    /// It has waited for the others since then.
    pub(super) fn has_waited(&mut self, since: Instant) {
        self.began += since.elapsed();
    }

    /// Waits until it may send a request.
    pub(super) async fn until_free(&mut self) {
        let since = Instant::now();
        self.hold.pass(self.phase).await;
        self.has_waited(since);
    }

    /// One part was told to wait: none sends anything before then.
    pub(super) fn hold_all(&self, until: Instant) {
        self.hold.extend(until);
    }
}
