//! The simulator as a client meets it: over TCP, byte by byte.

mod batch_faults;
mod batches;
mod client;
mod departures;
mod endpoints;
mod reply_faults;
mod rules;
mod streams;
mod transport_faults;

use serde_json::{Value, json};

use super::*;

/// A simulator with those fault rules.
async fn simulator(faults: &str) -> Simulator {
    let faults = FaultRule::parse_list(faults).unwrap();
    Simulator::start(SimulatorConfig { faults, ..SimulatorConfig::default() }).await.unwrap()
}

/// A request for that step of a chain about solar panels.
fn request(step: Step, stream: bool) -> Value {
    let text = json!({"type": "string"});
    let pairs = json!({"type": "array", "items": {
        "type": "object", "properties": {"key": text, "value": text},
        "required": ["key", "value"], "additionalProperties": false,
    }});
    let properties = match step {
        Step::Analyze => json!({
            "intent": text, "key_entities": {"type": "array", "items": text},
            "complexity": {"type": "string", "enum": ["simple", "moderate", "complex"]}, "context": pairs,
        }),
        Step::Process => json!({"content": text, "confidence": {"type": "number"}, "metadata": pairs}),
        Step::Synthesize => json!({"final_text": text, "formatting": text}),
    };
    let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
    json!({
        "model": "claude-haiku-4-5",
        "max_tokens": 2048,
        "stream": stream,
        "messages": [{"role": "user", "content":
            "<request-3f2a91c07b1e>\nHow do solar panels work? Compare monocrystalline cells and \
             thin-film cells.\n</request-3f2a91c07b1e>"}],
        "output_config": {"format": {"type": "json_schema", "schema": {
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        }}},
    })
}
