//! A lease on a checkpoint, renewed by a task for as long as it is held.
//!
//! The task does all that is done to the checkpoint, one after the other. When the lease is dropped, because the run
//! has ended or its client has left, it does what it was still asked to, gives the lease back and ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tracing::Span;

use super::checkpoint::Unkeepable;
use super::store::{CheckpointStore, Times};
use super::{Checkpoint, Claim};
use crate::server::repeats::cipher::Cipher;
use crate::telemetry::metrics::{CheckpointWrite, Metrics};

/// How long a lease lasts that isn't renewed: as long as a repeat waits for a process that died.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// How often it is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(3);

/// The right to run for a claim, and to keep what comes of it.
pub(in crate::server) struct Lease {
    tasks: mpsc::Sender<Task>,
}

/// A checkpoint that is to be kept, and who wants to know whether it is.
struct Task {
    checkpoint: Checkpoint,
    kept: oneshot::Sender<bool>,
}

/// Who renews a lease.
pub(super) struct Keeper {
    pub(super) store: Arc<dyn CheckpointStore>,
    pub(super) cipher: Option<Arc<Cipher>>,
    pub(super) claim: Claim,
    pub(super) ttl: Duration,
    pub(super) metrics: Arc<Metrics>,
    /// The request's, for the log.
    pub(super) span: Span,
}

impl Lease {
    /// A lease that was taken just now, and what is to be done for it until it is dropped.
    pub(super) fn held_by(keeper: Keeper) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (tasks, queue) = mpsc::channel(1);
        (Self { tasks }, keeper.run(queue))
    }

    /// Keeps the checkpoint, also if nobody waits for that; whether it is kept.
    pub(in crate::server) fn keep(
        &self,
        checkpoint: Checkpoint,
    ) -> impl Future<Output = bool> + Send + 'static {
        let (kept, answer) = oneshot::channel();
        let sent = self.tasks.try_send(Task { checkpoint, kept }).is_ok();
        async move { sent && answer.await.unwrap_or(false) }
    }
}

impl Keeper {
    async fn run(self, mut queue: mpsc::Receiver<Task>) {
        loop {
            tokio::select! {
                biased;
                task = queue.recv() => match task {
                    Some(Task { checkpoint, kept }) => {
                        let result = self.keep(&checkpoint).await;
                        self.metrics.checkpoint_written(result);
                        // Whoever asked may have left.
                        let _ = kept.send(result == CheckpointWrite::kept);
                    }
                    None => break,
                },
                () = sleep(RENEW_EVERY) => drop(self.store.keep(&self.claim, None, self.times(LEASE)).await),
            }
        }
        // If that can't be done, the lease lapses.
        drop(self.store.keep(&self.claim, None, self.times(Duration::ZERO)).await);
    }

    async fn keep(&self, checkpoint: &Checkpoint) -> CheckpointWrite {
        let value = match checkpoint.to_bytes() {
            Ok(value) => value,
            Err(error) => {
                let (error_type, result) = match error {
                    Unkeepable::TooLarge => ("too_large", CheckpointWrite::too_large),
                    Unkeepable::Unreadable => ("unreadable", CheckpointWrite::failed),
                };
                tracing::warn!(parent: &self.span, %error, error_type, "The checkpoint can't be kept");
                return result;
            }
        };
        let value = match &self.cipher {
            Some(cipher) => cipher.encrypt(&self.claim.owner(), value),
            None => Some(value),
        };
        let Some(value) = value else { return CheckpointWrite::failed };
        match self.store.keep(&self.claim, Some(&value), self.times(LEASE)).await {
            Ok(true) => CheckpointWrite::kept,
            Ok(false) => {
                tracing::warn!(parent: &self.span, "The checkpoint isn't this request's any more");
                CheckpointWrite::lost
            }
            Err(error) => {
                let error_type = error.fault.as_str();
                tracing::warn!(parent: &self.span, %error, error_type, "The checkpoint can't be kept");
                CheckpointWrite::failed
            }
        }
    }

    fn times(&self, lease: Duration) -> Times {
        Times { lease, value: self.ttl }
    }
}
