//! A Messages API server for `--offline`, tests and benches.
