//! One batch upstream: created, or found again after a crash; asked after; its results handed out.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::queue::{Answer, Call};
use crate::chain::whole_seconds;
use crate::commands::batch::journal::Journal;
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::{AnthropicClient, BatchBody};
use crate::model::{Batch, BatchOutcome, BatchStatus, CallError, CallErrorKind};

/// How long it is until a batch is asked after for the first time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest time between two questions after a batch, which has a day.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// The longest time that the upstream may ask to be left alone. It is asked again then: a batch has a day, and nobody
/// who waits for it should wait for a month.
const LONGEST_ASKED: Duration = Duration::from_hours(1);
/// A wait from that time on is told of.
const WORTH_TELLING: Duration = Duration::from_secs(5);
/// How much longer each wait is than the one before.
const LONGER: f64 = 1.5;
/// How often in a row the upstream may fail to answer before the batch is left to a later --resume.
const MOST_FAILURES: u32 = 12;
/// How far the upstream's clock may be from ours.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_secs(120);
/// Batches that are looked through at a time for one whose creation wasn't answered.
const LIST: u16 = 100;
/// How many times so many.
const MOST_PAGES: usize = 1000;

/// A batch upstream, and the calls that wait for it.
pub(super) struct Job {
    pub(super) client: Arc<AnthropicClient>,
    pub(super) journal: Arc<Journal>,
    /// By their names within the batch.
    pub(super) calls: HashMap<String, Call>,
    pub(super) origin: Origin,
    /// Where the calls are while it is certain that there is no batch of them: whoever ends all of it takes them
    /// from there.
    pub(super) refused: Refused,
    /// How many jobs have a batch upstream, or may have.
    pub(super) upstream: Arc<AtomicUsize>,
    /// How many jobs are handing out results.
    pub(super) delivering: Arc<AtomicUsize>,
    /// What there is to say.
    pub(super) said: UnboundedSender<String>,
    /// Which of the batches it is that an earlier run of the program knew of, if it is one.
    pub(super) known: Option<usize>,
}

/// Calls that were sent in a batch that the upstream has refused.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<HashMap<String, Call>>>);

impl Refused {
    fn put(&self, calls: HashMap<String, Call>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = calls;
    }

    fn take(&self) -> HashMap<String, Call> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nobody sends them again.
    pub(super) fn withdraw(&self) {
        self.take().into_values().for_each(withdraw);
    }

