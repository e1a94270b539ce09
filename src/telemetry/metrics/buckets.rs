//! The bounds of the histograms.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// Seconds: those of the `GenAI` conventions, and two beyond, as a chain can take longer than 82 s.
const DURATION: [f64; 16] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68];

/// Seconds: from 50 µs to 250 ms, for what takes no time beside a model's.
const OVERHEAD: [f64; 12] =
    [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];

/// Tokens: those of the `GenAI` conventions.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Of one kind of duration of what waits for a model.
pub(super) fn duration() -> Histogram {
    Histogram::new(DURATION)
}

/// Of durations of what waits for a model.
pub(super) fn durations<L: Clone + std::hash::Hash + Eq>() -> Family<L, Histogram> {
    Family::new_with_constructor(duration)
}

/// Of durations of what is our own doing.
pub(super) fn overheads<L: Clone + std::hash::Hash + Eq>() -> Family<L, Histogram> {
    Family::new_with_constructor(overhead)
}

/// The same of one duration.
pub(super) fn overhead() -> Histogram {
    Histogram::new(OVERHEAD)
}

/// Of numbers of tokens.
pub(super) fn tokens<L: Clone + std::hash::Hash + Eq>() -> Family<L, Histogram> {
    Family::new_with_constructor(|| Histogram::new(TOKENS))
}
