//! Which time limit ends what, and when.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::StepName;

/// A time limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitReached {
    /// Which.
    pub limit: Limit,
    /// How long it is.
    pub after: Duration,
}

/// A time limit, from the outermost to the innermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// On the whole run.
    Run,
    /// On a phase.
    Phase(Phase),
    /// On a step.
    Step(StepName),
}

/// A part of the run with a time limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Analyze and process.
    WorkerCoordination,
    /// Synthesize and the streaming of its text.
    Synthesis,
}

impl Phase {
    /// The phase whose limit that step shares.
    #[must_use]
    pub fn of(step: StepName) -> Self {
        match step {
            StepName::Analyze | StepName::Process => Self::WorkerCoordination,
            StepName::Synthesize => Self::Synthesis,
        }
    }

    /// `worker coordination`, `synthesis`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkerCoordination => "worker coordination",
            Self::Synthesis => "synthesis",
        }
    }
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = seconds(self.after);
        match self.limit {
            Limit::Run => write!(f, "run's limit of {after}"),
            Limit::Phase(phase) => write!(f, "{} phase's limit of {after}", phase.as_str()),
            Limit::Step(step) => write!(f, "{step} step's limit of {after}"),
        }
    }
}

/// A duration as people write it: `45s`, `0.5s`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs_f64())
}

/// The limits that hold for something, from the outermost to the innermost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    earliest: Instant,
    reached: LimitReached,
}

impl Deadlines {
    pub(super) fn of_run(start: Instant, after: Duration) -> Self {
        Self { earliest: start + after, reached: LimitReached { limit: Limit::Run, after } }
    }

    /// These, and a further one inside of them. Where two end together, the outer one is reported.
    pub(super) fn and(self, start: Instant, limit: Limit, after: Duration) -> Self {
        let inner = start + after;
        if inner < self.earliest {
            Self { earliest: inner, reached: LimitReached { limit, after } }
        } else {
            self
        }
    }

    pub(super) fn earliest(&self) -> Instant {
        self.earliest
    }

    pub(super) fn remaining(&self) -> Duration {
        self.earliest.saturating_duration_since(Instant::now())
    }

    /// The limit that ends first.
    pub(super) fn first(&self) -> LimitReached {
        self.reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn where_two_limits_end_together_the_outer_one_is_reported() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let run = Deadlines::of_run(start, 75 * second);
        let phase = run.and(start, Limit::Phase(Phase::WorkerCoordination), 45 * second);
        assert_eq!(phase.first().to_string(), "worker coordination phase's limit of 45s");
        let process = phase.and(start + 15 * second, Limit::Step(StepName::Process), 30 * second);
        assert_eq!(process.first(), phase.first());
        let sooner = phase.and(start + 15 * second, Limit::Step(StepName::Process), 29 * second);
        assert_eq!(sooner.first().to_string(), "process step's limit of 29s");
    }
}
