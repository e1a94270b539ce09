//! Requests, good and bad, as clients send them.

mod arbitrary;
mod bad;
mod good;

use serde_json::{Value, json};

use super::ChatRequest;
use crate::server::api_error::ApiError;

fn parse(body: &Value) -> Result<ChatRequest, ApiError> {
    ChatRequest::parse(body.to_string().as_bytes())
}

/// A request that is fine.
fn fine() -> Value {
    json!({"model": "prompt-chaining", "messages": [{"role": "user", "content": "Hello"}]})
}

/// The same, with these members.
fn with(members: Value) -> Value {
    let mut body = fine();
    let Value::Object(members) = members else { panic!("members of an object") };
    body.as_object_mut().unwrap().extend(members);
    body
}
