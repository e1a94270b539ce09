//! How many runs there are at a time, and how many calls they make.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    size: Mutex<Size>,
    /// How many there are. It isn't the places taken, some of which are for calls.
    under_way: watch::Sender<usize>,
    lifecycle: Lifecycle,
}

/// How many places there are.
#[derive(Debug)]
struct Size {
    max: usize,
    /// Places that are to go as soon as they are free: there were more before, and runs have them.
    surplus: usize,
}

/// A run's place, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct RunPlace {
    /// Free again before the run is no longer counted.
    _place: OwnedSemaphorePermit,
    _counted: Counted,
}

/// A run that counts as being under way until this is dropped.
#[derive(Debug)]
struct Counted {
    under_way: watch::Sender<usize>,
}

impl Counted {
    fn begin(under_way: &watch::Sender<usize>) -> Self {
        under_way.send_modify(|runs| *runs += 1);
        Self { under_way: under_way.clone() }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.under_way.send_modify(|runs| *runs = runs.saturating_sub(1));
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
        let max = places(max);
        let size = Mutex::new(Size { max, surplus: 0 });
        Self { places: Arc::new(Semaphore::new(max)), size, under_way: watch::Sender::new(0), lifecycle }
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
        // Counted first, so that whoever waits for the end of all runs after the drain began waits for this.
        let counted = Counted::begin(&self.under_way);
        if self.lifecycle.is_draining() {
            return Err(NoPlace::Draining);
        }
        let (place, max) = {
            let mut size = self.size();
            size.settle(&self.places);
            let has_place = size.surplus == 0;
            (has_place.then(|| Arc::clone(&self.places).try_acquire_owned().ok()).flatten(), size.max)
        };
        let Some(place) = place else {
            tracing::warn!(max_concurrent_runs = max, "All places for runs are taken");
            return Err(NoPlace::Full);
        };
        Ok(RunPlace { _place: place, _counted: counted })
    }

    /// There are to be so many places from now on. No run is ended for that: where more have one, none begins
    /// until enough of them have ended.
    pub(super) fn resize(&self, max: u32) {
        let mut size = self.size();
        let max = places(max);
        // Those that are to go are there still.
        let there = size.max.saturating_add(size.surplus);
        self.places.add_permits(max.saturating_sub(there));
        *size = Size { max, surplus: there.saturating_sub(max) };
        size.settle(&self.places);
    }

    fn size(&self) -> MutexGuard<'_, Size> {
        self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are.
    pub(super) fn under_way(&self) -> usize {
        *self.under_way.borrow()
    }

    /// The places as they are.
    pub(super) fn reading(&self) -> PlacesReading {
        let size = self.size();
        // Those that are to go are there still.
        let there = size.max.saturating_add(size.surplus);
        let taken = there.saturating_sub(self.places.available_permits());
        PlacesReading { runs: self.under_way(), taken, max: size.max }
    }

    /// Waits until there are none.
    pub(super) async fn all_ended(&self) {
        // Fails only if the sender is gone, which `self` holds.
        drop(self.under_way.subscribe().wait_for(|runs| *runs == 0).await);
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

impl Size {
    /// Takes away what is free of the surplus.
    fn settle(&mut self, places: &Semaphore) {
        self.surplus -= places.forget_permits(self.surplus);
    }
}

fn places(max: u32) -> usize {
    usize::try_from(max).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(max: u32) -> Runs {
        Runs::new(max, Lifecycle::new())
    }

    /// Begins as many as it can, up to ten.
    fn fill(runs: &Runs) -> Vec<RunPlace> {
        std::iter::from_fn(|| runs.begin().ok()).take(10).collect()
    }

    #[test]
    fn there_is_room_at_once_for_as_many_more_as_were_added() {
        let runs = runs(2);
        let held = fill(&runs);
        runs.resize(5);
        assert_eq!((held.len(), fill(&runs).len()), (2, 3));
        drop(held);
        assert_eq!(fill(&runs).len(), 5);
        assert_eq!(runs.under_way(), 0);
    }

    #[test]
    fn with_fewer_places_none_begins_until_enough_have_ended() {
        let runs = runs(5);
        let mut held = fill(&runs);
        runs.resize(2);
        for left in [4, 3, 2] {
            assert!(runs.begin().is_err());
            held.pop();
            assert_eq!(runs.under_way(), left);
        }
        assert!(runs.begin().is_err(), "two are under way");
        held.pop();
        assert!(runs.begin().is_ok());
        drop(held);
        assert_eq!(fill(&runs).len(), 2);
    }

    #[test]
    fn places_that_were_to_go_stay_if_more_are_wanted_before_they_are_free() {
        let runs = runs(5);
        let held = fill(&runs);
        for max in [1, 4, 3, 6] {
            runs.resize(max);
        }
        assert_eq!(fill(&runs).len(), 1);
        drop(held);
        assert_eq!(fill(&runs).len(), 6);
        runs.resize(3);
        assert_eq!(fill(&runs).len(), 3);
    }

    #[tokio::test]
    async fn a_place_that_a_call_gives_back_is_no_place_for_a_run_while_there_are_too_many() {
        let runs = runs(3);
        let run = runs.begin().unwrap();
        let for_calls = [(); 2].map(|()| runs.places().try_acquire_owned().unwrap());
        runs.resize(1);
        drop(for_calls);
        assert!(runs.begin().is_err());
        assert_eq!((runs.under_way(), runs.places().available_permits()), (1, 0));
        drop(run);
        runs.all_ended().await;
        assert_eq!(fill(&runs).len(), 1);
    }
}
