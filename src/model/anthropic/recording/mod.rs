//! Exchanges with the upstream, to files and from files.
//!
//! A [`Recorder`] lets every exchange pass and writes it down as it ends: complete, broken off, or
//! dropped by us. A [`Replayer`] answers from such files instead of the upstream. Both stand below the
//! client, so that all that it makes of an answer is the same code. What the bodies mean is none of their
//! business.

mod came;
mod canonical;
mod difference;
mod excerpt;
mod file;
mod folder;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod open_exchange;
mod pieces;
mod playable;
mod playback;
mod recorder;
mod replayer;
mod request;
mod scrubber;

pub use folder::FolderError;
pub use recorder::{Recorder, RecorderError};
pub use replayer::{Leftover, Replayer};
pub(super) use request::RecordedRequest;
pub(super) use scrubber::Scrubber;
