//! One line's run, from its first step that isn't finished to its result.

use std::sync::Arc;

use futures_util::FutureExt;
use serde_json::value::RawValue;
use tokio::sync::watch;
use tracing::Instrument;
use uuid::Uuid;

use super::item::Item;
use super::journal::Journal;
use super::pace::Pace;
use crate::chain::{
    AnswerOptions, AttemptFailure, ChainConfig, ChainError, Delivery, Engine, Event, PerStep, Run, RunInput,
    Spend, StepFinished, StepName, Summary,
};
use crate::commands::tell::{code_of, error_report};
use crate::commands::traces::Traces;
use crate::error::{Error, ErrorCode};
use crate::report::wire::{BatchLine, StateParts};
use crate::report::{Replies, RunReport, StateReport};
use crate::telemetry::traces::TracedCalls;
use crate::telemetry::{RunEnd, RunLine, RunTelemetry};
use crate::trace_context::TraceContext;

/// How often a line is tried again because the upstream asks for patience, before that is its result.
const MOST_PUT_OFF: u32 = 5;

/// What a log line is about.
const LINE: RunLine<'static> = RunLine { subject: "Run", model: None, elapsed: None };

/// What the runs of a batch share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) journal: Option<Arc<Journal>>,
    pub(super) pace: Arc<Pace>,
    pub(super) prompts: Arc<PerStep<String>>,
    pub(super) replies: Replies,
    pub(super) traces: Traces,
    /// The upstream's origin.
    pub(super) upstream: String,
    /// Whether calls go on upstream while nobody waits for them, to be picked up later.
    pub(super) calls_go_on: bool,
    /// Becomes true when all runs are to end.
    pub(super) stop: watch::Receiver<bool>,
}

/// How a line's run ended.
pub(super) struct Ended {
    pub(super) item: Item,
    pub(super) chain: Arc<ChainConfig>,
    /// What this run has spent.
    pub(super) spend: Spend,
    pub(super) how: How,
}

/// How a line's run ended.
pub(super) enum How {
    /// With a result.
    Result { is_ok: bool, json: String },
    /// It may go well later.
    Later(ChainError),
    /// As every other would.
    Fatal(Error),
    /// From outside.
    Stopped,
    /// What it came to can't be kept.
    Unsafe(Error),
}

/// Runs a line to its end.
pub(super) async fn run(shared: Shared, item: Item, chain: Arc<ChainConfig>) -> Ended {
    let request_id = format!("req_{}", Uuid::new_v4().simple());
    let calls = if shared.calls_go_on { TracedCalls::Batched } else { TracedCalls::Own };
    let (telemetry, trace) = shared.traces.run(&chain, &shared.upstream, calls);
    let trace_id = trace.as_ref().map(TraceContext::trace_id);
    let span = tracing::info_span!("run", request_id, trace_id, line = item.line);
    let summary = Summary::new(&item.conversation);
    let asked = item.conversation.messages().len();
    let input = RunInput {
        purse: None,
        conversation: item.conversation.clone(),
        request_id,
        trace,
        delivery: Delivery::Held,
        answer: AnswerOptions::default(),
        plan: item.plan.clone(),
    };
    let work = Work { run: None, shared, item, chain, asked, summary, telemetry };
    Box::pin(work.run_whole(input)).instrument(span).await
}

struct Work {
    run: Option<Run>,
    shared: Shared,
    item: Item,
    chain: Arc<ChainConfig>,
    /// Messages before the steps' replies.
    asked: usize,
    summary: Summary,
    telemetry: RunTelemetry,
}

impl Work {
    async fn run_whole(mut self, input: RunInput) -> Ended {
        if let Some(journal) = &self.shared.journal
            && let Err(error) = journal.begun(&self.item).await
        {
            return self.ended(How::Unsafe(error));
        }
        let mut stop = self.shared.stop.clone();
        self.run = Some(self.shared.engine.start(Arc::clone(&self.chain), input));
        while let Some(run) = &mut self.run {
            let event = tokio::select! {
                biased;
                // An end of the sender is the end of the batch too.
                () = ordered(&mut stop) => return self.stopped().await,
                event = run.next_event() => event,
            };
            let Some(event) = event else { break };
            if let Err(error) = self.hear(&event).await {
                self.cancel();
                return self.ended(How::Unsafe(error));
            }
        }
        Box::pin(self.finished()).await
    }

    async fn hear(&mut self, event: &Event) -> Result<(), Error> {
        self.summary.apply(event);
        self.telemetry.hear(event);
        match event {
            Event::AttemptEnded(record) => {
                let status = record.failure.as_ref().and_then(AttemptFailure::status);
                if matches!(status, Some(429 | 529)) {
                    self.shared.pace.too_fast();
                }
                Ok(())
            }
            // The last one's result follows at once, and holds all of it.
            Event::StepFinished(finished) if finished.step != StepName::Synthesize => {
                self.keep(finished).await
            }
            _ => Ok(()),
        }
    }

