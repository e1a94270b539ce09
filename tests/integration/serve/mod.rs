//! `promptchain serve` against the simulator.

mod cancellation;
mod drain;
