//! The Message Batches API: many requests in one body, answered within a day at a lower price.
//!
//! `body` gathers the requests; `exchanges` creates, asks after, lists and cancels batches; `results` reads
//! what became of the requests, line by line. What comes is decoded in `wire`. As everywhere here, nothing is
//! tried twice: whether a batch was created whose answer was lost, [`AnthropicClient::list_batches`] tells.
//!
//! [`AnthropicClient::list_batches`]: super::AnthropicClient::list_batches

mod body;
mod exchanges;
mod line_buffer;
mod results;
mod wire;

pub use body::{BatchBody, BatchBodyBuilder, BatchLimits, NotAdded};
