//! The spans that wait to be exported: bounded in number and in bytes, and never waited for by whoever makes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opentelemetry::{Array, Value};
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::OtlpLimits;
use super::losses::Losses;
use crate::telemetry::deliveries::Loss;

/// What a span takes beside its texts, and an attribute beside its name and its text; about.
const SPAN_BYTES: usize = 512;
const ATTRIBUTE_BYTES: usize = 64;

const FULL: &str = "the queue is full";

/// A span on its way, and about how many bytes it takes.
#[derive(Debug)]
pub(in crate::telemetry::traces) struct Waiting {
    pub(in crate::telemetry::traces) span: SpanData,
    pub(super) bytes: usize,
}

/// Where spans are put in.
#[derive(Debug, Clone)]
pub struct SpanQueue {
    spans: Sender<Waiting>,
    bytes: Arc<AtomicUsize>,
    max_bytes: usize,
    losses: Arc<Losses>,
}

/// Where they come out.
#[derive(Debug)]
pub(in crate::telemetry::traces) struct Spans {
    pub(in crate::telemetry::traces) waiting: Receiver<Waiting>,
    bytes: Arc<AtomicUsize>,
}

/// A queue, and where it ends.
pub(in crate::telemetry::traces) fn queue(limits: OtlpLimits, losses: Arc<Losses>) -> (SpanQueue, Spans) {
    let (sender, receiver) = mpsc::channel(limits.queue_spans);
    let bytes = Arc::new(AtomicUsize::new(0));
    let spans = Spans { waiting: receiver, bytes: Arc::clone(&bytes) };
    (SpanQueue { spans: sender, bytes, max_bytes: limits.queue_bytes, losses }, spans)
}

impl SpanQueue {
    /// Puts in a span that has ended. Never waits: what doesn't fit is dropped and counted.
    pub(in crate::telemetry::traces) fn offer(&self, span: SpanData) {
        let bytes = size(&span);
        let has_room = self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= self.max_bytes;
        if !has_room || self.spans.try_send(Waiting { span, bytes }).is_err() {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.losses.lost(Loss::QueueFull, 1, FULL);
        }
    }

    /// What hasn't been exported.
    #[must_use]
    pub fn losses(&self) -> super::SpanLosses {
        self.losses.total()
    }
}

impl Spans {
    /// So many bytes no longer wait.
    pub(super) fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// About how many bytes a span takes, here and in an export.
fn size(span: &SpanData) -> usize {
    let of_events = span.events.events.iter().flat_map(|event| &event.attributes);
    let attributes = span.attributes.iter().chain(of_events);
    let texts = attributes.map(|said| {
        let text = match &said.value {
            Value::String(text) => text.as_str().len(),
            Value::Array(Array::String(texts)) => texts.iter().map(|text| text.as_str().len()).sum(),
            _ => 0,
        };
        ATTRIBUTE_BYTES + said.key.as_str().len() + text
    });
    SPAN_BYTES + texts.sum::<usize>()
}
