//! `--message-batches`: every step of all lines as batches upstream, at a lower price.
//!
//! Runs go on until each waits for an answer; then what isn't sent yet is sent together: a batch for each
//! kind of call, so that repairs are batches of their own. Which batches there are stands in the journal, so
//! that after a crash none is paid for twice.

mod job;
mod known;
mod queue;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use self::job::{How, Job, JobEnd, Origin, Refused, withdraw};
use self::known::{Known, Place};
use self::queue::{Call, Queue};
use super::journal::{Journal, KnownBatch};
use crate::chain::Budget;
use crate::error::{Error, ErrorCode};
use crate::model::Model;
use crate::model::anthropic::{AnthropicClient, BatchBody, BatchBodyBuilder, BatchLimits, NotAdded};

type UnderWay = Pin<Box<dyn Future<Output = Result<JobEnd, Error>>>>;

/// The batches of a batch.
pub(super) struct MessageBatches {
    queue: Arc<Queue>,
    client: Arc<AnthropicClient>,
    journal: Arc<Journal>,
    budget: Arc<Budget>,
    jobs: FuturesUnordered<UnderWay>,
    /// Batches of an earlier run whose results may not have been made use of, each with the names in it.
    known: Vec<Known>,
    /// Batches whose results are handed out, though what they led to may not be kept yet.
    delivered: Vec<String>,
    /// How many jobs are handing out results.
    delivering: Arc<AtomicUsize>,
    /// How many have a batch upstream, or may have.
    upstream: Arc<AtomicUsize>,
    /// Calls of batches that were refused and may be created later, by job.
    refused: Vec<Refused>,
    /// What jobs have to say.
    said: UnboundedReceiver<String>,
    say: UnboundedSender<String>,
    /// Jobs under way with calls that are to put a reply right.
    repairing: usize,
    /// Calls that wait until it is known whether there is a batch of theirs.
    held: Vec<Call>,
}

/// What has happened.
pub(super) enum Turn {
    /// Every run waits for an answer, and some calls aren't sent.
    AllWait,
    /// A batch has come to its end.
    Ended(Result<JobEnd, Error>),
    /// There is something to say.
    Said(String),
}

impl MessageBatches {
    pub(super) fn new(
        client: Arc<AnthropicClient>,
        journal: Arc<Journal>,
        budget: Arc<Budget>,
        known: Vec<KnownBatch>,
    ) -> Self {
        let queue = Arc::new(Queue::new(client.upstream()));
        let known = known.into_iter().map(Known::new).collect();
        let (say, said) = unbounded_channel();
        Self {
            queue,
            client,
            journal,
            budget,
            jobs: FuturesUnordered::new(),
            known,
            delivered: Vec::new(),
            delivering: Arc::default(),
            upstream: Arc::default(),
            refused: Vec::new(),
            said,
            say,
            repairing: 0,
            held: Vec::new(),
        }
    }

    /// What the chains call.
    pub(super) fn model(&self) -> Arc<dyn Model> {
        Arc::clone(&self.queue) as Arc<dyn Model>
    }

    /// The next thing that happens while so many runs are under way; as long as more may begin, those that are
    /// wait for them. Cancel safe.
    pub(super) async fn next(&mut self, running: usize, more_may_begin: bool) -> Turn {
        let Self { queue, jobs, budget, delivering, said, .. } = self;
        let calls = || {
            // Whoever is about to be answered will go on: what they send goes out with the rest.
            let is_delivering = delivering.load(Ordering::Relaxed) > 0;
            // A run that waits for the budget goes on when another's call is answered.
            if is_delivering { usize::MAX } else { running.saturating_sub(budget.waiting()) }
        };
        let all_wait = queue.all_wait(calls);
        tokio::select! {
            biased;
            Some(text) = said.recv() => Turn::Said(text),
            Some(ended) = jobs.next(), if !jobs.is_empty() => Turn::Ended(ended),
            () = all_wait, if !more_may_begin => Turn::AllWait,
            // Neither is there anything to wait for, nor may anything be sent.
            else => std::future::pending().await,
        }
    }

    /// Every run waits for an answer: what isn't sent yet is sent. Returns what there is to say of it.
    pub(super) async fn send(&mut self) -> Result<Vec<String>, Error> {
        let unsent = self.queue.take_unsent();
        // What was handed out before has led to these calls, and to steps that are kept: unless a reply is to
        // be put right, which is kept nowhere else than in its batch.
        if self.repairing == 0 && !unsent.iter().any(Call::is_repair) {
            self.settle_delivered().await?;
        }
        let mut said = Vec::new();
        let unsent = self.attach(unsent, &mut said);
        self.send_kinds(unsent, &mut said)?;
        Ok(said)
    }

    /// Calls that an earlier run had sent already wait for those batches; the others are returned.
    fn attach(&mut self, calls: Vec<Call>, said: &mut Vec<String>) -> Vec<Call> {
        let mut rest = Vec::new();
        let mut attached: BTreeMap<usize, HashMap<String, Call>> = BTreeMap::new();
        for call in calls {
            let found = self.known.iter_mut().enumerate().find(|(_, known)| known.has(&call.hash));
            match found {
                Some((_, Known { place: Place::Sought, .. })) => self.held.push(call),
                Some((at, known)) => match known.take_name(&call.hash) {
                    Some(name) => {
                        attached.entry(at).or_default().insert(name, call);
                    }
                    None => rest.push(call),
                },
                None => rest.push(call),
            }
        }
        for (at, calls) in attached {
            let Some(origin) = self.known.get_mut(at).and_then(Known::origin) else {
                rest.extend(calls.into_values());
                continue;
            };
            said.push(format!("{} of an earlier batch are picked up", requests(calls.len())));
            self.begin(calls, origin, Some(at));
        }
        rest
    }

