//! Traces for OpenTelemetry: spans made of the engine's events, and of the server's requests.
//!
//! Spans aren't those of `tracing`: a run's events say all that there is to say of it, and when. They go into
//! a bounded queue, and from there, over OTLP, to a collector; whoever makes them never waits for it. Names stand
//! in `names.rs` alone.

mod call_trace;
mod clock;
mod content;
mod names;
mod open_span;
mod otlp;
mod request_trace;
mod run_trace;
mod step_trace;
#[cfg(test)]
pub(crate) mod tests;
mod tracer;

pub use names::GenAiNames;
pub use otlp::{Otlp, OtlpConfig, OtlpError, OtlpLimits, OtlpProtocol, SpanLosses, SpanQueue};
pub use request_trace::{CutBy, RequestTrace, TracedRequest};
pub use run_trace::{RunTrace, TracedCalls, TracedRun};
pub use tracer::{SpanStyle, Tracer};

pub use opentelemetry_sdk::trace::Sampler;
