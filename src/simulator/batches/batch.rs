//! One batch: what was ordered, how far it is, and how the API tells of it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::clock::Clock;
use super::envelope::BatchedRequest;
use crate::simulator::FaultRule;

/// How long a batch may take.
pub(super) const LIFETIME: Duration = Duration::from_hours(24);

/// What the creator of a batch asked for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) requests: Vec<BatchedRequest>,
    /// The creator's `anthropic-version`, which holds for all of them.
    pub(super) version: String,
    /// The faults that the creator asked for.
    pub(super) faults: Vec<FaultRule>,
}

/// A batch.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) order: Order,
    pub(super) created_at: Instant,
    progress: Mutex<Progress>,
    canceling: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Progress {
    cancel_initiated_at: Option<Instant>,
    ended_at: Option<Instant>,
    /// Of the requests in their order, as far as they are done.
    outcomes: Vec<Outcome>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// The message.
    Succeeded(Value),
    /// The API's error object.
    Errored(Value),
    Canceled,
    Expired,
}

impl Batch {
    pub(super) fn new(id: String, order: Order) -> Self {
        let (progress, canceling) = (Mutex::default(), watch::Sender::new(false));
        Self { id, order, created_at: Instant::now(), progress, canceling }
    }

    /// What became of the next request.
    pub(super) fn put(&self, outcome: Outcome) {
        self.progress().outcomes.push(outcome);
    }

    /// The batch is over; requests that aren't done have that outcome.
    pub(super) fn end(&self, rest: &Outcome) {
        let mut progress = self.progress();
        progress.outcomes.resize(self.order.requests.len(), rest.clone());
        progress.ended_at = Some(Instant::now());
    }

    pub(super) fn has_ended(&self) -> bool {
        self.progress().ended_at.is_some()
    }

    /// Has what isn't done yet left alone; a second time changes nothing. False if the batch has ended.
    pub(super) fn cancel(&self) -> bool {
        let mut progress = self.progress();
        if progress.ended_at.is_some() {
            return false;
        }
        progress.cancel_initiated_at.get_or_insert_with(Instant::now);
        self.canceling.send_replace(true);
        true
    }

    /// Resolves when the batch is canceled.
    pub(super) async fn canceled(&self) {
        // Fails only if the sender is gone, which `self` holds.
        if self.canceling.subscribe().wait_for(|is_canceled| *is_canceled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The results, a line each, in an order of their own; `None` until the batch has ended.
    pub(super) fn results(&self) -> Option<Vec<Bytes>> {
        let progress = self.progress();
        progress.ended_at?;
        let named = self.order.requests.iter().map(|request| request.custom_id.as_str());
        let results: Vec<(&str, &Outcome)> = named.zip(&progress.outcomes).collect();
        let line = |(custom_id, outcome): (&str, &Outcome)| {
            Bytes::from(format!("{}\n", json!({"custom_id": custom_id, "result": outcome.to_json()})))
        };
        Some(shuffled(&results).into_iter().map(line).collect())
    }

    /// The batch object; `origin` is where the client has reached us.
    pub(super) fn to_json(&self, clock: &Clock, origin: &str) -> Value {
        let progress = self.progress();
        let time = |at: Option<Instant>| at.map(|at| clock.time(at));
        let status = match (progress.ended_at, progress.cancel_initiated_at) {
            (Some(_), _) => "ended",
            (None, Some(_)) => "canceling",
            (None, None) => "in_progress",
        };
        let results_url = format!("{origin}/v1/messages/batches/{}/results", self.id);
        json!({
            "id": self.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": progress.counts(self.order.requests.len()),
            "created_at": clock.time(self.created_at),
            "expires_at": clock.time(self.created_at + LIFETIME),
            "ended_at": time(progress.ended_at),
            "cancel_initiated_at": time(progress.cancel_initiated_at),
            "archived_at": null,
            "results_url": progress.ended_at.map(|_| results_url),
        })
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Until the batch has ended, all of its requests are being processed.
    fn counts(&self, requests: usize) -> Value {
        let is_over = self.ended_at.is_some();
        let count = |is_it: fn(&Outcome) -> bool| {
            if is_over { self.outcomes.iter().filter(|outcome| is_it(outcome)).count() } else { 0 }
        };
        json!({
            "processing": if is_over { 0 } else { requests },
            "succeeded": count(|outcome| matches!(outcome, Outcome::Succeeded(_))),
            "errored": count(|outcome| matches!(outcome, Outcome::Errored(_))),
            "canceled": count(|outcome| matches!(outcome, Outcome::Canceled)),
            "expired": count(|outcome| matches!(outcome, Outcome::Expired)),
        })
    }
}

impl Outcome {
    fn to_json(&self) -> Value {
        match self {
            Self::Succeeded(message) => json!({"type": "succeeded", "message": message}),
            Self::Errored(error) => json!({"type": "errored", "error": error}),
            Self::Canceled => json!({"type": "canceled"}),
            Self::Expired => json!({"type": "expired"}),
        }
    }
}

/// `results` in an order that is always the same, and never that of the requests.
fn shuffled<'a>(results: &[(&'a str, &'a Outcome)]) -> Vec<(&'a str, &'a Outcome)> {
    let mut shuffled = results.to_vec();
    shuffled.sort_by_cached_key(|(custom_id, _)| {
        let mut hasher = DefaultHasher::new();
        custom_id.hash(&mut hasher);
        hasher.finish()
    });
    let is_as_before = results.iter().zip(&shuffled).all(|(before, now)| before.0 == now.0);
    if is_as_before {
        shuffled.reverse();
    }
    shuffled
}
