//! A model that follows a script: the test double for everything above the seam.
//!
//! A call for which the script has no reply, and a reply that was never called for, fail the test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use super::{
    CallError, CallErrorKind, CallFuture, Model, ModelRequest, ReplyEvent, StopReason, Thinking, Usage,
};
use crate::trace_context::TraceContext;

/// One act of a scripted reply.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A piece of the reply.
    Event(ReplyEvent),
    /// The call fails.
    Fail(CallError),
    /// Nothing happens for that long.
    Wait(Duration),
    /// Nothing happens any more.
    Hang,
    /// A bug strikes.
    Panic,
}

/// What the model answers to one call.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    before_head: Vec<Act>,
    after_head: Vec<Act>,
}

impl Reply {
    /// A complete reply with that text, in pieces of at most 7 characters.
    pub(crate) fn text(text: &str) -> Self {
        Self::stopped(text, StopReason::EndTurn)
    }

    /// A reply with that text that stops for that reason, having used 10 input and 5 output tokens.
    pub(crate) fn stopped(text: &str, reason: StopReason) -> Self {
        let mut acts = vec![started()];
        acts.extend(pieces(text));
        let usage = Usage { output: Some(5), ..Usage::default() };
        acts.push(Act::Event(ReplyEvent::Stopped { reason, usage }));
        acts.push(Act::Event(ReplyEvent::Finished));
        Self { before_head: Vec::new(), after_head: acts }
    }

    /// A reply that begins with that text, and then acts as told.
    pub(crate) fn partial(text: &str, then: impl IntoIterator<Item = Act>) -> Self {
        let after_head = std::iter::once(started()).chain(pieces(text)).chain(then).collect();
        Self { before_head: Vec::new(), after_head }
    }

    /// An answer with that HTTP status.
    pub(crate) fn status(status: u16) -> Self {
        Self::error(status_error(status))
    }

    /// A call that fails before its head.
    pub(crate) fn error(error: CallError) -> Self {
        Self { before_head: vec![Act::Fail(error)], after_head: Vec::new() }
    }

    /// A call that is never answered.
    pub(crate) fn hang() -> Self {
        Self { before_head: vec![Act::Hang], after_head: Vec::new() }
    }

    /// The same, but that much later.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.before_head.insert(0, Act::Wait(delay));
        self
    }
}

/// An HTTP error of that status, without anything further.
pub(crate) fn status_error(status: u16) -> CallError {
    let message = format!("scripted {status}");
    CallErrorKind::Status { status, error_type: None, message }.into()
}

fn started() -> Act {
    let usage = Usage { input: Some(10), output: Some(1), ..Usage::default() };
    Act::Event(ReplyEvent::Started { id: None, model: None, request_id: Some("req_scripted".into()), usage })
}

fn pieces(text: &str) -> Vec<Act> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(7).map(|piece| Act::Event(ReplyEvent::Text(piece.iter().collect()))).collect()
}

/// A request that is about to be sent, for readers that don't look at it.
pub(crate) fn any_request() -> Arc<ModelRequest> {
    Arc::new(ModelRequest {
        model: "scripted".into(),
        max_tokens: 2048,
        temperature: None,
        system: Vec::new(),
        turns: Vec::new(),
        schema: None,
        thinking: Thinking::default(),
        request_id: "req_scripted".into(),
    })
}

/// The double.
pub(crate) struct ScriptedModel {
    script: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<ModelRequest>>,
    traces: Mutex<Vec<TraceContext>>,
    open: Arc<()>,
}

impl ScriptedModel {
    /// A model that answers its calls with these replies, in this order.
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            requests: Mutex::default(),
            traces: Mutex::default(),
            open: Arc::default(),
        }
    }

    /// The requests it has had.
    pub(crate) fn requests(&self) -> Vec<ModelRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Where in a trace those stood that stood in one.
    pub(crate) fn traces(&self) -> Vec<TraceContext> {
        self.traces.lock().unwrap().clone()
    }

    /// Calls that have begun and have been neither finished nor dropped.
    pub(crate) fn open_calls(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left = self.script.lock().unwrap().len();
            assert_eq!(left, 0, "scripted replies were never called for");
        }
    }
}

impl Model for ScriptedModel {
    fn upstream(&self) -> &'static str {
        "scripted"
    }

    fn call<'a>(&'a self, request: &'a ModelRequest, trace: Option<&'a TraceContext>) -> CallFuture<'a> {
        self.requests.lock().unwrap().push(request.clone());
        self.traces.lock().unwrap().extend(trace.cloned());
        let next = self.script.lock().unwrap().pop_front();
        let reply = next.expect("a call beyond the script");
        let open = Arc::clone(&self.open);
        Box::pin(async move {
            for act in reply.before_head {
                perform(act).await.transpose()?;
            }
            let acts = stream::iter(reply.after_head).filter_map(move |act| {
                let open = Arc::clone(&open);
                async move {
                    let event = perform(act).await;
                    drop(open);
                    event
                }
            });
            let acts: super::ReplyStream = Box::pin(acts);
            Ok(acts)
        })
    }
}

async fn perform(act: Act) -> Option<Result<ReplyEvent, CallError>> {
    match act {
        Act::Event(event) => Some(Ok(event)),
        Act::Fail(error) => Some(Err(error)),
        Act::Wait(delay) => {
            sleep(delay).await;
            None
        }
        Act::Hang => std::future::pending().await,
        Act::Panic => panic!("a scripted bug"),
    }
}
