//! The answer as a stream of chunks, while the model still writes it.
//!
//! The stream is driven by whoever takes it, in the connection's task: where the client takes nothing,
//! nothing is read from the upstream, and a client that leaves drops the run.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::{FutureExt, Stream, stream};
use tokio::time::{Instant, sleep_until};

use super::Reply;
use super::active_run::{ActiveRun, Cut};
use super::heartbeat::Heartbeat;
use super::reasoning::reasoning_of;
use super::step_progress::StepFollower;
use crate::chain::{Event, StepName};
use crate::server::api_error::ApiError;
use crate::server::app::App;
use crate::server::connection::ConnectionWatch;
use crate::server::layers::internal_error;
use crate::server::openai::{ChunkEncoder, StreamError, Usage};
use crate::settings::ExposedSteps;
use crate::telemetry::metrics::{StreamEnd, StreamInMetrics};

/// Bytes of chunks that are ready at the same time and leave together, at most.
const TOGETHER: usize = 16 * 1024;

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
    (CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
    // nginx would gather chunks until a buffer is full.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
];

/// What the client wants beside the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// A last chunk with the usage.
    pub(super) include_usage: bool,
    /// How the steps get on.
    pub(super) include_steps: bool,
}

/// Begins the answer when analyze has ended, or with the text where there is no analyze, or after a while: a
/// failure before that has a status of its own.
pub(super) async fn respond(app: &App, reply: Reply, options: Options) -> Result<Response, ApiError> {
    let mut stream = ChatStream::new(app, reply, options);
    stream.commit(app.settings.stream.commit_after).await?;
    stream.metrics = Some(StreamInMetrics::begin(app.metrics.clone()));
    Ok((HEADERS, Body::from_stream(stream.into_stream())).into_response())
}

/// A run on its way out.
struct ChatStream {
    run: Box<ActiveRun>,
    encoder: ChunkEncoder,
    options: Options,
    exposed_steps: ExposedSteps,
    steps: StepFollower,
    /// Chunks that are ready to leave.
    ready: BytesMut,
    /// How the stream ends, once its last chunk is among them, or has left.
    end: Option<StreamEnd>,
    heartbeat: Heartbeat,
    /// The server breaks off what still runs.
    cut: Pin<Box<dyn Future<Output = ()> + Send>>,
    watch: Option<ConnectionWatch>,
    /// As soon as the response's head is on its way.
    metrics: Option<StreamInMetrics>,
}

impl ChatStream {
    fn new(app: &App, reply: Reply, options: Options) -> Self {
        let Reply { run, id, created, model, watch } = reply;
        let encoder = ChunkEncoder::new(&id, created, &model, options.include_usage);
        let mut ready = BytesMut::new();
        encoder.role(&mut ready);
        Self {
            run,
            encoder,
            options,
            exposed_steps: app.settings.stream.exposed_steps,
            steps: StepFollower::default(),
            ready,
            end: None,
            heartbeat: Heartbeat::new(app.settings.stream.heartbeat),
            cut: Box::pin(app.lifecycle.clone().cut_off()),
            watch,
            metrics: None,
        }
    }

