//! One step of a run: call, decode, gate; repair while that is allowed; then go on, warn or fail.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::attempt::Reply;
use super::budget::Budget;
use super::call::{Caller, Faulty};
use super::compose::Composer;
use super::config::ChainConfig;
use super::engine::{Delivery, RunInput};
use super::judge::{Judged, degrade, judge};
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::pace::ReaderPace;
use super::schema_refusals::SchemaRefusals;
use super::steps::{Step, StepOutput};
use super::{
    ChainError, Decision, Event, Finding, FinishReason, Spend, StepFinished, StepMetadata, StepName, Verdict,
};
use crate::model::{Model, StopReason};
use crate::resilience::Breaker;

/// What a step goes by and with.
pub(super) struct StepRun<'a> {
    pub(super) config: &'a ChainConfig,
    pub(super) input: &'a RunInput,
    pub(super) model: &'a dyn Model,
    pub(super) breaker: &'a Arc<Breaker>,
    pub(super) refusals: &'a SchemaRefusals,
    pub(super) budget: &'a Budget,
    pub(super) deadlines: Deadlines,
    pub(super) pace: &'a ReaderPace,
    pub(super) events: &'a mpsc::Sender<Event>,
}

/// A step's output that the chain goes on with.
pub(super) struct Accepted<T> {
    pub(super) output: T,
    pub(super) finish: FinishReason,
}

/// A reply and what the gate makes of it.
struct Candidate<T> {
    reply: Reply,
    judged: Judged<T>,
}

/// The reply that a step ends with, and how the gate let it pass.
struct Settled<T> {
    candidate: Candidate<T>,
    decision: Decision,
    repairs: u32,
}

