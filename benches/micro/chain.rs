//! A whole chain through the engine, with a model that answers at once out of memory; and the first of its requests,
//! composed and written as JSON.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream;
use memchr::memmem;
use promptchain::chain::{
    AnswerOptions, ChainConfig, Conversation, Delivery, Engine, Event, Plan, RunInput, StepName, preview,
};
use promptchain::model::anthropic::RequestBody;
use promptchain::model::{CallFuture, Model, ModelRequest, ReplyEvent, ReplyStream, StopReason, Usage};
use promptchain::resilience::BreakerRegistry;
use promptchain::trace_context::TraceContext;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use super::material;
use super::operation::{Operation, Prepared};
use super::support::{breaker, chain};

const REQUEST: &str = "What makes a good commit message?";
/// Bytes of the final text: some 64 deltas.
const ANSWER_BYTES: usize = 1400;

/// Both for the built-in prompts.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation { name: "request", item: "request", passes: 50, prepare: composed },
    Operation { name: "chain", item: "run", passes: 50, prepare: run },
];

fn composed() -> Result<Prepared, Box<dyn Error>> {
    let Chain { config, mut input, .. } = Chain::new()?;
    input.plan.until = StepName::Analyze;
    let compose = move || {
        let calls = preview(&config, &input).ok()?;
        Some(RequestBody::of(calls.first()?.request()).to_json())
    };
    if compose().is_none_or(|body| memmem::find(&body, REQUEST.as_bytes()).is_none()) {
        return Err("the request isn't composed".into());
    }
    let pass = move || {
        black_box(compose());
    };
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}

fn run() -> Result<Prepared, Box<dyn Error>> {
    let chain = Chain::new()?;
    let events = chain.run();
    let deltas = events.iter().filter(|event| matches!(event, Event::OutputDelta { .. })).count();
    let ends_well = matches!(events.last(), Some(Event::RunFinished { outcome: Ok(_), .. }));
    if deltas < ANSWER_BYTES / 40 || !ends_well {
        return Err(format!("{deltas} deltas, and at last {:?}", events.last()).into());
    }
    let pass = move || {
        black_box(chain.run());
    };
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}

/// A chain that can be run again and again.
pub(crate) struct Chain {
    runtime: Runtime,
    engine: Engine,
    config: Arc<ChainConfig>,
    input: RunInput,
}

impl Chain {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let mut config = chain(1)?;
        // Otherwise the text leaves when it is whole.
        config.gates.strict = false;
        let breakers = Arc::new(BreakerRegistry::new(breaker()));
        Ok(Self {
            runtime: Builder::new_current_thread().enable_time().build()?,
            engine: Engine::new(Arc::new(Replies::new()), breakers),
            config: Arc::new(config),
            input: RunInput {
                plan: Plan::default(),
                conversation: Conversation::from_prompt(REQUEST)?,
                request_id: "req_0123456789".to_owned(),
                trace: None,
                purse: None,
                delivery: Delivery::Live,
                answer: AnswerOptions::default(),
            },
        })
    }

    /// All events of a run.
    pub(crate) fn run(&self) -> Vec<Event> {
        self.runtime.block_on(async {
            let mut run = self.engine.start(Arc::clone(&self.config), self.input.clone());
            let mut events = Vec::new();
            while let Some(event) = run.next_event().await {
                events.push(event);
            }
            events
        })
    }
}

/// A model that says the same in every run, each step in its turn.
struct Replies {
    replies: [Vec<ReplyEvent>; 3],
    calls: AtomicUsize,
}

impl Replies {
    fn new() -> Self {
        let answer: String = material::plain().chars().take(ANSWER_BYTES).collect();
        let analysis = json!({
            "intent": "Learn what a good commit message is", "key_entities": ["commit message", "git"],
            "complexity": "simple", "context": { "audience": "developers" },
        });
        let draft =
            json!({ "content": answer, "metadata": { "approach": "from practice" }, "confidence": 0.9 });
        let replies = [analysis.to_string(), draft.to_string(), material::reply(&answer)];
        Self { replies: replies.map(|reply| reply_events(&reply)), calls: AtomicUsize::new(0) }
    }
}

fn reply_events(reply: &str) -> Vec<ReplyEvent> {
    let usage = |output| Usage { input: Some(512), output, ..Usage::default() };
    let (id, model) = (Some("msg_1".to_owned()), Some("claude-haiku-4-5-20251001".to_owned()));
    let mut events = vec![ReplyEvent::Started { id, model, request_id: None, usage: usage(None) }];
    events.extend(material::deltas(reply).into_iter().map(ReplyEvent::Text));
    events.push(ReplyEvent::Stopped { reason: StopReason::EndTurn, usage: usage(Some(700)) });
    events.push(ReplyEvent::Finished);
    events
}

impl Model for Replies {
    fn upstream(&self) -> &'static str {
        "memory"
    }

    fn call<'a>(&'a self, _: &'a ModelRequest, _: Option<&'a TraceContext>) -> CallFuture<'a> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) % self.replies.len();
        let events = self.replies.get(call).cloned().unwrap_or_default();
        let reply: ReplyStream = Box::pin(stream::iter(events.into_iter().map(Ok)));
        Box::pin(std::future::ready(Ok(reply)))
    }
}
