//! One file a subcommand: the only place that wires modules together.
