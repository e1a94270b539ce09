//! Whoever wants to know of every change of every circuit, beside the log.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use super::circuit::Transition;

/// Is told of every change of every circuit of a [`BreakerRegistry`](super::BreakerRegistry). It is called
/// without a lock, by whoever brought the change about, and must not wait.
pub trait BreakerObserver: Debug + Send + Sync {
    /// The circuit of that model has changed.
    fn changed(&self, model: &str, transition: Transition);
}

/// The one observer of a registry, once there is one.
pub(super) type Observer = Arc<OnceLock<Arc<dyn BreakerObserver>>>;
