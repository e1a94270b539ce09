//! What is refused, with the field and the reason.

use super::*;
use crate::chain::MAX_MESSAGES;

fn refused(body: &[u8]) -> (String, &'static str, String) {
    let error = ChatRequest::parse(body).expect_err("it is refused");
    assert_eq!(error.status.as_u16(), 400);
    (error.param.unwrap_or_default(), error.code, error.message)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_bad_field_is_named_and_the_reason_told() {
    let turn = |turn: Value| json!({"messages": [turn, {"role": "user", "content": "x"}]});
    let user = |content: Value| turn(json!({"role": "user", "content": content}));
    let schema = |schema: Value| json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}});
    let cases = [
        (json!({"model": 5}), "model", "has an invalid type: integer `5`, expected a string"),
        (json!({"model": null}), "model", "is missing"),
        (json!({"messages": null}), "messages", "is missing"),
        (json!({"messages": "x"}), "messages", "has an invalid type: string, expected an array of messages"),
        (json!({"messages": []}), "messages", "can't be answered: the conversation has no message"),
        (turn(json!("x")), "messages[0]", "has an invalid type: string, expected an object"),
        (turn(json!(["user", "x"])), "messages[0]", "has an invalid type: sequence, expected an object"),
        (turn(json!({"content": "x"})), "messages[0].role", "is missing"),
        (
            turn(json!({"role": 1, "content": "x"})),
            "messages[0].role",
            "has an invalid type: integer `1`, expected a string",
        ),
        (
            turn(json!({"role": "boss", "content": "x"})),
            "messages[0].role",
            "is \"boss\"; it must be system, developer, user or assistant",
        ),
        (
            turn(json!({"role": "tool", "content": "x"})),
            "messages[0].role",
            "can't be a tool's: tools aren't called here",
        ),
        (turn(json!({"role": "user"})), "messages[0].content", "is missing"),
        (user(json!(null)), "messages[0].content", "is missing"),
        (
            user(json!(5)),
            "messages[0].content",
            "has an invalid type: integer `5`, expected a string or an array of text parts",
        ),
        (user(json!(["x"])), "messages[0].content[0]", "has an invalid type: string, expected an object"),
        (user(json!([{"text": "x"}])), "messages[0].content[0].type", "is missing"),
        (user(json!([{"type": "text"}])), "messages[0].content[0].text", "is missing"),
        (
            user(json!([{"type": "image_url", "image_url": {"url": "x"}}])),
            "messages[0].content[0]",
            "is a part of type \"image_url\"; only text is supported",
        ),
        (
            user(json!([{"type": "text", "text": "x"}, {"type": "refusal", "refusal": "x"}])),
            "messages[0].content[1]",
            "is a part of type \"refusal\"; only text is supported",
        ),
        (
            json!({"messages": [{"role": "assistant", "content": "x"}]}),
            "messages",
            "can't be answered: the conversation must end in a user message",
        ),
        (
            json!({"messages": [{"role": "user", "content": " \n"}]}),
            "messages",
            "can't be answered: the prompt is empty",
        ),
        (json!({"n": 2}), "n", "can only be 1: there is one answer to a request"),
        (json!({"n": 0}), "n", "can only be 1: there is one answer to a request"),
        (json!({"tool_choice": "required"}), "tool_choice", "asks for a call, and tools aren't called here"),
        (
            json!({"tool_choice": {"type": "function"}}),
            "tool_choice",
            "asks for a call, and tools aren't called here",
        ),
        (
            json!({"function_call": {"name": "f"}}),
            "function_call",
            "asks for a call, and tools aren't called here",
        ),
        (json!({"modalities": ["text", "audio"]}), "modalities", "can only be text"),
        (json!({"audio": {"voice": "x"}}), "audio", "isn't supported: answers are text"),
        (json!({"logprobs": true}), "logprobs", "can't be true: there are none"),
        (json!({"top_logprobs": 2}), "top_logprobs", "can only be 0: there are none"),
        (json!({"web_search_options": {}}), "web_search_options", "isn't supported: nothing is searched for"),
        (json!({"max_tokens": 0}), "max_tokens", "must be a whole number of at least 1"),
        (json!({"max_tokens": 1.5}), "max_tokens", "must be a whole number of at least 1"),
        (
            json!({"max_completion_tokens": -3}),
            "max_completion_tokens",
            "must be a whole number of at least 1",
        ),
        (json!({"max_tokens": "9"}), "max_tokens", "has an invalid type: string, expected a number"),
        (json!({"temperature": 2.1}), "temperature", "must be within 0 and 2"),
        (json!({"temperature": -0.1}), "temperature", "must be within 0 and 2"),
        (json!({"stop": ""}), "stop", "must not be empty"),
        (json!({"stop": ["a", ""]}), "stop[1]", "must not be empty"),
        (json!({"stop": ["a", "b", "c", "d", "e"]}), "stop", "must have at most 4 texts"),
        (json!({"stop": ["a", 5]}), "stop[1]", "has an invalid type: integer `5`, expected a string"),
        (
            json!({"stop": 5}),
            "stop",
            "has an invalid type: integer `5`, expected a string or an array of strings",
        ),
        (json!({"stream": "yes"}), "stream", "has an invalid type: string, expected a boolean"),
        (
            json!({"stream_options": true}),
            "stream_options",
            "has an invalid type: boolean `true`, expected an object",
        ),
        (
            json!({"stream_options": {"include_usage": 1}}),
            "stream_options.include_usage",
            "has an invalid type: integer `1`, expected a boolean",
        ),
        (
            json!({"response_format": {"type": "xml"}}),
            "response_format.type",
            "must be text, json_object or json_schema",
        ),
        (json!({"response_format": {}}), "response_format.type", "is missing"),
        (json!({"response_format": {"type": "json_schema"}}), "response_format.json_schema", "is missing"),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}),
            "response_format.json_schema.schema",
            "is missing",
        ),
        (
            schema(json!({"$ref": "https://example.com/x.json"})),
            "response_format.json_schema.schema",
            "can't be used: a $ref must be a JSON pointer within the schema, such as \"#/$defs/name\"",
        ),
        (
            schema(json!({"$ref": "file:///etc/hosts"})),
            "response_format.json_schema.schema",
            "can't be used: a $ref must be a JSON pointer within the schema, such as \"#/$defs/name\"",
        ),
        (json!({"user": 5}), "user", "has an invalid type: integer `5`, expected a string"),
        (json!({"metadata": {"a": 5}}), "metadata.a", "has an invalid type: integer `5`, expected a string"),
    ];
    for (members, param, what) in cases {
        let (named, _, message) = refused(with(members.clone()).to_string().as_bytes());
        assert_eq!((named.as_str(), message), (param, format!("`{param}` {what}")), "{members}");
    }
}

