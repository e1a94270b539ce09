//! From serving to the end: what everybody in the server must know about it.

use tokio::sync::watch;

/// How far the server's end has come. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    stage: watch::Sender<Stage>,
    /// Whether nobody is to be waited for any more.
    at_once: watch::Sender<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Cut,
}

impl Lifecycle {
    /// Of a server that serves.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Serving), at_once: watch::Sender::new(false) }
    }

    /// From now on nothing further is begun; what runs may end.
    pub fn drain(&self) {
        self.advance(Stage::Draining);
    }

    /// From now on what still runs is broken off.
    pub(super) fn cut(&self) {
        self.advance(Stage::Cut);
    }

    /// From now on nobody waits for what still runs to end, nor long for clients to take its end: who drains the
    /// server breaks it off.
    pub fn end_at_once(&self) {
        self.at_once.send_replace(true);
    }

    /// Whether what still runs is broken off: whatever doesn't come to its end isn't the client's doing.
    pub(super) fn is_cut(&self) -> bool {
        *self.stage.borrow() >= Stage::Cut
    }

    /// Whether nothing further is to be begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining
    }

    /// Waits until nothing further is to be begun.
    pub(super) async fn draining(self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits until what still runs is to be broken off.
    pub(super) async fn cut_off(self) {
        self.reached(Stage::Cut).await;
    }

    /// Waits until nobody is to be waited for any more.
    pub(super) async fn ending_at_once(self) {
        // Fails only if the sender is gone, which `self` holds.
        drop(self.at_once.subscribe().wait_for(|at_once| *at_once).await);
    }

    fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let advances = *stage < to;
            *stage = to.max(*stage);
            advances
        });
    }

    async fn reached(&self, wanted: Stage) {
        // Fails only if the sender is gone, which `self` holds.
        drop(self.stage.subscribe().wait_for(|stage| *stage >= wanted).await);
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}
