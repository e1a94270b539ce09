//! The chain behind an OpenAI-compatible HTTP API: a run's events become responses.

pub mod api_error;
pub mod auth;
pub mod client_address;
pub mod openai;
pub mod pages;
pub mod rate_limit;
