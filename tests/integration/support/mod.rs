//! What the tests need to run the binary against a simulator.

mod needs;
mod python;
mod ran;
mod upstream;

pub(crate) use needs::has_program;
pub(crate) use python::python;
pub(crate) use ran::{Command, Ran, Started, promptchain};
pub(crate) use upstream::Upstream;
