//! What replicas share, and where: plain values, each already within its range.

use std::time::Duration;

use secrecy::SecretString;

use super::StoreAddress;

/// What replicas share, and where.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Where everything is kept that is shared; `None` if nothing is.
    pub redis: Option<StoreAddress>,
    /// Where requests are counted; `None` for in memory.
    pub rate_limits: Option<StoreAddress>,
    /// Who decides while they can't be counted there.
    pub on_error: OnStorageError,
    /// The certificates of those who may vouch for a store's, as PEM; `None` for the system's.
    pub certificates: Option<String>,
    /// What the names of all keys begin with.
    pub key_prefix: String,
}

impl StoreSettings {
    /// Where all is kept that is shared beside the counts of requests; `None` for in memory.
    #[must_use]
    pub fn shared(&self) -> Option<&StoreAddress> {
        self.redis.as_ref().or(self.rate_limits.as_ref())
    }
}

/// What of a run is kept for its repeat.
#[derive(Debug, Clone)]
pub struct CheckpointSettings {
    /// How long it is kept after it was last touched.
    pub ttl: Duration,
    /// What it is encrypted with where it leaves the process.
    pub key: Option<SecretString>,
    /// A further key by which it can be decrypted; only beside `key`.
    pub previous_key: Option<SecretString>,
}

/// What becomes of requests that can't be counted where they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStorageError {
    /// They are counted in memory, by each replica for itself.
    Memory,
    /// They are refused.
    Deny,
}
