//! What is taken, and what it means.

use super::*;
use crate::chain::AnswerFormat;
use crate::chain::MessageRole::{self, Assistant, Developer, System, User};

fn turns(messages: &Value) -> Vec<(MessageRole, String)> {
    let request = parse(&with(json!({"messages": messages}))).unwrap_or_else(|error| panic!("{error:?}"));
    let messages = request.conversation.messages().iter();
    messages.map(|message| (message.role, message.content.clone())).collect()
}

#[test]
fn the_least_request_asks_for_nothing_further() {
    let request = parse(&fine()).unwrap();
    assert_eq!((request.model.as_str(), request.conversation.request()), ("prompt-chaining", "Hello"));
    assert_eq!((request.stream, request.include_usage, request.include_steps), (false, false, false));
    let answer = request.answer;
    assert_eq!((answer.cap, answer.temperature, answer.stop.len()), (None, None, 0));
    assert!(answer.format.is_text() && answer.refusal_ends_answer);
}

#[test]
fn content_is_a_string_or_parts_and_of_an_assistant_nothing() {
    let turns = turns(&json!([
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "In English", "cache_control": {}}]},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "x"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]},
        {"role": "assistant"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "c"},
    ]));
    let expected = [
        (System, "Be brief."),
        (Developer, "In English"),
        (User, "ab"),
        (Assistant, ""),
        (Assistant, ""),
        (Assistant, "No."),
        (User, "c"),
    ];
    assert_eq!(turns, expected.map(|(role, text)| (role, text.to_owned())));
}

#[test]
fn null_is_as_good_as_absent_and_what_we_do_not_know_is_passed_over() {
    let schema = <super::super::ChatCompletionRequest as utoipa::PartialSchema>::schema();
    let schema = serde_json::to_value(schema).unwrap();
    let optional = schema["properties"].as_object().unwrap().keys();
    for name in optional.filter(|name| *name != "model" && *name != "messages") {
        let request = parse(&with(json!({name: null})));
        assert!(request.is_ok(), "{name}: {request:?}");
    }
    let hints = json!({
        "top_p": 0.5, "seed": "x", "presence_penalty": 1, "frequency_penalty": {}, "logit_bias": [],
        "reasoning_effort": "low", "verbosity": 3, "store": true, "service_tier": "auto", "prediction": {},
        "parallel_tool_calls": false, "tools": [{"type": "function"}], "functions": [], "prompt_cache_key": "k",
        "safety_identifier": 1, "x": {"y": [1, 2, {"z": null}]},
    });
    assert!(parse(&with(hints)).is_ok());
}

#[test]
fn what_is_harmless_of_what_we_lack_is_taken() {
    let harmless = [
        json!({"n": 1}),
        json!({"n": 1.0}),
        json!({"tool_choice": "auto", "tools": []}),
        json!({"tool_choice": "none", "function_call": "none"}),
        json!({"modalities": ["text"]}),
        json!({"logprobs": false, "top_logprobs": 0}),
        json!({"user": "u", "metadata": {"a": "b"}}),
        json!({"response_format": {"type": "text"}}),
    ];
    for members in harmless {
        assert!(parse(&with(members.clone())).is_ok(), "{members}");
    }
}

#[test]
fn the_smaller_cap_counts() {
    let cap = |members: Value| parse(&with(members)).unwrap().answer.cap;
    assert_eq!(cap(json!({"max_tokens": 100})), Some(100));
    assert_eq!(cap(json!({"max_completion_tokens": 100.0})), Some(100));
    assert_eq!(cap(json!({"max_tokens": 100, "max_completion_tokens": 50})), Some(50));
    assert_eq!(cap(json!({"max_tokens": 1e300})), Some(u32::MAX));
}

#[test]
fn a_temperature_above_what_the_upstream_takes_is_lowered() {
    let temperature = |value: f64| parse(&with(json!({"temperature": value}))).unwrap().answer.temperature;
    assert_eq!([0.0, 0.5, 1.0, 1.5, 2.0].map(temperature), [0.0, 0.5, 1.0, 1.0, 1.0].map(Some));
}

#[test]
fn stop_is_a_text_or_up_to_four() {
    let stop = |value: Value| parse(&with(json!({"stop": value}))).unwrap().answer.stop;
    assert_eq!(stop(json!("a")), ["a"]);
    assert_eq!(stop(json!(["a", "b", "c", "d"])), ["a", "b", "c", "d"]);
    assert_eq!(stop(json!([])), [""; 0]);
    assert_eq!(stop(json!("\n")), ["\n"]);
}

#[test]
fn what_a_stream_tells_is_of_no_account_without_one() {
    let options = json!({"include_usage": true, "include_steps": true, "include_obfuscation": false});
    let request = parse(&with(json!({"stream": true, "stream_options": options}))).unwrap();
    assert!(request.stream && request.include_usage && request.include_steps);
    let request = parse(&with(json!({"stream_options": options}))).unwrap();
    assert!(!request.stream && !request.include_usage && !request.include_steps);
}

#[test]
fn a_response_format_becomes_what_the_answer_is_checked_by() {
    let format = |value: Value| parse(&with(json!({"response_format": value}))).unwrap().answer.format;
    assert!(matches!(format(json!({"type": "json_object"})), AnswerFormat::JsonObject));
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let wanted =
        json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
    let AnswerFormat::JsonSchema(by) = format(wanted) else { panic!("a schema") };
    assert_eq!(by.schema(), &schema);
}

#[test]
fn the_document_describes_the_fields_that_are_read() {
    let schema = <super::super::ChatCompletionRequest as utoipa::PartialSchema>::schema();
    let schema = serde_json::to_value(schema).unwrap();
    // A field that is read refuses an array of arrays; one that isn't doesn't care.
    let is_read = |name: &str| parse(&with(json!({name: [[]]}))).is_err();
    let described: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    for name in &described {
        assert!(is_read(name), "{name} is described and not read");
    }
    let known = [
        "top_p",
        "seed",
        "tools",
        "functions",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "store",
        "reasoning_effort",
        "verbosity",
        "service_tier",
        "prediction",
        "parallel_tool_calls",
    ];
    for name in known {
        assert!(!is_read(name) && !described.contains(&name), "{name}");
    }
}
