//! The task behind the gate: it connects, watches over the connection, and connects anew.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::StoreError;
use super::dial::Dial;
use super::health::{Health, State};
use super::link::Link;
use super::pause::Pause;
use super::probe::Probe;

/// How often a store is asked whether it is still there. A loss is seen then, rather than by a request.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What the task needs.
pub(super) struct Supervisor {
    pub(super) health: Arc<Health>,
    pub(super) dial: Box<dyn Dial>,
    pub(super) probe: Probe,
    pub(super) connect_within: Duration,
    /// The key that is probed while nothing has failed with another.
    pub(super) probe_key: String,
}

impl Supervisor {
    /// Never ends.
    pub(super) async fn run(self) {
        let mut pause = Pause::new();
        for number in 1.. {
            let mut there = Duration::ZERO;
            match timeout(self.connect_within, self.connect())
                .await
                .unwrap_or_else(|_| Err(StoreError::late()))
            {
                Ok(link) => {
                    let since = Instant::now();
                    self.health.is_there(link.clone(), number);
                    self.watch_over(link, number).await;
                    there = since.elapsed();
                }
                Err(error) => self.health.failed(number, &error, None),
            }
            sleep(pause.after(there)).await;
        }
    }

    async fn connect(&self) -> Result<Link, StoreError> {
        let mut link = self.dial.dial().await?;
        self.probe.run(&mut link, &self.key_to_probe()).await?;
        Ok(link)
    }

    /// In a cluster, a node that has failed is to be asked again, rather than any.
    fn key_to_probe(&self) -> String {
        match &*self.health.state().borrow() {
            State::Gone { key: Some(key), .. } => key.clone(),
            _ => self.probe_key.clone(),
        }
    }

    /// Until a call over it has failed, ours included.
    async fn watch_over(&self, mut link: Link, number: u64) {
        let mut state = self.health.state();
        loop {
            let is_gone = state.wait_for(|state| !matches!(state, State::There { .. })).map(drop);
            tokio::select! {
                () = is_gone => return,
                () = sleep(HEARTBEAT) => {
                    if let Err(error) = self.probe.run(&mut link, &self.probe_key).await {
                        self.health.failed(number, &error, None);
                    }
                }
            }
        }
    }
}
