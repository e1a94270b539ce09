//! One call: as many attempts as the policy allows, each admitted by the breaker, each an event.
//!
//! `retry( breaker.admit → attempt → settle )`. The limits on time are checked inside the attempt, so
//! that whatever they cut off is still accounted for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::attempt::{Attempt, Failed, Reply};
use super::budget::{Reservation, worst_case};
use super::compose::{Composer, Format, check_context};
use super::config::StructuredOutput;
use super::environment::Environment;
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::open_attempt::{OpenAttempt, Opening};
use super::paid::Paid;
use super::schema_refusals::is_refusal;
use super::turn::Turn;
use super::untold::Untold;
use super::{AttemptFailure, AttemptRecord, ChainError, Event, Finding, Spend, StepName};
use crate::model::{ModelRequest, StopReason};
use crate::resilience::{Breaker, Delays, Permit, Wait};
use crate::trace_context::TraceContext;

/// The least time that an attempt must have for it to be worth a wait.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(500);

/// The log's target for prompts and replies, which are written only where they are asked for.
const CONTENT: &str = "promptchain::content";

/// Makes the calls of a step.
pub(super) struct Caller<'a> {
    pub(super) step: StepName,
    /// Whose turn it is, if the step is divided.
    pub(super) turn: Option<Turn<'a>>,
    pub(super) env: Environment<'a>,
    pub(super) composer: &'a Composer<'a>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) deadlines: Deadlines,
    /// Whether there is to be a JSON object in its replies.
    pub(super) is_json: bool,
    pub(super) live: Option<LiveText>,
    pub(super) account: StepAccount,
}

/// What all attempts of a step have used.
#[derive(Default)]
pub(super) struct StepAccount {
    /// Requests sent.
    pub(super) attempts: u32,
    pub(super) spend: Spend,
    /// The upstream's ids of the requests.
    pub(super) request_ids: Vec<String>,
    /// Whether a part's call failed through a fault of the upstream of which the breaker doesn't know yet.
    pub(super) upstream_failed: bool,
}

/// A reply that a repair is to put right.
pub(super) struct Faulty<'a> {
    pub(super) reply: &'a str,
    pub(super) findings: &'a [Finding],
    pub(super) repair: u32,
}

/// A call under way.
struct Call<'a> {
    faulty: Option<Faulty<'a>>,
    request: Arc<ModelRequest>,
    /// Where the attempt under way stands in a trace, if it does.
    trace: Option<TraceContext>,
    format: Format,
    /// Our estimate of the request's input tokens.
    input_tokens: u64,
    delays: Delays,
    attempts: u32,
    last_failure: Option<AttemptFailure>,
    /// Whether the upstream has refused the schema, and hasn't yet shown that it takes the request without.
    schema_is_in_doubt: bool,
}

impl<'a> Caller<'a> {
    /// Makes the step's call, or the call to put a reply right.
    pub(super) async fn call(&mut self, faulty: Option<Faulty<'_>>) -> Result<Reply, ChainError> {
        let mut call = self.prepare(faulty);
        let mut paid = self.pay(&call, None).await?;
        loop {
            if let Some(turn) = &mut self.turn {
                turn.until_free().await;
                self.deadlines = turn.deadlines();
            }
            let permit = self.admit(&mut call)?;
            self.begin(&mut call).await;
            let mut open = self.open(&call);
            paid.sent();
            let result = self.attempt(&call, &mut open).await;
            let Failed { failure, counts_against_upstream } = match result {
                Ok(stop) => {
                    permit.succeed();
                    let (record, text) = open.close(None);
                    paid.settle(&record.usage, record.cost);
                    self.count(record).tell(self.env.events, None).await;
                    self.settle_doubt(&mut call, Ok(()));
                    tracing::debug!(target: CONTENT, step = self.step.as_str(), content = text, "Reply");
                    return Ok(Reply { text, stop });
                }
                Err(failed) => failed,
            };
            let (record, _) = open.close(Some(failure.clone()));
            paid.settle(&record.usage, record.cost);
            let ended = self.count(record);
            self.settle_doubt(&mut call, Err(&failure));
            // A further attempt is announced only if time and budget have room for it, or may have.
            let wait = self.wait_after(&failure, &mut call, permit.is_probe());
            let next = wait.and_then(|wait| Ok((wait, self.try_reserve(&call)?)));
            match next {
                Err(error) => {
                    // A call settles once, after its last attempt; a permit that is dropped counts as nothing.
                    if counts_against_upstream {
                        self.blame_upstream(permit);
                    }
                    ended.tell(self.env.events, None).await;
                    return Err(error);
                }
                Ok((wait, reserved)) => {
                    drop(permit);
                    let due = Instant::now() + wait;
                    if let (Some(turn), Some(429)) = (&self.turn, failure.status()) {
                        turn.hold_all(due);
                    }
                    ended.tell(self.env.events, Some(wait)).await;
                    call.last_failure = Some(failure);
                    paid = self.pay(&call, reserved).await?;
                    tokio::time::sleep_until(due).await;
                }
            }
        }
    }

