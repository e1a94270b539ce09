//! The Anthropic Messages API: the only code that knows it.
//!
//! A [`ModelRequest`](super::ModelRequest) goes out through `request_body` and `client`; the
//! answer comes back through `reply_reader` (bytes off the connection), [`SseParser`] (bytes →
//! events), `stream` (events → what they mean) and `reply_queue` (in the order that
//! [`ReplyEvent`](super::ReplyEvent) promises), or through `status_error` if it isn't a reply.
//! Between the two stands `transport`, which asks the upstream over a `connection`, or plays what [`recording`]
//! has written down. `inquiry` asks for what costs nothing, and `batches` has many requests answered later. Nothing
//! here retries, knows of steps, or reads the environment.

mod batches;
mod client;
mod config;
mod connection;
mod encoding;
mod endpoint;
mod error_text;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod inquiry;
mod lenient;
mod quoted_prompt;
pub mod recording;
mod reply_queue;
mod reply_reader;
mod request_body;
mod retry_headers;
mod sse;
mod status_error;
mod stream;
#[cfg(test)]
mod tests;
mod transport;
mod transport_error;
mod wire;
mod wire_usage;

pub use batches::{BatchBody, BatchBodyBuilder, BatchLimits, NotAdded};
pub use client::AnthropicClient;
pub use config::{ClientConfig, ClientError, Credentials, DEFAULT_CONNECT_TIMEOUT};
pub use inquiry::ListedModel;
pub use reply_queue::ReplyQueue;
pub use reply_reader::MAX_REPLY_BYTES;
pub use request_body::RequestBody;
pub use sse::{EventTooLarge, SseEvent, SseParser};
pub use stream::{MAX_EVENT_BYTES, ReplyDecoder};
pub use transport::Tape;
