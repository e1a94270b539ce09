//! Scripted runs that every consumer is tested with: what a run says in each case worth telling
//! apart. The engine takes no part in them.

mod divided;
mod script;
mod unusual;

use std::time::Duration;

use serde_json::{Map, json};

pub(crate) use self::divided::{divided, divided_in_vain};
pub(crate) use self::script::Transcript;
use self::script::{Script, counted};
pub(crate) use self::unusual::{
    cancelled, cancelled_while_writing, degraded, degraded_by_a_cut, refused, stopped,
};
use crate::chain::{
    Analysis, Answer, AttemptFailure, ChainError, Complexity, Decision, Draft, Finding, FinishReason, Limit,
    LimitReached, StepName,
};
use crate::model::{AttemptUsage, CallErrorKind, Usage};

/// All of them.
pub(crate) fn all() -> Vec<Transcript> {
    vec![
        ok(),
        retried(),
        repaired(),
        warned(),
        rejected(),
        circuit_open(),
        cut_by_timeout(),
        interrupted(),
        unknown_price(),
        uncounted(),
        divided(),
        divided_in_vain(),
    ]
}

/// The words for errors, from somebody who knows one.
pub(crate) fn code_of(_: &ChainError) -> &'static str {
    "a_code"
}

/// All goes well.
pub(crate) fn ok() -> Transcript {
    synthesized(processed(analyzed(Script::begin("ok"))))
}

/// The upstream is overloaded once, and says so with an escape sequence.
pub(crate) fn retried() -> Transcript {
    let overloaded = CallErrorKind::Status {
        status: 529,
        error_type: Some("overloaded_error".into()),
        message: "Over\u{1b}[2Jloaded,\nplease wait".into(),
    };
    let script = analyzed(Script::begin("retried"))
        .step(StepName::Process)
        .attempt(0)
        .pass(300)
        .failed(call(overloaded), Some(Duration::from_secs(2)), AttemptUsage::Nothing)
        .pass(2000)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Pass, Vec::new())
        .finished(draft(0.82));
    synthesized(script)
}

/// A gate asks for a repair, and gets it.
pub(crate) fn repaired() -> Transcript {
    let script = analyzed(Script::begin("repaired"))
        .step(StepName::Process)
        .attempt(0)
        .pass(1500)
        .answered(500, counted(731, 300))
        .gate(Decision::Repair, vec![low_confidence()])
        .attempt(1)
        .pass(1900)
        .answered(700, counted(1102, 356))
        .gate(Decision::Pass, Vec::new())
        .finished(draft(0.82));
    synthesized(script)
}

/// Gates find fault, and let it pass.
pub(crate) fn warned() -> Transcript {
    let nothing_named = Finding::warning("no-key-entities", "`key_entities` names nothing");
    let script = Script::begin("warned")
        .step(StepName::Analyze)
        .attempt(0)
        .pass(800)
        .answered(300, counted(412, 96))
        .gate(Decision::Pass, vec![nothing_named])
        .finished(analysis())
        .step(StepName::Process)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Warn, vec![low_confidence()])
        .finished(draft(0.31));
    synthesized(script)
}

/// A strict gate rejects a draft.
pub(crate) fn rejected() -> Transcript {
    let error = ChainError::Rejected { step: StepName::Process, findings: vec![low_confidence()] };
    analyzed(Script::begin("rejected"))
        .step(StepName::Process)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Reject, vec![low_confidence()])
        .end(Err(error))
}

/// Nothing is sent.
pub(crate) fn circuit_open() -> Transcript {
    let error = ChainError::CircuitOpen {
        step: StepName::Analyze,
        model: script::MODEL.into(),
        retry_after: Duration::from_secs(12),
        failure: None,
    };
    Script::begin("circuit_open").step(StepName::Analyze).end(Err(error))
}

/// Synthesize runs out of time when part of its text has left.
pub(crate) fn cut_by_timeout() -> Transcript {
    let reached = LimitReached { limit: Limit::Step(StepName::Synthesize), after: Duration::from_secs(20) };
    let usage = AttemptUsage::Uncounted {
        counted: Usage { input: Some(1004), ..Usage::default() },
        estimated_input: 0,
        estimated_output: 40,
    };
    processed(analyzed(Script::begin("cut_by_timeout")))
        .step(StepName::Synthesize)
        .attempt(0)
        .pass(400)
        .delta("Rust compiles ")
        .pass(19_600)
        .failed(AttemptFailure::TimedOut(reached), None, usage)
        .end(Err(ChainError::TimedOut { step: StepName::Synthesize, reached }))
}

/// The run is dropped while an attempt is under way.
pub(crate) fn interrupted() -> Transcript {
    analyzed(Script::begin("interrupted")).step(StepName::Process).attempt(0).pass(1200).drop_run()
}

/// The model isn't in the catalog.
pub(crate) fn unknown_price() -> Transcript {
    synthesized(processed(analyzed(Script::begin("unknown_price").without_prices())))
}

/// A reply breaks off before its figures come.
pub(crate) fn uncounted() -> Transcript {
    let usage = AttemptUsage::Uncounted {
        counted: Usage { input: Some(731), output: Some(1), ..Usage::default() },
        estimated_input: 0,
        estimated_output: 120,
    };
    let script = analyzed(Script::begin("uncounted"))
        .step(StepName::Process)
        .attempt(0)
        .pass(600)
        .failed(call(CallErrorKind::Truncated), Some(Duration::from_secs(1)), usage)
        .pass(1000)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Pass, Vec::new())
        .finished(draft(0.82));
    synthesized(script)
}

fn analyzed(script: Script) -> Script {
    script
        .step(StepName::Analyze)
        .attempt(0)
        .pass(800)
        .answered(300, counted(412, 96))
        .gate(Decision::Pass, Vec::new())
        .finished(analysis())
}

fn processed(script: Script) -> Script {
    script
        .step(StepName::Process)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Pass, Vec::new())
        .finished(draft(0.82))
}

/// Synthesize, and the run's end.
fn synthesized(script: Script) -> Transcript {
    let answer = Answer {
        final_text: "Rust compiles to native code.".into(),
        formatting: Some("one sentence".into()),
        extra: Map::from_iter([("tone".to_owned(), json!("neutral"))]),
    };
    script
        .step(StepName::Synthesize)
        .attempt(0)
        .pass(400)
        .delta("Rust compiles ")
        .pass(900)
        .delta("to native code.")
        .pass(100)
        .answered(400, counted(1004, 212))
        .gate(Decision::Pass, Vec::new())
        .finished(answer)
        .end(Ok(FinishReason::Stop))
}

fn analysis() -> Analysis {
    Analysis {
        subtasks: Vec::new(),
        intent: "Learn what Rust compiles to".into(),
        key_entities: vec!["Rust".into()],
        complexity: Some(Complexity::Simple),
        context: Map::from_iter([("audience".to_owned(), json!("beginners"))]),
        extra: Map::from_iter([("urgent".to_owned(), json!(false))]),
    }
}

fn draft(confidence: f64) -> Draft {
    Draft {
        content: "Native code, by way of LLVM.".into(),
        confidence: Some(confidence),
        metadata: Map::from_iter([("approach".to_owned(), json!("from memory"))]),
        extra: Map::new(),
    }
}

fn low_confidence() -> Finding {
    Finding::error("low-confidence", "`confidence` is 0.31, below the threshold of 0.5")
}

fn call(kind: CallErrorKind) -> AttemptFailure {
    AttemptFailure::Call(kind.into())
}
