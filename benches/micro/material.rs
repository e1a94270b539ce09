//! Texts as models write them, and streams as the API sends them: always the same ones.

use fastrand::Rng;
use serde_json::{Value, json};

/// What the texts' pieces are cut by.
const SEED: u64 = 7;
/// About the length of a text, in bytes.
const TEXT_BYTES: usize = 16 * 1024;

/// A paragraph of each kind of text.
const PLAIN: &str = "A good commit message says why a change was made, because what was changed can be read in \
    the change itself. Whoever looks for the cause of a fault reads it years later, and has nobody to ask. Its first \
    line names the change in a few words, so that a list of them can be read; what follows gives the reasons, what \
    was tried and left out, and where to read on.\n\n";
const CODE: &str = "    let path = \"src/main.rs\";\n    for line in text.lines() {\n        println!(\"{line}\\t\
    {}\", line.len());\n    }\n\n- **Note**: \"quoted\" words\n- and a\ttab\n";
const WIDE: &str = "Хорошее сообщение объясняет, зачем сделано изменение: что изменено, видно и так. \
    良い説明は、なぜ変更したかを伝えます。何を変えたかは差分を読めば分かります。Où trouver la suite ? 😀\n\n";

/// Prose, with few characters that JSON escapes.
pub(crate) fn plain() -> String {
    long(PLAIN)
}

/// Code and lists, with many of them.
pub(crate) fn code() -> String {
    long(CODE)
}

/// Letters that take two to four bytes each.
pub(crate) fn wide() -> String {
    long(WIDE)
}

fn long(paragraph: &str) -> String {
    paragraph.repeat(TEXT_BYTES / paragraph.len())
}

/// The reply of the last step that has `text` in it.
pub(crate) fn reply(text: &str) -> String {
    json!({ "final_text": text, "formatting": "paragraphs" }).to_string()
}

/// `text` in pieces of the sizes of deltas: from a syllable to a few words.
pub(crate) fn deltas(text: &str) -> Vec<String> {
    let (mut random, mut deltas, mut rest) = (Rng::with_seed(SEED), Vec::new(), text);
    while !rest.is_empty() {
        let (delta, after) = rest.split_at(rest.ceil_char_boundary(random.usize(3..=40)));
        deltas.push(delta.to_owned());
        rest = after;
    }
    deltas
}

/// The events in which the API sends `text`, of some hundred bytes each.
pub(crate) fn events(text: &str) -> Vec<Vec<u8>> {
    let start = json!({
        "type": "message_start",
        "message": {
            "model": "claude-haiku-4-5-20251001", "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF", "type": "message",
            "role": "assistant", "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {
                "input_tokens": 512, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
                "output_tokens": 1, "service_tier": "standard",
            },
        },
    });
    let block =
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } });
    let stop = json!({
        "type": "message_delta",
        "delta": { "stop_reason": "end_turn", "stop_sequence": null },
        "usage": { "input_tokens": 512, "output_tokens": 700 },
    });
    let mut events = vec![event(&start), event(&block), event(&json!({ "type": "ping" }))];
    events.extend(deltas(text).iter().map(|delta| {
        let delta = json!({ "type": "text_delta", "text": delta });
        event(&json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    }));
    events.extend([
        event(&json!({ "type": "content_block_stop", "index": 0 })),
        event(&stop),
        event(&json!({ "type": "message_stop" })),
    ]);
    events
}

fn event(data: &Value) -> Vec<u8> {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}
