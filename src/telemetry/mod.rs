//! What the program says of itself to whoever runs it: logs, and metrics of the server.

pub mod logs;
pub mod loki;
pub mod metrics;
mod process;
mod run_log;

pub use run_log::{RunEnd, RunLine, log_end, log_event};
