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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use serde_json::{Value, json};
    use tokio::time::{Instant, sleep};

    use super::super::batch::Order;
    use super::super::envelope;
    use super::*;
    use crate::simulator::{SimulatorConfig, SimulatorLog};

    /// Processes a batch of that many requests in that time, and cancels it after the other, if it is given:
    /// how long it took, and what became of the requests, by their first letters.
    async fn processed(
        requests: usize,
        batch_time: Duration,
        cancel: Option<Duration>,
    ) -> (Duration, String) {
        let config = SimulatorConfig { batch_time, ..SimulatorConfig::default() };
        let log = Arc::new(SimulatorLog::new(&config));
        let (shared, _orders) = Shared::new(config, log, Arc::new(AtomicBool::new(false)));
        let params = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]});
        let request = |place: usize| json!({"custom_id": place.to_string(), "params": params});
        let body = json!({"requests": (0..requests).map(request).collect::<Vec<_>>()});
        let order = Order {
            requests: envelope::read(&body).unwrap(),
            version: "2023-06-01".to_owned(),
            faults: Vec::new(),
        };
        let batch = shared.batches.create(order);
        let began = Instant::now();
        let canceling = async {
            if let Some(after) = cancel {
                sleep(after).await;
                assert!(batch.cancel());
            }
        };
        tokio::join!(process(Arc::new(shared), Arc::clone(&batch)), canceling);
        let outcome = |line: &bytes::Bytes| -> (usize, String) {
            let line: Value = serde_json::from_slice(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&line["custom_id"]).parse().unwrap(), text(&line["result"]["type"]))
        };
        let mut outcomes: Vec<_> = batch.results().unwrap().iter().map(outcome).collect();
        outcomes.sort();
        let letters = outcomes.iter().map(|(_, outcome)| outcome.get(..1).unwrap());
        (began.elapsed(), letters.collect())
    }

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_batch_takes_its_time() {
        assert_eq!(processed(4, HOUR, None).await, (HOUR, "ssss".to_owned()));
        assert_eq!(processed(4, Duration::ZERO, None).await, (Duration::ZERO, "ssss".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_canceled_half_way_comes_back_half_made() {
        let cancel = HOUR * 5 / 8;
        assert_eq!(processed(4, HOUR, Some(cancel)).await, (cancel, "sscc".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_made_within_a_day_expires() {
        assert_eq!(processed(4, HOUR * 30, None).await, (HOUR * 24, "ssse".to_owned()));
        assert_eq!(processed(2, Duration::MAX, None).await, (HOUR * 24, "ee".to_owned()));
    }
}
