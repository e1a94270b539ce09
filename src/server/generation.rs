//! What requests are answered by, from one reload of the configuration to the next.
//!
//! A generation is whole: settings, chains, keys, limits, and the routes made of them. A request looks once
//! which is the current one, and holds it until its answer has ended; what must outlive a generation, such
//! as counts, places and circuits, all of them share.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;

use super::app::{App, Parts};
use super::auth::KeyError;
use super::router::{metrics_router, router};
use crate::telemetry::metrics::ReloadResult;

/// What requests are answered by.
pub(super) struct Generation {
    pub(super) app: Arc<App>,
    /// How long runs may go on after the server was asked to end.
    pub(super) grace: Duration,
    api: Router,
    metrics: Router,
}

/// Which routes a port has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routes {
    Api,
    Metrics,
}

impl Generation {
    pub(super) fn new(app: App, grace: Duration) -> Self {
        let app = Arc::new(app);
        Self { grace, api: router(&app), metrics: metrics_router(&app), app }
    }

    pub(super) fn router(&self, routes: Routes) -> &Router {
        match routes {
            Routes::Api => &self.api,
            Routes::Metrics => &self.metrics,
        }
    }
}

/// Has a server that runs take another configuration.
#[derive(Clone)]
pub struct Reloads {
    current: watch::Sender<Arc<Generation>>,
}

impl Reloads {
    pub(super) fn new(first: Generation) -> Self {
        Self { current: watch::Sender::new(Arc::new(first)) }
    }

    /// Answers requests by these parts from now on; what is under way ends as it began. Lifecycle, circuits
    /// and upstream are to be those that the server has.
    ///
    /// # Errors
    /// If tokens can't be verified with the keys in the settings; then nothing changes.
    pub fn take(&self, parts: Parts, grace: Duration) -> Result<(), KeyError> {
        let app = self.current().app.reloaded(parts)?;
        app.metrics.reloaded(ReloadResult::success);
        app.metrics.configured(super::unix_time());
        self.current.send_replace(Arc::new(Generation::new(app, grace)));
        Ok(())
    }

    /// Counts a configuration that wasn't taken.
    pub fn refused(&self) {
        self.current().app.metrics.reloaded(ReloadResult::refused);
    }

    /// All that requests are answered by, as text: two of the same text do the same.
    #[cfg(test)]
    pub(crate) fn in_effect(&self) -> String {
        let generation = self.current();
        format!("{}\n{:?}", generation.app.in_effect(), generation.grace)
    }

    /// Whether anything holds what requests are answered by now.
    #[cfg(test)]
    pub(crate) fn holds_current(&self) -> impl Fn() -> bool + use<> {
        let generation = Arc::downgrade(&self.current());
        move || generation.strong_count() > 0
    }

    pub(super) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.borrow())
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<Generation>> {
        self.current.subscribe()
    }
}
