//! One request, sent once: reads the reply under the time limits.

use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, Sleep};

use super::events::Events;
use super::lenient_json::{MAX_VALUES, object_is_too_large};
use super::limits::Deadlines;
use super::live_text::LiveText;
use super::open_attempt::OpenAttempt;
use super::reply_size::max_text_bytes;
use super::run_link::RunLink;
use super::{AttemptFailure, Event};
use crate::model::{CallError, CallErrorKind, Model, ModelRequest, ReplyEvent, StopReason};
use crate::trace_context::TraceContext;

/// An upstream that was heard of within this time before a limit was reached isn't blamed for it.
const STILL_HEARD_OF: Duration = Duration::from_secs(1);

/// One attempt's surroundings.
pub(super) struct Attempt<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) request: &'a ModelRequest,
    /// Where it stands in a trace, if it does.
    pub(super) trace: Option<&'a TraceContext>,
    pub(super) deadlines: Deadlines,
    /// Longest time without content.
    pub(super) silence: Duration,
    /// Whether there is to be a JSON object in the reply, rather than nothing but text.
    pub(super) is_json: bool,
    pub(super) link: &'a RunLink,
    pub(super) events: &'a Events,
}

/// A complete reply.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) stop: StopReason,
}

/// Why there is no reply.
pub(super) struct Failed {
    pub(super) failure: AttemptFailure,
    /// Whether the failure says that the upstream is unwell.
    pub(super) counts_against_upstream: bool,
}

impl Attempt<'_> {
    /// Sends the request and reads the reply into `open`, to its end; its text also goes through `live`,
    /// where a stop text ends the reply at once. Returns why the reply stopped.
    pub(super) async fn run(
        &self,
        open: &mut OpenAttempt<'_>,
        mut live: Option<&mut LiveText>,
    ) -> Result<StopReason, Failed> {
        let mut watch = Watch::new(self, open.started());
        if let Some(live) = &mut live {
            live.restart();
        }
        let outcome = self.read(&mut watch, open, live).await;
        let failure = match outcome {
            // Here, before anything is made of it.
            Ok(Some(_)) if self.is_json && object_is_too_large(&open.text) => {
                CallError::new(CallErrorKind::TooManyValues { limit: MAX_VALUES }).into()
            }
            Ok(Some(stop)) => return Ok(stop),
            // The seam's rule is that Stopped comes before Finished: a reply without it has no end.
            Ok(None) => CallError::new(CallErrorKind::Truncated).into(),
            Err(failure) => failure,
        };
        let counts_against_upstream = match &failure {
            AttemptFailure::Call(error) => error.is_upstream_fault(),
            AttemptFailure::Silence { .. } => true,
            AttemptFailure::TimedOut(_) => watch.upstream_was_silent(),
            AttemptFailure::Cancelled => false,
        };
        Err(Failed { failure, counts_against_upstream })
    }

    async fn read(
        &self,
        watch: &mut Watch<'_>,
        open: &mut OpenAttempt<'_>,
        mut live: Option<&mut LiveText>,
    ) -> Result<Option<StopReason>, AttemptFailure> {
        let max_bytes = max_text_bytes(self.request.max_tokens);
        let mut reply = watch.until_ready(self.model.call(self.request, self.trace)).await??;
        loop {
            let next = watch.until_ready(reply.next()).await?;
            match next.unwrap_or(Err(CallErrorKind::Truncated.into()))? {
                ReplyEvent::Started { id, model, request_id, usage } => {
                    open.request_id = request_id;
                    (open.response_id, open.response_model) = (id, model);
                    open.count(usage);
                }
                ReplyEvent::Activity => {
                    open.content_has_come();
                    watch.content()?;
                }
                ReplyEvent::Text(text) => {
                    open.text.push_str(&text);
                    if open.text.len() > max_bytes {
                        let kind = CallErrorKind::TooLarge { what: "a text", limit: max_bytes };
                        return Err(CallError::new(kind).into());
                    }
                    open.content_has_come();
                    watch.content()?;
                    let Some(live) = &mut live else { continue };
                    let leaving = live.feed(&text);
                    if live.has_stopped() {
                        // The reply is dropped, and its connection closes.
                        return Ok(Some(StopReason::StopSequence));
                    }
                    if let Some(text) = leaving {
                        self.events.emit(Event::OutputDelta { text }).await;
                    }
                }
                ReplyEvent::Counted { usage } => open.count(usage),
                ReplyEvent::Stopped { reason, usage } => open.stopped(reason, usage),
                ReplyEvent::Finished => {
                    // Read to its very end, a connection can be used again by the next step.
                    let _ = watch.until_ready(reply.next()).await;
                    return Ok(open.take_stop());
                }
            }
        }
    }
}

/// Watches the clock while the upstream is waited for.
struct Watch<'a> {
    deadlines: Deadlines,
    silence: Duration,
    link: &'a RunLink,
    timer: Pin<Box<Sleep>>,
    /// When the upstream was last heard of; at first, when it was asked.
    last_sign: Instant,
    away_at_last_sign: Duration,
}

impl<'a> Watch<'a> {
    fn new(attempt: &Attempt<'a>, started: Instant) -> Self {
        let first = attempt.deadlines.earliest().min(started + attempt.silence);
        Self {
            deadlines: attempt.deadlines,
            silence: attempt.silence,
            link: attempt.link,
            timer: Box::pin(tokio::time::sleep_until(first)),
            last_sign: started,
            away_at_last_sign: attempt.link.away(),
        }
    }

    /// Waits for `future`, but not beyond a limit. What is ready counts before what is late: data that
    /// has arrived while the run's reader was busy isn't silence.
    async fn until_ready<T>(&mut self, future: impl Future<Output = T>) -> Result<T, AttemptFailure> {
        let mut future = pin!(future);
        loop {
            tokio::select! {
                biased;
                ready = &mut future => return Ok(ready),
                () = self.timer.as_mut() => self.check()?,
            }
        }
    }

    /// Content has come. The timer isn't moved: it is looked at again when it fires.
    fn content(&mut self) -> Result<(), AttemptFailure> {
        let now = Instant::now();
        self.last_sign = now;
        self.away_at_last_sign = self.link.away();
        // A stream that always has something ready never lets the timer have its turn.
        if now >= self.deadlines.earliest() { Err(self.timed_out()) } else { Ok(()) }
    }

    fn check(&mut self) -> Result<(), AttemptFailure> {
        let now = Instant::now();
        let silence_ends = self.last_sign + self.away_since_last_sign() + self.silence;
        if now >= self.deadlines.earliest() {
            Err(self.timed_out())
        } else if now >= silence_ends {
            Err(AttemptFailure::Silence { limit: self.silence })
        } else {
            self.timer.as_mut().reset(silence_ends.min(self.deadlines.earliest()));
            Ok(())
        }
    }

    fn timed_out(&self) -> AttemptFailure {
        AttemptFailure::TimedOut(self.deadlines.first())
    }

    fn away_since_last_sign(&self) -> Duration {
        self.link.away().saturating_sub(self.away_at_last_sign)
    }

    /// Whether it was the upstream that let a limit pass, rather than a long reply, a slow reader, or an
    /// attempt that began shortly before.
    fn upstream_was_silent(&self) -> bool {
        let away = self.away_since_last_sign();
        let silent = self.last_sign.elapsed().saturating_sub(away);
        away < STILL_HEARD_OF && silent >= STILL_HEARD_OF
    }
}
