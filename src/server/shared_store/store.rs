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

/// How long a call may take. What is decided by it has to be within 100 ms.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_millis(80);

/// How long connecting may take, names looked up and who we are proved; no request waits for it.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(2);

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
    health: Arc<Health>,
    key_prefix: String,
    _supervisor: JoinSet<()>,
}

impl SharedStore {
    /// Begins to connect, in the background.
    ///
    /// # Errors
    /// If the certificates aren't any.
    pub(in crate::server) fn open(config: &StoreConfig<'_>) -> Result<Self, StoreError> {
        let dial = RedisDial::new(config.address, config.certificates)?;
        Ok(Self::over(Box::new(dial), config))
    }

    pub(super) fn over(dial: Box<dyn Dial>, config: &StoreConfig<'_>) -> Self {
        let metrics = Arc::clone(&config.metrics);
        let health = Arc::new(Health::new(metrics, config.address.to_string(), config.on_error));
        let key_prefix = format!("{}:{VERSION}", config.key_prefix);
        let supervisor = Supervisor {
            health: Arc::clone(&health),
            dial,
            probe: Probe::new(),
            probe_key: StoreKey::new(&key_prefix, "probe", "any").probe,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(supervisor.run());
        Self { health, key_prefix, _supervisor: tasks }
    }

    /// The key of something of that kind that is about `subject`: letters, digits and `.:-` alone, at best a
    /// hash.
    pub(in crate::server) fn key(&self, kind: &str, subject: &str) -> StoreKey {
        StoreKey::new(&self.key_prefix, kind, subject)
    }

    /// Runs a script on a key, within [`ANSWER_WITHIN`]; at once, if the store is known to be gone.
    ///
    /// # Errors
    /// Why there is no reply. What the script does may nevertheless be done, or be done later.
    pub(in crate::server) async fn run(
        &self,
        script: &Script,
        key: &StoreKey,
        args: &[&[u8]],
    ) -> Result<Reply, StoreError> {
        let (mut link, number) = self.health.link()?;
        let begin = Instant::now();
        let reply = timeout(ANSWER_WITHIN, script.run(&mut link, &key.name, args)).await;
        let reply = reply.unwrap_or_else(|_| Err(StoreError::late()));
        match &reply {
            Ok(_) => self.health.answered(begin.elapsed()),
            Err(error) => self.health.failed(number, error, Some(&key.probe)),
        }
        reply
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
