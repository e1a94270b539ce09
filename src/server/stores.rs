//! The stores that replicas share: as a rule one, for all that is shared.

use std::sync::Arc;

use super::shared_store::{SharedStore, StoreConfig, StoreError, StoreLimits};
use crate::settings::{OnStorageError, StoreAddress, StoreSettings};
use crate::telemetry::metrics::Metrics;

/// How a store is that replicas share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreHealth {
    /// Where it is, without user name and password.
    pub address: String,
    /// Why it doesn't do its work; `None` if it does.
    pub problem: Option<String>,
}

/// The stores that replicas share.
#[derive(Debug, Clone)]
pub(super) struct Stores {
    /// Where requests are counted; `None` for in memory.
    pub(super) limits: Option<Arc<SharedStore>>,
    /// Where the rest is; `None` for in memory.
    pub(super) rest: Option<Arc<SharedStore>>,
}

impl Stores {
    /// How many there are.
    pub(super) fn count(settings: &StoreSettings) -> usize {
        match (&settings.rate_limits, settings.shared()) {
            (Some(limits), Some(rest)) if !limits.is(rest) => 2,
            (None, None) => 0,
            _ => 1,
        }
    }

    /// Those that the settings name, to which connecting has begun.
    ///
    /// # Errors
    /// If the certificates aren't any.
    pub(super) fn open(settings: &StoreSettings, metrics: &Arc<Metrics>) -> Result<Self, StoreError> {
        let open = |address| open(address, settings, metrics).map(Arc::new);
        let rest = settings.shared().map(open).transpose()?;
        let limits = match &settings.rate_limits {
            Some(limits) if settings.shared().is_some_and(|rest| limits.is(rest)) => rest.clone(),
            Some(limits) => Some(open(limits)?),
            None => None,
        };
        Ok(Self { limits, rest })
    }

    /// How they are, once that is known.
    pub(super) async fn health(&self) -> Vec<StoreHealth> {
        let is_other =
            |limits: &&Arc<SharedStore>| self.rest.as_ref().is_none_or(|rest| !Arc::ptr_eq(rest, limits));
        let mut known = Vec::new();
        for store in self.rest.iter().chain(self.limits.iter().filter(is_other)) {
            let problem = store.is_there().await.err().map(|error| error.to_string());
            known.push(StoreHealth { address: store.address().to_owned(), problem });
        }
        known
    }
}

fn open(
    address: &StoreAddress,
    settings: &StoreSettings,
    metrics: &Arc<Metrics>,
) -> Result<SharedStore, StoreError> {
    SharedStore::open(&StoreConfig {
        address,
        certificates: settings.certificates.as_deref(),
        key_prefix: &settings.key_prefix,
        on_error: match settings.on_error {
            OnStorageError::Memory => "memory",
            OnStorageError::Deny => "deny",
        },
        limits: StoreLimits::SERVING,
        metrics: Arc::clone(metrics),
    })
}