impl StepRun<'_> {
    pub(super) async fn execute<S: Step>(
        self,
        input: &S::Input<'_>,
    ) -> Result<Accepted<S::Output>, ChainError> {
        let started = Instant::now();
        let model = self.config.steps.get(S::NAME).model.clone();
        self.emit(Event::StepStarted { step: S::NAME, model: model.clone() }).await;
        let conversation = &self.input.conversation;
        let composer = Composer::new::<S>(
            self.config,
            conversation,
            input,
            &self.input.request_id,
            self.answer_cap::<S>(),
        );
        let mut caller = self.caller::<S>(&composer);
        let Settled { candidate, decision, repairs } = self.settle::<S>(&mut caller).await?;
        let Candidate { reply, judged } = candidate;
        let degraded = judged.output.is_none();
        let Some(output) = judged.output.or_else(|| degrade::<S>(&reply, conversation.request())) else {
            return Err(ChainError::Rejected { step: S::NAME, findings: judged.findings });
        };
        let step_output: StepOutput = output.clone().into();
        if let StepOutput::Synthesize(answer) = &step_output {
            self.deliver(&answer.final_text, caller.live.as_ref(), judged.findings).await?;
        }
        let finish = finish_reason(&reply.stop);
        let metadata = StepMetadata {
            model,
            attempts: caller.attempts,
            repairs,
            elapsed: started.elapsed(),
            spend: caller.spend,
            verdict: decision,
            request_ids: caller.request_ids,
            stop_reason: Some(reply.stop),
            tolerated: judged.tolerated,
            degraded,
        };
        let finished = StepFinished { step: S::NAME, output: step_output, reply: reply.text, metadata };
        self.emit(Event::StepFinished(Box::new(finished))).await;
        Ok(Accepted { output, finish })
    }

    /// Calls until the gate lets a reply pass, or until that can't be hoped for any more.
    async fn settle<S: Step>(&self, caller: &mut Caller<'_>) -> Result<Settled<S::Output>, ChainError> {
        let mut decodable: Option<Candidate<S::Output>> = None;
        let mut undecodable: Option<Candidate<S::Output>> = None;
        let mut repair = 0;
        loop {
            let faulty = undecodable.as_ref().or(decodable.as_ref()).map(|candidate| Faulty {
                reply: &candidate.reply.text,
                findings: &candidate.judged.findings,
                repair,
            });
            let reply = match caller.call(faulty).await {
                Ok(reply) => reply,
                Err(error) => {
                    let candidate = decodable.or(undecodable);
                    return self.without_repair::<S>(candidate, repair, error).await;
                }
            };
            let candidate = self.judge::<S>(reply);
            let decision = self.decide(&candidate, caller, repair, decodable.is_some());
            self.judged(S::NAME, decision, &candidate.judged.findings).await;
            match decision {
                Decision::Pass => return Ok(Settled { candidate, decision, repairs: repair }),
                Decision::Warn => {
                    let candidate = match decodable {
                        Some(earlier) if candidate.judged.output.is_none() => earlier,
                        _ => candidate,
                    };
                    return Ok(Settled { candidate, decision, repairs: repair });
                }
                Decision::Reject => return Err(rejected::<S>(candidate)),
                Decision::Repair => {
                    repair += 1;
                    if candidate.judged.output.is_some() {
                        (decodable, undecodable) = (Some(candidate), None);
                    } else {
                        undecodable = Some(candidate);
                    }
                }
            }
        }
    }

    fn judge<S: Step>(&self, reply: Reply) -> Candidate<S::Output> {
        let step = self.config.steps.get(S::NAME);
        let cut_by_caller = self.answer_cap::<S>().is_some_and(|cap| cap < step.max_tokens);
        if matches!(reply.stop, StopReason::Refusal { .. }) {
            let findings = vec![Finding::error("refusal", "the model declined to answer")];
            // What there is of the text; whether it may be used is decided elsewhere.
            let output = degrade::<S>(&Reply { stop: StopReason::MaxTokens, ..reply.clone() }, "")
                .or_else(|| S::degrade("", ""));
            return Candidate { reply, judged: Judged { output, findings, tolerated: false } };
        }
        let judged = judge::<S>(&reply, step, &self.config.gates, cut_by_caller);
        Candidate { reply, judged }
    }

    fn decide<T>(
        &self,
        candidate: &Candidate<T>,
        caller: &Caller<'_>,
        repair: u32,
        decodable_before: bool,
    ) -> Decision {
        let Candidate { reply, judged } = candidate;
        if let StopReason::Refusal { .. } = reply.stop {
            let ends_answer = self.input.refusal_ends_answer && caller.step == StepName::Synthesize;
            return if ends_answer { Decision::Warn } else { Decision::Reject };
        }
        if !judged.has_errors() {
            return Decision::Pass;
        }
        let text_has_left = caller.live.as_ref().is_some_and(LiveText::has_left);
        let empty = reply.text.trim().is_empty();
        if repair < self.config.gates.repair_attempts && !reply.stop.is_cut() && !text_has_left {
            Decision::Repair
        } else if self.config.gates.strict || (empty && !decodable_before) {
            Decision::Reject
        } else {
            Decision::Warn
        }
    }

    /// A repair's call has failed. Lenient gates go on with what there was before it; but a budget that
    /// is used up ends the run.
    async fn without_repair<S: Step>(
        &self,
        candidate: Option<Candidate<S::Output>>,
        repair: u32,
        error: ChainError,
    ) -> Result<Settled<S::Output>, ChainError> {
        let fatal = self.config.gates.strict || matches!(error, ChainError::OverBudget { .. });
        let usable = candidate.filter(|candidate| !candidate.reply.text.trim().is_empty());
        let (Some(mut candidate), false) = (usable, fatal) else { return Err(error) };
        let note = Finding::warning("repair-failed", format!("the repair failed: {error}"));
        candidate.judged.findings.push(note);
        self.judged(S::NAME, Decision::Warn, &candidate.judged.findings).await;
        Ok(Settled { candidate, decision: Decision::Warn, repairs: repair })
    }

    /// Sends out what of the final text hasn't left yet.
    async fn deliver(
        &self,
        text: &str,
        live: Option<&LiveText>,
        mut findings: Vec<Finding>,
    ) -> Result<(), ChainError> {
        let rest = match live {
            None => Some(text),
            Some(live) => live.rest_of(text),
        };
        let Some(rest) = rest else {
            let message = "the reply as a whole isn't what its beginning, already delivered, promised";
            findings.push(Finding::error("inconsistent-reply", message));
            return Err(ChainError::Rejected { step: StepName::Synthesize, findings });
        };
        if !rest.is_empty() {
            self.emit(Event::OutputDelta { text: rest.to_owned() }).await;
        }
        Ok(())
    }

    fn caller<'c, S: Step>(&'c self, composer: &'c Composer<'c>) -> Caller<'c> {
        let live = S::NAME == StepName::Synthesize
            && self.input.delivery == Delivery::Live
            && !self.config.gates.strict;
        Caller {
            step: S::NAME,
            composer,
            model: self.model,
            breaker: self.breaker,
            refusals: self.refusals,
            budget: self.budget,
            deadlines: self.deadlines,
            pace: self.pace,
            events: self.events,
            live: live.then(|| LiveText::new(S::CORE_FIELD, self.config.chunk_buffer)),
            attempts: 0,
            spend: Spend::default(),
            request_ids: Vec::new(),
        }
    }

    fn answer_cap<S: Step>(&self) -> Option<u32> {
        self.input.answer_cap.filter(|_| S::NAME == StepName::Synthesize)
    }

    async fn judged(&self, step: StepName, decision: Decision, findings: &[Finding]) {
        let verdict = Verdict { decision, findings: findings.to_vec() };
        self.emit(Event::GateJudged { step, verdict }).await;
    }

    async fn emit(&self, event: Event) {
        // The receiver lives as long as the run that is being polled.
        let _ = self.events.send(event).await;
    }
}

fn rejected<S: Step>(candidate: Candidate<S::Output>) -> ChainError {
    match candidate.reply.stop {
        StopReason::Refusal { category, explanation } => {
            ChainError::Refused { step: S::NAME, category, explanation }
        }
        _ => ChainError::Rejected { step: S::NAME, findings: candidate.judged.findings },
    }
}

fn finish_reason(stop: &StopReason) -> FinishReason {
    match stop {
        StopReason::Refusal { .. } => FinishReason::ContentFilter,
        stop if stop.is_cut() => FinishReason::Length,
        _ => FinishReason::Stop,
    }
}
