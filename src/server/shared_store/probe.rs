//! Whether the store would do what is asked of it: a store that answers may still be one that loads its data,
//! is full, or may only be read.

use tokio::time::timeout;

use super::link::Link;
use super::store::ANSWER_WITHIN;
use super::{Script, StoreError};

/// What a probe runs.
pub(super) struct Probe {
    script: Script,
}

impl Probe {
    pub(super) fn new() -> Self {
        Self { script: Script::new(include_str!("probe.lua")) }
    }

    /// Has the store do what others would. In a cluster, the key says which node is asked.
    pub(super) async fn run(&self, link: &mut Link, key: &str) -> Result<(), StoreError> {
        let answer = timeout(ANSWER_WITHIN, self.script.run(link, key, &[])).await;
        answer.unwrap_or_else(|_| Err(StoreError::late())).map(drop)
    }
}
