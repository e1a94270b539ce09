//! What doesn't reach a collector is counted.

use std::sync::Arc;

use opentelemetry::trace::SpanKind;

use super::super::open_span::{Beginning, OpenSpan};
use super::super::otlp::{Losses, OtlpLimits, SpanLosses, queue};
use super::*;

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_is_dropped_and_counted_and_nobody_waits() {
    let (queue, mut spans) =
        queue(OtlpLimits { queue_spans: 1, ..OtlpLimits::default() }, Arc::new(Losses::default()));
    let tracer = Tracer::new(queue.clone(), everything());
    let end_one = || {
        let context = tracer.place(None, "one", &SpanKind::Internal);
        let now = std::time::SystemTime::now();
        let beginning = Beginning { kind: SpanKind::Internal, name: "one".into(), started: now };
        OpenSpan::new(context, None, beginning).end(&tracer, now);
    };
    (0..3).for_each(|_| end_one());
    let lost = SpanLosses { spans: 2, reason: "the queue is full".into() };
    assert_eq!(queue.losses(), lost);
    assert!(spans.waiting.try_recv().is_ok() && spans.waiting.try_recv().is_err());
    end_one();
    assert_eq!(queue.losses(), lost, "there is room again");
}

#[test]
fn large_spans_are_bounded_in_bytes() {
    let limits = OtlpLimits { queue_bytes: 10_000, ..OtlpLimits::default() };
    let (queue, mut spans) = queue(limits, Arc::new(Losses::default()));
    let tracer = Tracer::new(queue.clone(), everything());
    for _ in 0..3 {
        let context = tracer.place(None, "one", &SpanKind::Internal);
        let now = std::time::SystemTime::now();
        let beginning = Beginning { kind: SpanKind::Internal, name: "one".into(), started: now };
        let mut span = OpenSpan::new(context, None, beginning);
        span.set("text", "x".repeat(4_000));
        span.end(&tracer, now);
    }
    assert_eq!(queue.losses().spans, 1, "two of about 4,600 bytes have room");
    assert_eq!(std::iter::from_fn(|| spans.waiting.try_recv().ok()).count(), 2);
}
