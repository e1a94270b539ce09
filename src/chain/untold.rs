//! An attempt that has ended, but of which no event has told yet.

use std::time::Duration;

use super::events::Events;
use super::run_link::RunLink;
use super::{AttemptRecord, Event};

/// An attempt's record on its way to the reader. Where the run is dropped before it has arrived, it counts
/// among those that were dropped: what was spent is never lost.
pub(super) struct Untold<'a> {
    link: &'a RunLink,
    record: Option<AttemptRecord>,
}

impl<'a> Untold<'a> {
    pub(super) fn new(link: &'a RunLink, record: AttemptRecord) -> Self {
        Self { link, record: Some(record) }
    }

    /// Tells it, with how long it is until the next attempt.
    pub(super) async fn tell(mut self, events: &Events, retry_in: Option<Duration>) {
        let place = events.place().await;
        if let (Some(place), Some(record)) = (place, self.record.take()) {
            place.send(Event::AttemptEnded(Box::new(AttemptRecord { retry_in, ..record })));
        }
    }
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            self.link.attempt_was_dropped(record);
        }
    }
}
