//! Scripted runs whose second step is divided.

use std::time::Duration;

use super::script::{Script, Transcript, counted};
use super::{analysis, call, draft, low_confidence, synthesized};
use crate::chain::{Analysis, AttemptFailure, ChainError, Complexity, Decision, Finding, StepName, Subtask};
use crate::model::{AttemptUsage, CallErrorKind};

/// Four parts, of which the second is tried again, the third repaired, and the last left out.
pub(crate) fn divided() -> Transcript {
    let script = three_under_way("divided")
        .of(2)
        .failed(status(529, "overloaded_error"), Some(Duration::from_secs(2)), AttemptUsage::Nothing)
        .pass(600)
        .of(3)
        .answered(400, counted(500, 90))
        .gate(Decision::Repair, vec![low_confidence()])
        .attempt(1)
        .pass(300)
        .of(1)
        .answered(300, counted(500, 200))
        .gate(Decision::Pass, Vec::new())
        .worker_ended(Ok(0.9))
        .worker("The west, and all that lies beyond the river")
        .attempt(0)
        .pass(400)
        .failed(status(400, "invalid_request_error"), None, AttemptUsage::Nothing)
        .worker_ended(Err(refused_part()))
        .pass(700)
        .of(2)
        .attempt(0)
        .pass(500)
        .of(3)
        .answered(400, counted(700, 110))
        .gate(Decision::Pass, Vec::new())
        .worker_ended(Ok(0.7))
        .pass(600)
        .of(2)
        .answered(300, counted(500, 150))
        .gate(Decision::Pass, vec![Finding::warning("long", "`content` is long")])
        .worker_ended(Ok(0.8))
        .of(0);
    let left_out = "part 4, \"The west, and all that lies beyond the river\", was left out: process failed";
    let script = script
        .gate(Decision::Warn, vec![Finding::warning("part-left-out", left_out)])
        .joined(Decision::Warn, draft(0.7));
    synthesized(script)
}

/// Two parts fail, which are too many: what the third is about is cut off.
pub(crate) fn divided_in_vain() -> Transcript {
    three_under_way("divided_in_vain")
        .of(1)
        .failed(status(400, "invalid_request_error"), None, AttemptUsage::Nothing)
        .worker_ended(Err(refused_part()))
        .pass(100)
        .of(2)
        .failed(status(400, "invalid_request_error"), None, AttemptUsage::Nothing)
        .worker_ended(Err(refused_part()))
        .of(3)
        .failed(AttemptFailure::Cancelled, None, counted(500, 1))
        .end(Err(refused_part()))
}

/// Three parts for which requests have been sent.
fn three_under_way(name: &'static str) -> Script {
    let part = |title: &str| Subtask { title: title.into(), instruction: format!("About {title}.") };
    let titles = ["North", "\u{1b}[2JEast", "South", "The west, and all that lies beyond the river"];
    let analysis =
        Analysis { complexity: Some(Complexity::Complex), subtasks: titles.map(part).to_vec(), ..analysis() };
    let script = Script::begin(name)
        .step(StepName::Analyze)
        .attempt(0)
        .pass(800)
        .answered(300, counted(412, 96))
        .gate(Decision::Pass, Vec::new())
        .finished(analysis)
        .step(StepName::Process);
    titles.iter().take(3).fold(script, |script, title| script.worker(title).attempt(0)).pass(300)
}

fn refused_part() -> ChainError {
    ChainError::Upstream {
        step: StepName::Process,
        attempts: 1,
        failure: status(400, "invalid_request_error"),
        retry_after: None,
        wait_did_not_fit: false,
    }
}

fn status(status: u16, error_type: &str) -> AttemptFailure {
    let message = "Not so".to_owned();
    call(CallErrorKind::Status { status, error_type: Some(error_type.into()), message })
}
