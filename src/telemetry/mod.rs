//! What the program says of itself to whoever runs it: logs, traces, and metrics of the server.

pub mod deliveries;
pub mod logs;
pub mod loki;
pub mod metrics;
mod process;
mod run_log;
mod run_telemetry;
pub mod traces;

pub use run_log::{RunEnd, RunLine};
pub use run_telemetry::RunTelemetry;
