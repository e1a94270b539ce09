//! Scripted runs that differ only in what people are told of them.

use std::time::Duration;

use super::script::{MODEL, Script, Transcript, counted};
use super::{analyzed, call, draft, processed};
use crate::chain::{Answer, AttemptFailure, ChainError, Decision, Finding, FinishReason, StepName};
use crate::model::{AttemptUsage, CallErrorKind, Usage};

/// A run is dropped in the middle of a second attempt, whose end is still told.
pub(crate) fn cancelled() -> Transcript {
    analyzed(Script::begin("cancelled"))
        .step(StepName::Process)
        .attempt(0)
        .pass(600)
        .failed(call(CallErrorKind::Truncated), Some(Duration::from_secs(1)), AttemptUsage::Nothing)
        .pass(1000)
        .attempt(0)
        .pass(700)
        .failed(AttemptFailure::Cancelled, None, received(731))
        .drop_run()
}

/// A run is dropped when part of its text has left.
pub(crate) fn cancelled_while_writing() -> Transcript {
    processed(analyzed(Script::begin("cancelled_while_writing")))
        .step(StepName::Synthesize)
        .attempt(0)
        .pass(400)
        .delta("Rust compiles ")
        .failed(AttemptFailure::Cancelled, None, received(1004))
        .drop_run()
}

/// A reply that can't be decoded is used all the same.
pub(crate) fn degraded() -> Transcript {
    let findings = vec![Finding::error("not-json", "the reply holds no JSON object")];
    degraded_for("degraded", findings)
}

/// A reply that was cut is used as far as it goes.
pub(crate) fn degraded_by_a_cut() -> Transcript {
    let findings = vec![Finding::error("cut", "the reply was cut short (max_tokens)")];
    degraded_for("degraded_by_a_cut", findings)
}

/// A call is ended by one of the caller's stop texts.
pub(crate) fn stopped() -> Transcript {
    let final_text = "Rust compiles ".to_owned();
    processed(analyzed(Script::begin("stopped")))
        .step(StepName::Synthesize)
        .attempt(0)
        .pass(900)
        .delta("Rust compiles ")
        .answered(400, received(1004))
        .gate(Decision::Pass, Vec::new())
        .finished(Answer { final_text, formatting: None, extra: serde_json::Map::new() })
        .end(Ok(FinishReason::Stop))
}

/// A run is refused before anything begins.
pub(crate) fn refused() -> Transcript {
    let error = ChainError::UnknownPrice { step: StepName::Analyze, model: MODEL.into() };
    Script::begin("refused").end(Err(error))
}

fn degraded_for(name: &'static str, findings: Vec<Finding>) -> Transcript {
    analyzed(Script::begin(name))
        .step(StepName::Process)
        .attempt(0)
        .pass(1900)
        .answered(700, counted(731, 356))
        .gate(Decision::Warn, findings)
        .degraded()
        .finished(draft(0.5))
        .drop_run()
}

/// What has been received of a reply whose final figures never come.
fn received(input: u64) -> AttemptUsage {
    AttemptUsage::Uncounted {
        counted: Usage { input: Some(input), ..Usage::default() },
        estimated_input: 0,
        estimated_output: 12,
    }
}
