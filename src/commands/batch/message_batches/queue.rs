//! A model that answers later: its calls wait until they are sent in a batch, and the batch has results.
//!
//! Chains don't know of it. Attempts, gates and repairs are theirs as ever; each only takes hours.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::stream;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, oneshot};

use crate::model::anthropic::request_body;
use crate::model::{CallError, CallErrorKind, CallFuture, Model, ModelRequest, ReplyEvent};

/// What a call comes to.
pub(super) type Answer = Result<Vec<ReplyEvent>, CallError>;

/// A call that waits for its answer.
#[derive(Debug)]
pub(in crate::commands::batch) struct Call {
    /// By which the request is known again after a crash: it stands in its name within a batch.
    pub(super) hash: String,
    pub(super) request: ModelRequest,
    pub(super) answer: oneshot::Sender<Answer>,
}

impl Call {
    /// Whether it is to put a reply right.
    pub(super) fn is_repair(&self) -> bool {
        self.request.turns.len() > 1
    }

    /// What it has in common with the same call for other lines: whose prompt it is, and whether it is a
    /// repair.
    pub(super) fn kind(&self) -> (String, bool) {
        let prompt = self.request.system.first().map(|block| block.text.clone());
        (prompt.unwrap_or_default(), self.is_repair())
    }
}

/// The calls that wait.
#[derive(Debug)]
pub(super) struct Queue {
    upstream: String,
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    /// Not sent yet.
    unsent: Vec<Call>,
    /// Calls that wait for an answer, sent or not.
    blocked: usize,
}

impl Queue {
    pub(super) fn new(upstream: &str) -> Self {
        Self { upstream: upstream.to_owned(), inner: Mutex::default(), changed: Notify::new() }
    }

    /// Resolves when so many calls wait for an answer, and some of them aren't sent yet. Cancel safe.
    pub(super) async fn all_wait(&self, calls: impl Fn() -> usize) {
        loop {
            let changed = self.changed.notified();
            {
                let inner = self.lock();
                let has_unsent = inner.unsent.iter().any(|call| !call.answer.is_closed());
                if has_unsent && inner.blocked >= calls() {
                    return;
                }
            }
            changed.await;
        }
    }

    /// The calls that aren't sent yet, taken out.
    pub(super) fn take_unsent(&self) -> Vec<Call> {
        let mut unsent = std::mem::take(&mut self.lock().unsent);
        unsent.retain(|call| !call.answer.is_closed());
        unsent
    }

    fn add(&self, call: Call) -> Blocked<'_> {
        let mut inner = self.lock();
        inner.unsent.push(call);
        inner.blocked += 1;
        self.changed.notify_waiters();
        Blocked { queue: self }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call waits for its answer as long as this is there.
struct Blocked<'a> {
    queue: &'a Queue,
}

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        self.queue.lock().blocked -= 1;
    }
}

impl Model for Queue {
    fn upstream(&self) -> &str {
        &self.upstream
    }

    fn call<'a>(&'a self, request: &'a ModelRequest) -> CallFuture<'a> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let blocked = self.add(Call { hash: hash(request), request: request.clone(), answer });
            let answer = answered.await;
            drop(blocked);
            let gone = || CallError::new(CallErrorKind::Interrupted("the batch was given up".to_owned()));
            let events = answer.unwrap_or_else(|_| Err(gone()))?;
            Ok(Box::pin(stream::iter(events.into_iter().map(Ok))) as crate::model::ReplyStream)
        })
    }
}

/// Thirty-two hexadecimal digits of the SHA-256 of what is sent.
fn hash(request: &ModelRequest) -> String {
    let digest = Sha256::digest(request_body(request).to_string());
    digest.iter().take(16).fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
