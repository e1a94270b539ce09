//! `promptchain batch`.

mod ends;
mod input;
mod journal;
mod kills;
mod message_batches;
mod place;
mod progress;
mod recordings;
