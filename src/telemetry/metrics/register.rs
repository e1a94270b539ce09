//! Puts metrics into the registry under their names, and writes those that aren't in it.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Metric, Registry};

use super::names::Name;

/// Registers a metric, and gives it back.
pub(super) fn registered<M: Metric + Clone>(registry: &mut Registry, name: Name, metric: M) -> M {
    registry.register(name.name, name.help, metric.clone());
    metric
}

/// Begins a metric that isn't registered, but looked at when it is asked for.
pub(super) fn begun<'a>(
    encoder: &'a mut DescriptorEncoder<'_>,
    name: Name,
    of_type: MetricType,
) -> Result<MetricEncoder<'a>, fmt::Error> {
    // The registry adds the full stop itself.
    encoder.encode_descriptor(name.name, &format!("{}.", name.help), None, of_type)
}
