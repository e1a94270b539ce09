//! Writes a reply as the events of a stream.

use bytes::Bytes;
use serde_json::{Value, json};

use super::reply::{Content, Reply, SIGNATURE, with};

/// The events of a reply, in order.
#[derive(Debug)]
pub(super) struct Events {
    /// `message_start` and a `ping`.
    pub(super) opening: Vec<Bytes>,
    /// What stands before the text: a thinking block, the start of the text's block.
    pub(super) before_text: Vec<Bytes>,
    /// The text, each piece with the reply's tokens up to its end.
    pub(super) deltas: Vec<(Bytes, u64)>,
    /// The rest, `message_stop` last.
    pub(super) closing: Vec<Bytes>,
}

/// One event. Its name is always its data's `type`.
fn event(data: &Value) -> Bytes {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// A keep-alive.
pub(super) fn ping() -> Bytes {
    event(&json!({"type": "ping"}))
}

/// An error within a reply that has begun.
pub(super) fn overloaded(request_id: &str) -> Bytes {
    event(&json!({
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded (simulated)"},
        "request_id": request_id,
    }))
}

/// An event whose data isn't JSON.
pub(super) fn not_json() -> Bytes {
    Bytes::from_static(b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\"\n\n")
}

impl Events {
    pub(super) fn of(reply: &Reply) -> Self {
        let mut index = 0;
        let mut before_text = Vec::new();
        if reply.thinking_tokens > 0 {
            before_text.extend(thinking(index));
            index += 1;
        }
        let mut closing = Vec::new();
        if let Some(block) = empty_block(reply) {
            let start = json!({"type": "content_block_start", "index": index, "content_block": block});
            before_text.push(event(&start));
            closing.push(event(&json!({"type": "content_block_stop", "index": index})));
        }
        closing.push(message_delta(reply));
        closing.push(event(&json!({"type": "message_stop"})));
        let deltas = reply.deltas().into_iter();
        let deltas = deltas.map(|(text, tokens)| (delta(&reply.content, index, text), tokens)).collect();
        Self { opening: vec![message_start(reply), ping()], before_text, deltas, closing }
    }
}

fn message_start(reply: &Reply) -> Bytes {
    let message = json!({
        "id": reply.id,
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
    });
    // The output has only just begun.
    let message = with(message, "usage", reply.tells_usage.then(|| reply.usage(1)));
    event(&json!({"type": "message_start", "message": message}))
}

fn message_delta(reply: &Reply) -> Bytes {
    let delta = json!({"stop_reason": reply.stop.reason, "stop_sequence": null});
    let delta = with(delta, "stop_details", reply.stop.details.clone());
    let usage = reply.tells_usage.then(|| reply.usage(reply.output_tokens()));
    event(&with(json!({"type": "message_delta", "delta": delta}), "usage", usage))
}

/// A block of thinking whose text isn't told, as is the API's default.
fn thinking(index: usize) -> [Bytes; 3] {
    let block = json!({"type": "thinking", "thinking": "", "signature": ""});
    let signature = json!({"type": "signature_delta", "signature": SIGNATURE});
    [
        event(&json!({"type": "content_block_start", "index": index, "content_block": block})),
        event(&json!({"type": "content_block_delta", "index": index, "delta": signature})),
        event(&json!({"type": "content_block_stop", "index": index})),
    ]
}

/// The block of the reply's content, before there is anything in it.
fn empty_block(reply: &Reply) -> Option<Value> {
    match &reply.content {
        Content::Nothing => None,
        Content::Text(_) => Some(json!({"type": "text", "text": ""})),
        Content::ToolCall { name, .. } => {
            Some(json!({"type": "tool_use", "id": reply.tool_id(), "name": name, "input": {}}))
        }
    }
}

fn delta(content: &Content, index: usize, text: &str) -> Bytes {
    let delta = match content {
        Content::ToolCall { .. } => json!({"type": "input_json_delta", "partial_json": text}),
        Content::Text(_) | Content::Nothing => json!({"type": "text_delta", "text": text}),
    };
    event(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
}
