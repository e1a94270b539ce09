//! `promptchain run` against the simulator.

mod bad_input;
mod count;
mod dry_run;
#[cfg(unix)]
mod escapes;
mod golden;
// Looks at processes as Linux shows them.
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(unix)]
mod interruptions;
mod json;
mod pipe;
mod progress;
mod recordings;
mod secrets;
mod settings;
mod state;
mod terminal;
mod workers;