    /// Whether nobody can put anything in any more.
    pub(super) fn is_over(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

/// Answers a call that isn't sent, and won't be.
pub(super) fn withdraw(call: Call) {
    call.answer(Err(again("there is no batch of it")));
}

/// Where the batch comes from.
pub(super) enum Origin {
    /// It is to be created.
    New(BatchBody),
    /// An earlier run of the program has created it, with that id.
    Known(String),
    /// An earlier run was about to create it at that time, with requests of these names; whether there is one
    /// isn't known.
    Lost { at: Timestamp, names: HashSet<String> },
}

/// What a job comes to.
pub(in crate::commands::batch) struct JobEnd {
    pub(super) known: Option<usize>,
    pub(super) has_repairs: bool,
    pub(super) how: How,
}

/// What a job comes to.
pub(super) enum How {
    /// All calls that the batch had results for are answered.
    Delivered { id: String },
    /// There is no such batch any more, nor was there: these calls aren't sent yet.
    NotThere { calls: Vec<Call> },
}

impl Job {
    /// Whether some of its calls are to put a reply right.
    pub(super) fn has_repairs(&self) -> bool {
        self.calls.values().any(Call::is_repair)
    }

    /// # Errors
    /// What keeps any batch from going on.
    pub(super) async fn run(mut self) -> Result<JobEnd, Error> {
        let (known, has_repairs) = (self.known, self.has_repairs());
        let is_new = matches!(self.origin, Origin::New(_));
        let (id, _upstream) = match &self.origin {
            Origin::Known(id) => (Some(id.clone()), Counted::begin(&self.upstream)),
            Origin::Lost { at, names } => {
                let upstream = Counted::begin(&self.upstream);
                (self.find(*at, names).await?, upstream)
            }
            Origin::New(body) => {
                let body = body.clone();
                let (id, upstream) = self.create(body).await?;
                (Some(id), upstream)
            }
        };
        let batch = match &id {
            Some(id) => self.ended(id, is_new).await?,
            None => None,
        };
        let how = match batch {
            Some(batch) if self.deliver(&batch, is_new).await? => How::Delivered { id: batch.id },
            _ => How::NotThere { calls: self.calls.into_values().collect() },
        };
        Ok(JobEnd { known, has_repairs, how })
    }

    async fn create(&mut self, body: BatchBody) -> Result<(String, Counted), Error> {
        let at = Timestamp::now();
        let names: HashSet<String> = self.calls.keys().cloned().collect();
        self.journal.batch_intended(at, names.iter().cloned().collect()).await?;
        let mut pace = Pace::default();
        loop {
            let upstream = Counted::begin(&self.upstream);
            let error = match self.client.create_batch(&body).await {
                Ok(batch) => {
                    self.journal.batch_created(&batch.id, at).await?;
                    return Ok((batch.id, upstream));
                }
                Err(error) => error,
            };
            // Its answer may have been lost on the way.
            if !error.is_certainly_unbilled()
                && let Some(id) = self.find(at, &names).await?
            {
                return Ok((id, upstream));
            }
            let what = "the batch can't be created";
            if !error.is_certainly_unbilled() {
                // One that isn't in the list yet may come to be there.
                self.wait_after(&mut pace, what, &error).await?;
                continue;
            }
            drop(upstream);
            self.refused.put(std::mem::take(&mut self.calls));
            let waited = self.wait_after(&mut pace, what, &error).await;
            self.calls = self.refused.take();
            if let Err(error) = waited {
                self.calls.drain().for_each(|(_, call)| withdraw(call));
                return Err(error);
            }
            if self.calls.is_empty() {
                // All of it has ended meanwhile.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits after that failure, and says so; an error if it is to be the last.
    async fn wait_after(&self, pace: &mut Pace, what: &str, error: &CallError) -> Result<(), Error> {
        let wait = pace.after(error).ok_or_else(|| told(what, error))?;
        if wait >= WORTH_TELLING {
            // Where nobody listens any more, nobody needs to know.
            let _ = self.said.send(format!("{what}: {error}; tried again in {}", whole_seconds(wait)));
        }
        sleep(wait).await;
        Ok(())
    }

    /// The batch of these requests that was created at that time or after, and isn't in the journal: others may
    /// send batches of the same size too.
    async fn find(&self, at: Timestamp, names: &HashSet<String>) -> Result<Option<String>, Error> {
        for id in self.candidates(at, names.len()).await? {
            let Some(batch) = self.ended(&id, false).await? else { continue };
            let mut pace = Pace::default();
            let is_ours = loop {
                match self.has_names(&batch, names).await {
                    Ok(is_ours) => break is_ours,
                    Err(error) if error.status() == Some(404) => break false,
                    Err(error) => {
                        let what = format!("the results of batch {id} can't be read");
                        self.wait_after(&mut pace, &what, &error).await?;
                    }
                }
            };
            if is_ours {
                self.journal.batch_created(&id, at).await?;
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The oldest first: it was the first to be created after that time.
    async fn candidates(&self, at: Timestamp, requests: usize) -> Result<Vec<String>, Error> {
        let from = at.checked_sub(CLOCK_MARGIN).unwrap_or(at);
        let (mut found, mut pages) = (Vec::new(), HashSet::new());
        let (mut after, mut pace): (Option<String>, _) = (None, Pace::default());
        loop {
            let listed = match self.client.list_batches(LIST, after.as_deref()).await {
                Ok(listed) => listed,
                Err(error) => {
                    self.wait_after(&mut pace, "the batches can't be listed", &error).await?;
                    continue;
                }
            };
            let is_recent = |batch: &&Batch| batch.created_at.is_none_or(|created| created >= from);
            let recent = listed.batches.iter().take_while(is_recent);
            found.extend(recent.clone().filter(|batch| self.may_be(batch, requests)).map(|it| it.id.clone()));
            if recent.count() < listed.batches.len() || listed.next.is_none() {
                found.reverse();
                return Ok(found);
            }
            after = listed.next;
            if !pages.insert(after.clone()) {
                return Err(endless("a page of it leads back to an earlier one"));
            }
            if pages.len() >= MOST_PAGES {
                return Err(endless(&format!("it has more than {MOST_PAGES} pages")));
            }
        }
    }

    fn may_be(&self, batch: &Batch, requests: usize) -> bool {
        batch.created_at.is_some()
            && batch.counts.requests() == u64::try_from(requests).unwrap_or(u64::MAX)
            && !self.journal.knows_batch(&batch.id)
    }

    async fn has_names(&self, batch: &Batch, names: &HashSet<String>) -> Result<bool, CallError> {
        let mut results = self.client.batch_results(batch).await?;
        let first = results.next().await.transpose()?;
        Ok(first.is_some_and(|result| names.contains(&result.custom_id)))
    }

    /// Waits for its end; `None` if there is no such batch any more. That one isn't there which has just been
    /// created is a failure of the upstream's, and no reason to create another.
    async fn ended(&self, id: &str, is_new: bool) -> Result<Option<Batch>, Error> {
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
                Err(error) if error.status() == Some(404) && !is_new => return Ok(None),
                Err(error) => {
                    let what = format!("batch {id} can't be asked after");
                    self.wait_after(&mut pace, &what, &error).await?;
                }
            }
        }
    }

    /// Hands out its results; whether there are any, which one of an earlier run may have had a month ago.
    async fn deliver(&mut self, batch: &Batch, is_new: bool) -> Result<bool, Error> {
        let _delivering = Counted::begin(&self.delivering);
        let mut pace = Pace::default();
        loop {
            match self.read_results(batch).await {
                Ok(()) => break,
                Err(error) if error.status() == Some(404) && !is_new => return Ok(false),
                Err(error) => {
                    let what = format!("the results of batch {} can't be read", batch.id);
                    self.wait_after(&mut pace, &what, &error).await?;
                }
            }
        }
        for (_, call) in self.calls.drain() {
            call.answer(Err(again("the batch has no result of it")));
        }
        Ok(true)
    }

    async fn read_results(&mut self, batch: &Batch) -> Result<(), CallError> {
        let mut results = self.client.batch_results(batch).await?;
        while let Some(result) = results.next().await {
            let result = result?;
            // Of the others an earlier run has made use, or nobody waits.
            if let Some(call) = self.calls.remove(&result.custom_id) {
                call.answer(answer(result.outcome));
            }
        }
        Ok(())
    }
}

/// Counts as one as long as it is there.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
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
    let told = Error::of_call(what, error).hint("--resume goes on with the batches that there are");
    // What isn't there is the batch, or the way to it.
    let code = if told.code == ErrorCode::ModelNotFound { ErrorCode::UpstreamError } else { told.code };
    Error { code, ..told }
}

/// The list of batches has no end that could be reached.
fn endless(why: &str) -> Error {
    Error::new(ErrorCode::UpstreamError, "the batches can't be listed to the end").because(why).hint(
        "check what stands between here and the upstream; --resume goes on with the batches that there are",
    )
}

/// How long to wait after a failure, and how often.
#[derive(Default)]
struct Pace {
    failures: u32,
}

impl Pace {
    /// The wait after that failure; `None` if it is to be the last.
    fn after(&mut self, error: &CallError) -> Option<Duration> {
        self.failures += 1;
        if !error.is_retryable() || self.failures > MOST_FAILURES {
            return None;
        }
        let own = FIRST_WAIT.mul_f64(2_f64.powi(self.failures.cast_signed())).min(LONGEST_WAIT);
        Some(error.retry_after.map_or(own, |asked| asked.min(LONGEST_ASKED)))
    }
}
