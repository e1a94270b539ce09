//! The run's end of its stream of events.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Event;
use super::run_link::RunLink;

/// Where a run's events go.
#[derive(Debug, Clone)]
pub(super) struct Events {
    sender: mpsc::Sender<Told>,
    started: Instant,
    link: Arc<RunLink>,
}

/// An event on its way to the reader.
#[derive(Debug)]
pub(super) struct Told {
    /// Boxed, because a queue has room for many at once.
    pub(super) event: Box<Event>,
    /// When it happened, in the run's own time: since its start, without what the reader was elsewhere.
    pub(super) at: Duration,
}

/// A place for one event.
pub(super) struct Place<'a> {
    permit: mpsc::Permit<'a, Told>,
    events: &'a Events,
}

impl Place<'_> {
    pub(super) fn send(self, event: Event) {
        self.permit.send(self.events.told(event));
    }
}

impl Events {
    /// For at most `ready` events that the reader hasn't taken yet: beyond, the run waits for it.
    pub(super) fn channel(
        ready: usize,
        started: Instant,
        link: Arc<RunLink>,
    ) -> (Self, mpsc::Receiver<Told>) {
        let (sender, receiver) = mpsc::channel(ready);
        (Self { sender, started, link }, receiver)
    }

    /// The same, and waits until the reader has taken it and all before it, and has come back for more: what
    /// the reader does about it is done before anything else happens.
    pub(super) async fn emit_and_wait(&self, event: Event) {
        self.emit(event).await;
        // All places are free again when all events have been taken.
        drop(self.sender.reserve_many(self.sender.max_capacity()).await);
    }

    /// A place for an event, when there is one.
    pub(super) async fn place(&self) -> Option<Place<'_>> {
        let permit = self.sender.reserve().await.ok()?;
        Some(Place { permit, events: self })
    }

    pub(super) async fn emit(&self, event: Event) {
        // The receiver lives as long as the run that is being polled: there is nobody to miss the event.
        let _ = self.sender.send(self.told(event)).await;
    }

    fn told(&self, event: Event) -> Told {
        Told { event: Box::new(event), at: self.started.elapsed().saturating_sub(self.link.away()) }
    }
}
