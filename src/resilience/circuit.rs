//! The rules of a circuit breaker as a plain state machine.
//!
//! Takes the time and returns what happened; it must not read a clock, lock or log.

use std::time::Duration;

use tokio::time::Instant;

/// The hint given while all probes are under way: how long one takes isn't known, and whoever
/// waits should ask again soon rather than sit out another full time-out.
const PROBES_TAKEN_RETRY_AFTER: Duration = Duration::from_secs(1);

/// When a circuit opens, for how long, and how it closes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Off: every attempt is admitted and nothing is counted.
    pub enabled: bool,
    /// Consecutive failed calls that open the circuit, 1–10.
    pub failure_threshold: u32,
    /// How long the circuit stays open before it lets probes through, 10–300 s.
    pub open_for: Duration,
    /// Probes that may be under way at once, and successes needed to close the circuit, 1–5.
    pub half_open_attempts: u32,
}

/// Where a circuit stands, as the next attempt would find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Attempts pass.
    Closed,
    /// Attempts are refused.
    Open {
        /// From when on probes are let through.
        until: Instant,
    },
    /// Probes pass, as many at once as are allowed.
    HalfOpen,
}

impl BreakerState {
    /// The state's word for logs and metrics: `closed`, `open`, `half-open`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// How much would be forgotten if a circuit were; the lesser comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Memory {
    /// As good as new.
    Nothing,
    /// Closed after this many failed calls in a row.
    Failures(u32),
    /// Open or half-open.
    Broken,
}

/// Proof of an admission: to which period of the circuit it belongs, and in what role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    period: u64,
    pub(super) is_probe: bool,
}

/// How an admitted attempt ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Settlement {
    Success,
    Failure,
    /// It says nothing about the upstream.
    Neutral,
}

/// Why a circuit changed its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionReason {
    /// Too many calls in a row failed.
    Consecutive,
    /// It has been open for its time.
    TimeOutPassed,
    /// A probe failed.
    ProbeFailed,
    /// Enough probes succeeded.
    ProbesSucceeded,
}

impl TransitionReason {
    /// In words, for the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consecutive => "too many calls in a row failed",
            Self::TimeOutPassed => "the time-out has passed",
            Self::ProbeFailed => "a probe failed",
            Self::ProbesSucceeded => "enough probes succeeded",
        }
    }
}

/// A change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: BreakerState,
    /// The state now.
    pub to: BreakerState,
    /// Why.
    pub reason: TransitionReason,
}

/// The answer to an attempt that asks to be admitted.
#[derive(Debug)]
pub(super) struct Admission {
    /// The ticket, or how long to wait before asking again.
    pub(super) verdict: Result<Ticket, Duration>,
    pub(super) transition: Option<Transition>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { probes: u32, successes: u32 },
}

/// A circuit. Each change of state begins a new period, and tickets of earlier periods settle
/// nothing: what they report is about an upstream that has been judged since.
#[derive(Debug)]
pub(super) struct Circuit {
    config: BreakerConfig,
    period: u64,
    phase: Phase,
}

impl Circuit {
    pub(super) fn new(config: BreakerConfig) -> Self {
        Self { config, period: 0, phase: Phase::Closed { failures: 0 } }
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.config.enabled
    }

    /// Goes by other rules from now on, from where it stands. Switched off, it forgets what it knew.
    pub(super) fn reconfigure(&mut self, config: BreakerConfig) {
        self.config = config;
        if !config.enabled {
            self.period += 1;
            self.phase = Phase::Closed { failures: 0 };
        }
    }

    pub(super) fn admit(&mut self, now: Instant) -> Admission {
        let mut transition = None;
        if matches!(self.phase, Phase::Open { until } if until <= now) {
            let half_open = Phase::HalfOpen { probes: 0, successes: 0 };
            transition = Some(self.enter(half_open, TransitionReason::TimeOutPassed));
        }
        let verdict = match &mut self.phase {
            Phase::Closed { .. } => Ok(false),
            Phase::Open { until } => Err(until.duration_since(now)),
            Phase::HalfOpen { probes, .. } if *probes < self.config.half_open_attempts => {
                *probes += 1;
                Ok(true)
            }
            Phase::HalfOpen { .. } => Err(PROBES_TAKEN_RETRY_AFTER),
        };
        Admission { verdict: verdict.map(|is_probe| Ticket { period: self.period, is_probe }), transition }
    }

    pub(super) fn settle(
        &mut self,
        ticket: Ticket,
        settlement: Settlement,
        now: Instant,
    ) -> Option<Transition> {
        if ticket.period != self.period {
            return None;
        }
        let open = Phase::Open { until: now + self.config.open_for };
        match (&mut self.phase, settlement) {
            (Phase::Closed { failures }, Settlement::Failure) => {
                *failures += 1;
                (*failures >= self.config.failure_threshold)
                    .then(|| self.enter(open, TransitionReason::Consecutive))
            }
            (Phase::Closed { failures }, Settlement::Success) => {
                *failures = 0;
                None
            }
            (Phase::HalfOpen { .. }, Settlement::Failure) => {
                Some(self.enter(open, TransitionReason::ProbeFailed))
            }
            (Phase::HalfOpen { probes, successes }, Settlement::Success) => {
                *probes -= 1;
                *successes += 1;
                (*successes >= self.config.half_open_attempts)
                    .then(|| self.enter(Phase::Closed { failures: 0 }, TransitionReason::ProbesSucceeded))
            }
            (Phase::HalfOpen { probes, .. }, Settlement::Neutral) => {
                *probes -= 1;
                None
            }
            // No ticket is given out while the circuit is open, so none belongs to such a period.
            (Phase::Closed { .. }, Settlement::Neutral) | (Phase::Open { .. }, _) => None,
        }
    }

    /// The state that an attempt would find at `now`.
    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.phase.state() {
            BreakerState::Open { until } if until <= now => BreakerState::HalfOpen,
            state => state,
        }
    }

    pub(super) fn memory(&self) -> Memory {
        match self.phase {
            Phase::Closed { failures: 0 } => Memory::Nothing,
            Phase::Closed { failures } => Memory::Failures(failures),
            Phase::Open { .. } | Phase::HalfOpen { .. } => Memory::Broken,
        }
    }

    fn enter(&mut self, phase: Phase, reason: TransitionReason) -> Transition {
        let from = self.phase.state();
        self.period += 1;
        self.phase = phase;
        Transition { from, to: phase.state(), reason }
    }
}

impl Phase {
    fn state(self) -> BreakerState {
        match self {
            Self::Closed { .. } => BreakerState::Closed,
            Self::Open { until } => BreakerState::Open { until },
            Self::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }
}
