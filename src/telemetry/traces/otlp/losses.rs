//! Spans that didn't reach the collector: counted, and told now and then.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

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
    lost: Mutex<Lost>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Lost {
    total: SpanLosses,
    untold: u64,
}

impl Losses {
    /// So many spans won't reach the collector.
    pub(super) fn lost(&self, spans: usize, reason: &str) {
        let spans = u64::try_from(spans).unwrap_or(u64::MAX);
        if spans == 0 {
            return;
        }
        if let Ok(mut lost) = self.lost.lock() {
            lost.total.spans += spans;
            lost.untold += spans;
            reason.clone_into(&mut lost.total.reason);
        }
        self.news.notify_one();
    }

    /// What was lost in all.
    pub(super) fn total(&self) -> SpanLosses {
        self.lost.lock().map(|lost| lost.total.clone()).unwrap_or_default()
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
        let (untold, total) = match self.lost.lock() {
            Ok(mut lost) => (std::mem::take(&mut lost.untold), lost.total.clone()),
            Err(_) => return,
        };
        if untold > 0 {
            tracing::warn!(
                error = total.reason,
                error_type = "otlp",
                dropped = untold,
                dropped_total = total.spans,
                "Spans didn't reach the collector"
            );
        }
    }
}
