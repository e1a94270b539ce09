//! The run's end of its stream of events.

use tokio::sync::mpsc;

use super::Event;

/// Where a run's events go.
#[derive(Debug, Clone)]
pub(super) struct Events {
    sender: mpsc::Sender<Event>,
}

impl Events {
    /// For at most `ready` events that the reader hasn't taken yet: beyond, the run waits for it.
    pub(super) fn channel(ready: usize) -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(ready);
        (Self { sender }, receiver)
    }

    /// The same, and waits until the reader has taken it and all before it, and has come back for more: what
    /// the reader does about it is done before anything else happens.
    pub(super) async fn emit_and_wait(&self, event: Event) {
        self.emit(event).await;
        // All places are free again when all events have been taken.
        drop(self.sender.reserve_many(self.sender.max_capacity()).await);
    }

    /// A place for an event, when there is one.
    pub(super) async fn place(&self) -> Option<mpsc::Permit<'_, Event>> {
        self.sender.reserve().await.ok()
    }

    pub(super) async fn emit(&self, event: Event) {
        // The receiver lives as long as the run that is being polled: there is nobody to miss the event.
        let _ = self.sender.send(event).await;
    }
}
