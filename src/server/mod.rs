//! The chain behind an OpenAI-compatible HTTP API: a run's events become responses.
//!
//! Start at `router.rs`: all routes, and everything that a request passes through. What the dialect
//! of OpenAI looks like stands in [`openai`] alone; how a run becomes a response, in `chat`. A connection,
//! and everything that answers over it, is driven in one task, so that dropping it ends the run and the
//! upstream's call with it. There is no other task, but those behind the connection to the store that replicas
//! share and behind the leases on checkpoints, which end with the server.

pub mod api_error;
mod app;
pub mod auth;
mod background_task;
mod chat;
pub mod client_address;
mod connection;
mod connections;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod generation;
mod layers;
mod lifecycle;
mod listener;
pub mod openai;
pub mod pages;
pub mod rate_limit;
#[cfg(any(test, fuzzing))]
pub(crate) use repeats::fuzzed as checkpoints_fuzzed;
mod repeats;
mod router;
mod routes;
mod runs;
mod served_models;
mod shared_store;
mod spending;
mod stores;
#[cfg(test)]
mod tests;

pub use app::{CantOpen, Parts};
pub use auth::KeyError;
pub use generation::Reloads;
pub use lifecycle::Lifecycle;
pub use listener::{CantListen, Listening, Server};
pub use served_models::{ServedModel, ServedModels};
pub use stores::StoreHealth;

/// Seconds of unix time, by the system's clock.
fn unix_time() -> u64 {
    jiff::Timestamp::now().as_second().unsigned_abs()
}
