//! Takes spans out of the queue, gathers them, and exports them.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::OtlpLimits;
use super::exporter::Exporter;
use super::losses::Losses;
use super::queue::{Spans, Waiting};
use crate::telemetry::deliveries::Loss;

/// By when all has to end, once that is known.
type Closing = watch::Receiver<Option<Instant>>;

pub(super) struct SpanSender {
    exporter: Exporter,
    spans: Spans,
    losses: Arc<Losses>,
    limits: OtlpLimits,
    /// What is being gathered.
    batch: Vec<SpanData>,
    /// About how many bytes that is, or what is under way.
    bytes: usize,
    /// Spans of the export under way.
    under_way: usize,
}

impl SpanSender {
    pub(super) fn new(exporter: Exporter, spans: Spans, losses: Arc<Losses>, limits: OtlpLimits) -> Self {
        Self { exporter, spans, losses, limits, batch: Vec::new(), bytes: 0, under_way: 0 }
    }

    /// Exports until it has to end; what isn't delivered by then is lost.
    pub(super) async fn run(mut self, closing: Closing) {
        let losses = Arc::clone(&self.losses);
        tokio::select! {
            () = self.export_all(closing.clone()) => {}
            () = time_is_up(closing) => {}
            () = losses.tell_now_and_then() => {}
        }
        self.spans.waiting.close();
        let mut left = self.batch.len() + self.under_way;
        while self.spans.waiting.try_recv().is_ok() {
            left += 1;
        }
        losses.lost(Loss::Shutdown, left, "the time to end was over");
        losses.tell_untold();
    }

    /// Until it has to end and nothing waits any more.
    async fn export_all(&mut self, mut closing: Closing) {
        while self.gather(&mut closing).await {
            let batch = std::mem::take(&mut self.batch);
            self.under_way = batch.len();
            let result = self.exporter.spans.export(batch).await;
            let answer = self.exporter.answers.take();
            match result {
                Ok(()) => {
                    let refused = usize::try_from(answer.refused).unwrap_or(usize::MAX).min(self.under_way);
                    self.losses.counts.add_delivered(self.under_way - refused);
                    self.losses.lost(Loss::Refused, refused, &answer.cause.unwrap_or_default());
                }
                Err(error) => {
                    let loss = if answer.is_refusal { Loss::Refused } else { Loss::Undelivered };
                    let reason =
                        answer.cause.unwrap_or_else(|| self.exporter.words.told(&exporters_word(&error)));
                    self.losses.lost(loss, self.under_way, &reason);
                }
            }
            self.under_way = 0;
            self.spans.release(std::mem::take(&mut self.bytes));
        }
    }

    /// Whether there is something to export.
    async fn gather(&mut self, closing: &mut Closing) -> bool {
        let mut ready_at = None;
        while self.batch.len() < self.limits.batch_spans && self.bytes < self.limits.batch_bytes {
            if closing.borrow().is_some() {
                // Nothing is waited for any more.
                let Ok(waiting) = self.spans.waiting.try_recv() else { break };
                self.take(waiting);
                continue;
            }
            let ready = async {
                match ready_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                waiting = self.spans.waiting.recv() => match waiting {
                    Some(waiting) => {
                        self.take(waiting);
                        ready_at.get_or_insert_with(|| Instant::now() + self.limits.batch_wait);
                    }
                    None => break,
                },
                () = ready => break,
                () = closed(closing) => {}
            }
        }
        !self.batch.is_empty()
    }

    fn take(&mut self, Waiting { span, bytes }: Waiting) {
        self.batch.push(span);
        self.bytes += bytes;
    }
}

/// Why an export failed, if the exporter alone knows: over gRPC.
fn exporters_word(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// Until it is known by when all has to end. Whoever is gone without saying so ends nothing.
async fn closed(closing: &mut Closing) {
    if closing.wait_for(Option::is_some).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn time_is_up(mut closing: Closing) {
    closed(&mut closing).await;
    let end = *closing.borrow();
    if let Some(end) = end {
        sleep_until(end).await;
    }
}
