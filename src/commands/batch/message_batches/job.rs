//! One batch upstream: created, or found again after a crash; asked after; its results handed out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::queue::{Answer, Call};
use crate::commands::batch::journal::Journal;
use crate::error::Error;
use crate::model::anthropic::{AnthropicClient, BatchBody};
use crate::model::{Batch, BatchOutcome, BatchStatus, CallError, CallErrorKind};

/// How long it is until a batch is asked after for the first time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest time between two questions after a batch, which has a day.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// How much longer each wait is than the one before.
const LONGER: f64 = 1.5;
/// How often in a row the upstream may fail to answer before the batch is left to a later --resume.
const MOST_FAILURES: u32 = 12;
/// How far the upstream's clock may be from ours.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_secs(120);
/// Batches that are looked through for one whose creation wasn't answered.
const LIST: u16 = 100;

/// A batch upstream, and the calls that wait for it.
pub(super) struct Job {
    pub(super) client: Arc<AnthropicClient>,
    pub(super) journal: Arc<Journal>,
    /// By their names within the batch.
    pub(super) calls: HashMap<String, Call>,
    pub(super) origin: Origin,
}

/// Where the batch comes from.
pub(super) enum Origin {
    /// It is to be created.
    New(BatchBody),
    /// An earlier run of the program has created it, with that id.
    Known(String),
    /// An earlier run was about to create it at that time, with so many requests; whether there is one isn't
    /// known.
    Lost { at: Timestamp, requests: usize },
}

/// What a job comes to.
pub(in crate::commands::batch) enum JobEnd {
    /// All calls that the batch had results for are answered.
    Delivered { id: String },
    /// There is no such batch: these calls aren't sent yet.
    NotThere { calls: Vec<Call> },
}

impl Job {
    /// # Errors
    /// What keeps any batch from going on.
    pub(super) async fn run(mut self) -> Result<JobEnd, Error> {
        let names: Vec<String> = self.calls.keys().cloned().collect();
        let found = match &self.origin {
            Origin::Known(id) => Some(id.clone()),
            Origin::Lost { at, requests } => {
                let found = self.find(*at, *requests).await?;
                if let Some(id) = &found {
                    self.journal.batch_created(id, *at).await?;
                }
                found
            }
            Origin::New(body) => Some(self.create(body.clone(), &names).await?),
        };
        let batch = match found {
            Some(id) => self.ended(&id).await?,
            None => None,
        };
        let Some(batch) = batch else {
            return Ok(JobEnd::NotThere { calls: self.calls.into_values().collect() });
        };
        self.deliver(&batch).await?;
        Ok(JobEnd::Delivered { id: batch.id })
    }

    async fn create(&self, body: BatchBody, names: &[String]) -> Result<String, Error> {
        let at = Timestamp::now();
        self.journal.batch_intended(at, names).await?;
        let mut pace = Pace::default();
        loop {
            let error = match self.client.create_batch(&body).await {
                Ok(batch) => {
                    self.journal.batch_created(&batch.id, at).await?;
                    return Ok(batch.id);
                }
                Err(error) => error,
            };
            // Its answer may have been lost on the way.
            if !error.is_certainly_unbilled()
                && let Some(id) = self.find(at, body.requests()).await?
            {
                self.journal.batch_created(&id, at).await?;
                return Ok(id);
            }
            pace.failed(&error).map_err(|()| told("the batch can't be created", &error))?.await;
        }
    }

    /// The batch of so many requests that was created at that time or after, and isn't in the journal.
    async fn find(&self, at: Timestamp, requests: usize) -> Result<Option<String>, Error> {
        let mut pace = Pace::default();
        loop {
            match self.client.list_batches(LIST, None).await {
                Ok(listed) => {
                    let from = at.checked_sub(CLOCK_MARGIN).unwrap_or(at);
                    let is_it = |batch: &&Batch| {
                        batch.created_at.is_some_and(|created| created >= from)
                            && batch.counts.requests() == u64::try_from(requests).unwrap_or(u64::MAX)
                            && !self.journal.knows_batch(&batch.id)
                    };
                    // The oldest of them: it was the first to be created after that.
                    return Ok(listed.batches.iter().rfind(is_it).map(|batch| batch.id.clone()));
                }
                Err(error) => {
                    pace.failed(&error).map_err(|()| told("the batches can't be listed", &error))?.await;
                }
            }
        }
    }

    /// Waits for its end; `None` if there is no such batch any more.
    async fn ended(&self, id: &str) -> Result<Option<Batch>, Error> {
        let mut pace = Pace::default();
        let mut wait = FIRST_WAIT;
        loop {
            match self.client.batch(id).await {
                Ok(batch) if batch.status == BatchStatus::Ended => return Ok(Some(batch)),
                Ok(_) => {
                    pace = Pace::default();
                    sleep(wait).await;
                    wait = wait.mul_f64(LONGER).min(LONGEST_WAIT);
                }
                Err(error) if error.status() == Some(404) => return Ok(None),
                Err(error) => {
                    let what = format!("batch {id} can't be asked after");
                    pace.failed(&error).map_err(|()| told(&what, &error))?.await;
                }
            }
        }
    }

    async fn deliver(&mut self, batch: &Batch) -> Result<(), Error> {
        let mut pace = Pace::default();
        loop {
            match self.read_results(batch).await {
                Ok(()) => break,
                Err(error) => {
                    let what = format!("the results of batch {} can't be read", batch.id);
                    pace.failed(&error).map_err(|()| told(&what, &error))?.await;
                }
            }
        }
        for (_, call) in self.calls.drain() {
            // Whoever is to be answered may have left.
            let _ = call.answer.send(Err(again("the batch has no result of it")));
        }
        Ok(())
    }

    async fn read_results(&mut self, batch: &Batch) -> Result<(), CallError> {
        let mut results = self.client.batch_results(batch).await?;
        while let Some(result) = results.next().await {
            let result = result?;
            // Of the others an earlier run has made use, or nobody waits.
            if let Some(call) = self.calls.remove(&result.custom_id) {
                let _ = call.answer.send(answer(result.outcome));
            }
        }
        Ok(())
    }
}

fn answer(outcome: BatchOutcome) -> Answer {
    match outcome {
        BatchOutcome::Replied(events) => Ok(events),
        BatchOutcome::Failed(error) => Err(error),
        BatchOutcome::Canceled => Err(again("it was canceled with its batch")),
        BatchOutcome::Expired => Err(again("it expired with its batch")),
        BatchOutcome::Other(word) => {
            Err(CallErrorKind::Malformed(format!("a result within a batch is {word}")).into())
        }
    }
}

/// A failure that costs nothing and may be mended by another batch.
fn again(message: &str) -> CallError {
    CallErrorKind::Status { status: 408, error_type: None, message: message.to_owned() }.into()
}

fn told(what: &str, error: &CallError) -> Error {
    Error::of_call(what, error).hint("--resume goes on with the batches that there are")
}

/// How long to wait after a failure, and how often.
#[derive(Default)]
struct Pace {
    failures: u32,
}

impl Pace {
    /// The wait after that failure; an error if it is to be the last.
    fn failed(&mut self, error: &CallError) -> Result<tokio::time::Sleep, ()> {
        self.failures += 1;
        if !error.is_retryable() || self.failures > MOST_FAILURES {
            return Err(());
        }
        let own = FIRST_WAIT.mul_f64(2_f64.powi(self.failures.cast_signed())).min(LONGEST_WAIT);
        Ok(sleep(error.retry_after.unwrap_or(own)))
    }
}
