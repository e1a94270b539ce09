//! `promptchain batch`.

mod ends;
mod input;
mod journal;
mod kills;
mod place;
