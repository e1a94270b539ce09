//! How many runs there are at a time, and how many calls they make.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::api_error::ApiError;
use super::lifecycle::Lifecycle;
use crate::telemetry::metrics::{PlacesReading, RunRefusal};

/// When it is worth trying again: runs end all the time, and another server may have room.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The places for runs, and for the calls that they make beyond one at a time.
#[derive(Debug)]
pub(super) struct Runs {
    places: Arc<Semaphore>,
    /// How many runs there are: whoever waits for all to end waits for this, and so keeps no place from a run
    /// that needs it for a call.
    count: watch::Sender<usize>,
    max: u32,
    lifecycle: Lifecycle,
}

/// A run's place, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct RunPlace {
    _place: OwnedSemaphorePermit,
    count: watch::Sender<usize>,
}

impl RunPlace {
    fn new(place: OwnedSemaphorePermit, count: watch::Sender<usize>) -> Self {
        count.send_modify(|runs| *runs += 1);
        Self { _place: place, count }
    }
}

impl Drop for RunPlace {
    fn drop(&mut self) {
        self.count.send_modify(|runs| *runs -= 1);
    }
}

/// Why there is no place for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All are taken.
    Full,
    /// The server is ending.
    Draining,
}

impl Runs {
    pub(super) fn new(max: u32, lifecycle: Lifecycle) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(max).unwrap_or(usize::MAX)));
        Self { places, count: watch::Sender::new(0), max, lifecycle }
    }

    /// The places, for calls that runs make beyond their first at a time.
    pub(super) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.places)
    }

    /// A place for a run.
    ///
    /// # Errors
    /// If the server is ending, or if all places are taken.
    pub(super) fn begin(&self) -> Result<RunPlace, NoPlace> {
        if self.lifecycle.is_draining() {
            return Err(NoPlace::Draining);
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!(max_concurrent_runs = self.max, "All places for runs are taken");
            return Err(NoPlace::Full);
        };
        Ok(RunPlace::new(place, self.count.clone()))
    }

    /// How many there are.
    pub(super) fn under_way(&self) -> usize {
        *self.count.borrow()
    }

    /// The places as they are.
    pub(super) fn reading(&self) -> PlacesReading {
        let max = usize::try_from(self.max).unwrap_or(usize::MAX);
        let taken = max.saturating_sub(self.places.available_permits());
        PlacesReading { runs: self.under_way(), taken, max }
    }

    /// Waits until there are none.
    pub(super) async fn all_ended(&self) {
        // Fails only if the sender is gone, which `self` holds.
        drop(self.count.subscribe().wait_for(|runs| *runs == 0).await);
    }
}

impl From<NoPlace> for RunRefusal {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Full => Self::full,
            NoPlace::Draining => Self::draining,
        }
    }
}

impl From<NoPlace> for ApiError {
    /// 503.
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Full => {
                unavailable("overloaded", "The server has as many runs as it can take; try again in a moment")
            }
            NoPlace::Draining => shutting_down(),
        }
    }
}

/// The server is ending, or has broken a run off for that.
pub(super) fn shutting_down() -> ApiError {
    unavailable(
        "shutting_down",
        "The server is shutting down; another one, or this one later, can take the request",
    )
}

fn unavailable(code: &'static str, message: &str) -> ApiError {
    let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", code, message);
    ApiError { retry_after: Some(RETRY_AFTER), ..error }
}
