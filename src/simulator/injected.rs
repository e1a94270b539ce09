//! A fault that is about to strike a call, with the number that its rule gave.

use std::time::Duration;

use super::Fault;

/// A fault that strikes a certain call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Injected {
    /// Which.
    pub(super) fault: Fault,
    /// The number of its rule.
    pub(super) parameter: Option<f64>,
}

impl Injected {
    /// How many of `all` deltas go out before it strikes.
    pub(super) fn deltas(self, all: usize) -> usize {
        match self.parameter {
            // A rule's number is within 0 and 1e9, so that the cast keeps its whole part.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
            Some(count) => (count as usize).min(all),
            None => all / 2,
        }
    }

    /// The time between two pieces of what is sent.
    pub(super) fn interval(self) -> Duration {
        let default = if self.fault == Fault::SlowDrip { 2.0 } else { 500.0 };
        Duration::from_secs_f64(self.parameter.unwrap_or(default) / 1000.0)
    }
}
