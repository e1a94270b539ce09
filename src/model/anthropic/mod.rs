//! The Anthropic Messages API.

mod sse;
pub use sse::{EventTooLarge, SseEvent, SseParser};
