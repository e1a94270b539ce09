//! The task that makes what was ordered. A batch's requests are made one after the other, evenly over its
//! time, so that one that is canceled half way comes back half made.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::batch::{Batch, LIFETIME, Outcome};
use super::{Orders, call};
use crate::simulator::routes::Shared;

/// Processes all batches that are ordered, until it is dropped.
pub(in crate::simulator) async fn process_batches(shared: Arc<Shared>, mut orders: Orders) {
    let mut batches = JoinSet::new();
    loop {
        tokio::select! {
            Some(batch) = orders.next() => {
                batches.spawn(process(Arc::clone(&shared), batch));
            }
            // Reaps what has ended; the branch rests while there is none.
            Some(_) = batches.join_next() => {}
            else => return,
        }
    }
}

async fn process(shared: Arc<Shared>, batch: Arc<Batch>) {
    let requests = batch.order.requests.len();
    let mut rest = Outcome::Expired;
    for (place, request) in batch.order.requests.iter().enumerate() {
        let share = share(shared.config.batch_time, place + 1, requests);
        tokio::select! {
            biased;
            () = batch.canceled() => {
                rest = Outcome::Canceled;
                break;
            }
            () = sleep_until(batch.created_at + share.min(LIFETIME)) => {}
        }
        if share > LIFETIME {
            break;
        }
        batch.put(call::make(&shared, &batch, request));
    }
    batch.end(&rest);
}

/// The time that the first `done` requests of `all` take.
#[expect(clippy::cast_precision_loss, reason = "there are at most 100 000")]
fn share(time: Duration, done: usize, all: usize) -> Duration {
    let seconds = time.as_secs_f64() * done as f64 / all as f64;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
