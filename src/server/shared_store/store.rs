//! The store as its callers see it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::dial::{Dial, RedisDial};
use super::health::{Health, State};
use super::probe::Probe;
use super::supervisor::Supervisor;
use super::{Reply, Script, StoreError};
use crate::settings::StoreAddress;
use crate::telemetry::metrics::Metrics;

/// How long a store may take.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct StoreLimits {
    /// For a call.
    pub(in crate::server) answer: Duration,
    /// For connecting, names looked up and who we are proved; no request waits for it.
    pub(in crate::server) connect: Duration,
}

impl StoreLimits {
    /// What is decided by a call has to be within 100 ms.
    pub(in crate::server) const SERVING: Self =
        Self { answer: Duration::from_millis(80), connect: Duration::from_secs(2) };
}

/// The version of what is kept: programs that mean different things by the same keys mustn't meet.
const VERSION: &str = "v1";

/// What a store is opened with.
pub(in crate::server) struct StoreConfig<'a> {
    /// Where it is.
    pub(in crate::server) address: &'a StoreAddress,
    /// Who may vouch for it, as PEM; `None` for those whom the system trusts.
    pub(in crate::server) certificates: Option<&'a str>,
    /// What the names of all keys begin with.
    pub(in crate::server) key_prefix: &'a str,
    /// What the log says of who decides while it's gone.
    pub(in crate::server) on_error: &'static str,
    /// How long it may take.
    pub(in crate::server) limits: StoreLimits,
    /// Who counts.
    pub(in crate::server) metrics: Arc<Metrics>,
}

/// The name of something kept, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct StoreKey {
    name: String,
    /// A name for probing in the same place.
    probe: String,
}

/// The store that replicas share. Dropped, it ends its task and its connections.
pub(in crate::server) struct SharedStore {
    pub(super) health: Arc<Health>,
    key_prefix: String,
    limits: StoreLimits,
    _supervisor: JoinSet<()>,
}

impl SharedStore {
    /// Begins to connect, in the background.
    ///
    /// # Errors
    /// If the certificates aren't any.
    pub(in crate::server) fn open(config: &StoreConfig<'_>) -> Result<Self, StoreError> {
        let dial = RedisDial::new(config)?;
        Ok(Self::over(Box::new(dial), config))
    }

    pub(super) fn over(dial: Box<dyn Dial>, config: &StoreConfig<'_>) -> Self {
        let metrics = Arc::clone(&config.metrics);
        let health = Arc::new(Health::new(metrics, config.address.to_string(), config.on_error));
        let key_prefix = format!("{}:{VERSION}", config.key_prefix);
        let supervisor = Supervisor {
            health: Arc::clone(&health),
            dial,
            probe: Probe::new(config.limits.answer),
            connect_within: config.limits.connect,
            probe_key: StoreKey::new(&key_prefix, "probe", "any").probe,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(supervisor.run());
        Self { health, key_prefix, limits: config.limits, _supervisor: tasks }
    }

    /// The key of something of that kind that is about `subject`: letters, digits and `.:-` alone, at best a
    /// hash.
    pub(in crate::server) fn key(&self, kind: &str, subject: &str) -> StoreKey {
        StoreKey::new(&self.key_prefix, kind, subject)
    }

    /// Runs a script on a key, in time; at once, if the store is known to be gone. `read`
    /// makes sense of what it returns, if there is any.
    ///
    /// # Errors
    /// Why there is no reply. If [it is in doubt](StoreError::is_in_doubt), what the script does may nevertheless be done,
    /// or be done later.
    pub(in crate::server) async fn run<T>(
        &self,
        script: &Script,
        key: &StoreKey,
        args: &[&[u8]],
        read: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T, StoreError> {
        let (mut link, number) = self.health.link()?;
        let begin = Instant::now();
        let reply = timeout(self.limits.answer, script.run(&mut link, &key.name, args)).await;
        let reply = reply.unwrap_or_else(|_| Err(StoreError::late()));
        let result = reply.and_then(|reply| read(reply).ok_or_else(StoreError::unexpected));
        match &result {
            Ok(_) => self.health.answered(begin.elapsed()),
            Err(error) => self.health.failed(number, error, Some(&key.probe)),
        }
        result.map_err(StoreError::in_doubt)
    }

    /// Where it is, without user name and password.
    pub(in crate::server) fn address(&self) -> &str {
        &self.health.store
    }

    /// Waits until it is known whether the store is there.
    ///
    /// # Errors
    /// Why it isn't.
    pub(in crate::server) async fn is_there(&self) -> Result<(), StoreError> {
        let mut state = self.health.state();
        // Fails only if the sender is gone, which `self` holds.
        drop(state.wait_for(|state| !matches!(state, State::Connecting)).await);
        self.health.link().map(drop)
    }
}

impl StoreKey {
    fn new(prefix: &str, kind: &str, subject: &str) -> Self {
        let name = |kind: &str| format!("{prefix}:{kind}:{{{subject}}}");
        Self { name: name(kind), probe: name("probe") }
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedStore").field("key_prefix", &self.key_prefix).finish_non_exhaustive()
    }
}
