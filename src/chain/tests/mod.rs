//! The engine as its readers see it: scripted replies in, transcript of events out.

mod cancellation;
mod caps;
mod failures;
mod format;
mod gates;
mod golden;
mod live;
mod preview;
mod requests;
mod stop;
mod time_limits;
mod transcript;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use super::config::*;
use super::*;
use crate::model::Catalog;
use crate::model::scripted::{Reply, ScriptedModel};
use crate::resilience::{BreakerConfig, BreakerRegistry, RetryPolicy};

pub(super) const ANALYSIS: &str = r#"{"intent":"greet","key_entities":["world"],"complexity":"simple","context":[{"key":"tone","value":"warm"}]}"#;
pub(super) const DRAFT: &str = r#"{"content":"Hello.","confidence":0.9,"metadata":[]}"#;
pub(super) const ANSWER: &str = r#"{"final_text":"Hello, world!","formatting":"plain"}"#;

/// The three replies of a run in which all goes well.
pub(super) fn good_replies() -> [Reply; 3] {
    [Reply::text(ANALYSIS), Reply::text(DRAFT), Reply::text(ANSWER)]
}

/// The defaults of the program, without randomness in what is tested.
pub(super) fn config() -> ChainConfig {
    let step = |name: StepName, seconds| StepConfig {
        model: "claude-haiku-4-5-20251001".into(),
        max_tokens: 2048,
        temperature: 0.5,
        timeout: Duration::from_secs(seconds),
        prompt: format!("You {name}.").into(),
        fields: Vec::new(),
    };
    let of_worker = StepConfig { prompt: "You write a part.".into(), ..step(StepName::Process, 30) };
    ChainConfig {
        workers: WorkerConfig { max: 1, from: Complexity::Complex, step: of_worker },
        steps: PerStep {
            analyze: step(StepName::Analyze, 15),
            process: step(StepName::Process, 30),
            synthesize: step(StepName::Synthesize, 20),
        },
        gates: GateRules { validation: true, strict: false, min_confidence: 0.5, repair_attempts: 1 },
        limits: TimeLimits {
            worker_coordination: Duration::from_secs(45),
            synthesis: Duration::from_secs(30),
            run: None,
            silence: Duration::from_mins(1),
        },
        retry: RetryPolicy { max_attempts: 3, multiplier: 1.0, max_delay: Duration::from_secs(30) },
        max_cost: None,
        structured_output: StructuredOutput::Auto,
        thinking: ThinkingMode::Off,
        chunk_buffer: 0,
        api_version: "2023-06-01".into(),
        catalog: Arc::new(Catalog::built_in()),
    }
}

pub(super) fn strict() -> ChainConfig {
    let mut config = config();
    config.gates.strict = true;
    config
}

pub(super) fn input(delivery: Delivery) -> RunInput {
    RunInput {
        plan: Plan::default(),
        conversation: Conversation::from_prompt("Say hello").unwrap(),
        request_id: "req_test".into(),
        trace: None,
        purse: None,
        delivery,
        answer: AnswerOptions::default(),
    }
}

pub(super) fn engine(model: &Arc<ScriptedModel>) -> Engine {
    Engine::new(model.clone(), Arc::new(BreakerRegistry::new(breaker())))
}

pub(super) fn breaker() -> BreakerConfig {
    BreakerConfig {
        enabled: true,
        failure_threshold: 3,
        open_for: Duration::from_secs(30),
        half_open_attempts: 1,
    }
}

/// A finished run: what it said as it went, and what it came to.
pub(super) struct Finished {
    pub(super) events: Vec<Event>,
    pub(super) summary: Summary,
    pub(super) model: Arc<ScriptedModel>,
}

impl Finished {
    pub(super) fn transcript(&self) -> String {
        transcript::render(&self.events)
    }

    pub(super) fn error(&self) -> &ChainError {
        self.summary.outcome.as_ref().unwrap().as_ref().expect_err("the run fails")
    }

    pub(super) fn finish(&self) -> FinishReason {
        *self.summary.outcome.as_ref().unwrap().as_ref().expect("the run succeeds")
    }

    pub(super) fn final_text(&self) -> &str {
        self.summary.state.final_response.as_deref().unwrap()
    }
}

/// Runs the chain against a script to its end.
pub(super) async fn run_with(
    config: ChainConfig,
    input: RunInput,
    script: impl IntoIterator<Item = Reply>,
) -> Finished {
    let model = Arc::new(ScriptedModel::new(script));
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine(&model).start(Arc::new(config), input);
    let mut events = Vec::new();
    while let Some(event) = run.next_event().await {
        summary.apply(&event);
        events.push(event);
    }
    Finished { events, summary, model }
}

pub(super) async fn run(script: impl IntoIterator<Item = Reply>) -> Finished {
    run_with(config(), input(Delivery::Held), script).await
}

pub(super) async fn run_live(script: impl IntoIterator<Item = Reply>) -> Finished {
    run_with(config(), input(Delivery::Live), script).await
}

pub(super) async fn run_strict(script: impl IntoIterator<Item = Reply>) -> Finished {
    run_with(strict(), input(Delivery::Live), script).await
}
