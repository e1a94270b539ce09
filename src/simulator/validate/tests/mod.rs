//! What is refused, and in which words.

mod schemas;

use serde_json::{Value, json};

use super::*;

const OLD: &str = "2023-06-01";
const NEW: &str = "2026-10-21";

fn request() -> Value {
    json!({
        "model": "claude-haiku-4-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}],
    })
}

/// What is said of the request with these members changed; a `null` takes the member away.
fn verdict(version: &str, changes: &Value) -> Result<(), String> {
    let mut body = request();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    validate(&body, version, Purpose::Reply).map_err(|error| format!("{} {}", error.status, error.message))
}

#[track_caller]
fn refuses(version: &str, changes: &Value, message: &str) {
    assert_eq!(verdict(version, changes), Err(message.to_owned()), "{changes}");
}

#[track_caller]
fn accepts(version: &str, changes: &Value) {
    assert_eq!(verdict(version, changes), Ok(()), "{changes}");
}

fn schema(properties: &Value, required: &Value) -> Value {
    json!({"output_config": {"format": {"type": "json_schema", "schema": {
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    }}}})
}

#[test]
fn an_ordinary_request_is_accepted() {
    accepts(OLD, &json!({}));
    accepts(NEW, &json!({"stream": true, "system": "Be kind.", "metadata": {"user_id": "3f2a"}}));
    accepts(OLD, &schema(&json!({"intent": {"type": "string"}}), &json!(["intent"])));
}

#[test]
fn what_is_missing_or_of_the_wrong_type_is_named() {
    refuses(OLD, &json!({"model": null}), "400 model: field required");
    refuses(OLD, &json!({"model": 5}), "400 model: must be a string that isn't empty");
    refuses(OLD, &json!({"max_tokens": null}), "400 max_tokens: field required");
    refuses(OLD, &json!({"max_tokens": "9"}), "400 max_tokens: must be an integer, at least 1");
    refuses(OLD, &json!({"messages": null}), "400 messages: field required");
    refuses(OLD, &json!({"messages": "Hello"}), "400 messages: must be an array");
    refuses(OLD, &json!({"messages": []}), "400 messages: must have 1 to 100000 entries");
    refuses(OLD, &json!({"messages": [{"role": "user"}]}), "400 messages.0.content: field required");
    refuses(OLD, &json!({"stream": "yes"}), "400 stream: must be true or false");
    refuses(OLD, &json!({"stop": ["x"]}), "400 stop: there is no such field");
    refuses(OLD, &json!({"metadata": {"team": "a"}}), "400 metadata.team: there is no such field");
    refuses(
        OLD,
        &json!({"output_format": {}}),
        "400 output_format: deprecated, use output_config.format instead",
    );
    assert!(validate(&json!([]), OLD, Purpose::Reply).is_err());
}

