//! What the tests need to run the binary against a simulator.

mod ran;
mod upstream;

pub(crate) use ran::{Command, Ran, Started, promptchain};
pub(crate) use upstream::Upstream;