    /// Calls of one kind, in as few batches as they fit into.
    fn send_kind(&mut self, calls: Vec<Call>, is_repair: bool, said: &mut Vec<String>) -> Result<(), Error> {
        let mut builder = BatchBodyBuilder::new(BatchLimits::OF_API);
        let mut named: HashMap<String, Call> = HashMap::new();
        for (number, call) in calls.into_iter().enumerate() {
            let name = format!("{}-{number}", call.hash);
            let mut added = builder.add(&name, &call.request);
            if added == Err(NotAdded::Full) {
                let full = std::mem::replace(&mut builder, BatchBodyBuilder::new(BatchLimits::OF_API));
                self.create(full.finish(), std::mem::take(&mut named), is_repair, said);
                added = builder.add(&name, &call.request);
            }
            added.map_err(|error| Error::new(ErrorCode::Usage, error.to_string()))?;
            named.insert(name, call);
        }
        self.create(builder.finish(), named, is_repair, said);
        Ok(())
    }

    fn create(
        &mut self,
        body: Option<BatchBody>,
        calls: HashMap<String, Call>,
        is_repair: bool,
        said: &mut Vec<String>,
    ) {
        if let Some(body) = body {
            let what = if is_repair { "a batch of repairs" } else { "a batch" };
            said.push(format!("{what} of {} is sent", requests(body.requests())));
            self.begin(calls, Origin::New(body), None);
        }
    }

    fn begin(&mut self, calls: HashMap<String, Call>, origin: Origin, known: Option<usize>) {
        let (client, journal) = (Arc::clone(&self.client), Arc::clone(&self.journal));
        let (delivering, upstream) = (Arc::clone(&self.delivering), Arc::clone(&self.upstream));
        self.refused.retain(|refused| !refused.is_over());
        let (refused, said) = (Refused::default(), self.say.clone());
        self.refused.push(refused.clone());
        let job = Job { client, journal, calls, origin, refused, upstream, delivering, said, known };
        self.repairing += usize::from(job.has_repairs());
        self.jobs.push(Box::pin(job.run()));
    }

    /// A batch has come to its end. Calls of one that isn't there are sent anew.
    pub(super) fn take_end(&mut self, end: JobEnd) -> Result<Vec<String>, Error> {
        let JobEnd { known, has_repairs, how } = end;
        self.repairing -= usize::from(has_repairs);
        let known = known.and_then(|at| self.known.get_mut(at));
        let mut said = Vec::new();
        let mut unsent = Vec::new();
        match how {
            How::Delivered { id } => {
                said.push(format!("batch {id} has ended"));
                if let Some(known) = known {
                    known.place = Place::At(id.clone());
                }
                if !self.delivered.contains(&id) {
                    self.delivered.push(id);
                }
            }
            How::NotThere { calls } => {
                if let Some(known) = known {
                    known.place = Place::Nowhere;
                }
                said.push(format!("{} of an earlier batch are gone, and sent again", requests(calls.len())));
                unsent = calls;
            }
        }
        let held = std::mem::take(&mut self.held);
        unsent.extend(self.attach(held, &mut said));
        self.send_kinds(unsent, &mut said)?;
        Ok(said)
    }

    fn send_kinds(&mut self, calls: Vec<Call>, said: &mut Vec<String>) -> Result<(), Error> {
        let mut kinds: BTreeMap<(String, bool), Vec<Call>> = BTreeMap::new();
        for call in calls {
            kinds.entry(call.kind()).or_default().push(call);
        }
        for ((_, is_repair), calls) in kinds {
            self.send_kind(calls, is_repair, said)?;
        }
        Ok(())
    }

    /// What the results that were handed out have led to is kept; a batch with names that may still be asked
    /// for stays in the journal.
    async fn settle_delivered(&mut self) -> Result<(), Error> {
        let is_asked_for = |id: &String| {
            let of_it = |known: &&Known| matches!(&known.place, Place::At(at) if at == id);
            self.known.iter().find(of_it).is_some_and(Known::has_names)
        };
        let (stay, done): (Vec<_>, Vec<_>) = self.delivered.drain(..).partition(is_asked_for);
        self.delivered = stay;
        for id in done {
            self.journal.batch_settled(&id).await?;
        }
        Ok(())
    }

    /// All lines are done: no batch will be asked for again.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let known = self.known.drain(..).filter_map(|known| match known.place {
            Place::At(id) => Some(id),
            _ => None,
        });
        let all: BTreeSet<String> = self.delivered.drain(..).chain(known).collect();
        for id in all {
            self.journal.batch_settled(&id).await?;
        }
        Ok(())
    }

    /// All of it ends: calls of which it is certain that they aren't upstream never will be.
    pub(super) fn withdraw(&mut self) {
        self.queue.take_unsent().into_iter().chain(self.held.drain(..)).for_each(withdraw);
        self.refused.iter().for_each(Refused::withdraw);
    }

    /// How many batches there are, or may be, upstream that haven't come to their end here.
    pub(super) fn under_way(&self) -> usize {
        self.upstream.load(Ordering::Relaxed)
    }
}

fn requests(number: usize) -> String {
    if number == 1 { "1 request".to_owned() } else { format!("{number} requests") }
}
