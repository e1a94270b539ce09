//! The chain for calls that are answered within a day.

use std::sync::Arc;
use std::time::Duration;

use crate::chain::ChainConfig;
use crate::resilience::{BreakerConfig, BreakerRegistry};

/// Longer than any batch upstream lasts, with all that may follow it.
const NO_LIMIT: Duration = Duration::from_hours(24 * 60);

/// Takes away what is meant for calls that are answered at once: limits on time. Prices are those of batches.
pub(super) fn make(chain: &mut ChainConfig) {
    chain.limits.worker_coordination = NO_LIMIT;
    chain.limits.synthesis = NO_LIMIT;
    chain.limits.silence = NO_LIMIT;
    chain.limits.run = None;
    for step in crate::chain::StepName::ALL {
        chain.steps.get_mut(step).timeout = NO_LIMIT;
    }
    chain.catalog = Arc::new(chain.catalog.at_batch_prices());
}

/// No circuit breaker: an upstream that takes a batch isn't asked call by call.
pub(super) fn breakers() -> Arc<BreakerRegistry> {
    let off = BreakerConfig {
        enabled: false,
        failure_threshold: 1,
        open_for: Duration::from_secs(10),
        half_open_attempts: 1,
    };
    Arc::new(BreakerRegistry::new(off))
}
