//! Events to terminal and stdout.
