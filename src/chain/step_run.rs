//! One step of a run: call, decode, gate; repair while that is allowed; then go on, warn or fail.

use tokio::time::Instant;

use super::attempt::Reply;
use super::call::{Caller, Faulty, StepAccount};
use super::compose::Composer;
use super::decide::{Situation, decide};
use super::environment::Environment;
use super::judge::{Gate, Judged};
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::run_input::Delivery;
use super::steps::{Step, StepOutput};
use super::{
    ChainError, Decision, Event, Finding, FinishReason, StepFinished, StepMetadata, StepName, Verdict,
};
use crate::model::StopReason;

/// A step of a run.
pub(super) struct StepRun<'a> {
    pub(super) env: Environment<'a>,
    pub(super) deadlines: Deadlines,
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

/// The reply that a step goes on with, and how the gate let it pass.
struct Settled<T> {
    output: T,
    reply: Reply,
    judged: Judged<()>,
    decision: Decision,
    repairs: u32,
}

impl StepRun<'_> {
    pub(super) async fn execute<S: Step>(
        self,
        input: &S::Input<'_>,
    ) -> Result<Accepted<S::Output>, ChainError> {
        let started = Instant::now();
        let env = self.env;
        env.link.set_deadline(self.deadlines.earliest());
        let model = env.config.steps.get(S::NAME).model.clone();
        env.events.emit(Event::StepStarted { step: S::NAME, model: model.clone() }).await;
        let composer = Composer::new::<S>(env.config, env.input, input, self.answer_cap::<S>());
        let mut caller = self.caller::<S>(&composer);
        let Settled { output, reply, judged, decision, repairs } = self.settle::<S>(&mut caller).await?;
        let step_output: StepOutput = output.clone().into();
        if let StepOutput::Synthesize(answer) = &step_output {
            self.deliver(&answer.final_text, caller.live.as_ref()).await;
        }
        let finish = finish_reason(&reply.stop, judged.is_cut);
        let StepAccount { attempts, spend, request_ids } = caller.account;
        let metadata = StepMetadata {
            model,
            attempts,
            repairs,
            elapsed: started.elapsed(),
            spend,
            verdict: decision,
            request_ids,
            stop_reason: Some(reply.stop),
            tolerated: judged.tolerated,
            degraded: judged.degraded,
        };
        let finished = StepFinished { step: S::NAME, output: step_output, reply: reply.text, metadata };
        env.events.emit(Event::StepFinished(Box::new(finished))).await;
        Ok(Accepted { output, finish })
    }

    /// Calls until the gate lets a reply pass, or until that can't be hoped for any more.
    async fn settle<S: Step>(&self, caller: &mut Caller<'_>) -> Result<Settled<S::Output>, ChainError> {
        // The best reply so far, and the last, which is the one to be put right.
        let mut best: Option<Candidate<S::Output>> = None;
        let mut last: Option<(Reply, Vec<Finding>)> = None;
        let mut repairs = 0;
        loop {
            let faulty = last.as_ref().map(|(reply, findings)| Faulty {
                reply: &reply.text,
                findings,
                repair: repairs,
            });
            let reply = match caller.call(faulty).await {
                Ok(reply) => reply,
                Err(error) => return self.without_repair::<S>(best, caller, repairs, error).await,
            };
            let candidate = self.judge::<S>(reply, caller.live.as_ref());
            let situation = self.situation::<S>(&candidate, best.is_some(), caller.live.as_ref(), repairs);
            let decision = decide(&self.env.config.gates, situation);
            self.judged(S::NAME, decision, &candidate.judged.findings).await;
            match decision {
                Decision::Repair => {
                    repairs += 1;
                    last = Some((candidate.reply.clone(), candidate.judged.findings.clone()));
                    best = better(best, candidate);
                }
                Decision::Reject => return Err(rejected::<S>(candidate)),
                Decision::Pass => return accept::<S>(Some(candidate), decision, repairs),
                Decision::Warn => return accept::<S>(better(best, candidate), decision, repairs),
            }
        }
    }

    fn judge<S: Step>(&self, reply: Reply, live: Option<&LiveText>) -> Candidate<S::Output> {
        let step = self.env.config.steps.get(S::NAME);
        let gate = Gate {
            step,
            rules: &self.env.config.gates,
            request: self.env.input.conversation.request(),
            max_tokens: step.max_tokens,
            capped_by_caller: self.answer_cap::<S>().is_some_and(|cap| cap <= step.max_tokens),
        };
        let mut judged = gate.judge::<S>(&reply);
        if let (Some(live), Some(output)) = (live, &judged.output)
            && let StepOutput::Synthesize(answer) = output.clone().into()
            && live.rest_of(&answer.final_text).is_none()
        {
            let message = "the reply as a whole isn't what its beginning, already delivered, promised";
            judged.findings.push(Finding::error("inconsistent-reply", message));
            judged.output = None;
        }
        Candidate { reply, judged }
    }

    fn situation<S: Step>(
        &self,
        candidate: &Candidate<S::Output>,
        had_output: bool,
        live: Option<&LiveText>,
        repairs: u32,
    ) -> Situation {
        let Candidate { reply, judged } = candidate;
        let is_refusal = matches!(reply.stop, StopReason::Refusal { .. });
        let text_has_left = live.is_some_and(LiveText::has_left);
        Situation {
            has_errors: judged.has_errors(),
            has_output: (judged.output.is_some() && !is_refusal) || (had_output && !text_has_left),
            is_final: is_refusal || reply.stop.is_cut(),
            ends_answer: is_refusal
                && self.env.input.answer.refusal_ends_answer
                && S::NAME == StepName::Synthesize,
            text_has_left,
            repairs,
        }
    }

    /// A repair's call has failed. Lenient gates go on with what there was before it, unless a part of the
    /// new reply has left; but a budget that is used up ends the run.
    async fn without_repair<S: Step>(
        &self,
        best: Option<Candidate<S::Output>>,
        caller: &Caller<'_>,
        repairs: u32,
        error: ChainError,
    ) -> Result<Settled<S::Output>, ChainError> {
        let text_has_left = caller.live.as_ref().is_some_and(LiveText::has_left);
        let is_fatal = self.env.config.gates.strict || matches!(error, ChainError::OverBudget { .. });
        let Some(mut candidate) = best.filter(|_| !is_fatal && !text_has_left) else { return Err(error) };
        let note = Finding::warning("repair-failed", format!("the repair failed: {error}"));
        candidate.judged.findings.push(note);
        self.judged(S::NAME, Decision::Warn, &candidate.judged.findings).await;
        accept::<S>(Some(candidate), Decision::Warn, repairs)
    }

    /// Sends out what of the final text hasn't left yet.
    async fn deliver(&self, text: &str, live: Option<&LiveText>) {
        // That what has left is its beginning is a condition for its being accepted.
        let rest = live.map_or(Some(text), |live| live.rest_of(text)).unwrap_or_default();
        if !rest.is_empty() {
            self.env.events.emit(Event::OutputDelta { text: rest.to_owned() }).await;
        }
    }

    fn caller<'c, S: Step>(&'c self, composer: &'c Composer<'c>) -> Caller<'c> {
        let env = self.env;
        let is_live = S::NAME == StepName::Synthesize
            && env.input.delivery == Delivery::Live
            && !env.config.gates.strict;
        Caller {
            step: S::NAME,
            env,
            composer,
            breaker: env.breaker(&composer.step.model),
            deadlines: self.deadlines,
            live: is_live.then(|| LiveText::new(S::CORE_FIELD, env.config.chunk_buffer)),
            account: StepAccount::default(),
        }
    }

    fn answer_cap<S: Step>(&self) -> Option<u32> {
        self.env.input.answer.cap.filter(|_| S::NAME == StepName::Synthesize)
    }

    async fn judged(&self, step: StepName, decision: Decision, findings: &[Finding]) {
        let verdict = Verdict { decision, findings: findings.to_vec() };
        self.env.events.emit(Event::GateJudged { step, verdict }).await;
    }
}