    /// Waits until the first step has ended, or text comes, but no longer than that.
    async fn commit(&mut self, commit_after: Duration) -> Result<(), ApiError> {
        let commit_at = Instant::now() + commit_after;
        loop {
            let event = tokio::select! {
                biased;
                () = &mut self.cut => return Err(self.run.cut_off(Cut::Shutdown)),
                event = self.run.next_event() => event.ok_or_else(internal_error)?,
                () = sleep_until(commit_at) => return Ok(()),
            };
            if let Event::RunFinished { outcome: Err(error), .. } = &event {
                return Err(self.run.failure(error).to_api_error());
            }
            let is_committed = match &event {
                Event::StepFinished(finished) => finished.step == StepName::Analyze,
                Event::RunFinished { .. } | Event::OutputDelta { .. } => true,
                _ => false,
            };
            self.encode(&event);
            if is_committed {
                return Ok(());
            }
        }
    }

    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        // Boxed, because it is handed along with each piece.
        stream::unfold(Box::new(self), |mut stream| async move {
            let next = AssertUnwindSafe(stream.next()).catch_unwind().await;
            let bytes = match next {
                Ok(bytes) => bytes?,
                Err(_) => stream.after_panic(),
            };
            Some((Ok(bytes), stream))
        })
    }

    /// The next chunks; `None` after the last.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(watch) = &self.watch {
            watch.has_taken();
        }
        loop {
            self.gather();
            if !self.ready.is_empty() {
                return Some(self.hand_over());
            }
            if self.end.is_some() {
                return None;
            }
            self.wait().await;
        }
    }

    /// Takes in what is ready, so that it leaves together; nothing waits for anything.
    fn gather(&mut self) {
        while self.end.is_none() && self.ready.len() < TOGETHER {
            let Some(event) = self.run.next_event().now_or_never() else { return };
            self.hear(event.as_ref());
        }
    }

    /// Waits until something happens, which may be nothing to be sent.
    async fn wait(&mut self) {
        tokio::select! {
            biased;
            () = &mut self.cut => self.break_off(Cut::Shutdown),
            event = self.run.next_event() => self.hear(event.as_ref()),
            () = &mut self.heartbeat.timer => {
                if self.heartbeat.is_due() {
                    self.encoder.heartbeat(&mut self.ready);
                    if let Some(metrics) = &self.metrics {
                        metrics.heartbeat();
                    }
                }
            }
        }
    }

    fn hand_over(&mut self) -> Bytes {
        self.heartbeat.last_sent = Instant::now();
        // Nobody looks at the run's own limits before the client has taken this; once it has ended, it has none.
        if let (Some(watch), Some(limit), false) = (&self.watch, self.run.deadline(), self.end.is_some()) {
            watch.must_take_by(limit);
        }
        self.ready.split().freeze()
    }

    fn hear(&mut self, event: Option<&Event>) {
        match event {
            Some(event) => self.encode(event),
            // Its last event comes before this, and ends the stream.
            None => self.break_off(Cut::Bug),
        }
    }

    fn encode(&mut self, event: &Event) {
        let ready = &mut self.ready;
        if self.options.include_steps
            && let Some(progress) = self.steps.progress(event)
        {
            self.encoder.step(&progress, ready);
        }
        match event {
            Event::OutputDelta { text } => self.encoder.content(text, ready),
            Event::StepFinished(finished) | Event::StepReused(finished) => {
                if let Some(text) = reasoning_of(&finished.output, self.exposed_steps) {
                    self.encoder.reasoning(&text, ready);
                }
            }
            Event::RunFinished { outcome, .. } => {
                let end = match outcome {
                    Ok(reason) => {
                        self.encoder.finish(*reason, ready);
                        StreamEnd::complete
                    }
                    Err(error) => {
                        let failure = self.run.failure(error);
                        self.encoder.error(&failure.to_stream_error(), ready);
                        StreamEnd::of_error(error)
                    }
                };
                if outcome.is_ok() && self.options.include_usage {
                    self.encoder.usage(&Usage::from(&self.run.summary().spend()), ready);
                }
                self.end(end);
                self.run.answered();
            }
            _ => {}
        }
    }

    fn break_off(&mut self, cut: Cut) {
        let error = self.run.cut_off(cut);
        self.encoder.error(&StreamError::from(&error), &mut self.ready);
        self.end(match cut {
            Cut::Shutdown => StreamEnd::shutdown,
            Cut::Bug => StreamEnd::internal,
        });
    }

    fn end(&mut self, end: StreamEnd) {
        self.encoder.done(&mut self.ready);
        self.end = Some(end);
    }

    /// How it ends, now that nobody takes any more of it.
    fn final_end(&self) -> StreamEnd {
        let is_stalled = self.watch.as_ref().is_some_and(ConnectionWatch::is_stalled);
        let is_late = || self.run.deadline().is_some_and(|deadline| deadline <= Instant::now());
        match self.end {
            Some(end) if end != StreamEnd::complete || self.ready.is_empty() => end,
            None if std::thread::panicking() => StreamEnd::internal,
            // An answer that is complete has no limits but the client's.
            None if is_late() => StreamEnd::deadline,
            None if self.run.is_cut_off() => StreamEnd::shutdown,
            _ if is_stalled => StreamEnd::stalled,
            _ => StreamEnd::client_gone,
        }
    }

    /// A bug: whatever was ready may be a part of a chunk, and is dropped.
    fn after_panic(&mut self) -> Bytes {
        self.ready.clear();
        self.break_off(Cut::Bug);
        self.hand_over()
    }
}

impl Drop for ChatStream {
    fn drop(&mut self) {
        let end = self.final_end();
        if let Some(metrics) = &mut self.metrics {
            metrics.end(end);
        }
    }
}
