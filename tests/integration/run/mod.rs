//! `promptchain run` against the simulator.

mod bad_input;
mod faults;
mod golden;
mod hostile;
mod interruptions;
mod json;
mod progress;
mod secrets;
mod settings;
mod terminal;
