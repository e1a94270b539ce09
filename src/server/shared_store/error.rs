//! Why a call to the store failed.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::telemetry::metrics::StoreFault;

/// The most characters of what a store says that are told.
const TOLD_CHARS: usize = 200;

/// Why a call to the store failed. What it says may come from the store, and never holds a password.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{told}")]
pub(in crate::server) struct StoreError {
    /// The kind.
    pub(in crate::server) fault: StoreFault,
    told: String,
    is_in_doubt: bool,
}

impl StoreError {
    pub(super) fn new(fault: StoreFault, told: impl Into<String>) -> Self {
        Self { fault, told: told.into(), is_in_doubt: false }
    }

    /// It took longer than it may.
    pub(in crate::server) fn late() -> Self {
        Self::new(StoreFault::timeout, "no answer in time")
    }

    /// It answered something else than what it was asked for.
    pub(in crate::server) fn unexpected() -> Self {
        Self::new(StoreFault::reply, "an answer that makes no sense")
    }

    /// The store was asked, so that it may have done, or may still do, what it was asked for.
    pub(in crate::server) fn in_doubt(self) -> Self {
        Self { is_in_doubt: true, ..self }
    }

    /// Whether the store may have done, or may still do, what it was asked for.
    pub(in crate::server) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Nothing has come of connecting yet.
    pub(in crate::server) fn connecting() -> Self {
        Self::new(StoreFault::connection, "not connected yet")
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            return Self::late();
        }
        let told = error.to_string().chars().take(TOLD_CHARS).collect::<String>();
        Self::new(fault(&error), told)
    }
}

fn fault(error: &RedisError) -> StoreFault {
    match error.kind() {
        ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm) => StoreFault::refused,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::TryAgain,
        ) => StoreFault::not_ready,
        ErrorKind::Server(ServerErrorKind::ReadOnly) => StoreFault::read_only,
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => StoreFault::connection,
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => StoreFault::reply,
        _ => match error.code() {
            Some("WRONGPASS" | "NOAUTH" | "NOPERM") => StoreFault::refused,
            Some("LOADING" | "BUSY" | "CLUSTERDOWN" | "MASTERDOWN" | "TRYAGAIN") => StoreFault::not_ready,
            Some("READONLY" | "MISCONF" | "NOREPLICAS") => StoreFault::read_only,
            Some("OOM") => StoreFault::out_of_memory,
            Some("WRONGTYPE") => StoreFault::key,
            // What a script may not do has no code of its own.
            _ if error.detail().is_some_and(|detail| detail.contains("can't run this command")) => {
                StoreFault::refused
            }
            _ => StoreFault::other,
        },
    }
}
