//! Takes lines out of the queue, gathers them, and pushes them until Loki has them or won't have them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::Batch;
use super::client::{LokiClient, Pushed};
use super::queue::Waiting;
use super::troubles::Troubles;
use super::{LokiConfig, LokiLimits};
use crate::resilience::Wait;
use crate::telemetry::deliveries::Loss;

/// By when all has to end, once that is known.
type Closing = watch::Receiver<Option<Instant>>;

pub(super) struct Pusher {
    client: LokiClient,
    waiting: Waiting,
    troubles: Arc<Troubles>,
    limits: LokiLimits,
    environment: Option<&'static str>,
    /// What is being gathered, or pushed.
    batch: Batch,
}

impl Pusher {
    pub(super) fn new(
        client: LokiClient,
        waiting: Waiting,
        troubles: Arc<Troubles>,
        config: &LokiConfig,
    ) -> Self {
        let LokiConfig { limits, environment, .. } = *config;
        Self { client, waiting, troubles, limits, environment, batch: Batch::default() }
    }

    /// Pushes until it has to end; what isn't delivered by then is dropped.
    pub(super) async fn run(mut self, closing: Closing) {
        let troubles = Arc::clone(&self.troubles);
        tokio::select! {
            () = self.push_all(closing.clone()) => {}
            () = time_is_up(closing) => {}
            () = troubles.tell_now_and_then() => {}
        }
        self.waiting.lines.close();
        while let Ok(entry) = self.waiting.lines.try_recv() {
            self.batch.add(entry);
        }
        self.troubles.drop_lines(Loss::Shutdown, self.batch.len(), "the time to end was over");
        self.troubles.tell_untold();
    }

    /// Until it has to end and nothing waits any more.
    async fn push_all(&mut self, mut closing: Closing) {
        while self.gather(&mut closing).await {
            self.push(&mut closing).await;
            self.waiting.release(self.batch.bytes());
            self.batch = Batch::default();
        }
    }

    /// Whether there is something to push.
    async fn gather(&mut self, closing: &mut Closing) -> bool {
        let mut ready_at = None;
        while self.batch.len() < self.limits.batch_lines && self.batch.bytes() < self.limits.batch_bytes {
            if closing.borrow().is_some() {
                // Nothing is waited for any more.
                let Ok(entry) = self.waiting.lines.try_recv() else { break };
                self.batch.add(entry);
                continue;
            }
            let ready = async {
                match ready_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                entry = self.waiting.lines.recv() => match entry {
                    Some(entry) => {
                        self.batch.add(entry);
                        ready_at.get_or_insert_with(|| Instant::now() + self.limits.batch_wait);
                    }
                    None => break,
                },
                () = ready => break,
                () = closed(closing) => {}
            }
        }
        !self.batch.is_empty()
    }

    /// Tries until Loki has it or won't have it.
    async fn push(&mut self, closing: &mut Closing) {
        let body = Bytes::from(self.batch.body(self.environment));
        let started = Instant::now();
        let mut delays = self.limits.retry.delays();
        loop {
            let (error, retry_after) = match self.client.push(body.clone()).await {
                Pushed::Taken => return self.troubles.counts.add_delivered(self.batch.len()),
                Pushed::Refused(error) => return self.troubles.refused(self.batch.len(), &error),
                Pushed::Later { error, retry_after } => (error, retry_after),
            };
            let remaining = match *closing.borrow() {
                Some(end) => end.saturating_duration_since(Instant::now()),
                None => self.limits.push.saturating_sub(started.elapsed()),
            };
            let Wait::After(wait) = delays.next_wait(retry_after, remaining) else {
                return self.troubles.drop_lines(Loss::Undelivered, self.batch.len(), &error);
            };
            rest(wait, closing).await;
        }
    }
}

/// Waits, or until it has to end: then there is no better moment than now.
async fn rest(wait: Duration, closing: &mut Closing) {
    if closing.borrow().is_some() {
        return sleep(wait).await;
    }
    tokio::select! {
        () = sleep(wait) => {}
        () = closed(closing) => {}
    }
}

/// Until it is known by when all has to end. Whoever is gone without saying so ends nothing.
async fn closed(closing: &mut Closing) {
    if closing.wait_for(Option::is_some).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn time_is_up(mut closing: Closing) {
    closed(&mut closing).await;
    let end = *closing.borrow();
    if let Some(end) = end {
        sleep_until(end).await;
    }
}
