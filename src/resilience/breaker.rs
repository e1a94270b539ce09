//! A circuit breaker that many calls share: asked before every attempt, told once how a call went.
//!
//! The rules are [`Circuit`]'s; here they get a lock, a clock, a log, and permits that can't be
//! lost. It must not decide which failures are the upstream's fault: callers do.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use super::circuit::{BreakerConfig, BreakerState, Circuit, Memory, Settlement, Ticket, Transition};
use super::observer::Observer;
use crate::sync::lock;

/// Refused: the circuit is open, or half-open with all its probes under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the circuit is open: the upstream failed repeatedly, and isn't asked again for now")]
pub struct Open {
    /// When to ask again: the rest of the time-out, or 1 s while probes are under way.
    pub retry_after: Duration,
}

/// A circuit breaker for one upstream.
///
/// Consecutive failed *calls* open it, not attempts. A call asks [`admit`](Self::admit) before
/// each of its attempts, drops the permits of those it is going to repeat, and settles the last.
/// A probe is one attempt: its permit is settled however it went, and a repeat asks anew.
#[derive(Debug)]
pub struct Breaker {
    name: String,
    circuit: Mutex<Circuit>,
    watched: Option<Watched>,
}

/// Who is told of a breaker's changes, and as whose they are told.
#[derive(Debug)]
struct Watched {
    model: String,
    observer: Observer,
}

impl Breaker {
    /// A closed breaker; `name` is what the log calls the upstream.
    #[must_use]
    pub fn new(name: impl Into<String>, config: BreakerConfig) -> Self {
        Self { name: name.into(), circuit: Mutex::new(Circuit::new(config)), watched: None }
    }

    /// The breaker for that model at that upstream, of whose changes `observer` is told.
    pub(super) fn watched(upstream: &str, model: &str, config: BreakerConfig, observer: Observer) -> Self {
        let watched = Some(Watched { model: model.to_owned(), observer });
        Self { watched, ..Self::new(format!("{upstream} {model}"), config) }
    }

    /// Asks whether an attempt may begin.
    ///
    /// # Errors
    /// [`Open`] if it may not, with the time after which to ask again.
    pub fn admit(self: &Arc<Self>) -> Result<Permit, Open> {
        let admission = {
            let mut circuit = self.lock();
            if !circuit.is_enabled() {
                return Ok(Permit { breaker: Arc::clone(self), ticket: None });
            }
            circuit.admit(Instant::now())
        };
        self.tell(admission.transition);
        match admission.verdict {
            Ok(ticket) => Ok(Permit { breaker: Arc::clone(self), ticket: Some(ticket) }),
            Err(retry_after) => Err(Open { retry_after }),
        }
    }

    /// Where the circuit stands now. A circuit whose time-out has passed is half-open, even if
    /// no attempt has come yet to find that out.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.lock().state(Instant::now())
    }

    pub(super) fn reconfigure(&self, config: BreakerConfig) {
        self.lock().reconfigure(config);
    }

    pub(super) fn memory(&self) -> Memory {
        self.lock().memory()
    }

    fn settle(&self, ticket: Ticket, settlement: Settlement) {
        let transition = self.lock().settle(ticket, settlement, Instant::now());
        self.tell(transition);
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        lock(&self.circuit)
    }

    /// Called without the lock: a subscriber may want to look at the state.
    fn tell(&self, transition: Option<Transition>) {
        let Some(transition) = transition else { return };
        let Transition { from, to, reason } = transition;
        let (from, to, reason) = (from.as_str(), to.as_str(), reason.as_str());
        tracing::info!(upstream = self.name, from, to, reason, "circuit breaker is now {to}");
        if let Some(Watched { model, observer }) = &self.watched
            && let Some(observer) = observer.get()
        {
            observer.changed(model, transition);
        }
    }
}

/// Leave to make one attempt. Dropped unsettled, as happens on cancellation, it counts as
/// nothing: a probe's slot is free again.
#[must_use = "a permit that is dropped gives its admission back"]
#[derive(Debug)]
pub struct Permit {
    breaker: Arc<Breaker>,
    /// `None` once settled, and always where the breaker is disabled.
    ticket: Option<Ticket>,
}

impl Permit {
    /// Whether this attempt finds out if the upstream is well again; it must not be repeated
    /// under the same permit, and is to be settled however it ends.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.ticket.is_some_and(|ticket| ticket.is_probe)
    }

    /// The call went well, as far as the upstream is concerned.
    pub fn succeed(mut self) {
        self.settle(Settlement::Success);
    }

    /// The call failed, through a fault of the upstream.
    pub fn fail(mut self) {
        self.settle(Settlement::Failure);
    }

    fn settle(&mut self, settlement: Settlement) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.settle(ticket, settlement);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.settle(Settlement::Neutral);
    }
}

#[cfg(test)]
mod tests;