#[test]
fn a_schema_that_is_none_is_refused() {
    for schema in [json!({"type": "no such type"}), json!({"type": "string", "pattern": "("}), json!(5)] {
        let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
        let (param, code, message) = refused(with(json!({"response_format": format})).to_string().as_bytes());
        assert_eq!(
            (param.as_str(), code),
            ("response_format.json_schema.schema", "invalid_value"),
            "{message}"
        );
    }
}

#[test]
fn what_is_no_json_object_is_refused_with_its_place() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "EOF while parsing a value at line 1, column 0"),
        (b"{", "EOF while parsing an object at line 1, column 1"),
        (b"{\"model\": \"x\",}", "trailing comma at line 1, column 15"),
        (b"{\n\"model\": x}", "expected value at line 2, column 10"),
        (b"hello", "expected value at line 1, column 1"),
        (b"{\"model\": \"\xff\"}", "byte 12 isn't UTF-8"),
        (
            b"{\"model\": \"x\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]} x",
            "trailing characters at line 1, column 64",
        ),
        (b"{\"model\": \"\\ud800\"}", "unexpected end of hex escape at line 1, column 18"),
        (
            b"{\"model\": \"a\nb\"}",
            "control character (\\u0000-\\u001F) found while parsing a string at line 2, column 0",
        ),
    ];
    for (body, why) in cases {
        let (param, code, message) = refused(body);
        assert_eq!((param.as_str(), code), ("", "invalid_json"), "{message}");
        assert_eq!(message, format!("The request's body isn't a JSON object: {why}"));
    }
    for body in ["[]", "null", "5", "\"x\""] {
        let (_, code, message) = refused(body.as_bytes());
        assert_eq!(code, "invalid_json");
        assert!(message.contains("expected an object"), "{message}");
    }
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    let twice = [
        (r#"{"model":"a","model":"b","messages":[]}"#, "model"),
        (r#"{"model":"a","messages":[{"role":"user","content":"x","content":"y"}]}"#, "messages[0].content"),
        (r#"{"model":"a","messages":[{"role":"user","role":"system","content":"y"}]}"#, "messages[0].role"),
    ];
    for (body, name) in twice {
        let (param, code, message) = refused(body.as_bytes());
        assert_eq!((param.as_str(), code), (name, "duplicate_field"), "{message}");
        assert_eq!(message, format!("`{name}` is there twice"));
    }
}

#[test]
fn a_conversation_that_is_too_long_is_read_no_further() {
    let turn = r#"{"role":"user","content":"x"}"#;
    let turns = vec![turn; MAX_MESSAGES].join(",");
    let longest = format!(r#"{{"model":"m","messages":[{turns}]}}"#);
    assert!(ChatRequest::parse(longest.as_bytes()).is_ok());
    // What comes after isn't even looked at.
    let (param, code, message) =
        refused(format!(r#"{{"model":"m","messages":[{turns},{turn}, no JSON"#).as_bytes());
    assert_eq!((param.as_str(), code), ("messages", "too_many_messages"));
    assert_eq!(message, "`messages` has more than 1000 messages");
}

#[test]
fn a_body_that_is_all_brackets_is_refused() {
    let brackets = "[".repeat(10 * 1024 * 1024);
    assert_eq!(refused(brackets.as_bytes()).1, "invalid_json");
    for field in ["x", "messages", "model", "response_format", "tool_choice", "stop", "metadata"] {
        refused(format!("{{\"{field}\":{brackets}").as_bytes());
        let objects = "{\"a\":".repeat(1024 * 1024);
        refused(format!("{{\"{field}\":{objects}").as_bytes());
    }
    let deep_schema = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let body = format!(
        r#"{{"model":"m","messages":[],"response_format":{{"type":"json_schema","json_schema":{{"schema":{deep_schema}}}}}}}"#
    );
    assert!(refused(body.as_bytes()).2.contains("recursion limit"), "{:?}", refused(body.as_bytes()));
}

#[test]
fn what_a_client_sent_comes_back_cut_to_a_readable_length() {
    let long = "x".repeat(1_000_000);
    for members in [
        json!({"stream": long}),
        json!({"messages": [{"role": long, "content": "x"}]}),
        json!({"metadata": {&long: 5}}),
    ] {
        let (param, _, message) = refused(with(members).to_string().as_bytes());
        assert!(message.len() < 600 && param.len() < 300, "{} {}", message.len(), param.len());
    }
}
