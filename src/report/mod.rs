//! The readers of a run's events for people at a terminal and for programs behind a pipe.
//!
//! [`mod@progress`] says on stderr how a run goes; [`text`], [`json`] and [`jsonl`] write its result to
//! stdout, the latter two in the types of [`wire`], whose JSON Schemas are in [`mod@schema`].
//! [`validation`] writes what was found in prompt files and settings.
//! [`settings_text()`] shows the settings in effect to people.
//! [`dry_run_text()`] shows what a run would send, and [`inspection_text`] is about a token instead of a run.
//!
//! Nothing here reads the environment or a file, or decides where its output goes: sinks, colour and
//! what kind of thing stdout is are passed in. Whoever reads a run's events hands each to the progress
//! first and then to the consumer of stdout, so that the live lines are out of the way before text
//! is written to the terminal that they are on.

mod amounts;
mod batch_progress;
mod deep_json;
mod dry_run_notes;
mod dry_run_text;
mod inspection_text;
pub mod json;
pub mod jsonl;
mod known_spend;
mod look;
pub mod progress;
mod replies;
mod saved_state;
pub mod schema;
mod settings_text;
pub mod terminal_text;
pub mod text;
#[cfg(test)]
pub(crate) mod transcripts;
pub mod validation;
pub mod wire;

pub use batch_progress::{BatchProgress, BatchTally};
pub use deep_json::read_deep;
pub use dry_run_text::dry_run_text;
pub use inspection_text::inspection_text;
pub use json::Layout;
pub use jsonl::JsonLines;
pub use progress::{ProgressOptions, Reporter, Stderr, Stdout, progress};
pub use replies::Replies;
#[cfg(any(test, fuzzing))]
pub(crate) use saved_state::fuzzed;
pub use saved_state::{MAX_STATE_BYTES, SavedSpend, SavedState, SavedStep, StateError};
pub use schema::{SchemaKind, schema};
pub use settings_text::settings_text;
pub use text::TextOutput;
pub use validation::{ReportFormat, ValidationReport};
pub use wire::{ErrorDocument, ErrorReport, InspectionReport, RunReport, StateReport, TokenReport};