#[test]
fn turns_start_with_the_user_and_are_never_blank() {
    refuses(
        OLD,
        &json!({"messages": [{"role": "assistant", "content": "Hi"}]}),
        "400 messages.0.role: the first message must be the user's",
    );
    refuses(
        OLD,
        &json!({"messages": [{"role": "user", "content": " \n"}]}),
        "400 messages.0.content: text must not be blank",
    );
    refuses(
        OLD,
        &json!({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}),
        "400 messages.0.content.0.text: text must not be blank",
    );
    refuses(OLD, &json!({"system": ""}), "400 system: text must not be blank");
    let with_system = json!([{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be brief."}]);
    refuses(OLD, &json!({"messages": with_system}), "400 messages.1.role: system is not supported");
    accepts(OLD, &json!({"messages": with_system, "model": "claude-haiku-5-5"}));
}

#[test]
fn prefill_is_refused_by_newer_models_and_with_a_schema() {
    let prefilled = json!([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}]);
    accepts(OLD, &json!({"messages": prefilled}));
    for model in ["claude-sonnet-4-6", "claude-haiku-5-5", "claude-opus-5-5"] {
        assert!(verdict(OLD, &json!({"messages": prefilled, "model": model})).is_err(), "{model}");
    }
    let mut with_schema = schema(&json!({}), &json!([]));
    with_schema["messages"] = prefilled;
    refuses(OLD, &with_schema, "400 messages: output_config.format can't continue an assistant message");
}

#[test]
fn sampling_depends_on_model_and_version() {
    accepts(OLD, &json!({"temperature": 1.0}));
    accepts(OLD, &json!({"temperature": 0.5, "top_p": 0.9, "model": "llama3.2"}));
    refuses(OLD, &json!({"temperature": 1.2}), "400 temperature: must be a number from 0 to 1");
    refuses(
        OLD,
        &json!({"temperature": 0.5, "top_p": 0.9}),
        "400 temperature and top_p can't both be set for this model",
    );
    refuses(NEW, &json!({"temperature": 0.5}), "400 temperature: removed in version 2026-10-21");
    refuses(NEW, &json!({"top_k": 5, "model": "llama3.2"}), "400 top_k: removed in version 2026-10-21");
    for model in ["claude-haiku-5-5", "claude-opus-4-7", "claude-sonnet-5"] {
        let message = format!("400 temperature: not supported by {model}");
        refuses(OLD, &json!({"temperature": 1, "model": model}), &message);
    }
}

#[test]
fn thinking_is_switched_as_each_model_allows() {
    let verdict_of =
        |model: &str, thinking: Value| verdict(OLD, &json!({"model": model, "thinking": thinking}));
    let table = [
        ("claude-haiku-4-5", "disabled", true),
        ("claude-haiku-4-5", "adaptive", false),
        ("claude-haiku-5-5", "disabled", true),
        ("claude-haiku-5-5", "enabled", false),
        ("claude-opus-4-8", "disabled", true),
        ("claude-sonnet-5-5", "disabled", false),
        ("claude-sonnet-5-5", "between_tools", true),
        ("claude-opus-5-5", "disabled", false),
        ("claude-fable-5-2", "disabled", false),
        ("claude-fable-5-2", "adaptive", true),
        ("llama3.2", "disabled", true),
    ];
    for (model, kind, accepted) in table {
        assert_eq!(verdict_of(model, json!({"type": kind})).is_ok(), accepted, "{model} {kind}");
    }
    assert!(verdict_of("claude-haiku-5-5", json!({})).is_err());
    let at_effort = |effort: &str| json!({"model": "claude-haiku-5-5", "thinking": {"type": "disabled"}, "output_config": {"effort": effort}});
    accepts(OLD, &at_effort("high"));
    assert!(verdict(OLD, &at_effort("xhigh")).is_err());
}

#[test]
fn a_thinking_budget_lies_between_its_least_and_max_tokens() {
    for (budget, max_tokens, accepted) in [(1024, 2000, true), (1023, 2000, false), (2000, 2000, false)] {
        let changes = json!({
            "max_tokens": max_tokens,
            "thinking": {"type": "enabled", "budget_tokens": budget},
        });
        assert_eq!(verdict(OLD, &changes).is_ok(), accepted, "{budget} of {max_tokens}");
    }
}

#[test]
fn models_are_found_or_are_not() {
    refuses(OLD, &json!({"model": "claude-3-5-haiku-20241022"}), "404 model: claude-3-5-haiku-20241022");
    refuses(OLD, &json!({"model": "claude-haiku-9"}), "404 model: claude-haiku-9");
    accepts(OLD, &json!({"model": "llama3.2"}));
}

#[test]
fn limits_of_the_model_hold() {
    refuses(
        OLD,
        &json!({"max_tokens": 64_001}),
        "400 max_tokens: 64001 is more than the 64000 that claude-haiku-4-5-20251001 can write",
    );
    accepts(OLD, &json!({"max_tokens": 128_000, "model": "claude-haiku-5-5"}));
    for (tokens, stream) in [(0, false), (0, true), (-1, false)] {
        let changes = json!({"max_tokens": tokens, "stream": stream});
        refuses(OLD, &changes, "400 max_tokens: must be an integer, at least 1");
    }
    refuses(
        OLD,
        &json!({"output_config": {"effort": "low"}}),
        "400 output_config.effort: \"low\" is not supported by claude-haiku-4-5-20251001",
    );
}

#[test]
fn a_forced_tool_is_refused_where_the_model_always_thinks() {
    let forced = |model: &str| {
        json!({
            "model": model,
            "tools": [{"name": "emit", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "tool", "name": "emit"},
        })
    };
    accepts(OLD, &forced("claude-haiku-5-5"));
    refuses(
        OLD,
        &forced("claude-opus-5-5"),
        "400 tool_choice.type: tool is not supported by claude-opus-5-5",
    );
}

#[test]
fn at_most_four_blocks_are_marked_for_the_cache() {
    let block = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    accepts(OLD, &json!({"system": vec![block.clone(); 4]}));
    refuses(OLD, &json!({"system": vec![block; 5]}), "400 cache_control: on 5 blocks, at most 4 can have it");
}

#[test]
fn counting_takes_no_fields_of_a_reply() {
    let mut body = request();
    let count = |body: &Value| validate(body, OLD, Purpose::Count).map_err(|error| error.message);
    assert_eq!(count(&body), Err("max_tokens: there is no such field".to_owned()));
    body.as_object_mut().unwrap().remove("max_tokens");
    assert_eq!(count(&body), Ok(()));
}
