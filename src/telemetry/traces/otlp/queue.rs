//! The spans that wait to be exported: bounded, and never waited for by whoever makes them.

use std::sync::Arc;

use opentelemetry_sdk::trace::SpanData;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::losses::Losses;
use crate::telemetry::deliveries::Loss;

/// Where spans are put in.
#[derive(Debug, Clone)]
pub struct SpanQueue {
    spans: Sender<SpanData>,
    losses: Arc<Losses>,
}

/// A queue with room for so many spans, and where they come out.
pub(in crate::telemetry::traces) fn queue(
    room: usize,
    losses: Arc<Losses>,
) -> (SpanQueue, Receiver<SpanData>) {
    let (sender, receiver) = mpsc::channel(room);
    (SpanQueue { spans: sender, losses }, receiver)
}

impl SpanQueue {
    /// Puts in a span that has ended. Never waits: what doesn't fit is dropped and counted.
    pub(in crate::telemetry::traces) fn offer(&self, span: SpanData) {
        if self.spans.try_send(span).is_err() {
            self.losses.lost(Loss::QueueFull, 1, "the queue is full");
        }
    }

    /// What hasn't been exported.
    #[must_use]
    pub fn losses(&self) -> super::SpanLosses {
        self.losses.total()
    }
}
