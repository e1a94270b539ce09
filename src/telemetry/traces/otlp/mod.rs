//! Spans exported over OTLP, in the background.
//!
//! The exporter and the two protocols are OpenTelemetry's own. The queue before it is ours, because its own tells
//! nobody what it drops, and because an export is a call on a network, which is best made where the runtime is.

mod collector_words;
mod config;
mod exporter;
mod http_client;
mod limits;
mod losses;
mod queue;
mod sender;

use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tracing::Dispatch;

use crate::telemetry::deliveries::DeliveryCounts;
use exporter::Exporter;
use sender::SpanSender;

pub use config::{OtlpConfig, OtlpProtocol};
pub use limits::OtlpLimits;
pub use losses::SpanLosses;
pub use queue::SpanQueue;

pub(in crate::telemetry::traces) use losses::Losses;
#[cfg(test)]
pub(super) use queue::Spans;
pub(super) use queue::queue;

/// Nothing can be exported.
#[derive(Debug, Error)]
pub enum OtlpError {
    /// A value doesn't fit, or the client can't be set up.
    #[error("the OTLP exporter can't be set up: {0}")]
    Exporter(String),
    /// The system refuses what a thread needs.
    #[error("the thread that exports spans can't be started")]
    Thread(#[source] io::Error),
}

/// The thread that exports.
#[derive(Debug)]
pub struct Otlp {
    queue: SpanQueue,
    losses: Arc<Losses>,
    /// By when it has to end, once that is known.
    closing: watch::Sender<Option<Instant>>,
    ended: oneshot::Receiver<()>,
    finish: Duration,
}

impl Otlp {
    /// Starts it.
    ///
    /// # Errors
    /// If the exporter can't be set up, or the thread not be started.
    pub fn start(config: &OtlpConfig) -> Result<Self, OtlpError> {
        let losses = Arc::new(Losses::default());
        let (queue, spans) = queue(config.limits, Arc::clone(&losses));
        let (closing, closes) = watch::channel(None);
        let (end, ended) = oneshot::channel();
        // What is told of losses goes into the log of the program.
        let log = tracing::dispatcher::get_default(Dispatch::clone);
        let (beginning, begun) = mpsc::sync_channel(1);
        let (config, of_thread) = (config.clone(), Arc::clone(&losses));
        let limits = config.limits;
        let export = move || {
            // Both are made here, because a runtime that comes to nothing can't be dropped where another runs.
            let (runtime, exporter) = match set_up(&config) {
                Ok(made) => made,
                Err(error) => return drop(beginning.send(Err(error))),
            };
            drop(beginning.send(Ok(())));
            let sender = SpanSender::new(exporter, spans, of_thread, limits);
            tracing::dispatcher::with_default(&log, || runtime.block_on(sender.run(closes)));
            // A look-up of a name that doesn't end must not keep the process alive.
            runtime.shutdown_background();
            // Nobody may be waiting.
            let _ = end.send(());
        };
        std::thread::Builder::new().name("otlp".to_owned()).spawn(export).map_err(OtlpError::Thread)?;
        let ended_early = |_| OtlpError::Exporter("its thread has ended".to_owned());
        begun.recv().map_err(ended_early)??;
        Ok(Self { queue, losses, closing, ended, finish: limits.finish })
    }

    /// Where spans are put in.
    #[must_use]
    pub fn queue(&self) -> SpanQueue {
        self.queue.clone()
    }

    /// What becomes of spans.
    #[must_use]
    pub fn counts(&self) -> Arc<DeliveryCounts> {
        Arc::clone(&self.losses.counts)
    }

    /// Exports what is still in the queue, within a bound; returns what was lost in all.
    pub async fn finish(self) -> SpanLosses {
        self.closing.send_replace(Some(Instant::now() + self.finish));
        // The thread keeps the limit itself; it is waited for a little longer, so that it can tell.
        let _ = tokio::time::timeout(self.finish + Duration::from_millis(500), self.ended).await;
        self.losses.total()
    }
}

/// The exporter, and the runtime that its connections live in.
fn set_up(config: &OtlpConfig) -> Result<(Runtime, Exporter), OtlpError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(OtlpError::Thread)?;
    let exporter = {
        // The gRPC channel wants to know where it will run.
        let _entered = runtime.enter();
        exporter::exporter(config)?
    };
    Ok((runtime, exporter))
}
