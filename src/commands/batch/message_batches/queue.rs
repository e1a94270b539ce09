//! A model that answers later: its calls wait until they are sent in a batch, and the batch has results.
//!
//! Chains don't know of it. Attempts, gates and repairs are theirs as ever; each only takes hours.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, oneshot};

use crate::model::anthropic::RequestBody;
use crate::model::{CallError, CallErrorKind, CallFuture, Model, ModelRequest, ReplyEvent};
use crate::trace_context::TraceContext;

/// What a call comes to.
pub(super) type Answer = Result<Vec<ReplyEvent>, CallError>;

/// A call that waits for its answer.
#[derive(Debug)]
pub(in crate::commands::batch) struct Call {
    /// By which the request is known again after a crash: it stands in its name within a batch.
    pub(super) hash: String,
    pub(super) request: ModelRequest,
    answer: oneshot::Sender<Answer>,
    blocked: Blocked,
}

impl Call {
    /// Answers it. Its run goes on from now, whenever it may have its turn.
    pub(super) fn answer(self, answer: Answer) {
        drop(self.blocked);
        // Whoever is to be answered may have left.
        let _ = self.answer.send(answer);
    }

    /// Whether nobody waits for the answer any more.
    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    /// Whether it is to put a reply right.
    pub(super) fn is_repair(&self) -> bool {
        self.request.turns.len() > 1
    }

    /// What it has in common with the same call for other lines: whose prompt it is, and whether it is a
    /// repair.
    pub(super) fn kind(&self) -> (String, bool) {
        let prompt = self.request.system.first().map(|block| block.text.as_str().to_owned());
        (prompt.unwrap_or_default(), self.is_repair())
    }
}

/// The calls that wait.
#[derive(Debug)]
pub(super) struct Queue {
    upstream: String,
    /// Not sent yet.
    unsent: Mutex<Vec<Call>>,
    /// Calls that wait for an answer, sent or not.
    blocked: Arc<AtomicUsize>,
    changed: Notify,
}

impl Queue {
    pub(super) fn new(upstream: &str) -> Self {
        Self {
            upstream: upstream.to_owned(),
            unsent: Mutex::default(),
            blocked: Arc::default(),
            changed: Notify::new(),
        }
    }

    /// Resolves when so many calls wait for an answer, and some of them aren't sent yet. Cancel safe.
    pub(super) async fn all_wait(&self, calls: impl Fn() -> usize) {
        loop {
            let changed = self.changed.notified();
            let has_unsent = self.lock().iter().any(|call| !call.is_given_up());
            if has_unsent && self.blocked.load(Ordering::Relaxed) >= calls() {
                return;
            }
            changed.await;
        }
    }

    /// The calls that aren't sent yet, taken out.
    pub(super) fn take_unsent(&self) -> Vec<Call> {
        let mut unsent = std::mem::take(&mut *self.lock());
        unsent.retain(|call| !call.is_given_up());
        unsent
    }

    fn add(&self, request: &ModelRequest) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let blocked = Blocked::begin(&self.blocked);
        self.lock().push(Call { hash: hash(request), request: request.clone(), answer, blocked });
        self.changed.notify_waiters();
        answered
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call waits for its answer as long as this is there.
#[derive(Debug)]
struct Blocked(Arc<AtomicUsize>);

impl Blocked {
    fn begin(blocked: &Arc<AtomicUsize>) -> Self {
        blocked.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(blocked))
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Model for Queue {
    fn upstream(&self) -> &str {
        &self.upstream
    }

    fn call<'a>(&'a self, request: &'a ModelRequest, _: Option<&'a TraceContext>) -> CallFuture<'a> {
        Box::pin(async move {
            let answer = self.add(request).await;
            let gone = || CallError::new(CallErrorKind::Interrupted("the batch was given up".to_owned()));
            let events = answer.unwrap_or_else(|_| Err(gone()))?;
            Ok(Box::pin(stream::iter(events.into_iter().map(Ok))) as crate::model::ReplyStream)
        })
    }
}

/// Thirty-two hexadecimal digits of the SHA-256 of what is sent.
fn hash(request: &ModelRequest) -> String {
    let digest = Sha256::digest(RequestBody::of(request).to_json());
    digest.iter().take(16).fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
