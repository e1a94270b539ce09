//! Whether the store is there, and telling so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::StoreError;
use super::link::Link;
use crate::telemetry::metrics::{Metrics, StoreFault};

/// Whether the store is there.
#[derive(Clone)]
pub(super) enum State {
    /// Nobody knows yet.
    Connecting,
    /// It is.
    There { link: Link, number: u64 },
    /// It isn't, since when. `key` is what it failed with.
    Gone { error: StoreError, since: Instant, key: Option<String> },
}

/// After how many calls in a row that had no answer in time the store counts as gone. One may be late because this
/// machine was busy, and with the gate closed nothing is shared.
const LATE_IN_A_ROW: u32 = 3;

/// The state, and who is told of it.
pub(super) struct Health {
    state: watch::Sender<State>,
    metrics: Arc<Metrics>,
    /// The address, as it can be shown.
    pub(super) store: String,
    /// Who decides meanwhile.
    on_error: &'static str,
    /// Calls without an answer in time since the last that had one.
    late: AtomicU32,
}

impl Health {
    pub(super) fn new(metrics: Arc<Metrics>, store: String, on_error: &'static str) -> Self {
        Self {
            state: watch::Sender::new(State::Connecting),
            metrics,
            store,
            on_error,
            late: AtomicU32::new(0),
        }
    }

    /// The connection and its number.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn link(&self) -> Result<(Link, u64), StoreError> {
        match &*self.state.borrow() {
            State::There { link, number, .. } => Ok((link.clone(), *number)),
            State::Connecting => Err(StoreError::connecting()),
            State::Gone { error, .. } => Err(error.clone()),
        }
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The store was reached over a connection of that number.
    pub(super) fn is_there(&self, link: Link, number: u64) {
        self.late.store(0, Ordering::Relaxed);
        let mut before = State::There { link, number };
        self.state.send_modify(|state| {
            std::mem::swap(state, &mut before);
            // In here, so that what is shown can't be overtaken by a failure.
            if !matches!(before, State::There { .. }) {
                self.metrics.store_is_there(true);
            }
        });
        let (store, on_error) = (&self.store, self.on_error);
        if let State::Gone { since, .. } = before {
            let gone_seconds = since.elapsed().as_secs_f64();
            tracing::info!(parent: None, store, on_error, gone_seconds, "The shared store is back");
        } else {
            tracing::info!(parent: None, store, on_error, "The shared store answers");
        }
    }

    /// A call took so long.
    pub(super) fn answered(&self, after: Duration) {
        self.late.store(0, Ordering::Relaxed);
        self.metrics.store_answered(after);
    }

    /// A call with that key failed over the connection of that number. Of all that fail over one, and of all
    /// attempts to get another, only the first is told.
    pub(super) fn failed(&self, number: u64, error: &StoreError, key: Option<&str>) {
        self.metrics.store_failed(error.fault);
        let is_excused = match error.fault {
            StoreFault::timeout => self.late.fetch_add(1, Ordering::Relaxed) + 1 < LATE_IN_A_ROW,
            StoreFault::key => true,
            _ => false,
        };
        if is_excused && matches!(*self.state.borrow(), State::There { .. }) {
            return;
        }
        let is_news = self.state.send_if_modified(|state| {
            let is_current = match state {
                State::Connecting => true,
                State::There { number: current, .. } => *current == number,
                State::Gone { .. } => false,
            };
            if is_current {
                if let State::There { .. } = state {
                    self.metrics.store_is_there(false);
                }
                let key = key.map(str::to_owned);
                *state = State::Gone { error: error.clone(), since: Instant::now(), key };
            }
            is_current
        });
        if is_news {
            let (store, on_error) = (&self.store, self.on_error);
            let error_type = error.fault.as_str();
            tracing::warn!(parent: None, store, on_error, %error, error_type, "The shared store is gone");
        }
    }
}
