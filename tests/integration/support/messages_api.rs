//! The events of which a reply of the Messages API consists.

use serde_json::{Value, json};

fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap())
}

/// What a reply begins with.
pub(crate) fn opening() -> String {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    let block = json!({"type": "text", "text": ""});
    event(&json!({"type": "message_start", "message": message}))
        + &event(&json!({"type": "content_block_start", "index": 0, "content_block": block}))
}

/// A piece of its text.
pub(crate) fn delta(text: &str) -> String {
    let delta = json!({"type": "text_delta", "text": text});
    event(&json!({"type": "content_block_delta", "index": 0, "delta": delta}))
}

/// What it ends with.
pub(crate) fn closing() -> String {
    let end = json!({"stop_reason": "end_turn", "stop_sequence": null});
    event(&json!({"type": "content_block_stop", "index": 0}))
        + &event(&json!({"type": "message_delta", "delta": end, "usage": {"output_tokens": 9}}))
        + &event(&json!({"type": "message_stop"}))
}
