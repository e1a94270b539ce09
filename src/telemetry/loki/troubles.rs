//! What there is to say of Loki: on stderr, and seldom, however much is dropped.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::telemetry::deliveries::{DeliveryCounts, Loss};
use crate::telemetry::logs::{DirectLog, LogLevel};

/// How long nothing more is said after something was.
const SILENCE: Duration = Duration::from_mins(1);

const LOGGER: &str = "promptchain::telemetry::loki";

/// Lines that were dropped, and what was last said of that.
pub(super) struct Troubles {
    direct: DirectLog,
    pub(super) counts: Arc<DeliveryCounts>,
    untold: AtomicU64,
    /// Why the last of them was dropped.
    reason: Mutex<String>,
    /// When a refusal was last told.
    refusal_told: Mutex<Option<Instant>>,
    news: Notify,
}

impl Troubles {
    pub(super) fn new(direct: DirectLog, counts: Arc<DeliveryCounts>) -> Self {
        Self {
            direct,
            counts,
            untold: AtomicU64::new(0),
            reason: Mutex::default(),
            refusal_told: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// So many lines won't reach Loki.
    pub(super) fn drop_lines(&self, loss: Loss, lines: usize, reason: &str) {
        if lines == 0 {
            return;
        }
        self.counts.add_lost(loss, lines);
        if let Ok(mut last) = self.reason.lock() {
            reason.clone_into(&mut last);
        }
        // A reader that sees the lines has the reason too.
        self.untold.fetch_add(u64::try_from(lines).unwrap_or(u64::MAX), Ordering::Release);
        self.news.notify_one();
    }

    /// Loki doesn't want what it got: that won't change by itself. Told once a minute at most.
    pub(super) fn refused(&self, lines: usize, error: &str) {
        let is_due = self.refusal_told.lock().is_ok_and(|mut told| {
            let is_due = told.is_none_or(|told| told.elapsed() >= SILENCE);
            if is_due {
                *told = Some(Instant::now());
            }
            is_due
        });
        if is_due {
            let fields = [("error", error.into()), ("error_type", "loki".into()), ("lines", lines.into())];
            self.tell(LogLevel::Error, "Loki refused log lines, which are dropped", fields);
        }
        self.drop_lines(Loss::Refused, lines, error);
    }

    /// Says now and then how much was dropped; never ends.
    pub(super) async fn tell_now_and_then(&self) {
        loop {
            self.news.notified().await;
            self.tell_untold();
            sleep(SILENCE).await;
        }
    }

    /// Says how much was dropped since that was last said, and in all.
    pub(super) fn tell_untold(&self) {
        let untold = self.untold.swap(0, Ordering::Acquire);
        if untold == 0 {
            return;
        }
        let reason = self.reason.lock().map(|reason| reason.clone()).unwrap_or_default();
        let fields = [
            ("error", reason.into()),
            ("error_type", "loki".into()),
            ("dropped", untold.into()),
            ("dropped_total", self.counts.all_lost().into()),
        ];
        self.tell(LogLevel::Warning, "Log lines didn't reach Loki", fields);
    }

    fn tell<const N: usize>(&self, level: LogLevel, message: &str, fields: [(&'static str, Value); N]) {
        self.direct.write(level, LOGGER, message, fields);
    }
}

impl fmt::Debug for Troubles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Troubles").field("counts", &self.counts).finish_non_exhaustive()
    }
}
