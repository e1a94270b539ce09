//! What reaches a collector, and what doesn't.
