//! What is sent away in the background, where it is: the log to Loki, spans to a collector.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use super::names::{self, Name};
use super::register::begun;
use crate::telemetry::deliveries::{DeliveryCounts, Loss};

/// What becomes of the log's lines and of spans, as far as they are sent away.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    /// Lines pushed to Loki.
    pub lines: Option<Arc<DeliveryCounts>>,
    /// Spans exported to a collector.
    pub spans: Option<Arc<DeliveryCounts>>,
}

impl Deliveries {
    pub(super) fn collectors(self) -> impl Iterator<Item = DeliveryMetrics> {
        let lines = self.lines.map(|counts| DeliveryMetrics {
            counts,
            delivered: names::LOKI_PUSHED,
            dropped: names::LOKI_DROPPED,
            losses: &Loss::ALL,
        });
        let spans = self.spans.map(|counts| DeliveryMetrics {
            counts,
            delivered: names::SPANS_EXPORTED,
            dropped: names::SPANS_DROPPED,
            losses: &[Loss::QueueFull, Loss::Refused, Loss::Undelivered, Loss::Shutdown],
        });
        lines.into_iter().chain(spans)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LossLabels {
    reason: Loss,
}

impl EncodeLabelValue for Loss {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// Reads what is counted where something is sent away.
#[derive(Debug)]
pub(super) struct DeliveryMetrics {
    counts: Arc<DeliveryCounts>,
    delivered: Name,
    dropped: Name,
    /// The losses that there can be.
    losses: &'static [Loss],
}

impl Collector for DeliveryMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let delivered = ConstCounter::new(self.counts.delivered());
        delivered.encode(begun(&mut encoder, self.delivered, MetricType::Counter)?)?;
        let mut family = begun(&mut encoder, self.dropped, MetricType::Counter)?;
        for (reason, count) in self.counts.lost().filter(|(loss, _)| self.losses.contains(loss)) {
            let labels = LossLabels { reason };
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
