//! Puts metrics into the registry under their names.

use prometheus_client::registry::{Metric, Registry};

use super::names::Name;

/// Registers a metric, and gives it back.
pub(super) fn registered<M: Metric + Clone>(registry: &mut Registry, name: Name, metric: M) -> M {
    registry.register(name.name, name.help, metric.clone());
    metric
}
