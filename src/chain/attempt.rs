//! One request, sent once: reads the reply under the time limits, and accounts for what it used
//! however it ends.

use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};

use super::limits::Deadlines;
use super::live_text::LiveText;
use super::pace::ReaderPace;
use super::{AttemptFailure, Event};
use crate::model::{
    AttemptUsage, CallError, CallErrorKind, Model, ModelRequest, ReplyEvent, StopReason, Usage,
    estimate_tokens,
};

/// An upstream that has sent content within this time before a limit was reached isn't blamed for it.
const STILL_ARRIVING: Duration = Duration::from_secs(1);

/// One attempt's surroundings.
pub(super) struct Attempt<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) request: &'a ModelRequest,
    pub(super) deadlines: Deadlines,
    /// Longest time without content.
    pub(super) silence: Duration,
    pub(super) pace: &'a ReaderPace,
    pub(super) events: &'a mpsc::Sender<Event>,
}

/// How an attempt went, beside its result.
pub(super) struct Account {
    /// Whether the upstream is to blame for a failure.
    pub(super) upstream_fault: bool,
    pub(super) usage: AttemptUsage,
    pub(super) elapsed: Duration,
    pub(super) first_content: Option<Duration>,
    pub(super) request_id: Option<String>,
}

/// A complete reply.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) stop: StopReason,
}

impl Attempt<'_> {
    /// Sends the request and reads the reply to its end; its text also goes through `live`.
    pub(super) async fn run(
        self,
        mut live: Option<&mut LiveText>,
    ) -> (Result<Reply, AttemptFailure>, Account) {
        let started = Instant::now();
        let mut watch = Watch::new(&self, started);
        let mut received = Received::default();
        if let Some(live) = &mut live {
            live.restart();
        }
        let outcome = self.read(&mut watch, &mut received, live).await;
        let upstream_fault = match &outcome {
            Ok(()) => false,
            Err(AttemptFailure::Call(error)) => error.is_upstream_fault(),
            Err(AttemptFailure::Silence { .. }) => true,
            Err(AttemptFailure::TimedOut(_)) => watch.upstream_was_silent(),
        };
        let failure = outcome.err();
        let request_id = match &failure {
            Some(AttemptFailure::Call(CallError { request_id: Some(id), .. })) => Some(id.clone()),
            _ => received.request_id.clone(),
        };
        let account = Account {
            usage: received.usage(failure.as_ref()),
            upstream_fault,
            elapsed: started.elapsed(),
            first_content: watch.first_content.map(|at| at - started),
            request_id,
        };
        let result = match (failure, received.stop) {
            (Some(failure), _) => Err(failure),
            (None, Some((stop, _))) => Ok(Reply { text: received.text, stop }),
            // The seam's rule is that Stopped comes before Finished: a reply without it has no end.
            (None, None) => Err(CallError::new(CallErrorKind::Truncated).into()),
        };
        (result, account)
    }

    async fn read(
        &self,
        watch: &mut Watch<'_>,
        received: &mut Received,
        mut live: Option<&mut LiveText>,
    ) -> Result<(), AttemptFailure> {
        let mut reply = watch.until_ready(self.model.call(self.request)).await??;
        loop {
            let next = watch.until_ready(reply.next()).await?;
            match next.unwrap_or(Err(CallErrorKind::Truncated.into()))? {
                ReplyEvent::Started { request_id, usage, .. } => {
                    received.request_id = request_id;
                    received.counted.replace_with(usage);
                }
                ReplyEvent::Activity => watch.content()?,
                ReplyEvent::Text(text) => {
                    watch.content()?;
                    received.text.push_str(&text);
                    if let Some(text) = live.as_mut().and_then(|live| live.feed(&text)) {
                        // The receiver lives as long as the run that is being polled.
                        let _ = self.events.send(Event::OutputDelta { text }).await;
                    }
                }
                ReplyEvent::Stopped { reason, usage } => {
                    received.counted.replace_with(usage);
                    received.stop = Some((reason, usage));
                }
                ReplyEvent::Finished => {
                    // Read to its very end, a connection can be used again by the next step.
                    let _ = watch.until_ready(reply.next()).await;
                    return Ok(());
                }
            }
        }
    }
}

/// What has come of a reply so far.
#[derive(Default)]
struct Received {
    text: String,
    counted: Usage,
    stop: Option<(StopReason, Usage)>,
    request_id: Option<String>,
}

impl Received {
    /// What the attempt used, as far as the upstream has said.
    fn usage(&self, failure: Option<&AttemptFailure>) -> AttemptUsage {
        let never_billed = matches!(failure, Some(AttemptFailure::Call(error)) if error.is_free());
        let figures_are_final =
            self.stop.as_ref().is_some_and(|(_, last)| last.output.is_some()) && self.counted.input.is_some();
        if never_billed {
            AttemptUsage::Nothing
        } else if figures_are_final {
            AttemptUsage::Counted(self.counted)
        } else {
            let received = estimate_tokens(&self.text);
            let estimated_output = received.saturating_sub(self.counted.output.unwrap_or(0));
            AttemptUsage::Uncounted { counted: self.counted, estimated_output }
        }
    }
}

/// Watches the clock while the upstream is waited for.
struct Watch<'a> {
    deadlines: Deadlines,
    silence: Duration,
    pace: &'a ReaderPace,
    timer: Pin<Box<Sleep>>,
    first_content: Option<Instant>,
    last_sign: Instant,
    away_at_last_sign: Duration,
}

impl<'a> Watch<'a> {
    fn new(attempt: &Attempt<'a>, started: Instant) -> Self {
        let first = attempt.deadlines.earliest().min(started + attempt.silence);
        Self {
            deadlines: attempt.deadlines,
            silence: attempt.silence,
            pace: attempt.pace,
            timer: Box::pin(tokio::time::sleep_until(first)),
            first_content: None,
            last_sign: started,
            away_at_last_sign: attempt.pace.away(),
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
        self.first_content.get_or_insert(now);
        self.last_sign = now;
        self.away_at_last_sign = self.pace.away();
        // A stream that always has something ready never lets the timer have its turn.
        if now >= self.deadlines.earliest() { Err(self.timed_out()) } else { Ok(()) }
    }

    fn check(&mut self) -> Result<(), AttemptFailure> {
        let now = Instant::now();
        let silent_from = self.last_sign + self.away_since_last_sign();
        let silence_ends = silent_from + self.silence;
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
        self.pace.away().saturating_sub(self.away_at_last_sign)
    }

    /// Whether it was the upstream that let a limit pass, rather than a long reply or a slow reader.
    fn upstream_was_silent(&self) -> bool {
        let away = self.away_since_last_sign();
        let silent = self.last_sign.elapsed().saturating_sub(away);
        away < STILL_ARRIVING && (self.first_content.is_none() || silent >= STILL_ARRIVING)
    }
}
