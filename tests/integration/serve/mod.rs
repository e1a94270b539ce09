//! `promptchain serve` against the simulator.

mod back_pressure;
mod background_tasks;
mod breaker;
mod budgets;
mod cancellation;
mod checkpoints;
mod connections;
mod drain;
mod framing;
mod hostile;
mod keys;
mod log_lines;
mod loki;
mod metrics;
mod rate_limit;
mod recordings;
#[cfg(unix)]
mod reload;
mod secrets;
mod settings;
mod shared_limits;
mod shared_store;
mod start_up;
mod targets;
mod traces;
mod workers;
