//! Spans that didn't reach the collector: counted, and told now and then.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use crate::telemetry::deliveries::{DeliveryCounts, Loss};

/// How long nothing more is said after something was.
const SILENCE: Duration = Duration::from_mins(1);

/// Spans that didn't reach the collector, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanLosses {
    /// How many.
    pub spans: u64,
    /// Why the last of them didn't.
    pub reason: String,
}

/// What was lost, and what of that has been told.
#[derive(Debug, Default)]
pub(in crate::telemetry::traces) struct Losses {
    pub(super) counts: Arc<DeliveryCounts>,
    last: Mutex<Last>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Last {
    reason: String,
    /// How many had been lost when that was last told.
    told: u64,
}

impl Losses {
    /// So many spans won't reach the collector.
    pub(super) fn lost(&self, loss: Loss, spans: usize, reason: &str) {
        if spans == 0 {
            return;
        }
        self.counts.add_lost(loss, spans);
        if let Ok(mut last) = self.last.lock() {
            reason.clone_into(&mut last.reason);
        }
        self.news.notify_one();
    }

    /// What was lost in all.
    pub(super) fn total(&self) -> SpanLosses {
        let reason = self.last.lock().map(|last| last.reason.clone()).unwrap_or_default();
        SpanLosses { spans: self.counts.all_lost(), reason }
    }

    /// Says now and then how much was lost; never ends.
    pub(super) async fn tell_now_and_then(&self) {
        loop {
            self.news.notified().await;
            self.tell_untold();
            sleep(SILENCE).await;
        }
    }

    /// Says how much was lost since that was last said, and in all.
    pub(super) fn tell_untold(&self) {
        let total = self.total();
        let Ok(told) = self.last.lock().map(|mut last| std::mem::replace(&mut last.told, total.spans)) else {
            return;
        };
        if total.spans > told {
            tracing::warn!(
                error = total.reason,
                error_type = "otlp",
                dropped = total.spans - told,
                dropped_total = total.spans,
                "Spans didn't reach the collector"
            );
        }
    }
}
