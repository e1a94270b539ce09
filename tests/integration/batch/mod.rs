//! `promptchain batch`.

mod ends;
mod input;
mod journal;
mod kills;
mod message_batches;
pub(crate) mod place;
mod progress;
mod recordings;
