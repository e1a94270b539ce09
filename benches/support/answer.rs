//! Streamed answers, once they are over.

use serde_json::Value;

/// How a stream ends that hasn't been cut.
const DONE: &[u8] = b"data: [DONE]\n\n";

/// Whether it came to its end, good or bad.
pub(crate) fn is_ended(stream: &[u8]) -> bool {
    stream.ends_with(DONE)
}

/// What it consists of, without its end; `None` in the place of what isn't JSON.
pub(crate) fn frames(stream: &str) -> impl Iterator<Item = Option<Value>> {
    let data = stream.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).ok())
}
