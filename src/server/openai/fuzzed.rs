//! What must hold of a chat completion's request, whatever the client sends.

use serde_json::{Value, json};

use super::{ChatRequest, parse_messages};
use crate::chain::{AnswerFormat, Conversation};
use crate::server::api_error::ApiError;

/// The longest error that a client is told, in characters: words of ours, and two short quotations.
const LONGEST_ERROR: usize = 1000;

/// A request is refused with a 400 in bounded words, or it is what its JSON says, and nothing in it would have
/// changed the meaning.
pub(crate) fn check(data: &[u8]) {
    let request = match ChatRequest::parse(data) {
        Ok(request) => request,
        Err(error) => return is_fit_to_be_sent(&error),
    };
    let text = std::str::from_utf8(data).unwrap_or_default();
    assert!(!text.is_empty(), "what is accepted is text");
    let messages = parse_messages(text);
    assert_eq!(messages.as_deref(), Ok(request.conversation.messages()));
    assert!(Conversation::new(messages.unwrap_or_default()).is_ok());
    let answer = &request.answer;
    assert!(answer.cap.is_none_or(|cap| cap >= 1));
    assert!(answer.temperature.is_none_or(|temperature| (0.0..=1.0).contains(&temperature)));
    assert!(answer.stop.len() <= 4 && answer.stop.iter().all(|stop| !stop.is_empty()));
    assert!(request.stream || !(request.include_usage || request.include_steps));
    if let AnswerFormat::JsonSchema(schema) = &answer.format {
        for value in [json!(null), json!({"a": [1, {}]}), schema.schema().clone()] {
            assert!(schema.faults(&value).len() <= 8);
        }
    }
    // Fields that aren't ours may nest deeper than this reader goes.
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        says_the_same(&json, &request);
        asks_for_nothing_that_cannot_be_had(&json);
    }
}

fn is_fit_to_be_sent(error: &ApiError) {
    assert_eq!(error.status.as_u16(), 400);
    assert!(!error.message.is_empty() && !error.code.is_empty());
    assert!(error.message.chars().count() <= LONGEST_ERROR, "{}", error.message);
    assert!(error.param.iter().all(|param| param.chars().count() <= LONGEST_ERROR));
}

fn says_the_same(json: &Value, request: &ChatRequest) {
    assert!(json.is_object());
    assert_eq!(json.get("model").and_then(Value::as_str), Some(request.model.as_str()));
    assert_eq!(json.get("stream").and_then(Value::as_bool).unwrap_or(false), request.stream);
    let messages = json.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    assert_eq!(messages.len(), request.conversation.messages().len());
    for (written, read) in messages.iter().zip(request.conversation.messages()) {
        assert_eq!(written.get("role").and_then(Value::as_str), Some(read.role.as_str()));
        match written.get("content") {
            Some(Value::String(text)) => assert_eq!(*text, read.content),
            Some(Value::Array(parts)) => {
                let part = |part: &Value| Some(part.get(part.get("type")?.as_str()?)?.as_str()?.to_owned());
                assert_eq!(parts.iter().map(part).collect::<Option<String>>().as_ref(), Some(&read.content));
            }
            _ => assert_eq!(read.content, ""),
        }
    }
    let caps = ["max_tokens", "max_completion_tokens"];
    let least = caps.iter().filter_map(|name| json.get(*name)?.as_f64()).reduce(f64::min);
    let cap = least.map(|cap| cap.min(f64::from(u32::MAX)));
    assert_eq!(request.answer.cap.map(f64::from), cap);
}

/// What the contract has refused by name.
fn asks_for_nothing_that_cannot_be_had(json: &Value) {
    let given = |name: &str| json.get(name).filter(|value| !value.is_null());
    assert!(given("n").and_then(Value::as_f64).is_none_or(|n| (n - 1.0).abs() <= f64::EPSILON));
    for choice in ["tool_choice", "function_call"] {
        assert!(given(choice).is_none_or(|it| matches!(it.as_str(), Some("auto" | "none"))), "{choice}");
    }
    assert!(given("audio").is_none() && given("web_search_options").is_none());
    assert!(given("logprobs").is_none_or(|it| *it == false));
    let kinds = given("modalities").and_then(Value::as_array);
    assert!(kinds.into_iter().flatten().all(|kind| kind == "text"));
}
