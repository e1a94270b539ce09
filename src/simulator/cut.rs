//! Lets an answer break its own connection, which HTTP alone has no way to ask for.

use std::sync::Arc;

use tokio::sync::watch;

/// How a connection is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Closed: what was sent arrives, then the end (FIN).
    Close,
    /// Reset: the peer gets an error (RST).
    Reset,
}

/// The order to break one connection; answers hold it, the connection's task obeys it.
#[derive(Debug, Clone, Default)]
pub(super) struct CutOrder {
    order: Arc<watch::Sender<Option<Cut>>>,
}

impl CutOrder {
    /// Has the connection broken, and never returns: the task that runs it is about to drop this.
    pub(super) async fn cut<T>(&self, cut: Cut) -> T {
        self.order.send_replace(Some(cut));
        std::future::pending().await
    }

    /// Waits for the order.
    pub(super) async fn ordered(&self) -> Cut {
        let mut orders = self.order.subscribe();
        loop {
            if let Some(cut) = *orders.borrow_and_update() {
                return cut;
            }
            // Fails only if the sender is gone, which `self` holds.
            if orders.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
