//! A reply that a step could go on with, what the gate makes of it, and which of two is the better.

use super::attempt::Reply;
use super::judge::Judged;
use super::steps::Step;
use super::{ChainError, Decision, FinishReason};
use crate::model::StopReason;

/// A reply and what the gate makes of it.
pub(super) struct Candidate<T> {
    pub(super) reply: Reply,
    pub(super) judged: Judged<T>,
}

/// The reply that a step goes on with, and how the gate let it pass.
pub(super) struct Settled<T> {
    pub(super) output: T,
    pub(super) reply: Reply,
    pub(super) judged: Judged<()>,
    pub(super) decision: Decision,
    pub(super) repairs: u32,
}

impl<T> Candidate<T> {
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.reply.stop, StopReason::Refusal { .. })
    }
}

impl<T> Settled<T> {
    /// Why the text ends where it does; a text that was cut after a stop text is complete.
    pub(super) fn finish_reason(&self, ends_at_stop_text: bool) -> FinishReason {
        match self.reply.stop {
            StopReason::Refusal { .. } => FinishReason::ContentFilter,
            _ if self.judged.is_cut && !ends_at_stop_text => FinishReason::Length,
            _ => FinishReason::Stop,
        }
    }
}

/// The better of two replies to go on with: a decoded one rather than a degraded one, a later one rather
/// than an earlier, and only one that the model didn't decline.
pub(super) fn better<T>(earlier: Option<Candidate<T>>, later: Candidate<T>) -> Option<Candidate<T>> {
    let worth = |candidate: &Candidate<T>| match &candidate.judged.output {
        None => 0,
        Some(_) if candidate.is_refusal() => 1,
        Some(_) if candidate.judged.degraded => 2,
        Some(_) => 3,
    };
    match earlier {
        Some(earlier) if worth(&earlier) > worth(&later) => Some(earlier),
        _ => Some(later).filter(|later| worth(later) > 0),
    }
}

pub(super) fn accept<S: Step>(
    candidate: Option<Candidate<S::Output>>,
    decision: Decision,
    repairs: u32,
) -> Result<Settled<S::Output>, ChainError> {
    let nothing = || ChainError::Rejected { step: S::NAME, findings: Vec::new() };
    let Candidate { reply, judged } = candidate.ok_or_else(nothing)?;
    let Judged { output, degraded, findings, tolerated, is_cut } = judged;
    let output = output.ok_or_else(nothing)?;
    let judged = Judged { output: None, degraded, findings, tolerated, is_cut };
    Ok(Settled { output, reply, judged, decision, repairs })
}

pub(super) fn rejected<S: Step>(candidate: Candidate<S::Output>) -> ChainError {
    match candidate.reply.stop {
        StopReason::Refusal { category, explanation } => {
            ChainError::Refused { step: S::NAME, category, explanation }
        }
        _ => ChainError::Rejected { step: S::NAME, findings: candidate.judged.findings },
    }
}
