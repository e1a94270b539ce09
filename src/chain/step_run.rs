//! One step of a run: call, decode, gate; repair while that is allowed; then go on, warn or fail.

use tokio::time::Instant;

use super::answer_gate::AnswerGate;
use super::attempt::Reply;
use super::call::{Caller, Faulty, StepAccount};
use super::candidate::{Candidate, Settled, accept, better, rejected};
use super::compose::Composer;
use super::decide::{Situation, decide};
use super::environment::Environment;
use super::judge::{Gate, Judged};
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::run_input::Delivery;
use super::steps::Step;
use super::stop_texts::StopTexts;
use super::turn::Turn;
use super::{
    AnswerFormat, ChainError, Decision, Event, Finding, FinishReason, Refusal, StepFinished, StepMetadata,
    StepName, Verdict,
};

/// A step of a run.
pub(super) struct StepRun<'a> {
    pub(super) env: Environment<'a>,
    pub(super) deadlines: Deadlines,
    /// Whose turn it is, if the step is divided; `None` for a whole step.
    pub(super) turn: Option<Turn<'a>>,
}

/// A step's output that the chain goes on with.
pub(super) struct Accepted<T> {
    pub(super) output: T,
    pub(super) finish: FinishReason,
}

impl StepRun<'_> {
    pub(super) async fn execute<S: Step>(
        self,
        input: &S::Input<'_>,
    ) -> Result<Accepted<S::Output>, ChainError> {
        let started = Instant::now();
        let env = self.env;
        env.link.set_deadline(self.deadlines.earliest());
        let model = S::settings(env.config).model.clone();
        env.events.emit(Event::StepStarted { step: S::NAME, model: model.clone() }).await;
        let composer = Composer::new::<S>(env.config, env.input, input);
        let mut caller = self.caller::<S>(&composer);
        let mut settled = self.settle::<S>(&mut caller).await?;
        let ends_at_stop_text = self.cut_at_stop_text::<S>(&mut settled.output);
        if let Some(text) = S::final_text(&mut settled.output) {
            self.deliver(text, caller.live.as_ref()).await;
        }
        let finish = settled.finish_reason(ends_at_stop_text);
        let Settled { output, reply, judged, decision, repairs } = settled;
        let StepAccount { attempts, spend, request_ids, .. } = caller.account;
        let workers = Vec::new();
        let metadata = StepMetadata {
            workers,
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
        let finished =
            StepFinished { step: S::NAME, output: output.clone().into(), reply: reply.text, metadata };
        env.events.emit_and_wait(Event::StepFinished(Box::new(finished))).await;
        Ok(Accepted { output, finish })
    }

    /// One part of a divided step, of which the events are told as that worker's.
    pub(super) async fn part<S: Step>(
        self,
        input: &S::Input<'_>,
    ) -> (Result<Settled<S::Output>, ChainError>, StepAccount) {
        let composer = Composer::new::<S>(self.env.config, self.env.input, input);
        let mut caller = self.caller::<S>(&composer);
        let settled = self.settle::<S>(&mut caller).await;
        (settled, caller.account)
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
            self.judged(S::NAME, decision, &candidate).await;
            match decision {
                Decision::Repair => {
                    repairs += 1;
                    last = Some((candidate.reply.clone(), candidate.judged.findings.clone()));
                    best = better(best, candidate);
                }
                Decision::Reject => return Err(rejected::<S>(candidate)),
                Decision::Pass => return accept::<S>(Some(candidate), decision, repairs),
                // What has left can't be taken back: no earlier reply can be gone on with.
                Decision::Warn if situation.text_has_left => {
                    return accept::<S>(Some(candidate), decision, repairs);
                }
                Decision::Warn => return accept::<S>(better(best, candidate), decision, repairs),
            }
        }
    }

    fn judge<S: Step>(&self, reply: Reply, live: Option<&LiveText>) -> Candidate<S::Output> {
        let request = self.env.input.conversation.request();
        if let Some(text) = live.and_then(LiveText::text_before_stop) {
            // The rest was never read: there is nothing to find fault with.
            return Candidate { reply, judged: Judged::complete(S::degrade(Some(&text), request)) };
        }
        let step = S::settings(self.env.config);
        let answer = self.env.input.answer_of(S::NAME);
        let gate = Gate {
            step,
            rules: &self.env.config.gates,
            request,
            max_tokens: step.max_tokens,
            capped_by_caller: answer.and_then(|answer| answer.cap).is_some_and(|cap| cap <= step.max_tokens),
        };
        let mut candidate = Candidate { judged: gate.judge::<S>(&reply), reply };
        // What was written before a refusal is no answer of any form.
        let format = answer.map(|answer| &answer.format).filter(|_| !candidate.is_refusal());
        let format = format.unwrap_or(&AnswerFormat::Text);
        let Candidate { reply, judged } = &mut candidate;
        let gate = AnswerGate { format, reply: (!S::IS_TEXT).then_some(&reply.text), live };
        if let Some(text) = judged.output.as_mut().and_then(S::final_text) {
            let faults = gate.faults(text);
            judged.output = judged.output.take().filter(|_| faults.is_empty());
            judged.findings.extend(faults);
        }
        candidate
    }

    fn situation<S: Step>(
        &self,
        candidate: &Candidate<S::Output>,
        had_output: bool,
        live: Option<&LiveText>,
        repairs: u32,
    ) -> Situation {
        let Candidate { reply, judged } = candidate;
        let is_refusal = candidate.is_refusal();
        let text_has_left = live.is_some_and(LiveText::has_left);
        Situation {
            has_errors: judged.has_errors(),
            has_output: (judged.output.is_some() && !is_refusal) || (had_output && !text_has_left),
            is_final: is_refusal || reply.stop.is_cut() || S::IS_TEXT || judged.is_too_large(),
            ends_answer: is_refusal
                && self.env.input.answer_of(S::NAME).is_some_and(|answer| answer.refusal_ends_answer),
            text_has_left,
            repairs,
        }
    }

    /// A repair's call has failed. Lenient gates go on with what there was before it, unless a part of the
    /// new reply has left; but a budget that is used up ends the run, and so does a request that isn't
    /// recorded.
    async fn without_repair<S: Step>(
        &self,
        best: Option<Candidate<S::Output>>,
        caller: &Caller<'_>,
        repairs: u32,
        error: ChainError,
    ) -> Result<Settled<S::Output>, ChainError> {
        let text_has_left = caller.live.as_ref().is_some_and(LiveText::has_left);
        let is_fatal = self.env.config.gates.strict
            || matches!(error, ChainError::OverBudget { .. } | ChainError::NotPaid { .. })
            || error.is_unrecorded();
        let Some(mut candidate) = best.filter(|_| !is_fatal && !text_has_left) else { return Err(error) };
        let note = Finding::warning("repair-failed", format!("the repair failed: {}", error.with_cause()));
        candidate.judged.findings.push(note);
        self.judged(S::NAME, Decision::Warn, &candidate).await;
        accept::<S>(Some(candidate), Decision::Warn, repairs)
    }

    /// Cuts the final text before the earliest stop text in it; whether there was one. One that ended the
    /// call stands in it no more.
    fn cut_at_stop_text<S: Step>(&self, output: &mut S::Output) -> bool {
        let Some(text) = S::final_text(output) else { return false };
        let end = self.env.input.answer.stops_at(text);
        if let Some(end) = end {
            text.truncate(end);
        }
        end.is_some()
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
        let is_live = env.input.delivery == Delivery::Live && !env.config.gates.strict;
        let answer = env.input.answer_of(S::NAME).filter(|answer| is_live && answer.format.is_text());
        let field = (!S::IS_TEXT).then_some(S::CORE_FIELD);
        let live = |stop| LiveText::new(field, stop, env.config.chunk_buffer);
        Caller {
            step: S::NAME,
            turn: self.turn,
            env,
            composer,
            breaker: env.breaker(&composer.step.model),
            deadlines: self.deadlines,
            is_json: !S::IS_TEXT,
            live: answer.map(|answer| live(StopTexts::new(&answer.stop))),
            account: StepAccount::default(),
        }
    }

    async fn judged<T>(&self, step: StepName, decision: Decision, candidate: &Candidate<T>) {
        let Candidate { reply, judged } = candidate;
        let verdict =
            Verdict { decision, findings: judged.findings.clone(), refusal: Refusal::of(&reply.stop) };
        self.env
            .events
            .emit(Event::GateJudged { step, worker: self.turn.map(|turn| turn.worker), verdict })
            .await;
    }
}
