//! The log pushed to Loki, in the background.
//!
//! Whoever logs puts a line into a bounded [queue](LokiQueue) and goes on; a thread of its own takes lines out,
//! gathers them and pushes them. What doesn't fit or can't be delivered is dropped and counted: a request is
//! worth more than a line about it. What there is to say of Loki is said on stderr alone, past `tracing`, so
//! that it isn't pushed to Loki in its turn.

mod batch;
mod client;
mod limits;
mod pusher;
mod queue;
#[cfg(test)]
mod tests;
mod troubles;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tracing::Dispatch;
use url::Url;

use super::deliveries::DeliveryCounts;
use super::logs::DirectLog;
use client::LokiClient;
use pusher::Pusher;
use troubles::Troubles;

pub use limits::LokiLimits;
pub use queue::LokiQueue;

/// Where the log is pushed, and as what.
#[derive(Debug, Clone)]
pub struct LokiConfig {
    /// Loki's base URL, or that of its push endpoint.
    pub url: Url,
    /// User name and password, sent as HTTP basic authentication.
    pub credentials: Option<(String, SecretString)>,
    /// The tenant, sent as `X-Scope-OrgID`.
    pub tenant: Option<String>,
    /// The label `environment`, where one is known.
    pub environment: Option<&'static str>,
    /// What bounds it.
    pub limits: LokiLimits,
}

/// Nothing can be pushed.
#[derive(Debug, Error)]
pub enum LokiError {
    /// A value doesn't fit into a header, or the HTTP client can't be set up.
    #[error("the client of Loki can't be set up: {0}")]
    Client(String),
    /// The system refuses what a thread needs.
    #[error("the thread that pushes the log to Loki can't be started")]
    Thread(#[source] io::Error),
}

/// The thread that pushes.
#[derive(Debug)]
pub struct Loki {
    queue: LokiQueue,
    counts: Arc<DeliveryCounts>,
    /// By when it has to end, once that is known.
    closing: watch::Sender<Option<Instant>>,
    ended: oneshot::Receiver<()>,
}

impl Loki {
    /// Starts it. `direct` is told what there is to say of Loki.
    ///
    /// # Errors
    /// If the client can't be set up, or the thread not be started.
    pub fn start(config: &LokiConfig, direct: DirectLog) -> Result<Self, LokiError> {
        let client = LokiClient::new(config)?;
        let counts = Arc::new(DeliveryCounts::default());
        let troubles = Arc::new(Troubles::new(direct, Arc::clone(&counts)));
        let (queue, lines) = queue::queue(config.limits, Arc::clone(&troubles));
        let (closing, closes) = watch::channel(None);
        let (end, ended) = oneshot::channel();
        let pusher = Pusher::new(client, lines, troubles, config);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(LokiError::Thread)?;
        let push = move || {
            // What the HTTP client logs here would come back as further lines to push.
            tracing::dispatcher::with_default(&Dispatch::none(), || {
                runtime.block_on(pusher.run(closes));
            });
            // A look-up of a name that doesn't end must not keep the process alive.
            runtime.shutdown_background();
            // Nobody may be waiting.
            let _ = end.send(());
        };
        std::thread::Builder::new().name("loki".to_owned()).spawn(push).map_err(LokiError::Thread)?;
        Ok(Self { queue, counts, closing, ended })
    }

    /// Where lines are put in.
    #[must_use]
    pub fn queue(&self) -> LokiQueue {
        self.queue.clone()
    }

    /// What has become of lines, as it goes on being counted.
    #[must_use]
    pub fn counts(&self) -> Arc<DeliveryCounts> {
        Arc::clone(&self.counts)
    }

    /// Pushes what is still in the queue, for no longer than `limit`; what is left then is dropped, and told.
    pub async fn finish(self, limit: Duration) {
        self.closing.send_replace(Some(Instant::now() + limit));
        // The thread keeps the limit itself; it is waited for a little longer, so that it can tell.
        let _ = tokio::time::timeout(limit + Duration::from_millis(500), self.ended).await;
    }
}
