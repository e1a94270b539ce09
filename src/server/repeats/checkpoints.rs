//! All checkpoints of a server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tracing::Span;

use super::cipher::Cipher;
use super::lease::{Keeper, LEASE};
use super::memory_store::MemoryStore;
use super::redis_store::RedisStore;
use super::store::{Begun, CheckpointStore, Times};
use super::{Checkpoint, Claim, Lease};
use crate::server::shared_store::{SharedStore, StoreError};
use crate::settings::CheckpointSettings;
use crate::telemetry::metrics::{CheckpointUse, Metrics};

/// How often a repeat looks whether what it waits for is over.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// All checkpoints of a server. Clones share what is kept.
#[derive(Clone)]
pub(in crate::server) struct Checkpoints {
    store: Arc<dyn CheckpointStore>,
    /// Where what is kept leaves the process.
    is_shared: bool,
    cipher: Option<Arc<Cipher>>,
    ttl: Duration,
    metrics: Arc<Metrics>,
    /// Those that renew leases.
    keepers: Arc<Mutex<JoinSet<()>>>,
}

/// What came of opening a claim.
pub(in crate::server) enum Opened {
    /// It is ours, with what was kept.
    Mine(Lease, Checkpoint),
    /// The same request is under way elsewhere.
    Busy,
    /// The key was used for another request.
    OtherBody,
    /// Nothing can be kept: the store is gone.
    Unavailable(StoreError),
}

impl Checkpoints {
    /// In that store; `None` for in memory.
    pub(in crate::server) fn new(
        store: Option<Arc<SharedStore>>,
        settings: &CheckpointSettings,
        metrics: Arc<Metrics>,
    ) -> Self {
        let is_shared = store.is_some();
        let store: Arc<dyn CheckpointStore> = match store {
            Some(store) => Arc::new(RedisStore::new(store)),
            None => Arc::new(MemoryStore::new()),
        };
        Self::over(store, is_shared, settings, metrics)
    }

    pub(super) fn over(
        store: Arc<dyn CheckpointStore>,
        is_shared: bool,
        settings: &CheckpointSettings,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (cipher, keepers) = (None, Arc::default());
        Self { store, is_shared, cipher, ttl: settings.ttl, metrics, keepers }.with(settings)
    }

    /// The same by other settings.
    pub(in crate::server) fn with(&self, settings: &CheckpointSettings) -> Self {
        // What stays in the process has no use for it.
        let key = settings.key.as_ref().filter(|_| self.is_shared);
        let cipher = key.map(|key| Arc::new(Cipher::new(key, settings.previous_key.as_ref())));
        Self { cipher, ttl: settings.ttl, ..self.clone() }
    }

    /// Takes the lease for the claim, if nobody else has it.
    pub(in crate::server) async fn open(&self, claim: &Claim) -> Opened {
        let times = Times { lease: LEASE, value: self.ttl };
        match self.store.begin(claim, times).await {
            Ok(Begun::Mine(value)) => {
                let lease = self.lease(claim);
                let checkpoint = value.and_then(|value| self.read(claim, &value));
                Opened::Mine(lease, checkpoint.unwrap_or_default())
            }
            Ok(Begun::Busy) => Opened::Busy,
            Ok(Begun::OtherBody) => Opened::OtherBody,
            Err(error) => Opened::Unavailable(error),
        }
    }

    /// The same once nobody else has it. Whoever had it when the store was there last may have it still, for as
    /// long as a lease lasts.
    pub(in crate::server) async fn open_when_free(self, claim: Claim) -> Opened {
        let mut last_busy = Instant::now();
        loop {
            sleep(LOOK_EVERY).await;
            match self.open(&claim).await {
                Opened::Busy => last_busy = Instant::now(),
                Opened::Unavailable(_) if last_busy.elapsed() < LEASE => {}
                opened => return opened,
            }
        }
    }

    /// Notes and counts a run that goes on without, because the store is gone.
    pub(in crate::server) fn are_unavailable(&self, error: &StoreError) {
        let error_type = error.fault.as_str();
        tracing::warn!(%error, error_type, "Checkpoints can't be kept, and the run goes on without");
        self.used(CheckpointUse::unavailable);
    }

    /// How many claims are remembered in this process.
    pub(in crate::server) fn in_memory(&self) -> usize {
        self.store.in_memory()
    }

    /// Counts what became of a request that could have reused something.
    pub(in crate::server) fn used(&self, how: CheckpointUse) {
        self.metrics.checkpoint_used(how);
    }

    /// Waits until all leases are given back, when nobody holds any.
    pub(in crate::server) async fn settle_up(&self) {
        let take = || std::mem::take(&mut *self.keepers.lock().unwrap_or_else(PoisonError::into_inner));
        let mut keepers = take();
        while keepers.join_next().await.is_some() {}
    }

    fn lease(&self, claim: &Claim) -> Lease {
        let (lease, keeping) = Lease::held_by(Keeper {
            store: Arc::clone(&self.store),
            cipher: self.cipher.clone(),
            claim: claim.clone(),
            ttl: self.ttl,
            metrics: Arc::clone(&self.metrics),
            span: Span::current(),
        });
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        while keepers.try_join_next().is_some() {}
        keepers.spawn(keeping);
        lease
    }

    fn read(&self, claim: &Claim, value: &[u8]) -> Option<Checkpoint> {
        let plain = match &self.cipher {
            Some(cipher) => cipher.decrypt(&claim.owner(), value).map_err(|error| error.to_string()),
            None => Ok(value.to_vec()),
        };
        let unreadable = || "it isn't one of this version in plain text".to_owned();
        let read = plain.and_then(|plain| Checkpoint::from_bytes(&plain).ok_or_else(unreadable));
        match read {
            Ok(checkpoint) => Some(checkpoint),
            Err(error) => {
                self.used(CheckpointUse::unreadable);
                tracing::warn!(error, "A checkpoint can't be read, and counts as none");
                None
            }
        }
    }
}

/// What it goes by.
impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { store, cipher, ttl, .. } = self;
        out.debug_struct("Checkpoints")
            .field("store", store)
            .field("cipher", cipher)
            .field("ttl", ttl)
            .finish_non_exhaustive()
    }
}
