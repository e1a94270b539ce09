//! The contract told another way, to compare a breaker with: nothing is counted up or down, all is derived from what
//! the current period has seen.

use std::time::Duration;

use tokio::time::Instant;

use crate::resilience::BreakerConfig;

/// A breaker, by the contract.
pub(super) struct Reference {
    config: BreakerConfig,
    period: usize,
    kind: Kind,
    /// How the calls of this period ended.
    ended: Vec<bool>,
    /// The periods of the permits still held.
    held: Vec<usize>,
}

/// A permit: its period, unless it was given while the breaker was off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    period: Option<usize>,
    pub(super) is_probe: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Closed,
    Open { since: Instant, lasts: Duration },
    HalfOpen,
}

impl Reference {
    pub(super) fn new(config: BreakerConfig) -> Self {
        Self { config, period: 0, kind: Kind::Closed, ended: Vec::new(), held: Vec::new() }
    }

    fn begin(&mut self, kind: Kind) {
        (self.period, self.kind, self.ended) = (self.period + 1, kind, Vec::new());
    }

    fn has_passed(&self, now: Instant) -> bool {
        matches!(self.kind, Kind::Open { since, lasts } if since + lasts <= now)
    }

    /// Probes of this period that are under way.
    fn probes(&self) -> usize {
        let held = self.held.iter().filter(|period| **period == self.period).count();
        if self.kind == Kind::HalfOpen { held } else { 0 }
    }

    /// A permit, or when to ask again.
    pub(super) fn admit(&mut self, now: Instant) -> Result<Held, Duration> {
        if !self.config.enabled {
            return Ok(Held { period: None, is_probe: false });
        }
        if self.has_passed(now) {
            self.begin(Kind::HalfOpen);
        }
        match self.kind {
            Kind::Open { since, lasts } => return Err(since + lasts - now),
            Kind::HalfOpen if self.probes() >= self.config.half_open_attempts as usize => {
                return Err(Duration::from_secs(1));
            }
            Kind::Closed | Kind::HalfOpen => {}
        }
        self.held.push(self.period);
        Ok(Held { period: Some(self.period), is_probe: self.kind == Kind::HalfOpen })
    }

    /// A permit was settled, or dropped: `None`.
    pub(super) fn end(&mut self, permit: Held, outcome: Option<bool>, now: Instant) {
        let Some(period) = permit.period else { return };
        let at = self.held.iter().position(|held| *held == period).unwrap();
        self.held.remove(at);
        let Some(success) = outcome.filter(|_| period == self.period) else { return };
        self.ended.push(success);
        let failures_in_a_row = self.ended.iter().rev().take_while(|success| !**success).count();
        let successes = self.ended.iter().filter(|success| **success).count();
        let open = Kind::Open { since: now, lasts: self.config.open_for };
        match self.kind {
            Kind::Closed if failures_in_a_row >= self.config.failure_threshold as usize && !success => {
                self.begin(open);
            }
            Kind::HalfOpen if !success => self.begin(open),
            Kind::HalfOpen if successes >= self.config.half_open_attempts as usize => {
                self.begin(Kind::Closed);
            }
            _ => {}
        }
    }

    /// Other rules hold from now on. Switched off, nothing is known any more.
    pub(super) fn reconfigure(&mut self, config: BreakerConfig) {
        self.config = config;
        if !config.enabled {
            self.begin(Kind::Closed);
        }
    }

    pub(super) fn state(&self, now: Instant) -> &'static str {
        match self.kind {
            Kind::Closed => "closed",
            Kind::HalfOpen => "half-open",
            Kind::Open { .. } if self.has_passed(now) => "half-open",
            Kind::Open { .. } => "open",
        }
    }

    /// How many more attempts would be admitted now; `None` for any number.
    pub(super) fn room(&self, now: Instant) -> Option<usize> {
        match self.state(now) {
            "open" => Some(0),
            "half-open" => Some((self.config.half_open_attempts as usize).saturating_sub(self.probes())),
            _ => None,
        }
    }
}
