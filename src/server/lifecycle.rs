//! From serving to the end: what everybody in the server must know about it.

use tokio::sync::watch;

/// How far the server's end has come. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    stage: watch::Sender<Stage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Cut,
    Over,
}

impl Lifecycle {
    /// Of a server that serves.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Serving) }
    }

    /// From now on nothing further is begun; what runs may end.
    pub fn drain(&self) {
        self.advance(Stage::Draining);
    }

    /// From now on what still runs is broken off.
    pub(super) fn cut(&self) {
        self.advance(Stage::Cut);
    }

    /// From now on what still runs is broken off, and nobody waits long for clients to take its end.
    pub fn end_at_once(&self) {
        self.advance(Stage::Over);
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
    pub(super) async fn over(self) {
        self.reached(Stage::Over).await;
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
