//! A counter of money that adds up exactly.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

use crate::model::Cost;

/// A counter of money: whole picodollars, written as US dollars, so that what it says equals what responses
/// and logs add up to, however many costs there were. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct CostCounter {
    picos: Arc<AtomicU64>,
}

impl CostCounter {
    pub(super) fn add(&self, cost: Cost) {
        // 18 million dollars of one model and step begin anew at 0, as counters may.
        self.picos.fetch_add(cost.picos(), Ordering::Relaxed);
    }

    fn total(&self) -> Cost {
        Cost::from_picos(self.picos.load(Ordering::Relaxed))
    }
}

impl TypedMetric for CostCounter {
    const TYPE: MetricType = MetricType::Counter;
}

impl EncodeMetric for CostCounter {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.encode_counter::<NoLabelSet, _, f64>(&self.total().usd(), None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