    /// The call has failed through a fault of the upstream. The parts of a divided step count as one call,
    /// which is settled when all of them have ended: the step may come to its end without some.
    fn blame_upstream(&mut self, permit: Permit) {
        if self.turn.is_none() || permit.is_probe() {
            permit.fail();
        } else {
            self.account.upstream_failed = true;
        }
    }

    fn prepare<'f>(&self, faulty: Option<Faulty<'f>>) -> Call<'f> {
        let format = self.format();
        let request = Arc::new(self.compose(faulty.as_ref(), format));
        Call {
            input_tokens: self.composer.estimate(&request),
            request,
            trace: None,
            faulty,
            format,
            delays: self.env.config.retry.delays(),
            attempts: 0,
            last_failure: None,
            schema_is_in_doubt: false,
        }
    }

    fn compose(&self, faulty: Option<&Faulty<'_>>, format: Format) -> ModelRequest {
        match faulty {
            None => self.composer.request(format),
            Some(faulty) => self.composer.repair(format, faulty.reply, faulty.findings),
        }
    }

    /// Has what the request may cost set aside wherever there is a budget; of the run's own, it may be already.
    async fn pay(
        &mut self,
        call: &Call<'_>,
        reserved: Option<Reservation<'a>>,
    ) -> Result<Paid<'a>, ChainError> {
        let own = match reserved {
            Some(reserved) => reserved,
            None => self.reserve(call).await?,
        };
        let worst_case = worst_case(self.env.config, &call.request, call.input_tokens);
        let paid = Paid::out_of(own, self.env.input.purse.as_deref(), worst_case).await;
        paid.map_err(|refusal| ChainError::NotPaid { step: self.step, refusal })
    }

    /// Reserves what the request may cost, when there is room for it.
    async fn reserve(&mut self, call: &Call<'_>) -> Result<Reservation<'a>, ChainError> {
        if let Some(reserved) = self.try_reserve(call)? {
            return Ok(reserved);
        }
        let since = Instant::now();
        let worst_case = worst_case(self.env.config, &call.request, call.input_tokens);
        let reserving = self.env.budget.reserve(self.step, worst_case);
        // What is waited for are the other parts, whose time is bounded by the same limits.
        let outer = self.turn.map_or(self.deadlines, |turn| turn.outer());
        let reserved = tokio::time::timeout_at(outer.earliest(), reserving).await;
        if let Some(turn) = &mut self.turn {
            turn.has_waited(since);
            self.deadlines = turn.deadlines();
        }
        reserved.unwrap_or_else(|_| Err(self.timed_out()))
    }

    /// Checks that the request fits into the model's context, and reserves what it may cost; `None` if room
    /// for it depends on what other calls turn out to need.
    fn try_reserve(&self, call: &Call<'_>) -> Result<Option<Reservation<'a>>, ChainError> {
        let (config, request, estimate) = (self.env.config, &call.request, call.input_tokens);
        check_context(config, self.step, request, estimate)?;
        self.env.budget.try_reserve(self.step, worst_case(config, request, estimate)).transpose()
    }

    /// Every attempt needs time and the breaker's permission.
    fn admit(&self, call: &mut Call<'_>) -> Result<Permit, ChainError> {
        if self.deadlines.remaining().is_zero() {
            return Err(self.timed_out());
        }
        self.breaker.admit().map_err(|open| ChainError::CircuitOpen {
            step: self.step,
            model: call.request.model.clone(),
            retry_after: open.retry_after,
            failure: call.last_failure.take(),
        })
    }

    fn timed_out(&self) -> ChainError {
        ChainError::TimedOut { step: self.step, reached: self.deadlines.first() }
    }

    /// Which part of a divided step it is for, from 1.
    fn worker(&self) -> Option<u32> {
        self.turn.map(|turn| turn.worker)
    }

    async fn begin(&mut self, call: &mut Call<'_>) {
        self.account.attempts += 1;
        call.attempts += 1;
        let (step, worker, attempt) = (self.step, self.worker(), self.account.attempts);
        let repair = call.faulty.as_ref().map_or(0, |faulty| faulty.repair);
        call.trace = self.env.input.trace.as_ref().map(TraceContext::below);
        let (request, trace) = (Arc::clone(&call.request), call.trace.clone());
        let event = Event::AttemptStarted { step, worker, attempt, repair, request, trace };
        self.env.events.emit(event).await;
    }

    fn open<'r>(&self, call: &'r Call<'_>) -> OpenAttempt<'r>
    where
        'a: 'r,
    {
        OpenAttempt::new(Opening {
            config: self.env.config,
            link: self.env.link,
            request: &call.request,
            step: self.step,
            worker: self.worker(),
            number: self.account.attempts,
            input_tokens: call.input_tokens,
        })
    }

    async fn attempt(&mut self, call: &Call<'_>, open: &mut OpenAttempt<'_>) -> Result<StopReason, Failed> {
        let request = call.request.as_ref();
        for block in &request.system {
            tracing::debug!(target: CONTENT, step = self.step.as_str(), content = block.text.as_str(), "System prompt");
        }
        for turn in &request.turns {
            tracing::debug!(target: CONTENT, step = self.step.as_str(), content = turn.text, "Turn");
        }
        let attempt = Attempt {
            model: self.env.model,
            request,
            trace: call.trace.as_ref(),
            deadlines: self.deadlines,
            silence: self.env.config.limits.silence.min(self.composer.step.timeout / 2),
            is_json: self.is_json,
            link: self.env.link,
            events: self.env.events,
        };
        attempt.run(open, self.live.as_mut()).await
    }

    /// Adds an attempt that has ended to what the step has used; it is still to be told.
    fn count(&mut self, record: AttemptRecord) -> Untold<'a> {
        self.account.spend.add_attempt(&record);
        self.account.request_ids.extend(record.request_id.clone());
        Untold::new(self.env.link, record)
    }

    /// How long to wait before the next attempt; the call's error if there is none to be.
    fn wait_after(
        &self,
        failure: &AttemptFailure,
        call: &mut Call<'_>,
        was_probe: bool,
    ) -> Result<Duration, ChainError> {
        let retry_after = match failure {
            AttemptFailure::Call(error) => error.retry_after,
            _ => None,
        };
        if self.can_do_without_schema(failure, call) {
            call.schema_is_in_doubt = true;
            call.format = Format::Prompt;
            call.request = Arc::new(self.compose(call.faulty.as_ref(), call.format));
            call.input_tokens = self.composer.estimate(&call.request);
            return Ok(Duration::ZERO);
        }
        let text_has_left = self.live.as_ref().is_some_and(LiveText::has_left);
        if text_has_left || was_probe || !failure.is_retryable() {
            return Err(self.given_up(failure, call, retry_after, false));
        }
        let time = self.deadlines.remaining().saturating_sub(SHORTEST_ATTEMPT);
        match call.delays.next_wait(retry_after, time) {
            Wait::After(wait) => Ok(wait),
            Wait::Exhausted => Err(self.given_up(failure, call, retry_after, false)),
            // The wait that is told is the upstream's wish: our own is nobody else's business.
            Wait::DoesNotFit(_) => Err(self.given_up(failure, call, retry_after, true)),
        }
    }

    fn given_up(
        &self,
        failure: &AttemptFailure,
        call: &Call<'_>,
        retry_after: Option<Duration>,
        wait_did_not_fit: bool,
    ) -> ChainError {
        let (step, attempts) = (self.step, call.attempts);
        match failure.clone() {
            AttemptFailure::TimedOut(reached) => ChainError::TimedOut { step, reached },
            failure => ChainError::Upstream { step, attempts, failure, retry_after, wait_did_not_fit },
        }
    }

    fn format(&self) -> Format {
        let Composer { step, schema, .. } = self.composer;
        let (upstream, refusals) = (self.env.model.upstream(), self.env.refusals);
        self.composer.format(|| refusals.contains(upstream, &step.model, schema))
    }

    fn can_do_without_schema(&self, failure: &AttemptFailure, call: &Call<'_>) -> bool {
        let config = self.env.config;
        let known_model = config.catalog.find(&self.composer.step.model).is_some();
        call.format == Format::Native
            && config.structured_output == StructuredOutput::Auto
            && is_refusal(failure, known_model)
    }

    /// After a request without the schema: if the upstream took it, it was the schema that it had refused,
    /// and isn't sent again. If it refused that too, it was something else.
    fn settle_doubt(&self, call: &mut Call<'_>, result: Result<(), &AttemptFailure>) {
        match result.map_err(AttemptFailure::status) {
            Ok(()) if call.schema_is_in_doubt => {
                let upstream = self.env.model.upstream();
                self.env.refusals.insert(upstream, &call.request.model, &self.composer.schema);
            }
            Err(Some(400 | 422)) => call.schema_is_in_doubt = false,
            // Any other failure says nothing about it.
            _ => {}
        }
    }
}
