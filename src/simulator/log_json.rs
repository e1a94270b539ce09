//! Writes log entries as JSON, for `promptchain simulate --log FILE`. The form is a promise.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::log::{Credential, End, LogEntry, Phase, SimulatorLog};

impl SimulatorLog {
    /// `entry` as one line of JSON, without a line end. Times are milliseconds since the simulator
    /// was started. The body is there, keys never are.
    #[must_use]
    pub fn json_line(&self, entry: &LogEntry) -> String {
        let ledger = entry.ledger;
        json!({
            "sequence": entry.sequence,
            "started_ms": self.milliseconds(entry.started_at),
            "ended_ms": entry.ended_at.map(|at| self.milliseconds(at)),
            "method": entry.method,
            "path": entry.path,
            "x_request_id": entry.x_request_id,
            "traceparent": entry.traceparent,
            "anthropic_version": entry.anthropic_version,
            "credential": entry.credential.map(Credential::as_str),
            "step": entry.step.map(super::Step::name),
            "part": entry.part,
            "batch_id": entry.batch.as_ref().map(|batch| &batch.batch_id),
            "custom_id": entry.batch.as_ref().map(|batch| &batch.custom_id),
            "model": entry.model,
            "fault": entry.fault.map(super::Fault::name),
            "status": entry.status,
            "end": entry.end.map(|end| self.end_json(end)),
            "input_tokens": ledger.input_tokens,
            "output_tokens": ledger.output_tokens,
            "cache_read_tokens": ledger.cache_read_tokens,
            "cache_write_tokens": ledger.cache_write_tokens,
            "body": *entry.body,
        })
        .to_string()
    }

    fn end_json(&self, end: End) -> Value {
        match end {
            End::Completed => json!({"kind": "completed"}),
            End::AbortedByFault => json!({"kind": "aborted_by_fault"}),
            End::Stopped => json!({"kind": "stopped"}),
            End::ClientLeft { at, phase, bytes_sent } => json!({
                "kind": "client_left",
                "at_ms": self.milliseconds(at),
                "phase": match phase {
                    Phase::BeforeHead => "before_head",
                    Phase::MidReply => "mid_reply",
                },
                "bytes_sent": bytes_sent,
            }),
        }
    }

    fn milliseconds(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.started_at());
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Credential {
    fn as_str(self) -> &'static str {
        match self {
            Self::XApiKey => "x-api-key",
            Self::Bearer => "bearer",
            Self::Both => "both",
        }
    }
}
