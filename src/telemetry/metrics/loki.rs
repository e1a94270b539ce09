//! The log in Loki, where it is pushed there.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use super::names;
use super::register::begun;
use crate::telemetry::loki::{LokiCounts, LokiLoss};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LossLabels {
    reason: LokiLoss,
}

impl EncodeLabelValue for LokiLoss {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// Reads what is counted where lines are pushed.
#[derive(Debug)]
pub(super) struct LokiMetrics {
    pub(super) counts: Arc<LokiCounts>,
}

impl Collector for LokiMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let pushed = ConstCounter::new(self.counts.pushed());
        pushed.encode(begun(&mut encoder, names::LOKI_PUSHED, MetricType::Counter)?)?;
        let mut family = begun(&mut encoder, names::LOKI_DROPPED, MetricType::Counter)?;
        for (reason, lines) in self.counts.lost() {
            let labels = LossLabels { reason };
            ConstCounter::new(lines).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
