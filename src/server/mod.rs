//! The chain behind an OpenAI-compatible HTTP API: a run's events become responses.
//!
//! Start at [`router`](mod@router): all routes, and everything that a request passes through. What the dialect
//! of OpenAI looks like stands in [`openai`] alone; how a run becomes a response, in `chat`. A connection,
//! and everything that answers over it, is driven in one task, so that dropping it ends the run and the
//! upstream's call with it. There is no other task.

mod api_error;
mod app;
mod auth;
mod chat;
mod client_address;
mod connection;
mod layers;
mod lifecycle;
mod listener;
pub mod openai;
mod pages;
mod rate_limit;
mod router;
mod routes;
mod runs;
mod served_models;

pub use app::Parts;
pub use auth::KeyError;
pub use lifecycle::Lifecycle;
pub use listener::{Listening, Server};
pub use served_models::{ServedModel, ServedModels};

/// Seconds since 1970, by the system's clock.
fn unix_time() -> i64 {
    jiff::Timestamp::now().as_second()
}
