//! Whether the store would do what is asked of it: a store that answers may still be one that loads its data,
//! is full, or may only be read.

use std::time::Duration;

use tokio::time::timeout;

use super::link::Link;
use super::{Script, StoreError};

/// What a probe runs.
pub(super) struct Probe {
    script: Script,
    answer_within: Duration,
}

impl Probe {
    pub(super) fn new(answer_within: Duration) -> Self {
        Self { script: Script::new(include_str!("probe.lua")), answer_within }
    }

    /// Has the store do what others would. In a cluster, the key says which node is asked.
    pub(super) async fn run(&self, link: &mut Link, key: &str) -> Result<(), StoreError> {
        let answer = timeout(self.answer_within, self.script.run(link, key, &[])).await;
        answer.unwrap_or_else(|_| Err(StoreError::late())).map(drop)
    }
}
