//! What the program says of itself to whoever runs it: logs.

pub mod logs;
mod run_log;

pub use run_log::{RunEnd, log_end, log_event};
