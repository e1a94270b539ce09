//! All batches, in memory until they are deleted: a client may be gone for as long as it likes, and find them
//! again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::batch::{Batch, Order};
use super::clock::Clock;

/// The batches that are to be processed, as they are created.
#[derive(Debug)]
pub(in crate::simulator) struct Orders {
    ordered: UnboundedReceiver<Arc<Batch>>,
}

impl Orders {
    /// The next; `None` once nobody can order any more.
    pub(super) async fn next(&mut self) -> Option<Arc<Batch>> {
        self.ordered.recv().await
    }
}

/// Every batch.
#[derive(Debug)]
pub(in crate::simulator) struct Batches {
    clock: Clock,
    all: Mutex<All>,
    orders: UnboundedSender<Arc<Batch>>,
}

#[derive(Debug, Default)]
struct All {
    created: u64,
    /// By their number, so that the newest is the last.
    kept: BTreeMap<u64, Arc<Batch>>,
}

impl Batches {
    /// None yet; whoever holds the receiver is to process what comes.
    pub(in crate::simulator) fn new() -> (Self, Orders) {
        let (orders, ordered) = unbounded_channel();
        (Self { clock: Clock::set(), all: Mutex::default(), orders }, Orders { ordered })
    }

    /// A new batch.
    pub(super) fn create(&self, order: Order) -> Arc<Batch> {
        let mut all = self.all();
        all.created += 1;
        let number = all.created;
        let batch = Arc::new(Batch::new(format!("msgbatch_sim_{number:06}"), order));
        all.kept.insert(number, Arc::clone(&batch));
        // Fails only if the simulator is being dropped.
        drop(self.orders.send(Arc::clone(&batch)));
        batch
    }

    /// The batch of that id.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Batch>> {
        self.all().kept.values().find(|batch| batch.id == id).map(Arc::clone)
    }

    /// All of them, the newest first.
    pub(super) fn newest_first(&self) -> Vec<Arc<Batch>> {
        self.all().kept.values().rev().map(Arc::clone).collect()
    }

    /// Forgets the batch of that id.
    pub(super) fn forget(&self, id: &str) {
        self.all().kept.retain(|_, batch| batch.id != id);
    }

    /// `batch` as the API tells of it to a client that has reached us at `origin`.
    pub(super) fn to_json(&self, batch: &Batch, origin: &str) -> Value {
        batch.to_json(&self.clock, origin)
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
