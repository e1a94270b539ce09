//! `promptchain serve` against the simulator.

mod cancellation;