    /// Keeps a finished step before the next one begins: a crash in between costs nothing.
    async fn keep(&mut self, finished: &StepFinished) -> Result<(), Error> {
        *self.item.plan.earlier.get_mut(finished.step) = Some(Box::new(finished.clone()));
        let Some(journal) = &self.shared.journal else { return Ok(()) };
        let parts = StateParts {
            asked: self.asked,
            simulated: self.shared.replies == Replies::Simulated,
            prompts: &self.shared.prompts,
            kept: &PerStep::default(),
        };
        let written = StateReport::new(&self.summary, &parts, code_of)
            .and_then(|mut state| serde_json::value::to_raw_value(&state.steps.pop()));
        let step = written.map_err(|error| crate::commands::output_error(&error.into()))?;
        journal.step(&self.item, &self.total(), &step).await
    }

    /// What has been spent on the line in all.
    fn total(&self) -> Spend {
        let mut total = self.item.carried;
        total.add(&self.summary.spend());
        total
    }

    async fn finished(mut self) -> Ended {
        let error = match &self.summary.outcome {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some(error.clone()),
            // A run says how it ended.
            None => return self.ended(How::Unsafe(Error::new(ErrorCode::Internal, "a run had no end"))),
        };
        self.log(error.as_ref());
        match error {
            None => self.shared.pace.went_well(),
            Some(error) => {
                let told = Error::from(&error);
                match told.code {
                    ErrorCode::RateLimited | ErrorCode::Overloaded | ErrorCode::CircuitOpen => {
                        return self.put_off(error).await;
                    }
                    ErrorCode::UpstreamCredentials
                    | ErrorCode::ModelNotFound
                    | ErrorCode::UnknownPrice
                    | ErrorCode::MaxCostExceeded => return self.fatal(told).await,
                    _ => {}
                }
            }
        }
        self.result().await
    }

    /// The line's result is final.
    pub(super) async fn result(self) -> Ended {
        let error = self.summary.outcome.as_ref().and_then(|outcome| outcome.as_ref().err()).map(Error::from);
        let is_ok = error.is_none();
        let total = self.total();
        let report =
            RunReport::new(&self.summary, self.shared.replies, error.as_ref().map(error_report), code_of);
        let line = BatchLine::new(self.item.line, &self.item.id, report, &self.summary, &total);
        let json = match serde_json::to_string(&line) {
            Ok(json) => json,
            Err(error) => {
                let error = crate::commands::output_error(&error.into());
                return self.ended(How::Unsafe(error));
            }
        };
        drop(line);
        if let Err(error) =
            keep_result(self.shared.journal.as_deref(), &self.item, &total, is_ok, &json).await
        {
            return self.ended(How::Unsafe(error));
        }
        self.ended(How::Result { is_ok, json })
    }

    async fn put_off(self, error: ChainError) -> Ended {
        if self.item.put_off >= MOST_PUT_OFF {
            return self.result().await;
        }
        match self.keep_spend().await {
            Ok(()) => self.ended(How::Later(error)),
            Err(error) => self.ended(How::Unsafe(error)),
        }
    }

    async fn fatal(self, error: Error) -> Ended {
        match self.keep_spend().await {
            Ok(()) => self.ended(How::Fatal(error)),
            Err(error) => self.ended(How::Unsafe(error)),
        }
    }

    async fn stopped(mut self) -> Ended {
        if self.shared.calls_go_on
            && let Some(Some(event)) = self.run.as_mut().and_then(|run| run.next_event().now_or_never())
        {
            // A call that was taken back has its answer by now.
            self.summary.apply(&event);
            self.telemetry.hear(&event);
        }
        self.cancel();
        self.telemetry.end(&self.summary, LINE, RunEnd::Cancelled);
        if self.shared.calls_go_on {
            // What they come to is counted when they are picked up.
            return self.ended(How::Stopped);
        }
        match self.keep_spend().await {
            Ok(()) => self.ended(How::Stopped),
            Err(error) => self.ended(How::Unsafe(error)),
        }
    }

    async fn keep_spend(&self) -> Result<(), Error> {
        match &self.shared.journal {
            Some(journal) => journal.stopped(&self.item, &self.total()).await,
            None => Ok(()),
        }
    }

    fn cancel(&mut self) {
        for event in self.run.take().map(Run::cancel).unwrap_or_default() {
            self.summary.apply(&event);
            self.telemetry.hear(&event);
        }
    }

    fn log(&mut self, error: Option<&ChainError>) {
        let end = match error {
            None => RunEnd::Completed,
            Some(error) => RunEnd::Failed { error_code: code_of(error) },
        };
        self.telemetry.end(&self.summary, LINE, end);
    }

    fn ended(mut self, how: How) -> Ended {
        self.telemetry.close(&self.summary);
        let spend = self.summary.spend();
        let mut item = self.item;
        item.carried.add(&spend);
        Ended { item, chain: self.chain, spend, how }
    }
}

async fn ordered(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Keeps a line's result.
pub(super) async fn keep_result(
    journal: Option<&Journal>,
    item: &Item,
    total: &Spend,
    is_ok: bool,
    json: &str,
) -> Result<(), Error> {
    let Some(journal) = journal else { return Ok(()) };
    let result: &RawValue =
        serde_json::from_str(json).map_err(|error| crate::commands::output_error(&error.into()))?;
    journal.ended(item, total, is_ok, result).await
}
