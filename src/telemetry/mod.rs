//! What the program says of itself to whoever runs it: logs.

pub mod logs;
pub mod loki;
mod run_log;

pub use run_log::{RunEnd, RunLine, log_end, log_event};
