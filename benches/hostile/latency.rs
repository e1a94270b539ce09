//! How long answers take.

use std::time::Duration;

use serde_json::{Value, json};

/// A count among those that floats hold exactly.
#[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
pub(crate) fn whole(number: u64) -> f64 {
    number as f64
}

/// Times of answers, in milliseconds, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latency(Vec<f64>);

impl Latency {
    pub(crate) fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut all: Vec<f64> = times.map(|time| time.as_secs_f64() * 1000.0).collect();
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    /// The time within which that share of them came; NaN if there are none.
    fn quantile(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among thousands"
        )]
        let at = (share * whole(self.0.len() as u64)).ceil() as usize;
        self.0.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn p99(&self) -> f64 {
        self.quantile(0.99)
    }

    pub(crate) fn json(&self) -> Value {
        json!({"answers": self.0.len(), "p50_ms": self.median(), "p99_ms": self.p99()})
    }
}
