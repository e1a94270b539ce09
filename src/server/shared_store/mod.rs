//! The Redis or Valkey that replicas share: the connection to it, how long it may take, and what is known of
//! its health. What is kept there is for others to say, as a [`Script`] and a key; nobody else knows
//! the crate that speaks to it.
//!
//! # Habits
//!
//! - What is decided on what is there, is decided there: in one script, atomically and by the store's own
//!   clock. Nothing is read first and written afterwards.
//! - All keys begin with a prefix and a version, end by themselves, and have in braces what they are about,
//!   so that in a cluster all that is about one subject is in one place.
//! - [Every call](SharedStore::run) has a result within 80 ms, whatever the store does. One that has
//!   failed closes the gate: until a task behind it has reached the store again, calls fail at once. No request
//!   waits for a connection.
//! - Whoever calls must know what to do without. That the store is gone is told once, and that it is back.
//!
//! A call that timed out may still take effect later: a frozen server finds it in its socket when it wakes up.

mod address;
mod dial;
mod error;
mod health;
mod link;
mod pause;
mod probe;
mod script;
mod store;
mod supervisor;
#[cfg(test)]
pub(super) mod tests;

pub(in crate::server) use error::StoreError;
pub(in crate::server) use script::{Reply, Script};
pub(in crate::server) use store::{SharedStore, StoreConfig, StoreLimits};