/// The better of two replies to go on with: a decoded one rather than a degraded one, a later one rather
/// than an earlier, and only one that the model didn't decline.
fn better<T>(earlier: Option<Candidate<T>>, later: Candidate<T>) -> Option<Candidate<T>> {
    let worth = |candidate: &Candidate<T>| match (&candidate.judged.output, &candidate.reply.stop) {
        (None, _) => 0,
        (Some(_), StopReason::Refusal { .. }) => 1,
        (Some(_), _) if candidate.judged.degraded => 2,
        (Some(_), _) => 3,
    };
    match earlier {
        Some(earlier) if worth(&earlier) > worth(&later) => Some(earlier),
        _ => Some(later).filter(|later| worth(later) > 0),
    }
}

fn accept<S: Step>(
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

fn rejected<S: Step>(candidate: Candidate<S::Output>) -> ChainError {
    match candidate.reply.stop {
        StopReason::Refusal { category, explanation } => {
            ChainError::Refused { step: S::NAME, category, explanation }
        }
        _ => ChainError::Rejected { step: S::NAME, findings: candidate.judged.findings },
    }
}

fn finish_reason(stop: &StopReason, is_cut: bool) -> FinishReason {
    match stop {
        StopReason::Refusal { .. } => FinishReason::ContentFilter,
        _ if is_cut => FinishReason::Length,
        _ => FinishReason::Stop,
    }
}
